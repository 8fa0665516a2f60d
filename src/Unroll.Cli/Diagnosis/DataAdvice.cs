using Unroll.Analysis;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// What the sequences themselves say, before gradients: inputs of a size that a network does not read, an input that is already
/// the answer; and of somebody's own sequences, labels that say nothing about them, windows that are too
/// short and rows out of order.
/// </summary>
internal static class DataAdvice
{
    private const int Sequences = 200, LeastTargets = 30;

    // Of the root of the mean square of a column of dense inputs.
    private const double Large = 20, Tiny = 0.02;

    private const double Same = 0.999; // a correlation

    // An input that says more of a smooth series than its own past leaves less than this share of what that leaves open.
    private const double OfOpen = 0.1;

    /// <summary>All that the data says, the gravest first.</summary>
    /// <param name="task">The task.</param>
    /// <param name="seed">The seed of the sequences.</param>
    /// <param name="network">The network that is diagnosed, by which labels and windows of own data are evaluated; null for
    /// none.</param>
    /// <param name="diagnosis">Its gradients; null for none.</param>
    public static IReadOnlyList<Advice> Of(
        ITask task, ulong seed, Network<double>? network = null, GradientDiagnosis? diagnosis = null)
    {
        if (task.Encoding != InputEncoding.Dense) return [];
        Batch batch = Batch.For(task);
        task.Fill(batch, task.WholeSet ?? Sequences, new RandomKey(seed, RandomStream.Test, 0));
        Advice?[] found = network is null || task is not SeriesTask series ? [Leak(batch, task), Scale(batch)]
            : [Leak(batch, task), Scale(batch), LabelAdvice.Of(series, network, seed),
                .. ForecastData(series, network, diagnosis)];
        return [.. found.OfType<Advice>()];
    }

    /// <summary>A window that is too short has told that rows are in order.</summary>
    private static IEnumerable<Advice?> ForecastData(SeriesTask task, Network<double> network, GradientDiagnosis? diagnosis)
    {
        Advice? window = WindowAdvice.Of(task, network, diagnosis);
        return window is { Asks: true } ? [window] : [OrderAdvice.Of(task, network), window];
    }

    private static Advice? Scale(Batch batch)
    {
        double[] sizes =
            [.. Enumerable.Range(0, batch.Inputs).Select(column => Math.Sqrt(Values(batch, column).Average(x => x * x)))];
        int most = Array.IndexOf(sizes, sizes.Max());
        if (sizes[most] > Large)
            return new("inputs", "--scale standard, or divide the inputs by their deviation before training",
                $"input {most + 1} has a root mean square of {Format.Number(sizes[most])}; weights are drawn for inputs near 1",
                "section 1.1");
        return sizes[most] > 0 && sizes[most] < Tiny
            ? new("inputs", "--scale standard, or divide the inputs by their deviation before training",
                $"the largest input has a root mean square of {Format.Number(sizes[most])}; weights are drawn for inputs near 1",
                "section 1.1")
            : null;
    }

    /// <summary>An input at the step of the target that is the target, but for its scale and place. Of a smooth series any value
    /// is nearly the next one; there the input must say much more than the target's own last value.</summary>
    private static Advice? Leak(Batch batch, ITask task)
    {
        double past = OfPast(batch, task), most = 1 - (OfOpen * (1 - (past * past)));
        for (int column = 0; column < batch.Inputs; column++)
        {
            List<double> inputs = [], targets = [];
            for (int row = 0; row < batch.Rows; row++)
            {
                for (int step = 0; step < batch.Lengths[row]; step++)
                {
                    if (!batch.IsPredicted(step, row)) continue;
                    inputs.Add(batch.Dense(step, row)[column]);
                    targets.Add(Target(batch, step, row));
                }
            }

            double correlation = Correlation(inputs, targets);
            if (inputs.Count >= LeastTargets && Math.Abs(correlation) > Same && correlation * correlation > most)
                return new("leak", $"leave input {column + 1} out (--ignore for a column of a table)",
                    $"at the step of the target it has a correlation of {Format.Number(correlation)} with it", "the data",
                    column + 1);
        }

        return null;
    }

    /// <summary>The correlation of targets with what is known of them before: the target a step ago, or the last value that a
    /// forecast reads of the column that it forecasts; 0 where there is none.</summary>
    private static double OfPast(Batch batch, ITask task)
    {
        int own = task is SeriesTask { Codec: { Kind: SeriesKind.Forecast } codec } ? OwnInput(codec) : -1;
        List<double> before = [], targets = [];
        for (int row = 0; row < batch.Rows; row++)
        {
            for (int step = 0; step < batch.Lengths[row]; step++)
            {
                if (!batch.IsPredicted(step, row) || (own < 0 && (step == 0 || !batch.IsPredicted(step - 1, row)))) continue;
                before.Add(own < 0 ? Target(batch, step - 1, row) : batch.Dense(step, row)[own]);
                targets.Add(Target(batch, step, row));
            }
        }

        return Correlation(before, targets);
    }

    /// <summary>The input that is the last value read of the first column that is forecast.</summary>
    private static int OwnInput(SeriesCodec codec)
    {
        SequenceEncoder encoder = codec.Encoder;
        int last = (codec.Options.Segment - 1) * codec.StepInputs, number = encoder.Options.Missing == MissingPolicy.Mask ? 2 : 1;
        if (codec.Options.SharedChannels) return last;
        return last + encoder.Columns.Take(codec.ColumnOf(0))
            .Sum(column => column.Kind == ColumnKind.Number ? number : column.Labels.Count);
    }

    private static double Target(Batch batch, int step, int row) => batch.Head switch
    {
        OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery => batch.Class(step, row),
        OutputHead.BernoulliEvery => double.NaN,
        _ => batch.Values(step, row)[0],
    };

    private static IEnumerable<double> Values(Batch batch, int column)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            for (int step = 0; step < batch.Lengths[row]; step++) yield return batch.Dense(step, row)[column];
        }
    }

    /// <summary>The correlation of two lists of one length; 0 where one has no deviation.</summary>
    public static double Correlation(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count == 0) return 0;
        double mx = x.Average(), my = y.Average(), xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Count; i++)
        {
            (double dx, double dy) = (x[i] - mx, y[i] - my);
            (xy, xx, yy) = (xy + (dx * dy), xx + (dx * dx), yy + (dy * dy));
        }

        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : 0;
    }
}
