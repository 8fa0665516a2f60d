using System.Globalization;
using Unroll.Files;
using Unroll.Studies;
using Unroll.Training;

namespace Unroll.Cli.Study;

/// <summary><c>unroll study export</c>: CSV after RFC 4180, numbers in full.</summary>
internal static class StudyExport
{
    private static readonly string[] Results =
    [
        "outcome", "updates_made", "first_hit", "sustained", "best_error", "best_loss", "best_update", "seconds",
        "first_hit_seconds", "test_seconds", "version", "instruction_set", "message",
    ];

    /// <summary>
    /// Writes the trials, and the kept checks and the whole store where files are named for them; a store alone where nothing
    /// else is asked for.
    /// </summary>
    public static int Run(string folder, bool csv, string? target, string? checks, string? copy, CommandHost host)
    {
        OutputFile.RequireReplaceable("--out", target);
        OutputFile.RequireReplaceable("--checks", checks);
        OutputFile.RequireName("--store", copy);
        bool trialsToo = copy is null || csv || target is not null;
        OutputFile.RequireOneStream((target is null ? "--csv" : "--out", trialsToo ? target ?? OutputFile.StandardOutput : null),
            ("--checks", checks), ("--store", copy));
        using StudyStore store = StudyStore.OpenToRead(folder, StudyOptions.SecondsToWait(host));
        store.Definition(); // a store without one is refused
        List<StoredTrial> trials = store.Trials();
        if (checks is not null) // before anything is written: they may be damaged
        {
            foreach (StoredTrial trial in trials.Where(trial => trial.Result is not null)) store.PackedChecks(trial.Hash);
        }

        if (copy is not null)
            store.ExportTo(copy, OutputFile.IsStandardOutput(copy) ? write => OutputFile.Write(copy, host, write) : null);
        if (trialsToo) OutputFile.WriteText(target ?? OutputFile.StandardOutput, host, writer => WriteTrials(writer, trials));
        if (checks is not null) OutputFile.WriteText(checks, host, writer => WriteChecks(writer, store, trials));
        return ExitCode.Success;
    }

    private static void WriteTrials(TextWriter writer, List<StoredTrial> trials)
    {
        string[] options = [.. trials.SelectMany(trial => trial.Options.Keys).Distinct().Order(StringComparer.Ordinal)];
        string[] tests = [.. trials.Where(trial => !FoldCosts.Has(trial)).SelectMany(trial => trial.Result?.Tests ?? [])
            .Select(test => test.Length).Distinct()];
        string[] costs = [.. trials.Where(FoldCosts.Has).SelectMany(trial => trial.Result?.Tests ?? [])
            .Select(test => test.Length).Distinct()];
        Line(writer,
        [
            "hash", "name", .. options, .. Results,
            .. tests.SelectMany(length => (string[])[$"test_error_{length}", $"test_strict_error_{length}",
                $"test_loss_{length}"]), .. costs.Select(fold => $"cost_{fold}"),
        ]);
        foreach (StoredTrial trial in trials)
        {
            TrialResult? r = trial.Result;
            List<string?> cells = [trial.Hash, trial.Name, .. options.Select(option => trial.Options.GetValueOrDefault(option))];
            cells.AddRange(r is null ? new string?[Results.Length] :
            [
                OptionsText.Name(r.Outcome), Text(r.Updates), Text(r.FirstHit), Text(r.Sustained), Text(r.BestError),
                Text(r.BestLoss), Text(r.BestUpdate), Text(r.Seconds),
                Text(r.FirstHitSeconds), Text(r.TestSeconds), r.Version, r.Kernel, r.Message,
            ]);
            foreach (string length in tests)
            {
                TrialTest? test = r?.Tests.FirstOrDefault(test => test.Length == length);
                cells.AddRange([Text(test?.Error), Text(test?.StrictError), Text(test?.Loss)]);
            }

            cells.AddRange(costs.Select(fold => Text(r?.Tests.FirstOrDefault(test => test.Length == fold)?.Loss)));

            Line(writer, cells);
        }
    }

    private static void WriteChecks(TextWriter writer, StudyStore store, List<StoredTrial> trials)
    {
        Line(writer, ["hash", "name", "update", "seconds", "loss", "validation_loss", "error", "gradient_norm", "clip_rate",
            "omega", "spectral_radius", "largest_singular_value"]);
        foreach (StoredTrial trial in trials.Where(trial => trial.Result is not null))
        {
            foreach (CurvePoint p in store.Checks(trial.Hash))
            {
                Line(writer,
                [
                    trial.Hash, trial.Name, Text(p.Update), Short(p.Seconds), Short(p.Loss), Short(p.ValidationLoss),
                    Short(p.Error), Short(p.GradientNorm), Short(p.ClipRate), Short(p.Omega),
                    Short(p.SpectralRadius), Short(p.LargestSingularValue),
                ]);
            }
        }
    }

    private static void Line(TextWriter writer, IEnumerable<string?> cells) =>
        writer.WriteLine(string.Join(',', cells.Select(Quote)));

    /// <summary>Texts of a store are one line each, without control characters.</summary>
    private static string Quote(string? cell) =>
        cell is null ? "" : cell.AsSpan().IndexOfAny(",\"\n\r") < 0 ? cell
        : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string? Text(long? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(double? value) => value is { } v && !double.IsNaN(v) ? Format.Exact(v) : null;

    /// <summary>A number of which the store keeps 32 bits.</summary>
    private static string? Short(double value) =>
        double.IsNaN(value) ? null : ((float)value).ToString("R", CultureInfo.InvariantCulture);
}
