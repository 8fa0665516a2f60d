using System.Globalization;
using System.Text;
using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Studies.Runs;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>Shows a run while it goes.</summary>
internal interface ITrainingDisplay : IDisposable
{
    /// <summary>Before the first update.</summary>
    void Begin(IEnumerable<(string Heading, string Text)> header, Trainer trainer);

    /// <summary>After a check, with a diagnosis where one was made.</summary>
    void Check(TrainingProgress progress, GradientDiagnosis? diagnosis);

    /// <summary>After a check at which the network was made to write.</summary>
    void Sample(TrainingProgress progress, WrittenSample sample);

    /// <summary>After a check at which trouble was seen.</summary>
    void Say(TrainingProgress progress, Trouble trouble);

    /// <summary>Says something to the person who watches; may be called from any thread.</summary>
    void Notice(string sentence);

    /// <summary>At the end.</summary>
    void End(TrainingResult result, string? model);
}

/// <summary>One JSON object a line.</summary>
internal sealed class JsonDisplay(TextWriter output, TextWriter error) : ITrainingDisplay
{
    public void Begin(IEnumerable<(string Heading, string Text)> header, Trainer trainer)
    {
    }

    public void Check(TrainingProgress progress, GradientDiagnosis? diagnosis) =>
        Write(ProgressJson.Line(progress, diagnosis is null ? null : json =>
        {
            json.WriteStartObject("diagnosis");
            DiagnosisJson.WriteSummary(json, diagnosis);
            json.WriteEndObject();
        }));

