using System.Globalization;
using Unroll.Cli.Evaluate;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Files;
using Unroll.Interop;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Export;

/// <summary>What a header with weights of 8 bits loses against one of 32-bit floats.</summary>
/// <param name="On">What both were measured on.</param>
/// <param name="Measure">What was measured; less is better.</param>
/// <param name="Float">That of 32-bit floats.</param>
/// <param name="Eight">That of 8 bits.</param>
/// <param name="IsShare">Whether it is a share, 0..1.</param>
internal sealed record QuantizedLoss(string On, string Measure, double Float, double Eight, bool IsShare)
{
    private const long Sequences = 1000;
    private const ulong Seed = 1;

    /// <summary>Both figures, and on another line what they were measured on.</summary>
    public string Text() => $"weights of 8 bits: {Number(Eight)} {Measure}, of 32 bits: {Number(Float)}\nmeasured on {On}";

    /// <summary>Measures both networks on the task that a model was trained on.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="info">What it says.</param>
    /// <param name="network">Its network, in 32 bits.</param>
    /// <param name="eight">The same with weights of 8 bits.</param>
    /// <param name="host">What its data says of itself goes to standard error.</param>
    /// <exception cref="UserError">The task or its data is not known or not there.</exception>
    /// <exception cref="InvalidFileException">The data cannot be accepted.</exception>
    public static QuantizedLoss Of(
        string path, ModelInfo info, Network<float> network, Network<float> eight, CommandHost host)
    {
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        try
        {
            if (SeriesModel.Read(path, info) is { } series) return OfSeries(path, series, network, eight, host, cancel.Token);
            string task = info.Task is { } stored ? TaskCatalogue.Resolve(stored)
                : throw new UserError($"{path} does not say which task it was trained on.");
            return TaskCatalogue.Corpora.Contains(task) ? OfCorpus(path, info, task, network, eight, host, cancel.Token)
                : OfLengths(path, info, task, network, eight, host, cancel.Token);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static QuantizedLoss OfLengths(string path, ModelInfo info, string task, Network<float> network,
        Network<float> eight, CommandHost host, CancellationToken cancellation)
    {
        ILengthTask one = CalibrationData.TaskOf(path, info, task);
        long count = one.WholeSet ?? Sequences;
        using var notice = new SlowNotice(host, "the loss of 8 bits", 2 * count);
        EvaluationResult a = Evaluator.Evaluate(network, one, Sequences, Seed, 1, cancellation, notice.Report),
            b = Evaluator.Evaluate(eight, one, Sequences, Seed, 1, cancellation, done => notice.Report(count + done));
        string on = $"{Format.Counted(count, "fresh sequence")} of {one.Length} steps of {task}";
        return a.Error is { } exact && b.Error is { } coarse ? new QuantizedLoss(on, "wrong", exact, coarse, true)
            : new QuantizedLoss(on, $"{a.LossUnit} loss", a.Loss, b.Loss, false);
    }

    private static QuantizedLoss OfCorpus(string path, ModelInfo info, string task, Network<float> network,
        Network<float> eight, CommandHost host, CancellationToken cancellation)
    {
        var folds = CorpusFolds.Read(new DataRequest([], [Fold.Validation], null), path, info, task,
            new DataSource(host.ForData(null), null));
        ModelFit.Require(path, info.Shape, folds.Task);
        long steps = Enumerable.Range(0, folds.Task.Streams(Fold.Validation))
            .Sum(stream => (long)folds.Task.StreamSteps(Fold.Validation, stream));
        using var notice = new SlowNotice(host, "the loss of 8 bits", 2 * steps, "steps");
        FoldCost Cost(Network<float> one, long before) => CorpusEvaluator.Evaluate(one, folds.Task, Fold.Validation, 1,
            cancellation, done => notice.Report(before + Math.Min(done, steps)));
        FoldCost a = Cost(network, 0), b = Cost(eight, steps);
        return new QuantizedLoss($"{Format.Count(a.Steps)} steps of the validation fold of {folds.Name}", a.LossUnit, a.Loss,
            b.Loss, false);
    }

    private static QuantizedLoss OfSeries(string path, SeriesModel model, Network<float> network, Network<float> eight,
        CommandHost host, CancellationToken cancellation)
    {
        EvaluatedFolds all = SeriesEvaluation.Folds(path, model, null, host);
        (Fold fold, string name) = all.Parts.FirstOrDefault(part => part.Fold == Fold.Validation, all.Reported);
        SeriesRows rows = model.Codec.Bind(all.Folds.Data);
        if (!rows.HasTruth) throw new UserError($"{all.Name} has nothing to compare predictions with.");
        (double a, long count) = Mean(network);
        (double b, _) = Mean(eight);
        bool labels = model.Codec.Labels.Count > 0;
        return new QuantizedLoss($"{Format.Counted(count, "prediction")} of the {name} fold of {all.Name}",
            labels ? "wrong" : "mean absolute error", a, b, labels);

        (double Mean, long Count) Mean(Network<float> one)
        {
            double sum = 0;
            long known = 0;
            using var predictor = new SeriesPredictor<float>(one, rows);
            predictor.Run(model.Codec.Windows(all.Folds, fold), (window, values) =>
            {
                foreach (double off in Errors(model.Codec, rows, window, values))
                {
                    if (double.IsNaN(off)) continue;
                    sum += off;
                    known++;
                }
            }, cancellation);
            return known > 0 ? (sum / known, known)
                : throw new UserError($"{all.Name} has no value to compare predictions with in its {name} fold.");
        }
    }

    /// <summary>How far each prediction of a window is from the truth, or whether its class is wrong; NaN where it is not
    /// known.</summary>
    private static double[] Errors(SeriesCodec codec, SeriesRows rows, SequenceWindow window, ReadOnlySpan<double> values)
    {
        Sequence sequence = rows.Data.Sequences[window.Sequence];
        if (codec.Labels.Count > 0)
        {
            var wrong = new double[values.Length / codec.Labels.Count];
            for (int t = 0; t < wrong.Length; t++)
            {
                ReadOnlySpan<double> own = values.Slice(t * codec.Labels.Count, codec.Labels.Count);
                int best = 0;
                for (int k = 1; k < own.Length; k++) best = own[k] > own[best] ? k : best;
                double truth = codec.Kind == SeriesKind.Tag ? rows.TruthAt(window.Sequence, window.Start + t, 0) : double.NaN;
                wrong[t] = codec.Kind == SeriesKind.Tag ? double.IsNaN(truth) ? double.NaN : truth == best ? 0 : 1
                    : rows.Data.Classes[sequence.Class] == codec.Labels[best] ? 0 : 1;
            }

            return wrong;
        }

        int targets = codec.Kind == SeriesKind.Forecast ? codec.Targets.Count : 1;
        var off = new double[values.Length / codec.Levels];
        for (int i = 0; i < off.Length; i++)
        {
            double truth = codec.Kind switch
            {
                SeriesKind.Forecast => rows.TruthAt(window.Sequence, window.End + (i / targets), i % targets),
                SeriesKind.Tag => rows.TruthAt(window.Sequence, window.Start + i, 0),
                _ => sequence.Number,
            };
            off[i] = Math.Abs(values[(i * codec.Levels) + (codec.Levels > 1 ? codec.PointLevel : 0)] - truth);
        }

        return off;
    }

    private string Number(double value) =>
        IsShare ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.00}%") : Format.Number(value);
}
