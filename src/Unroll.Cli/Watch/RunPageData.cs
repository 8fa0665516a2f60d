using System.Text.Json;

namespace Unroll.Cli.Watch;

/// <summary>Runs as the data of a page: thinned so that all of them together stay below its size.</summary>
internal static class RunPageData
{
    /// <summary>The most runs that one page lays over each other.</summary>
    public const int MostRuns = 16;

    // A page draws no more points of a curve than it has room for, some 600, and asks for more of what is zoomed into.
    private const int Points = 1_200, FinerPoints = 2_200, Heat = 240, Examples = 12, ExampleBytes = 120_000, LeastPoints = 100;

    /// <summary>The columns that a page draws.</summary>
    private static readonly string[] s_shown =
        [.. RunMetrics.Columns.Except(["seconds", "epoch", "rescues", "non_finite"])];

    /// <summary>Writes all runs.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<RunView> runs, bool live)
    {
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteString("program", ProgramVersion.Text);
        json.WriteBoolean("live", live);
        json.WriteString("at", Position.Of(runs).ToString());
        json.WriteStartArray("names");
        foreach (string name in RunMetrics.Columns) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteStartArray("runs");
        foreach (RunView run in runs)
        {
            json.WriteStartObject();
            lock (run.Gate) WriteRun(json, run, runs.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes the part of a run's curves between two updates, thinned anew.</summary>
    public static void WriteCurves(Utf8JsonWriter json, RunView run, double from, double to)
    {
        lock (run.Gate)
        {
            // With a point on each side, so that curves go on to the edges.
            int first = Math.Max(0, run.Metrics.RowAt(from) - 1), end = Math.Min(run.Metrics.Count, run.Metrics.RowAt(to) + 2);
            json.WriteStartObject();
            WriteCurves(json, run.Metrics, first, end, FinerPoints);
            WriteClipped(json, run, from, to, FinerPoints);
            json.WriteEndObject();
        }
    }

    /// <summary>What changes without a check: whether it runs, what happens, how long it takes.</summary>
    public static void WriteState(Utf8JsonWriter json, RunView run)
    {
        RunMetrics m = run.Metrics;
        json.WriteString("state", run.Ending is not null ? "ended" : run.IsRunning == true ? "running" : "stopped");
        json.WriteStartArray("words");
        foreach (string sentence in RunWords.Of(run)) json.WriteStringValue(sentence);
        json.WriteEndArray();
        json.WritePropertyName("left");
        ShortNumbers.Write(json, run.IsRunning == true ? RunWords.Remaining(run) : double.NaN);
        json.WritePropertyName("budget");
        ShortNumbers.Write(json, RunWords.Budget(run));
        json.WriteNumber("checks", m.Lines - m.LeftOut);
    }

    /// <summary>Writes a moment.</summary>
    public static void WriteMoment(Utf8JsonWriter json, RunMoment moment, bool example)
    {
        json.WriteStartObject();
        json.WriteNumber("update", moment.Update);
        json.WritePropertyName("clipped_norm");
        ShortNumbers.Write(json, moment.ClippedNorm);
        json.WriteNumber("bin", moment.Bin);
        json.WriteStartArray("lags");
        foreach (float value in moment.Lags) ShortNumbers.Write(json, value, 2);
        json.WriteEndArray();
        if (example && moment.Example is not null)
        {
            json.WritePropertyName("example");
            json.WriteRawValue(moment.Example);
        }

        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, RunView run, int runs)
    {
        json.WriteString("name", run.Name);
        json.WriteString("unit", run.Metrics.LossUnit);
        json.WriteStartArray("facts");
        foreach ((string name, string value) in run.About.Facts) WritePair(json, name, value);
        json.WriteEndArray();
        json.WriteStartArray("options");
        foreach (OptionRow option in run.About.Options)
        {
            json.WriteStartArray();
            json.WriteStringValue(option.Name);
            json.WriteStringValue(option.Value);
            json.WriteStringValue(option.Source);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteNumber("rows", run.Metrics.Count);
        WriteThreshold(json, run.About);
        WriteState(json, run);
        json.WriteStartObject("curves");
        int most = Math.Max(LeastPoints, Points / runs);
        WriteCurves(json, run.Metrics, 0, run.Metrics.Count, most);
        WriteClipped(json, run, 0, double.PositiveInfinity, most);
        json.WriteEndObject();
        WriteMoments(json, run, runs);
    }

    private static void WriteCurves(Utf8JsonWriter json, RunMetrics m, int from, int end, int most)
    {
        foreach (string name in s_shown)
        {
            int column = RunMetrics.Column(name);
            WriteCurve(json, name, from, end, row => m.Value(column, row), m.Update, most);
        }
    }

    /// <summary>The gradient norm after clipping, which is recorded beside the checks.</summary>
    private static void WriteClipped(Utf8JsonWriter json, RunView run, double from, double to, int most)
    {
        RunMoment[] within = [.. run.Moments.Where(moment => moment.Update >= from && moment.Update <= to)];
        WriteCurve(json, "clipped_norm", 0, within.Length, i => (float)within[i].ClippedNorm, i => within[i].Update, most);
    }

    private static void WriteCurve(
        Utf8JsonWriter json, string name, int from, int end, Func<int, float> value, Func<int, double> update, int most)
    {
        List<int> kept = Thinning.Keep(from, end, value, most);
        if (kept.Count == 0) return;
        json.WriteStartArray(name);
        json.WriteStartArray();
        foreach (int place in kept) json.WriteNumberValue(update(place));
        json.WriteEndArray();
        json.WriteStartArray();
        foreach (int place in kept) ShortNumbers.Write(json, value(place));
        json.WriteEndArray();
        json.WriteEndArray();
    }

    private static void WriteMoments(Utf8JsonWriter json, RunView run, int runs)
    {
        RunMoment[] all = [.. run.Moments];
        int[] withLags = Where(all, moment => moment.Lags.Count > 0);
        int[] withExample = Where(all, moment => moment.Example is not null);
        HashSet<int> shown = [.. Thinning.Spread(withLags.Length, Math.Max(8, Heat / runs)).Select(i => withLags[i])];
        HashSet<int> examples = [];
        int room = ExampleBytes / runs;
        foreach (int i in Thinning.Spread(withExample.Length, Math.Max(1, Examples / runs)).Reverse())
        {
            // The last one first: it is what a reader looks for.
            room -= all[withExample[i]].Example!.Length;
            if (room < 0 && examples.Count > 0) break;
            examples.Add(withExample[i]);
        }

        json.WriteStartArray("moments");
        for (int i = 0; i < all.Length; i++)
        {
            if (shown.Contains(i) || examples.Contains(i)) WriteMoment(json, all[i], examples.Contains(i));
        }

        json.WriteEndArray();
    }

    private static int[] Where(RunMoment[] moments, Func<RunMoment, bool> wanted) =>
        [.. Enumerable.Range(0, moments.Length).Where(i => wanted(moments[i]))];

    private static void WritePair(Utf8JsonWriter json, string name, string value)
    {
        json.WriteStartArray();
        json.WriteStringValue(name);
        json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void WriteThreshold(Utf8JsonWriter json, RunAbout about)
    {
        json.WritePropertyName("threshold");
        ShortNumbers.Write(json, about.Text("clip-mode") == "norm" ? about.Number("clip") : double.NaN);
    }
}
