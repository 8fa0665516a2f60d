using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Data;
using Unroll.Heads;
using Unroll.Sampling;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Watch;

/// <summary>An example of a task as a network predicts it: labels or numbers, a forecast, a text or a piano roll.</summary>
internal abstract class ExampleView
{
    private const int MostText = 160;

    /// <summary>The examples of a task.</summary>
    /// <param name="task">The task.</param>
    public static ExampleView Of(ITask task) => task switch
    {
        TextTask { Ahead: 1 } text => new TextExample(text),
        MusicTask => new MusicExample(),
        SeriesTask { Codec.Kind: SeriesKind.Forecast } series => new ForecastExample(series),
        SeriesTask { Codec.Kind: not SeriesKind.Tag } series => new SequenceExample(series),
        _ => new BatchExample(task),
    };

    /// <summary>An example as JSON; null where there is none.</summary>
    /// <param name="trainer">The run, whose network is copied.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="ArithmeticException">The network has exploded.</exception>
    public abstract byte[]? Of(Trainer trainer, CancellationToken cancellation);

    /// <summary>An object, in which every character that HTML gives a meaning is escaped.</summary>
    private static byte[] Json(string kind, string title, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteString("title", title);
            write(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static byte[] Labels(
        string title, IEnumerable<(string Sequence, string Truth, string Predicted, bool? Right)> rows) =>
        Json("labels", title, json =>
        {
            json.WriteStartArray("rows");
            foreach ((string sequence, string truth, string predicted, bool? right) in rows)
            {
                json.WriteStartArray();
                foreach (string text in (ReadOnlySpan<string>)[sequence, truth, predicted])
                    json.WriteStringValue(Bounded.Text(text, MostText));
                if (right is { } known) json.WriteBooleanValue(known);
                else json.WriteNullValue();
                json.WriteEndArray();
            }

            json.WriteEndArray();
        });

    /// <summary>What the network writes as text.</summary>
    internal sealed class TextExample(TextTask task) : ExampleView
    {
        private const int Symbols = 240;

        /// <summary>The text of a sample, whose seed is that of the run.</summary>
        public string Write(Trainer trainer) => new TextSampler<float>(trainer.LastNetwork<float>(), task.Corpus.Alphabet)
            .Sample("", new SamplingOptions { Length = Symbols, Seed = trainer.Options.Seed });

        public override byte[] Of(Trainer trainer, CancellationToken cancellation) => ToJson(Write(trainer));

        public static byte[] ToJson(string text) => Json(
            "text", $"{Symbols} characters that the network writes.", json => json.WriteString("text", text));
    }

    /// <summary>What the network writes as music.</summary>
    internal sealed class MusicExample : ExampleView
    {
        private const int Steps = 100;

        /// <summary>A sample, whose seed is that of the run.</summary>
        public static PianoRoll Write(Trainer trainer, CancellationToken cancellation) =>
            new MusicSampler<float>(trainer.LastNetwork<float>()).Sample(
                null, new SamplingOptions { Length = Steps, Seed = trainer.Options.Seed }, cancellation);

        public override byte[] Of(Trainer trainer, CancellationToken cancellation) => ToJson(Write(trainer, cancellation));

        public static byte[] ToJson(PianoRoll roll) => Json("roll", $"{Steps} steps that the network writes.", json =>
        {
            json.WriteNumber("steps", roll.Steps);
            json.WriteStartArray("notes");
            for (int t = 0; t < roll.Steps; t++)
            {
                for (int key = 0; key < PianoRoll.Keys; key++)
                {
                    if (!roll[t, key]) continue;
                    json.WriteStartArray();
                    json.WriteNumberValue(t);
                    json.WriteNumberValue(key + PianoRoll.LowestNote);
                    json.WriteEndArray();
                }
            }

            json.WriteEndArray();
        });
    }

    /// <summary>The last forecast of the validation fold beside the truth.</summary>
    private sealed class ForecastExample(SeriesTask task) : ExampleView
    {
        private const int History = 96;

        public override byte[]? Of(Trainer trainer, CancellationToken cancellation)
        {
            SequenceWindow[] windows = [.. task.Codec.Windows(task.Folds, Fold.Validation).TakeLast(1)];
            if (windows is not [var window]) return null;
            double[] forecast = [];
            using var predictor = new SeriesPredictor<float>(trainer.LastNetwork<float>(), task.Rows);
            predictor.Run(windows, (_, values) => forecast = values.ToArray(), cancellation);
            SequenceData data = task.Folds.Data;
            Sequence sequence = data.Sequences[window.Sequence];
            string target = task.Codec.Targets[0];
            ColumnValues truth = sequence.Values(data.ColumnOf(target));
            int columns = task.Codec.Targets.Count, horizon = task.Codec.Options.Horizon;
            int start = Math.Max(window.Start, window.End - History), end = Math.Min(truth.Count, window.End + horizon);
            return Json("series", $"The last forecast of the validation fold, of {Bounded.Text(target, 60)}.", json =>
            {
                json.WriteString("label", Bounded.Text(target, 60));
                Numbers(json, "history", Enumerable.Range(start, window.End - start).Select(t => (double)truth[t]));
                Numbers(json, "truth", Enumerable.Range(window.End, end - window.End).Select(t => (double)truth[t]));
                Numbers(json, "forecast", forecast.Where((_, i) => i % columns == 0));
            });
        }

        private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double> values)
        {
            json.WriteStartArray(name);
            foreach (double value in values) ShortNumbers.Write(json, value);
            json.WriteEndArray();
        }
    }

    /// <summary>The class or the number of the first sequences of the validation fold.</summary>
    private sealed class SequenceExample(SeriesTask task) : ExampleView
    {
        private const int Sequences = 8;

        public override byte[]? Of(Trainer trainer, CancellationToken cancellation)
        {
            SeriesCodec codec = task.Codec;
            SequenceWindow[] windows = [.. codec.Windows(task.Folds, Fold.Validation).Take(Sequences)];
            if (windows.Length == 0) return null;
            var rows = new List<(string, string, string, bool?)>();
            using var predictor = new SeriesPredictor<float>(trainer.LastNetwork<float>(), task.Rows);
            predictor.Run(windows, (window, values) =>
            {
                Sequence sequence = task.Folds.Data.Sequences[window.Sequence];
                string name = sequence.Name.Length > 0 ? sequence.Name
                    : sequence.Group ?? FormattableString.Invariant($"sequence {window.Sequence + 1}");
                if (codec.Labels.Count == 0)
                {
                    rows.Add((name, Format.Number(sequence.Number), Format.Number(values[0]), null));
                    return;
                }

                int likeliest = values.IndexOf(Max(values));
                IReadOnlyList<string> labels = task.Folds.Data.Classes;
                string? truth = sequence.Class >= 0 && sequence.Class < labels.Count ? labels[sequence.Class] : null;
                rows.Add((name, truth ?? "-", $"{codec.Labels[likeliest]} ({Format.Percent(values[likeliest])})",
                    truth is null ? null : truth == codec.Labels[likeliest]));
            }, cancellation);
            return Labels("The first sequences of the validation fold.", rows);
        }

        private static double Max(ReadOnlySpan<double> values)
        {
            double max = double.NegativeInfinity;
            foreach (double value in values) max = Math.Max(max, value);
            return max;
        }
    }

    /// <summary>Fresh sequences of any other task, as its batch has them.</summary>
    private sealed class BatchExample(ITask task) : ExampleView
    {
        private const int Sequences = 8, MostSteps = 24;

        public override byte[] Of(Trainer trainer, CancellationToken cancellation)
        {
            Batch batch = Batch.For(task);
            task.Fill(batch, task.WholeSet ?? Sequences, new RandomKey(trainer.Options.Seed, RandomStream.Test, 0));
            batch.Carry.Clear();
            var predictions = new Predictions();
            using (var unrolled = new UnrolledNetwork<float>(trainer.LastNetwork<float>())) unrolled.Predict(batch, predictions);
            var right = new bool[batch.Rows];
            if (task.HasSuccessRule) task.MarkCorrect(batch, predictions, right);
            return Labels("Sequences that the network is not trained on.", Enumerable.Range(0, Math.Min(Sequences, batch.Rows))
                .Select(row => (About(batch, row), Truth(batch, row), Predicted(batch, predictions, row),
                    task.HasSuccessRule ? right[row] : (bool?)null)));
        }

        private string About(Batch batch, int row)
        {
            string length = $"{batch.Lengths[row].ToString(CultureInfo.InvariantCulture)} steps";
            if (task is not IDescribeExamples describes) return length;
            string[] lines = describes.Describe(batch, row)
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return $"{length}: {lines[^1]}";
        }

        private static string Truth(Batch batch, int row) => Steps(batch, row, t => batch.Head switch
        {
            OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery => batch.Class(t, row).ToString(CultureInfo.InvariantCulture),
            OutputHead.BernoulliEvery or OutputHead.BernoulliLast => Bits(batch.Outputs, i =>
                (batch.TargetBits(t, row)[i >> 6] >> (i & 63) & 1) != 0),
            _ => Format.Number(batch.Values(t, row)[0]),
        });

        private static string Predicted(Batch batch, Predictions predictions, int row) => Steps(batch, row, t =>
        {
            Span<double> outputs = predictions.At(t, row);
            switch (batch.Head)
            {
                case OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery:
                    int likeliest = predictions.Argmax(t, row);
                    if (likeliest < 0) return "not finite";
                    string name = likeliest.ToString(CultureInfo.InvariantCulture);
                    if (batch.EveryStep) return name;
                    var shares = new double[outputs.Length];
                    SoftmaxCost.Probabilities(outputs, shares);
                    return $"{name} ({Format.Percent(shares[likeliest])})";
                case OutputHead.BernoulliEvery or OutputHead.BernoulliLast:
                    double[] values = outputs.ToArray();
                    return Bits(values.Length, i => values[i] > 0);
                default:
                    return Format.Number(outputs[0]);
            }
        });

        /// <summary>What a text is at each predicted step.</summary>
        private static string Steps(Batch batch, int row, Func<int, string> text)
        {
            int steps = batch.Lengths[row];
            if (!batch.EveryStep) return text(steps - 1);
            int[] predicted = [.. Enumerable.Range(0, steps).Where(t => batch.IsPredicted(t, row))];
            return string.Join(' ', predicted.TakeLast(MostSteps).Select(text));
        }

        private static string Bits(int count, Func<int, bool> isSet)
        {
            var text = new StringBuilder();
            for (int i = 0; i < Math.Min(count, 64); i++) text.Append(isSet(i) ? '1' : '0');
            return text.ToString();
        }
    }
}
