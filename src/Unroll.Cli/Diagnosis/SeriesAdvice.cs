using Unroll.Analysis;
using Unroll.Tasks;

namespace Unroll.Cli.Diagnosis;

/// <summary>What a diagnosis says about the window of somebody's own sequences, in steps of their data.</summary>
internal static class SeriesAdvice
{
    /// <summary>Below this share of the signal at the last step, the first one teaches next to nothing.</summary>
    private const double Little = 0.05;

    private const string Section = "section 2";

    /// <summary>At which lag the gradient of what is predicted dies, and whether more steps would help; null for other
    /// tasks.</summary>
    public static Advice? Window(GradientDiagnosis diagnosis, ITask task)
    {
        if (task is not SeriesTask series || diagnosis.Verdict == GradientVerdict.Exploding) return null;
        int segment = series.Codec.Options.Segment, network = series.Window;
        bool windowed = series.Codec.Kind is SeriesKind.Forecast or SeriesKind.Tag && series.Codec.Options.Window > 0;
        long window = windowed ? series.Codec.Options.Window : (long)network * segment;
        string whole = windowed ? $"the window of {Steps(window)}" : $"the longest sequence of {Steps(window)}";
        string segments = segment > 1 ? $", {Steps(segment)} of the data in each of the network's" : "";
        if (diagnosis.Verdict == GradientVerdict.Vanishing && diagnosis.Lag is { } lag)
        {
            long reached = Math.Min(window, (long)lag * segment);
            string longer = windowed ? "a longer window would not help while this is so"
                : "more of a sequence is of no use to it";
            string nearer = series.Codec.Kind == SeriesKind.Tag ? "" : FormattableString.Invariant(
                $"; a larger segment brings early steps nearer (--segment {Math.Min(window, 2L * segment)})");
            return new Advice("window", longer + nearer,
                $"the gradient of the {Noun(series)} dies {Steps(reached)} back, of {whole}{segments}", Section);
        }

        double first = diagnosis.ByLag[0].Median, last = diagnosis.ByLag[^1].Median, left = first > 0 ? last / first : double.NaN;
        if (double.IsNaN(left)) return null;
        string because = left > 1
            ? $"the gradient of the {Noun(series)} is {Format.Number(left)} times as large at the first step of {whole} as at "
                + $"the last{segments}"
            : $"at the first step of {whole} {Format.Percent(left)} of the gradient of the {Noun(series)} is left{segments}";
        if (!windowed) return new Advice("window", "the network learns from whole sequences", because, Section);
        return left < Little
            ? new Advice("window", "a longer window would help little", because, Section)
            : new Advice("window", FormattableString.Invariant($"a longer window may help: try --window {2 * window}"), because,
                Section, 2 * window);
    }

    private static string Noun(SeriesTask task) => task.Codec.Kind switch
    {
        SeriesKind.Forecast => "forecast",
        SeriesKind.Classify => "class",
        SeriesKind.Regress => "number",
        _ => "tags",
    };

    private static string Steps(long count) => Format.Counted(count, "step");
}
