using Unroll.Analysis;
using Unroll.Cli.Settings;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>A diagnosis in words: one line while training, one screen for a person.</summary>
internal static class DiagnosisText
{
    private const int RoomyWidth = 100;

    /// <summary>The verdict in a sentence.</summary>
    public static string Verdict(GradientDiagnosis d) => d.Verdict switch
    {
        GradientVerdict.Vanishing when d.Lag == 0 => "vanishing: no error signal reaches the hidden units at all",
        GradientVerdict.Vanishing when d.Lag == d.ZeroFrom =>
            $"vanishing beyond lag {d.Lag}: from there on nothing of the error signal is left",
        GradientVerdict.Vanishing =>
            $"vanishing beyond lag {d.Lag}: from there on less than a thousandth of the error signal is left",
        GradientVerdict.Exploding => $"exploding with probability {Format.Percent(d.ExplodingProbability)} per update: "
            + (d.Lag is { } lag ? $"a signal grows a hundredfold within {Counted.Of(lag, "step")}"
                : "gradients are not finite"),
        _ => "healthy: the error signal reaches the first step and does not grow out of proportion"
            + (d.Bounds.VanishedBy is { } limit ? $" (at these lengths; by lag {limit} it must have vanished)"
                : d.Bounds.MustVanish ? " (at these lengths; in the long run it must vanish)" : ""),
    };

    /// <summary>The verdict in as few words as a line of many things has room for.</summary>
    public static string Short(GradientDiagnosis d) => d.Verdict switch
    {
        GradientVerdict.Vanishing => $"vanishing beyond lag {d.Lag}",
        GradientVerdict.Exploding => $"exploding in {Format.Percent(d.ExplodingProbability)} of batches",
        _ => "healthy",
    };

    /// <summary>The verdict and the numbers behind it in one line, for a run in progress.</summary>
    public static string Line(GradientDiagnosis d)
    {
        string rate = double.IsNaN(d.Measured.Rate) ? "no rate" : $"{Number(d.Measured.Rate)} a step";
        string bound = d.Bounds.Hold ? $" (eta {Number(d.Bounds.Eta)})" : "";
        return $"{Short(d)}, {rate}{bound}, long-term {Format.Percent(Share(d.LongTermShare.Median))}, "
            + $"saturated {Format.Percent(d.Saturated)}";
    }

    /// <summary>The report.</summary>
    public static void Write(
        CommandHost host, DiagnosisSubject subject, GradientDiagnosis d, JacobianFacts jacobians, IReadOnlyList<Advice> advice,
        DiagnosisOptions options, bool snippets = false)
    {
        TextWriter output = host.Out;
        int width = host.Width;
        bool unicode = host.OutIsTerminal;
        NetworkShape shape = subject.Network.Shape;
        string head = $"{Path.GetFileName(subject.Model)}: {NetworkWords.Units(shape)} on {subject.TaskText}, {d.Norms.Length} "
            + $"batch{(d.Norms.Length == 1 ? "" : "es")} of {Counted.Of(d.Rows, "sequence")}, seed {options.Seed}";
        foreach (string line in head.Length <= width ? [head] : Format.Wrap(head, width)) output.WriteLine(line);
        foreach (string line in subject.Notes.SelectMany(note => Format.Wrap(note, width))) output.WriteLine(line);
        Line("verdict", Verdict(d));
        if (d.Verdict == GradientVerdict.Healthy && advice is [{ IsAlarm: true } first, ..])
            Line("", $"(not so the rest: see {first.About} below, the first advice)");
        if (d.Verdict != GradientVerdict.Healthy && Advice.IsSolved(d))
            Line("", $"(it solves these sequences, {Format.Percent(d.Error)} wrong: a memory that holds is an attractor, and "
                + "states on their way to one forget what they were)");
        output.WriteLine();
        bool cells = !shape.IsOnPreActivations;
        host.Say(cells ? $"||dE_t/ds_(t-lag)|| against the lag, {NetworkWords.State(shape)}: median, eight in ten sequences"
            : "||dE_t/dx_(t-lag)|| against the lag, the median and eight in ten sequences around it", 0);
        int height = width < RoomyWidth ? 6 : 9; // where texts take more lines, the plot gives some: all is one screen
        foreach (string line in TerminalPlot.Draw(d.ByLag, 0, width, height, unicode)) output.WriteLine(line);
        output.WriteLine();
        GradientBounds b = d.Bounds;
        if (cells) CellText.Write(shape, d, jacobians, Line);
        else Line("bounds",
            $"sigma_max {Number(b.LargestSingularValue)} against 1/gamma = {Number(1 / b.Gamma)}: {Say(b)}; spectral radius "
                + $"{Number(b.SpectralRadius)} (decides only for linear ones)");
        Line("rate", Rate(d));
        if (cells) CellText.WriteUnits(d, Line);
        else Line("units", $"{Format.Percent(d.Saturated)} saturated (slope below a tenth of gamma)");
        Line("long-term",
            $"{Format.Percent(Share(d.LongTermShare.Median))} of the components' norm is at lags from {d.LongBorder} on (deciles "
                + $"{Format.Percent(Share(d.LongTermShare.Lower))} to {Format.Percent(Share(d.LongTermShare.Upper))})");
        Quantiles norm = Quantiles.Of(d.Norms.AsSpan());
        Line("norm",
            $"mean {Number(norm.Mean)}, median {Number(norm.Median)}, deciles {Number(norm.Lower)} to {Number(norm.Upper)}, "
                + $"largest {Number(norm.Maximum)}");
        Line("Omega",
            $"{Number(d.Omega.Omega)}, {Format.Percent(d.Omega.Kept)} of entries kept, gradient {Number(d.OmegaGradient)}; by "
                + $"step {Sparkline.Draw([.. d.OmegaByStep.Select(step => step.Term)], 40, unicode)}"
                + (d.OmegaByStep.All(step => double.IsFinite(step.Term)) ? "" : " (?: no entry is kept there)"));
        if (Exponent(jacobians.Exponent) is { } exponent) Line("states", exponent);
        if (Direction(jacobians) is { } direction) Line("direction", direction);
        Line("loss", $"{Number(d.Loss)} {subject.Task.LossUnit}{(d.Error is null ? "" : $", {Format.Percent(d.Error)} wrong")}");
        if (advice.Count == 0) return;
        output.WriteLine();
        output.WriteLine(snippets ? "advice" : "advice (--snippets adds it in PyTorch and C#)");
        foreach (Advice one in advice)
        {
            Line($"  {one.About}", $"{one.Text}: {one.Because} ({one.Section})");
            if (!snippets) continue;
            AdviceHow how = AdviceHow.Of(one, shape);
            foreach ((string name, string text) in ((string, string)[])[("hurts", how.Hurts), ("PyTorch", how.Torch),
                ("C#", how.CSharp), ("expect", how.Expect)])
            {
                if (text.Length > 0) Line($"   {name}", text);
            }
        }

        void Line(string heading, string text)
        {
            string start = heading.PadRight(11);
            foreach (string line in Format.Wrap(text, width - 11))
            {
                output.WriteLine(start + line);
                start = new string(' ', 11);
            }
        }
    }

