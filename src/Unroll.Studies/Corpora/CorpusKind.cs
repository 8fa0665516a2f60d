using System.Collections.Immutable;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Corpora;

/// <summary>
/// A kind of data to train on, such as music or text: how its data is found, read, split and counted, and which task and recipes
/// it has. Another kind is a class like <see cref="MusicKind"/> in a file of its own and its place in <see cref="All"/>.
/// </summary>
internal abstract class CorpusKind
{
    /// <summary>All kinds. Data belongs to the first kind that recognizes it; the last one takes everything else.</summary>
    public static ImmutableArray<CorpusKind> All { get; } = [MusicKind.Instance, TextKind.Instance];

    /// <summary>The kinds in words, such as "music and text".</summary>
    public static string Words { get; } = string.Join(" and ", All.Select(kind => kind.Name));

    /// <summary>What the kind is called. It is also the name of its task.</summary>
    public abstract string Name { get; }

    /// <summary>One line about the task.</summary>
    public abstract string Summary { get; }

    /// <summary>What the steps are called: steps, characters.</summary>
    public virtual string Steps => "steps";

    /// <summary>The number of inputs and outputs where it is the same for all data; null where the data decides.</summary>
    public virtual int? Width => null;

    /// <summary>The number of outputs that a training run is expected to have, for the order in which trials run.</summary>
    public abstract int ExpectedOutputs { get; }

    /// <summary>The options of this kind alone.</summary>
    public virtual IReadOnlyList<CorpusOption> Options => [];

    /// <summary>The names of the published data sets of this kind.</summary>
    public IEnumerable<string> DataSets => DataCatalogue.All.Where(set => set.Kind == this).Select(set => set.Name);

    /// <summary>A data set for which the recipe <c>best</c> has values of its own; null where there is none.</summary>
    public virtual string? SetWithOwnValues => null;

    /// <summary>The names of the recipes.</summary>
    public virtual ImmutableArray<string> Recipes => CorpusRecipes.Names;

    /// <summary>Whether it reads standard input.</summary>
    public virtual bool ReadsStandardInput => false;

    /// <summary>Whether models of PyTorch need an alphabet, which their files do not have.</summary>
    public virtual bool HasAlphabet => false;

    /// <summary>The kind of a name; null where the name is of none.</summary>
    public static CorpusKind? Find(string? name) => All.FirstOrDefault(kind => kind.Name == name);

    /// <summary>The kind of a name that is known to be of one.</summary>
    public static CorpusKind Of(string name) =>
        Find(name) ?? throw new ArgumentException($"There is no kind of data '{name}'; there are {Words}.");

    /// <summary>The defaults of its settings.</summary>
    public abstract CorpusSettings New();

    /// <summary>How the data of a model was read, as far as other data can be read in the same way.</summary>
    /// <param name="model">What the model's file says.</param>
    /// <param name="keepsFolds">Whether the files of its validation and test folds count too.</param>
    public abstract CorpusSettings OfModel(ModelInfo model, bool keepsFolds);

    /// <summary>Whether a file or folder that exists is of this kind.</summary>
    public abstract bool Recognizes(string path);

    /// <summary>The options that decide what a model of this kind says itself.</summary>
    public virtual IReadOnlyList<string> SaidBy(ModelInfo model) => [];

    /// <summary>The steps of a training window in a recipe.</summary>
    public virtual int DefaultWindow(string recipe) => CorpusRecipes.DefaultWindow(Name, recipe);

    /// <summary>The options of a recipe.</summary>
    public virtual TrainingOptions Recipe(
        CorpusSettings settings, bool clips, bool regularizes, string recipe, CellKind cell = CellKind.Plain) =>
        CorpusRecipes.Get(Name, settings.KnownAs, 1, clips, regularizes, recipe, cell);

    /// <summary>The options of the recipe <c>paper</c> for a task that was read.</summary>
    public virtual TrainingOptions PaperRecipe(ICorpusTask task) =>
        CorpusRecipes.Get(Name, DataName(task), 1, clips: true, regularizes: true, "paper");

    /// <summary>What the data of a task is called.</summary>
    public abstract string DataName(ICorpusTask task);

    /// <summary>What there is to say about a task besides the name of its data; empty where there is nothing.</summary>
    public virtual string Detail(ICorpusTask task) => "";

    /// <summary>The number of unknown symbols in a fold; null where there is no unknown symbol.</summary>
    public virtual int? Unknown(ICorpusTask task, Fold fold) => null;

    /// <summary>The parts of a fold whose costs are told one by one.</summary>
    public virtual CorpusItems Items(ICorpusTask task, Fold fold) => new(task.LossUnit);

    /// <summary>Refuses a model as the start of a training run when its data differs from that of the task.</summary>
    /// <exception cref="UserError">The model does not fit.</exception>
    public virtual void CheckStart(ICorpusTask task, string path, ModelInfo model)
    {
    }

    /// <summary>What a model's file says under a name; null where it says nothing.</summary>
    /// <exception cref="UserError">It cannot be a path.</exception>
    protected static string? PathOf(ModelInfo model, string property) =>
        model.Properties.GetValueOrDefault(property) is { Length: > 0 } value
            ? Values.Path($"The model's {property}", value) : null;

    /// <summary>Whether a model's file says that an option was on.</summary>
    protected static bool Is(ModelInfo model, string property) => model.Properties.GetValueOrDefault(property) == "true";

    /// <summary>The window of a model's training, or 200. It decides no result.</summary>
    protected static int WindowOf(ModelInfo model) => int.TryParse(
        model.Properties.GetValueOrDefault("window"), System.Globalization.NumberStyles.None, null, out int window)
        && window is >= 1 and <= CorpusSettings.LongestWindow ? window : CorpusSettings.DefaultWindow;
}
