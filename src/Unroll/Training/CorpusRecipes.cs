using System.Collections.Immutable;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// Named sets of options for the natural tasks of section 4.2. <c>paper</c> has the published values; values that are not
/// published (initialization, sequences in an update, epochs) are explained in docs/reproducing.md. <c>best</c> has the values
/// that were measured to be best with a plain network of the paper's size, chosen on the validation fold.
/// </summary>
public static class CorpusRecipes
{
    private const string Paper = "paper", Best = "best";

    private static ImmutableArray<CorpusRecipe> Kinds { get; } = [new MusicRecipe(), new TextRecipe()];

    /// <summary>The names of the recipes.</summary>
    public static ImmutableArray<string> Names { get; } = [Paper, Best];

    /// <summary>The options of a recipe, seed 1.</summary>
    /// <param name="task"><see cref="MusicTask.TaskName"/> or <see cref="TextTask.TaskName"/>.</param>
    /// <param name="data">The data set's name: there are separate values for MuseData and, in <c>best</c>, for Penn
    /// Treebank.</param>
    /// <param name="ahead">How far ahead the predicted symbol of a text is; above 1 there are other values.</param>
    /// <param name="clips">Whether the gradient is clipped (section 3.2).</param>
    /// <param name="regularizes">Whether Omega is added (section 3.3).</param>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="ArgumentException">There is no such task or recipe.</exception>
    public static TrainingOptions Get(string task, string data, int ahead, bool clips, bool regularizes, string recipe)
    {
        if (!Names.Contains(recipe))
            throw new ArgumentException(
                $"There is no recipe '{recipe}' of the task {task}; there are {string.Join(", ", Names)}.");
        CorpusRecipe kind = Of(task);
        TrainingOptions options = recipe == Best ? kind.Best(data) : kind.Paper(data, ahead, clips, regularizes);
        return options with { ClipMode = clips ? ClipMode.Norm : ClipMode.None, Omega = regularizes ? options.Omega : 0 };
    }

    /// <summary>
    /// The options of a recipe for networks of a cell, seed 1: those of the plain network with that cell in place of its units;
    /// <c>best</c> has separate values for LSTM and GRU.
    /// </summary>
    /// <param name="task"><see cref="MusicTask.TaskName"/> or <see cref="TextTask.TaskName"/>.</param>
    /// <param name="data">The data set's name.</param>
    /// <param name="ahead">How far ahead the predicted symbol of a text is.</param>
    /// <param name="clips">Whether the gradient is clipped (section 3.2).</param>
    /// <param name="regularizes">Whether Omega is added (section 3.3).</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cell">The cell.</param>
    /// <exception cref="ArgumentException">There is no such task, recipe or cell.</exception>
    public static TrainingOptions Get(
        string task, string data, int ahead, bool clips, bool regularizes, string recipe, CellKind cell)
    {
        TrainingOptions plain = Get(task, data, ahead, clips, regularizes, recipe);
        return cell == CellKind.Plain ? plain
            : recipe == Best ? CellRecipes.BestOfCorpus(Of(task), plain, cell) : CellRecipes.With(plain, cell);
    }

    /// <summary>The steps of a training window of a recipe: the paper's 200, or 50 for text with <c>best</c>.</summary>
    /// <param name="task"><see cref="MusicTask.TaskName"/> or <see cref="TextTask.TaskName"/>.</param>
    /// <param name="recipe">The recipe.</param>
    public static int DefaultWindow(string task, string recipe) => Of(task).Window(recipe == Best);

    private static CorpusRecipe Of(string task) => Kinds.FirstOrDefault(kind => kind.Task == task) ?? throw new ArgumentException(
        $"There is no task '{task}' of a corpus; there are {string.Join(", ", Kinds.Select(kind => kind.Task))}.");
}
