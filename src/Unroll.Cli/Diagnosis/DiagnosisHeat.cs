using Unroll.Analysis;
using Unroll.Cli.Settings;

namespace Unroll.Cli.Diagnosis;

/// <summary>The norms of temporal components over (t, k), made small enough to draw.</summary>
/// <param name="Label">What a row is.</param>
/// <param name="Note">What is shown, in a sentence.</param>
/// <param name="Rows">t of each row, ascending.</param>
/// <param name="Bin">Steps k in a column.</param>
/// <param name="Values">Of each row, the mean over the bins' steps (and sequences), as far as its t.</param>
internal sealed record DiagnosisHeat(string Label, string Note, IReadOnlyList<int> Rows, int Bin, IReadOnlyList<double[]> Values)
{
    private const int MostRows = 100, MostColumns = 250, Sequences = 20;

    /// <summary>What is drawn, in words.</summary>
    private static string Norm(DiagnosisSubject subject) => subject.Network.Shape.IsOnPreActivations
        ? "||(dE_t/dx_t)(dx_t/dx_k)(d+x_k/dtheta)||, theta the recurrent layer's parameters,"
        : $"||(dE_t/ds_t)(ds_t/ds_k)(d+s_k/dtheta)||, {NetworkWords.State(subject.Network.Shape)}, theta the parameters of "
            + $"{(subject.Network.Shape.Layers.Count > 1 ? "all recurrent layers" : "the recurrent layer")},";

    /// <summary>
    /// The multiplications of a step's recurrent products; a whole pass for some costs takes several times those of signals
    /// alone.
    /// </summary>
    private static double Products(NetworkShape shape) => (shape.IsOnPreActivations ? 1 : 6)
        * shape.Layers.Sum(layer => (double)layer.Definition.Layout.Gates * layer.Hidden * layer.Hidden);

    /// <summary>About so many multiplications may the map take, some seconds.</summary>
    private const double MostWork = 4e10;

    /// <summary>
    /// Of a cost at every step, those of the first batch, the mean over its sequences. Of a cost at the last step, those of some
    /// sequences of several batches, as one batch may have one length.
    /// </summary>
    public static DiagnosisHeat Of(DiagnosisSubject subject, DiagnosisOptions options, int batches)
    {
        Batch batch = Batch.For(subject.Task);
        using var unrolled = new UnrolledNetwork<double>(subject.Network, options.Threads);
        return batch.EveryStep ? EveryStep(subject, options, batch, unrolled)
            : LastStep(subject, options, batch, unrolled, batches);
    }

    private static DiagnosisHeat EveryStep(DiagnosisSubject subject, DiagnosisOptions options, Batch batch,
        UnrolledNetwork<double> unrolled)
    {
        RandomKey key = GradientDiagnosis.BatchKey(options.Seed, 0);
        subject.Task.Fill(batch, subject.Task.WholeSet ?? options.Rows, key);
        double work = Products(subject.Network.Shape) * batch.Steps * Math.Min(MostRows, batch.Steps) / 2;
        int sequences = subject.Task.WholeSet ?? (int)Math.Clamp(MostWork / work, 1, batch.Rows);
        if (sequences < batch.Rows) subject.Task.Fill(batch, sequences, key);
        Run(unrolled, batch, subject.Reduction);
        int steps = batch.Steps, count = Math.Min(MostRows, steps), bin = BinFor(steps);
        TemporalComponents components = TemporalComponents.Measure(unrolled,
            CostSteps.At([.. Enumerable.Range(1, count).Select(i => (int)((long)i * steps / count))]), options.CopiesOf);
        var rows = new List<int>();
        var values = new List<double[]>();
        foreach (IGrouping<int, int> costs in Enumerable.Range(0, components.Count).GroupBy(i => components.Cost(i).Step)
            .OrderBy(group => group.Key))
        {
            rows.Add(costs.Key);
            values.Add(Binned(costs.Key, bin, k => costs.Average(i => components.Component(i, k))));
        }

        return new DiagnosisHeat(
            "cost at step t",
            $"{Norm(subject)} for costs at steps t from below to above and k from left to right: the mean over {batch.Rows} "
                + "sequences. Near the diagonal is short-term, to the left long-term.", rows, bin, values);
    }

    private static DiagnosisHeat LastStep(DiagnosisSubject subject, DiagnosisOptions options, Batch batch,
        UnrolledNetwork<double> unrolled, int batches)
    {
        var lines = new List<(int Step, double[] Norms)>();
        int each = Math.Max(1, Sequences / batches);
        for (int b = 0; b < Math.Min(batches, Sequences); b++)
        {
            subject.Task.Fill(batch, subject.Task.WholeSet ?? options.Rows, GradientDiagnosis.BatchKey(options.Seed, b));
            Run(unrolled, batch, subject.Reduction);
            TemporalComponents components = TemporalComponents.Measure(unrolled, CostSteps.Spread(1), options.CopiesOf);
            for (int i = 0; i < components.Count; i++)
            {
                (int step, int row) = components.Cost(i);
                if (row < each) lines.Add((step, [.. Enumerable.Range(1, step).Select(k => components.Component(i, k))]));
            }
        }

        int bin = BinFor(lines.Select(line => line.Step).DefaultIfEmpty(1).Max());
        (int Step, double[] Norms)[] sorted = [.. lines.OrderBy(line => line.Step)];
        return new DiagnosisHeat(
            "sequence, by its t",
            $"{Norm(subject)} by step k. The cost is at the last step t only, so each line is one of {sorted.Length} sequences, "
                + "short ones below, k from left to right.",
            [.. sorted.Select(line => line.Step)], bin,
            [.. sorted.Select(line => Binned(line.Step, bin, k => line.Norms[k - 1]))]);
    }

    private static void Run(UnrolledNetwork<double> unrolled, Batch batch, CostReduction reduction)
    {
        unrolled.Forward(batch, reduction);
        unrolled.Backward();
    }

    private static int BinFor(int steps) => (steps + MostColumns - 1) / MostColumns;

    private static double[] Binned(int step, int bin, Func<int, double> norm) =>
        [.. Enumerable.Range(0, (step + bin - 1) / bin)
            .Select(c => Enumerable.Range((c * bin) + 1, Math.Min(step, (c + 1) * bin) - (c * bin)).Average(norm))];
}
