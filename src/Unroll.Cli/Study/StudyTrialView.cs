using System.Text.Json;
using Unroll.Studies;
using Unroll.Training;

namespace Unroll.Cli.Study;

/// <summary><c>unroll study show DIR TRIAL</c>: one trial whole.</summary>
internal static class StudyTrialView
{
    /// <summary>Shows the trial of a name or of the beginning of a hash.</summary>
    public static int Show(StudyStore store, string folder, string which, bool json, CommandHost host)
    {
        List<StoredTrial> trials = store.Trials();
        StoredTrial[] found = [.. trials.Where(trial => trial.Name == which)];
        if (found.Length == 0) found = [.. trials.Where(trial => trial.Hash.StartsWith(which, StringComparison.Ordinal))];
        if (found.Length != 1)
        {
            IEnumerable<string> names = trials.Take(2000).SelectMany(trial => (string[])[trial.Name, trial.Hash[..8]])
                .Where(name => name.Length > 0);
            throw new UserError(found.Length > 1 ? $"'{which}' begins the hashes of {found.Length} trials; write more of it."
                : trials.Count == 0 ? "The study has no trials."
                : $"There is no trial '{which}'; did you mean '{Nearest.Of(which, names)}'?");
        }

        StoredTrial trial = found[0];
        if (json)
        {
            JsonLine.Write(host.Out, line => Write(line, trial));
            return ExitCode.Success;
        }

        List<CurvePoint> checks = store.Checks(trial.Hash); // before anything is written: they may be damaged
        host.Say($"{trial.Name} ({trial.Hash})");
        foreach (string line in Format.Wrap(trial.Options.Select(option => $"{option.Key}={option.Value}"), host.Width - 2))
            host.Out.WriteLine($"  {line}");
        if (trial.Result is not { } r)
        {
            host.Out.WriteLine("not finished");
            return ExitCode.Success;
        }

        host.Out.WriteLine();
        host.Say($"{OptionsText.Name(r.Outcome)} after {Format.Counted(r.Updates, "update")}, {Format.Time(r.Seconds)}; "
            + $"{r.Kernel}, "
            + $"unroll {r.Version}{(r.Message is null ? "" : $"; {r.Message}")}");
        bool costs = FoldCosts.Has(trial);
        if (costs) StudyCosts.WriteTrial(trial, host);
        else WriteSuccess(r, host);
        bool unicode = host.OutIsTerminal;
        void Curve(string name, Func<CurvePoint, double> value) =>
            host.Out.WriteLine($"{name,-16}{Sparkline.Draw([.. checks.Select(value)], host.Width - 16, unicode)}");
        if (costs) Curve("validation cost", check => check.ValidationLoss);
        else Curve("error", check => check.Error);
        Curve(costs ? "training cost" : "loss", check => check.Loss);
        Curve("gradient norm", check => check.GradientNorm);
        Curve("spectral radius", check => check.SpectralRadius);
        string run = StudyRunner.TrialFolder(folder, trial.Hash);
        if (Directory.Exists(run)) host.Say($"models and metrics: {run}");
        return ExitCode.Success;
    }

    private static void WriteSuccess(TrialResult r, CommandHost host)
    {
        host.Say($"first hit {Update(r.FirstHit)}, three in a row {Update(r.Sustained)}, least error "
            + $"{Format.Percent(r.BestError)}, model of update {Format.Count(r.BestUpdate)}");
        foreach (TrialTest test in r.Tests)
            host.Say($"tested at {test.Length}: {Format.Percent(test.Error)} "
                + $"wrong{(test.StrictError is null ? "" : $" ({Format.Percent(test.StrictError)} strictly)")} of "
                    + $"{Format.Count(test.Sequences)}");
    }

    /// <summary>The trial as JSON.</summary>
    public static void Write(Utf8JsonWriter json, StoredTrial trial)
    {
        json.WriteString("event", "trial");
        json.WriteString("hash", trial.Hash);
        json.WriteString("name", trial.Name);
        json.WriteStartObject("options");
        foreach ((string name, string value) in trial.Options) json.WriteString(name, value);
        json.WriteEndObject();
        TrialResult? r = trial.Result;
        json.WriteString("outcome", r is null ? null : OptionsText.Name(r.Outcome));
        JsonLine.WriteNumber(json, "update", r?.Updates);
        JsonLine.WriteNumber(json, "first_hit", r?.FirstHit);
        JsonLine.WriteNumber(json, "sustained", r?.Sustained);
        JsonLine.WriteNumber(json, "error", r?.BestError);
        JsonLine.WriteNumber(json, "loss", r?.BestLoss);
        JsonLine.WriteNumber(json, "seconds", r?.Seconds);
        json.WriteString("version", r?.Version);
        json.WriteString("instruction_set", r?.Kernel);
        JsonLine.WriteObjects(json, "tests", r?.Tests ?? [], test =>
        {
            json.WriteString("length", test.Length);
            json.WriteNumber("sequences", test.Sequences);
            JsonLine.WriteNumber(json, "error", test.Error);
            JsonLine.WriteNumber(json, "strict_error", test.StrictError);
            JsonLine.WriteNumber(json, "loss", test.Loss);
        });
    }

    private static string Update(long? update) => update is { } u ? $"at {Format.Count(u)}" : "never";
}