    /// <summary>What the weights alone say.</summary>
    private static string Say(GradientBounds b) =>
        b.MustVanish ? b.VanishedBy is { } lag ? $"gradients must vanish, by lag {lag} at the latest"
        : "gradients must vanish in the long run"
        : b.CanExplode ? "gradients can explode"
        : Math.Abs(b.Eta - 1) <= b.Tolerance ? "gradients can keep their norm, and cannot explode"
        : "neither is certain";

    /// <summary>How fast the signal goes.</summary>
    private static string Rate(GradientDiagnosis d)
    {
        string bound = d.Bounds.Hold ? $"at most eta = {Number(d.Bounds.Eta)} possible" : "the weights alone set no limit",
            end = d.ZeroFrom is { } zero ? $"; exactly 0 from lag {zero} on" : "";
        if (!double.IsNaN(d.Measured.Rate))
            return $"{Number(d.Measured.Rate)} a step measured over {d.Measured.Points} "
                + $"lag{(d.Measured.Points == 1 ? "" : "s")}, {bound}{end}";
        return d.ByLag.All(lag => lag.Median == 0) ? $"none: no error signal arrives; {bound}"
            : $"not measured: too few lags with a finite signal; {bound}{end}";
    }

    /// <summary>Whether states that start close part; null where no sequence says so.</summary>
    private static string? Exponent(Quantiles exponent) => exponent.Count == 0 || double.IsNaN(exponent.Median) ? null
        : double.IsInfinity(exponent.Median)
        ? $"those that start apart are the same at once (largest Lyapunov exponent minus infinity, {Sequences(exponent.Count)})"
        : $"that start close {(exponent.Median > 0 ? "part" : "come together")}: largest Lyapunov exponent "
            + $"{Number(exponent.Median)} a step "
            + $"(deciles {Number(exponent.Lower)} to {Number(exponent.Upper)}, {Sequences(exponent.Count)})";

    private static string Sequences(int count) => Counted.Of(count, "sequence");

    /// <summary>How a step treats the error's direction among all others; null without an error signal.</summary>
    private static string? Direction(JacobianFacts jacobians) => jacobians.Ratio is not { Count: > 0 } ratio ? null
        : $"a step back scales the error{(jacobians.LastOfSeveral ? " in the last layer" : "")} by {Number(ratio.Median)} "
            + $"(deciles {Number(ratio.Lower)} to {Number(ratio.Upper)}), more than {Format.Percent(jacobians.Rank.Median)} of "
                + "its Jacobian's "
            + $"singular values (largest {Number(jacobians.Largest.Median)}; medians of "
            + $"{Counted.Of(ratio.Count, "step")}); Omega asks for 1 "
                + "there and leaves other directions free";

    /// <summary>A number. It is not a number where a gradient was not finite.</summary>
    public static string Number(double? value) => value is double.NaN ? "not finite" : Format.Number(value);

    /// <summary>A share, or nothing where there is none.</summary>
    private static double? Share(double share) => double.IsNaN(share) ? null : share;
}