    public void Sample(TrainingProgress progress, WrittenSample sample) => Write(JsonLine.Object(json =>
    {
        json.WriteString("event", "sample");
        json.WriteNumber("update", progress.Update);
        if (sample.Text is not null) json.WriteString("text", sample.Text);
        if (sample.Problem is not null) json.WriteString("problem", sample.Problem);
        if (sample.Roll is not { } roll) return;
        json.WriteStartArray("steps");
        for (int t = 0; t < roll.Steps; t++)
        {
            json.WriteStartArray();
            for (int key = 0; key < PianoRoll.Keys; key++)
            {
                if (roll[t, key]) json.WriteNumberValue(key + PianoRoll.LowestNote);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }));

    public void Say(TrainingProgress progress, Trouble trouble) => Write(JsonLine.Object(json =>
    {
        json.WriteString("event", "trouble");
        json.WriteNumber("update", progress.Update);
        json.WriteString("kind", trouble.Kind);
        json.WriteString("seen", trouble.Seen);
        json.WriteString("remedy", trouble.Remedy);
    }));

    public void Notice(string sentence) => error.WriteLine($"unroll: {sentence}");

    public void End(TrainingResult result, string? model) => Write(ProgressJson.Line(result, model));

    public void Dispose()
    {
    }

    private void Write(byte[] line) => output.WriteLine(Encoding.UTF8.GetString(line));
}

/// <summary>Plain lines, for files, pipes and screens that cannot redraw.</summary>
internal sealed class PlainDisplay(CommandHost host) : ITrainingDisplay
{
    private const int HeadingWidth = 11;

    public void Begin(IEnumerable<(string Heading, string Text)> header, Trainer trainer)
    {
        WriteHeader(host.Out, header, host.Width);
        if (trainer.Updates > 0) host.Out.WriteLine($"going on from update {trainer.Updates}");
    }

    public void Check(TrainingProgress progress, GradientDiagnosis? diagnosis)
    {
        host.Say(Line(progress), 4);
        if (diagnosis is not null) host.Say($"  diagnosis: {DiagnosisText.Line(diagnosis)}", 4);
    }

    public void Sample(TrainingProgress progress, WrittenSample sample)
    {
        foreach (string line in sample.Lines(unicode: false, host.Width - 2)) host.Out.WriteLine($"  {line}");
    }

    public void Say(TrainingProgress progress, Trouble trouble) => host.Say($"  trouble: {trouble.Line}", 4);

    public void Notice(string sentence) => host.Error.WriteLine($"unroll: {sentence}");

    public void End(TrainingResult result, string? model) => WriteEnd(host, result, model);

    public void Dispose()
    {
    }

    /// <summary>How it ended; the model's path is never broken, and has a line of its own where one line is too short.</summary>
    public static void WriteEnd(CommandHost host, TrainingResult result, string? model)
    {
        string line = Summary(result, model);
        if (model is null || line.Length <= host.Width)
        {
            host.Say(line);
            return;
        }

        host.Say(Summary(result, null));
        host.Out.WriteLine($"model: {model}");
    }

    /// <summary>The header, its texts under one another.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="header">Headings, and what belongs under each.</param>
    /// <param name="width">Columns.</param>
    public static void WriteHeader(TextWriter output, IEnumerable<(string Heading, string Text)> header, int width = 80)
    {
        foreach ((string heading, string text) in header)
        {
            string start = heading.PadRight(HeadingWidth);
            foreach (string line in Format.Wrap(Printable.Line(text), width - HeadingWidth))
            {
                output.WriteLine(start + line);
                start = new string(' ', HeadingWidth);
            }
        }

        output.WriteLine();
    }

    /// <summary>What the best model is chosen by at the selection lengths.</summary>
    public static string Selection(TrainingProgress p) => p.SelectionCost is { } cost
        ? $"{Format.Percent(p.SelectionError)}, cost {Format.Number(cost)}" : Format.Percent(p.SelectionError);

    /// <summary>One check on one line.</summary>
    public static string Line(TrainingProgress p)
    {
        var line = new StringBuilder();
        if (p.Epoch is { } epoch) line.Append(CultureInfo.InvariantCulture, $"epoch {epoch,6:0.##}  ");
        line.Append(CultureInfo.InvariantCulture, $"update {p.Update,9}  loss {Format.Number(p.Loss),9} {p.LossUnit}");
        if (p.Epoch is not null) line.Append(CultureInfo.InvariantCulture, $"  validation {Format.Number(p.ValidationLoss),7}");
        if (p.Error is not null) line.Append(CultureInfo.InvariantCulture, $"  error {Format.Percent(p.Error),6}");
        if (p.StrictError is not null) line.Append(CultureInfo.InvariantCulture, $" (strict {Format.Percent(p.StrictError)})");
        if (p.SelectionError is not null)
            line.Append(CultureInfo.InvariantCulture, $" (select {Selection(p)})");
        line.Append(CultureInfo.InvariantCulture,
            $"  |g| {Format.Number(p.GradientNorm),9}  clipped {Format.Percent(p.ClipRate),6}");
        if (p.Damping is { } damping) line.Append(CultureInfo.InvariantCulture, $"  damping {Format.Number(damping)}");
        if (p.ClipThreshold is not null) line.Append(CultureInfo.InvariantCulture, $" at {Format.Number(p.ClipThreshold.Value)}");
        if (p.Omega is not null)
            line.Append(CultureInfo.InvariantCulture, $"  omega {Format.Number(p.Omega)} (kept {Format.Percent(p.OmegaKept)})");
        line.Append(CultureInfo.InvariantCulture, $"  radius {Format.Fixed(p.SpectralRadius, 3)}");
        if (p.ContractingSince is not null) line.Append(CultureInfo.InvariantCulture, $" below 1 since {p.ContractingSince}");
        if (p.NonFinite > 0) line.Append(CultureInfo.InvariantCulture, $"  not finite {p.NonFinite}");
        if (p.Rescues > 0) line.Append(CultureInfo.InvariantCulture, $"  went back {p.Rescues}x");
        line.Append(CultureInfo.InvariantCulture, $"  {Format.Rate(p.UpdatesPerSecond)}  {Format.Time(p.Seconds)}");
        return line.ToString();
    }

    /// <summary>How it ended, in one line.</summary>
    public static string Summary(TrainingResult result, string? model)
    {
        // With --select-length the model that is kept may not be the one with the least error.
        string best = result.BestError is { } error
            ? $", least error {Format.Percent(error)}, model of update {result.BestUpdate} kept" : "";
        string what = result.Outcome switch
        {
            TrainingOutcome.Solved => $"solved at update {result.SolvedAt}",
            TrainingOutcome.Unsolved => $"not solved in {Counted.Of(result.Updates, "update")}",
            TrainingOutcome.Finished => $"finished after {Counted.Of(result.Updates, "update")}",
            TrainingOutcome.NonFinite => $"stopped after {Counted.Of(result.Updates, "update")} by a gradient that is not finite",
            _ => $"cancelled after {Counted.Of(result.Updates, "update")}",
        };
        if (result.Last?.Epoch is not null && result.BestUpdate > 0) best = $", model of update {result.BestUpdate} kept";
        string time = result.Last is { } last ? $", {Format.Time(last.Seconds)}" : "";
        if (result.Last?.Rescues is > 0 and { } rescues)
            best += $", went back to the best model {(rescues == 1 ? "once" : $"{rescues} times")}";
        if (result.Last?.ContractingSince is { } since) best += $", spectral radius below 1 since update {since}";
        return $"{what}{best}{time}{(model is null ? "" : $"; model: {model}")}";
    }
}
