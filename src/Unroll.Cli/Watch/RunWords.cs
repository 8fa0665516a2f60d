using Unroll.Training;

namespace Unroll.Cli.Watch;

/// <summary>
/// In words what happens in a run: how far it is, whether it still gets better, what its gradients do, and what is wrong.
/// </summary>
internal static class RunWords
{
    private const double Solved = 0.01, MostlyClipped = 0.95, FewKept = 0.05;
    private const int Recent = 10; // checks that a trend is told from, at least

    /// <summary>The sentences, the most important one first.</summary>
    /// <param name="run">The run, whose gate is held.</param>
    public static IReadOnlyList<string> Of(RunView run) =>
        [Progress(run), .. Result(run.Metrics), .. Gradients(run), .. Remedies(run), .. Warnings(run)];

    /// <summary>Seconds until the budget is spent, at most; NaN where that is not known.</summary>
    public static double Remaining(RunView run)
    {
        RunMetrics m = run.Metrics;
        if (m.Count == 0) return double.NaN;
        double update = m.Update(m.Count - 1), speed = m.Last("updates_per_second");
        double budget = Budget(run), minutes = run.About.Number("minutes");
        double byUpdates = speed > 0 && !double.IsNaN(budget) ? Math.Max(0, budget - update) / speed : double.NaN;
        double byTime = double.IsNaN(minutes) ? double.NaN : Math.Max(0, (60 * minutes) - m.Last("seconds"));
        return double.IsNaN(byTime) ? byUpdates : double.IsNaN(byUpdates) ? byTime : Math.Min(byUpdates, byTime);
    }

    /// <summary>The budget in updates; NaN where it is not known.</summary>
    public static double Budget(RunView run)
    {
        double updates = run.About.Number("updates"), epochs = run.About.Number("epochs");
        RunMetrics m = run.Metrics;
        if (!double.IsNaN(epochs) && m.Count > 0 && m.Last("epoch") is > 0 and var epoch)
            return Math.Min(double.IsNaN(updates) ? double.PositiveInfinity : updates, epochs * m.Update(m.Count - 1) / epoch);
        return updates;
    }

    private static string Progress(RunView run)
    {
        RunMetrics m = run.Metrics;
        string state = run.Ending is { } ending ? $"The run has ended: {ending}"
            : run.IsRunning != true ? "The run is not in progress"
            : run.Now is { } now ? $"The run is in progress, now at update {Format.Count(now())}" : "The run is in progress";
        if (m.Count == 0) return $"{state}. There is no check yet.";
        double update = m.Update(m.Count - 1), budget = Budget(run), speed = m.Last("updates_per_second");
        string of = double.IsFinite(budget) && budget < 1e15 ? $" of at most {Format.Count(budget)}" : "";
        string text = $"{state}. The last check was at update {Format.Count(update)}{of}, after "
            + $"{Format.Time(m.Last("seconds"))}";
        if (run.IsRunning != true || !(speed > 0)) return $"{text}.";
        double left = Remaining(run);
        return $"{text}, at {Format.Rate(speed)}{(double.IsNaN(left) ? "" : $"; at most {Format.Time(left)} to go")}.";
    }

    private static IEnumerable<string> Result(RunMetrics m)
    {
        if (m.Count == 0) yield break;
        int error = RunMetrics.Column("error"), loss = RunMetrics.Column("validation_loss");
        bool evaluated = !double.IsNaN(m.Last("error"));
        int column = evaluated ? error : loss;
        int best = Best(m, column);
        if (best < 0) yield break;
        double now = m.Value(column, m.Count - 1), least = m.Value(column, best);
        string unit = m.LossUnit is { } name ? $" {name}" : "";
        yield return evaluated
            ? $"{Format.Percent(now)} of the validation sequences are wrong; the least was {Format.Percent(least)} at update "
                + $"{Format.Count(m.Update(best))}.{(least <= Solved ? " At most 1% counts as solved." : "")}"
            : $"The validation loss is {Format.Number(now)}{unit}; the least was {Format.Number(least)} at update "
                + $"{Format.Count(m.Update(best))}.";
        int since = m.Count - 1 - best;
        if (since >= Recent && since >= m.Count / 3 && !(evaluated && least <= Solved))
            yield return $"Nothing has become better in the last {Format.Counted(since, "check")}.";
    }

