using Unroll.Cli.Sequences;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Memory;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>
/// Sequences such as a model was trained on, by which its weights are rounded to 8 bits: of a synthetic task fresh ones, of data
/// some of the training fold. What 8 bits cost is measured on others.
/// </summary>
/// <param name="Name">What they are.</param>
/// <param name="Batches">The sequences; one batch, filled anew.</param>
internal sealed record CalibrationData(string Name, IEnumerable<Batch> Batches)
{
    // Of 1,000 to 50,000 steps these were as good as more (docs/interop.md).
    private const int Steps = 20_000, RowsAtOnce = 64, PieceSteps = 500;
    private const ulong Seed = 1;

    /// <summary>Finds them.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="info">What it says.</param>
    /// <param name="host">Surrounds the command. What the data say of themselves is left to who measures on them.</param>
    /// <exception cref="UserError">The task or its data is not known or not there.</exception>
    /// <exception cref="InvalidFileException">The data cannot be accepted.</exception>
    public static CalibrationData Of(string path, ModelInfo info, CommandHost host)
    {
        CommandHost silent = host with { Error = TextWriter.Null, ErrorIsTerminal = false };
        if (SeriesModel.Read(path, info) is { } series) return OfSeries(series, info.Shape, silent);
        string task = info.Task is { } stored ? TaskCatalogue.Resolve(stored)
            : throw new UserError($"{path} does not say which task it was trained on.");
        return TaskCatalogue.Corpora.Contains(task) ? OfCorpus(path, info, task, silent) : OfLengths(path, info, task);
    }

    /// <summary>The task of fresh sequences that a model was trained on.</summary>
    public static ILengthTask TaskOf(string path, ModelInfo info, string task)
    {
        TaskVariant variant = info.Variant is { } kept
            ? Values.Choice($"The variant in {path}", kept, Values.Named<TaskVariant>()) : TaskVariant.Code;
        LengthRange length = info.Length is { } trained ? Values.Length($"The length in {path}", trained)
            : Recipes.DefaultLength(task);
        ILengthTask one = TaskCatalogue.Create(task, length, variant);
        ModelFit.Require(path, info.Shape, one);
        MemoryNeed.CheckEvaluation(one, info.Shape, Precision.Float);
        return one;
    }

    private static CalibrationData OfLengths(string path, ModelInfo info, string task)
    {
        ILengthTask one = TaskOf(path, info, task);
        return new CalibrationData($"fresh sequences of {task}", Fresh());

        IEnumerable<Batch> Fresh()
        {
            var batch = Batch.For(info.Shape);
            int rows = one.WholeSet ?? Math.Clamp(Steps / one.Length.Maximum, 1, RowsAtOnce);
            long steps = 0;
            for (long index = 0; steps < Steps; index++)
            {
                one.Fill(batch, rows, new RandomKey(Seed, RandomStream.Validation, index));
                batch.Carry.Clear();
                foreach (int length in batch.Lengths) steps += length;
                yield return batch;
                if (one.WholeSet is not null) break;
            }
        }
    }

    private static CalibrationData OfCorpus(string path, ModelInfo info, string task, CommandHost host)
    {
        var folds = CorpusFolds.Read(new DataRequest([], [Fold.Train], null), path, info, task,
            new DataSource(host.ForData(null), null));
        ICorpusTask corpus = folds.Task;
        ModelFit.Require(path, info.Shape, corpus);
        return new CalibrationData($"the training fold of {folds.Name}", Pieces());

        IEnumerable<Batch> Pieces()
        {
            // Pieces of one length, as far apart as they fit into the fold.
            long all = Enumerable.Range(0, corpus.Streams(Fold.Train)).Sum(s => (long)corpus.StreamSteps(Fold.Train, s));
            long distance = Math.Max(PieceSteps, all / (Steps / PieceSteps)), next = 0, before = 0;
            var batch = Batch.For(info.Shape);
            for (int s = 0; s < corpus.Streams(Fold.Train); before += corpus.StreamSteps(Fold.Train, s++))
            {
                int length = corpus.StreamSteps(Fold.Train, s);
                for (; next < before + length; next += distance)
                {
                    int start = (int)Math.Max(0, next - before), steps = Math.Min(PieceSteps, length - start);
                    batch.Resize(1, steps);
                    corpus.FillStream(batch, 0, Fold.Train, s, start, steps);
                    yield return batch;
                }
            }
        }
    }

    private static CalibrationData OfSeries(SeriesModel model, NetworkShape shape, CommandHost host)
    {
        SeriesCodec codec = model.Codec;
        SequenceFolds folds = SeriesSource.Folds(model.Settings, host);
        if (model.Settings.IsRefit) folds = folds.WithoutValidation();
        SeriesRows rows = codec.Bind(folds.Data);
        return new CalibrationData($"the training fold of {model.Settings.Data}", Windows());

        IEnumerable<Batch> Windows()
        {
            long all = codec.Windows(folds, Fold.Train).Sum(window => (long)codec.ReadSteps(window.Steps) + codec.DecoderSteps);
            long every = Math.Max(1, all * codec.RowsPerWindow / Steps), at = 0;
            var batch = Batch.For(shape);
            foreach (SequenceWindow window in codec.Windows(folds, Fold.Train))
            {
                if (at++ % every != 0) continue;
                int steps = (int)Math.Min(window.Steps, (long)Steps * codec.Options.Segment);
                batch.Resize(codec.RowsPerWindow, codec.ReadSteps(steps) + codec.DecoderSteps);
                for (int row = 0; row < batch.Rows; row++)
                    rows.FillInputs(batch, row, window.Sequence, window.Start, steps, row);
                yield return batch;
            }
        }
    }
}
