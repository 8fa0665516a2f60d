using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Memory;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>Everything that <c>unroll train</c> resolved: what to train, on what, how.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Length">Its lengths.</param>
/// <param name="Variant">Its variant.</param>
/// <param name="Recipe">The recipe that gave the values not given on the command line.</param>
/// <param name="Options">The options.</param>
internal sealed record TrainSettings(string Task, LengthRange Length, TaskVariant Variant, string Recipe, TrainingOptions Options)
{
    /// <summary>
    /// The data of a task that is made of a corpus, which has no length and no variant; null for a synthetic one.
    /// </summary>
    public CorpusSettings? Corpus { get; init; }

    /// <summary>Somebody's own sequences; null for other tasks.</summary>
    public SeriesSettings? Series { get; init; }

    /// <summary>The task on them, to look at before a run reads them for itself; null for none.</summary>
    public SeriesTask? SeriesSketch { get; init; }

    /// <summary>The task of a program that uses the library; null for one of the library.</summary>
    public OwnTask? Own { get; init; }

    /// <summary>Whether the task has no rule of success, so that runs are compared by their costs.</summary>
    public bool HasCosts => Corpus is not null || Series is not null || Own is { HasCosts: true };

    /// <summary>What a test on sequences as those of the training is called.</summary>
    public string TestedAsTrained => Own is { HasLength: false } ? "x1" : Length.ToString();

    /// <summary>The unit of its costs.</summary>
    public string CostUnit => Sketch().LossUnit;

    /// <summary>The model whose weights were the start; null for the initialization of the options.</summary>
    public string? From { get; init; }

    /// <summary>The task at its length or on its data, which is read.</summary>
    public ITask CreateTask(CorpusCache corpora) => Own is { } own ? own.Make()
        : Series is { } series ? series.Create(corpora.Series(series))
        : Corpus is { } corpus ? corpus.Read(corpora) : TaskCatalogue.Create(Task, Length, Variant);

    /// <summary>The task at another length, or a refusal of it.</summary>
    public ITask TaskAt(LengthRange length)
    {
        if (Own is null) return TaskCatalogue.Create(Task, length, Variant);
        try
        {
            return ((ILengthTask)Own.Make()).WithLength(length);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    /// <summary>Makes the trainer, new or from a checkpoint; every refusal is a sentence.</summary>
    /// <param name="checkpoint">Where a run continues; null for a new one.</param>
    /// <param name="corpora">Reads the data.</param>
    /// <param name="start">The parts that give a new run its weights, or null.</param>
    public Trainer CreateTrainer(
        Checkpoint? checkpoint, CorpusCache corpora, Func<ITask, Precision, TrainingParts?>? start = null)
    {
        ITask task = CreateTask(corpora);
        MemoryNeed.Check(task, Options);
        try
        {
            if (checkpoint is not null) return Trainer.Resume(task, Options, checkpoint, Own?.MakeParts());
            return new Trainer(task, Options, start is null ? Own?.MakeParts() : start(task, Options.Precision));
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    /// <summary>
    /// As <see cref="CreateTask"/>, but a corpus is replaced by a few invented steps: enough to check options.
    /// </summary>
    public ITask Sketch() => Own is { } own ? own.Sketch : SeriesSketch is { } series ? series
        : Corpus is { } corpus ? corpus.Sketch() : TaskCatalogue.Create(Task, Length, Variant);

    /// <summary>What says which task this is, besides its options.</summary>
    public IEnumerable<KeyValuePair<string, string>> TaskProperties() => Own is { } own ? own.Properties()
        : Series is { } series ? series.Properties().Prepend(new("task", Task))
        : Corpus is { } corpus
        ? corpus.Properties().Prepend(new("task", Task))
        : [new("task", Task), new("length", Length.ToString()), new(Files.ModelInfo.VariantKey, OptionsText.Name(Variant))];
}
