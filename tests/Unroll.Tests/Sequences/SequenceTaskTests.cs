using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tests.Sequences;

/// <summary>A task over sequences is one small class: folds, windows and an encoder are all that it asks.</summary>
public class SequenceTaskTests
{
    [Fact]
    public void A_network_learns_classes_of_sequences_of_unequal_length()
    {
        var random = new Random(3);
        var builder = new SequenceBuilder("x", "noise");
        for (int i = 0; i < 160; i++)
        {
            // What rises is of one class, what falls of the other.
            int steps = 5 + random.Next(8), sign = i % 2 == 0 ? 1 : -1;
            float[] rows = [.. Enumerable.Range(0, steps).SelectMany(t => (float[])[sign * t * 3, random.NextSingle() * 50])];
            builder.Add(rows, new SequenceInfo { Label = sign > 0 ? "up" : "down" });
        }

        var task = new ClassTask(SequenceFolds.BySequence(builder.Build(), seed: 2));
        using var trainer = new Trainer(task, Small with { MaximumUpdates = 300, CheckEvery = 100, ValidationSequences = 24 });
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        EvaluationResult result = Evaluator.Evaluate(
            trainer.BestNetwork<float>(), task, sequences: 24, seed: 1, cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(result.Error!.Value, 0, 0.1);
    }

    [Fact]
    public void A_network_forecasts_in_the_units_of_the_data_and_better_than_the_last_value()
    {
        float[] series = [.. Enumerable.Range(0, 400).Select(t =>
            (float)(1000 + (0.5 * t) + (40 * Math.Sin(t * 2 * Math.PI / 12))))];
        var task = new ForecastTask(SequenceFolds.ByTime(new SequenceBuilder("passengers").Add(series).Build()), window: 12,
            horizon: 3);
        using var trainer = new Trainer(task, Small with { MaximumUpdates = 600, CheckEvery = 200, ValidationSequences = 40 });
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        (double error, double naive) = task.Errors(trainer.BestNetwork<float>());
        Assert.InRange(naive, 10, 60);
        Assert.InRange(error, 0, naive / 3);
    }

    private static TrainingOptions Small => new()
    {
        Hidden = 12,
        Optimizer = OptimizerKind.Adam,
        LearningRate = 0.01,
        ClipThreshold = 1,
        Omega = 0,
        Seed = 1,
    };

    /// <summary>Draws of training, validation and test are from the fold of that name.</summary>
    private static Fold FoldOf(RandomKey key) =>
        key.Stream == RandomStream.Training ? Fold.Train : key.Stream == RandomStream.Validation ? Fold.Validation : Fold.Test;

    private sealed class ClassTask(SequenceFolds folds) : ITask
    {
        private readonly SequenceEncoder _encoder = SequenceEncoder.Fit(folds);
        private readonly EncodedSequences _sequences = SequenceEncoder.Fit(folds).Bind(folds.Data);

        public string Name => "classes";

        public InputEncoding Encoding => InputEncoding.Dense;

        public int Inputs => _encoder.Inputs;

        public OutputHead Head => OutputHead.SoftmaxLast;

        public int Outputs => folds.Data.Classes.Count;

        public string LossUnit => "nats";

        public CostReduction Reduction => CostReduction.Mean;

        public void Fill(Batch batch, int rows, RandomKey key)
        {
            IReadOnlyList<FoldPart> parts = folds.Of(FoldOf(key));
            FoldPart[] drawn = new FoldPart[rows];
            for (int row = 0; row < rows; row++)
            {
                RandomSource random = key.Row(row);
                drawn[row] = parts[random.NextInt(parts.Count)];
            }

            batch.Resize(rows, drawn.Max(part => part.Steps));
            for (int row = 0; row < rows; row++)
            {
                batch.Lengths[row] = drawn[row].Steps;
                _sequences.Fill(batch, row, drawn[row].Sequence, 0, drawn[row].Steps);
                batch.SetClass(drawn[row].Steps - 1, row, folds.Data.Sequences[drawn[row].Sequence].Class);
            }
        }

        public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                int last = batch.Lengths[row] - 1;
                correct[row] = predictions.Argmax(last, row) == batch.Class(last, row);
            }
        }
    }

    private sealed class ForecastTask : ITask
    {
        private readonly SequenceFolds _folds;
        private readonly SequenceEncoder _encoder;
        private readonly EncodedSequences _sequences;
        private readonly WindowSet[] _windows;
        private readonly int _horizon;

        public ForecastTask(SequenceFolds folds, int window, int horizon)
        {
            (_folds, _horizon) = (folds, horizon);
            _encoder = SequenceEncoder.Fit(folds, new EncoderOptions { Window = WindowScaling.Last });
            _sequences = _encoder.Bind(folds.Data);
            _windows = [.. Enum.GetValues<Fold>().Select(fold => new WindowSet(folds, fold, window, horizon))];
        }

        public string Name => "forecast";

        public InputEncoding Encoding => InputEncoding.Dense;

        public int Inputs => _encoder.Inputs;

        public OutputHead Head => OutputHead.LinearLast;

        public int Outputs => _horizon;

        public string LossUnit => "squared error";

        public CostReduction Reduction => CostReduction.Mean;

        public bool HasSuccessRule => false;

        public void Fill(Batch batch, int rows, RandomKey key)
        {
            WindowSet windows = _windows[(int)FoldOf(key)];
            batch.Resize(rows, windows.Window);
            for (int row = 0; row < rows; row++)
            {
                RandomSource random = key.Row(row);
                Fill(batch, row, windows[random.NextInt((int)windows.Count)]);
            }
        }

        public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) => correct.Clear();

        /// <summary>The mean absolute errors, in the data's own unit, of a network and of the last value, over the test
        /// windows.</summary>
        public (double Network, double Naive) Errors(Network<float> network)
        {
            WindowSet windows = _windows[(int)Fold.Test];
            Batch batch = Batch.For(this);
            var predictions = new Predictions();
            using var unrolled = new UnrolledNetwork<float>(network);
            double error = 0, naive = 0;
            for (long i = 0; i < windows.Count; i++)
            {
                batch.Resize(1, windows.Window);
                (ColumnScale column, ColumnScale window) = Fill(batch, 0, windows[i]);
                unrolled.Predict(batch, predictions);
                ColumnValues values = _folds.Data.Sequences[0].Values(0);
                for (int h = 0; h < _horizon; h++)
                {
                    double truth = values[windows[i].End + h];
                    error += Math.Abs(column.Undo(window.Undo(predictions.At(windows.Window - 1, 0)[h])) - truth);
                    naive += Math.Abs(values[windows[i].End - 1] - truth);
                }
            }

            return (error / (windows.Count * _horizon), naive / (windows.Count * _horizon));
        }

        private (ColumnScale Column, ColumnScale Window) Fill(Batch batch, int row, SequenceWindow window)
        {
            var scales = new ColumnScale[1];
            _sequences.Fill(batch, row, window.Sequence, window.Start, window.Steps, scales);
            ColumnScale column = _encoder.ScaleOf("passengers");
            ColumnValues values = _folds.Data.Sequences[window.Sequence].Values(0);
            Span<double> targets = batch.Values(window.Steps - 1, row);
            for (int h = 0; h < _horizon; h++) targets[h] = scales[0].Apply(column.Apply(values[window.End + h]));
            return (column, scales[0]);
        }
    }
}