    private static IEnumerable<string> Gradients(RunView run)
    {
        if (run.Moments.LastOrDefault(moment => moment.Lags.Count > 0) is not { } moment) yield break;
        int longest = moment.Lags.Count * moment.Bin;
        yield return moment.Verdict switch
        {
            "vanishing" when moment.Lag is { } lag => $"Gradients vanish beyond lag {Format.Count(lag)}: less than a thousandth "
                + "of the error signal is left there.",
            "vanishing" => "Gradients vanish: no error signal arrives.",
            "exploding" => $"Gradients explode: in some sequence the error signal grows a hundredfold"
                + $"{(moment.Lag is { } at ? $" within {Format.Counted(at, "step")}" : "")}.",
            _ => $"Gradients reach back {(moment.Bin > 1 ? "about " : "")}{Format.Counted(longest - 1, "step")} and "
                + "neither vanish "
                + "nor explode.",
        };
    }

    private static IEnumerable<string> Remedies(RunView run)
    {
        RunMetrics m = run.Metrics;
        if (m.Count == 0) yield break;
        double clipped = m.Last("clip_rate"), kept = m.Last("omega_kept"), omega = m.Last("omega");
        string mode = run.About.Text("clip-mode");
        if (mode != ValueNameOf(Unroll.Remedies.ClipMode.None) && clipped >= 0)
            yield return clipped > MostlyClipped
                ? $"{Format.Percent(clipped)} of the updates are clipped, so the threshold decides how long a step is."
                : $"{Format.Percent(clipped)} of the updates since the check before were clipped.";
        if (omega >= 0)
            yield return $"Omega is {Format.Number(omega)} and looks at {Format.Percent(kept)} of the entries"
                + $"{(kept < FewKept ? ", which is hardly any: most error signals are too small for it" : "")}.";
    }

    private static IEnumerable<string> Warnings(RunView run)
    {
        RunMetrics m = run.Metrics;
        if (m.Count == 0) yield break;
        if (m.Last("non_finite") is >= 1 and var bad)
            yield return $"{Format.Counted(bad, "update")} had a gradient that was not finite.";
        if (m.Last("rescues") is >= 1 and var back)
            yield return $"Training went back to its best model {(back == 1 ? "once" : $"{Format.Count(back)} times")}.";
        if (Overfits(m))
            yield return "The training loss falls while the validation loss rises: the network learns its examples by heart.";
        if (m.LeftOut > 0)
            yield return $"{Format.Counted(m.LeftOut, "line")} of the metrics "
                + $"{(m.LeftOut == 1 ? "is no check and is" : "are no checks and are")} left out.";
        if (run.About.Problem is { } problem) yield return problem;
    }

    /// <summary>The last fifth of the checks has a higher validation and a lower training loss than the fifth before.</summary>
    private static bool Overfits(RunMetrics m)
    {
        int part = m.Count / 5;
        if (part < Recent / 2) return false;
        int loss = RunMetrics.Column("loss"), validation = RunMetrics.Column("validation_loss");
        double Mean(int column, int from) => Enumerable.Range(from, part).Average(row => (double)m.Value(column, row));
        int late = m.Count - part, before = late - part;
        return Mean(validation, late) > 1.02 * Mean(validation, before) && Mean(loss, late) < 0.98 * Mean(loss, before);
    }

    /// <summary>The row with the least value, the first of equal ones; -1 for none.</summary>
    private static int Best(RunMetrics m, int column)
    {
        int best = -1;
        for (int row = 0; row < m.Count; row++)
        {
            float value = m.Value(column, row);
            if (!float.IsNaN(value) && (best < 0 || value < m.Value(column, best))) best = row;
        }

        return best;
    }

    private static string ValueNameOf(Unroll.Remedies.ClipMode mode) => OptionsText.Name(mode);
}
