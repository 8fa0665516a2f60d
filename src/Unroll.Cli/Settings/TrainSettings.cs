using Unroll.Cli.Corpora;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Settings;

/// <summary>Everything that <c>unroll train</c> resolved: what to train, on what, how.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Length">Its lengths.</param>
/// <param name="Variant">Its variant.</param>
/// <param name="Recipe">The recipe that gave the values not given on the command line.</param>
/// <param name="Options">The options.</param>
internal sealed record TrainSettings(string Task, LengthRange Length, TaskVariant Variant, string Recipe, TrainingOptions Options)
{
    /// <summary>The data of a task that is made of a corpus, which has no length and no variant; null for a synthetic one.</summary>
    public CorpusSettings? Corpus { get; init; }

    /// <summary>The model whose weights were the start; null for the initialization of the options.</summary>
    public string? From { get; init; }

    /// <summary>The task at its length or on its data, which is read.</summary>
    public ITask CreateTask(CorpusCache corpora) => Corpus is { } corpus ? corpus.Read(Task, corpora) : TaskCatalogue.Create(Task, Length, Variant);

    /// <summary>As <see cref="CreateTask"/>, but a corpus is replaced by a few invented steps: enough to judge options by.</summary>
    public ITask Sketch() => Corpus is { } corpus ? corpus.Sketch(Task) : TaskCatalogue.Create(Task, Length, Variant);

    /// <summary>What says which task this is, besides its options.</summary>
    public IEnumerable<KeyValuePair<string, string>> TaskProperties() => Corpus is { } corpus
        ? corpus.Properties(Task).Prepend(new("task", Task))
        : [new("task", Task), new("length", Length.ToString()), new(Files.ModelInfo.VariantKey, OptionsText.Name(Variant))];
}
