using System.Numerics;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// The exact cost of a fold of forecasts that are fed back (<see cref="SeriesDecoder.FedBack"/>): of every window the mean over
/// the parts of its horizon, each forecast from the forecasts before it, as predictions are made. The state is carried over from
/// one part to the next, and as many windows as fit are read at once.
/// </summary>
internal static class FedBackEvaluator
{
    /// <inheritdoc cref="SeriesEvaluator.Evaluate"/>
    public static EvaluationResult Evaluate<T>(UnrolledNetwork<T> unrolled, ForecastTask task, Batch batch, Fold fold,
        CostReduction reduction, CancellationToken cancellation, Action<long>? onEvaluated = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SeriesCodec codec = task.Codec;
        long examples = task.Examples(fold);
        if (examples == 0) throw new ArgumentException($"The {SequenceFolds.NameOf(fold)} fold has no example.");
        int read = codec.ReadSteps(codec.Options.Window), parts = codec.HorizonParts, most = 1;
        while (most < examples && !SeriesEvaluator.AreTooMany(most + 1, read, codec.Inputs)) most++;
        var predictions = new Predictions();
        var undo = new ColumnScale[most * (codec.Targets.Count / codec.RowsPerWindow)];
        double cost = 0;
        for (long first = 0; first < examples && double.IsFinite(cost); first += most)
        {
            int rows = (int)Math.Min(most, examples - first);
            for (int part = 0; part < parts; part++)
            {
                cancellation.ThrowIfCancellationRequested();
                Fill(task, batch, fold, first, rows, part, predictions, undo);
                NonFiniteData.Check(unrolled.Forward(batch, reduction), batch, typeof(T) == typeof(float));
                for (int row = 0; row < rows; row++) cost += unrolled.RowCost(row);
                if (part + 1 == parts) continue;
                unrolled.CopyOutputs(predictions);
                if (predictions.AreFinite) continue;
                cost = double.NaN; // a network that exploded, which would read what is no number
                break;
            }

            onEvaluated?.Invoke(first + rows);
        }

        return new EvaluationResult(
            null, examples, null, null, cost / (examples * (double)parts) / task.CostPerUnit, task.LossUnit);
    }

    /// <summary>The windows, or a part that was forecast, as inputs; and as targets the part behind them.</summary>
    private static void Fill(ForecastTask task, Batch batch, Fold fold, long first, int rows, int part, Predictions predictions,
        ColumnScale[] undo)
    {
        SeriesCodec codec = task.Codec;
        int read = codec.ReadSteps(codec.Options.Window), each = codec.RowsPerWindow, undone = codec.Targets.Count / each;
        batch.Resize(rows, part == 0 ? read : 1);
        for (int row = 0; row < rows; row++)
        {
            SequenceWindow window = task.WindowOf(fold, first + row);
            int channel = (int)((first + row) % each);
            Span<ColumnScale> own = undo.AsSpan(row * undone, undone);
            if (part == 0)
            {
                task.Rows.FillInputs(batch, row, window.Sequence, window.Start, window.Steps, channel, own);
                for (int s = 0; s < read - 1; s++) batch.SkipTarget(s, row);
            }
            else
            {
                batch.Carry[row] = true;
                task.Rows.FillFedBack(
                    batch, 0, row, window, channel, predictions.At(part == 1 ? read - 1 : 0, row), part - 1);
            }

            task.Rows.FillPart(batch, batch.Steps - 1, row, window, channel, own, part);
        }
    }
}
