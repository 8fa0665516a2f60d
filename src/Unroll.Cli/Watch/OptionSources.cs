using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Runs;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Watch;

/// <summary>
/// Where the options of a run come from: <c>run.json</c> has their values only, so each is compared with what the recipe gives,
/// with and without the method.
/// </summary>
internal static class OptionSources
{
    /// <summary>The source of an option by its name and value: empty where this version does not know the run.</summary>
    /// <param name="content">The content of <c>run.json</c>.</param>
    /// <param name="path">Its path, for messages.</param>
    public static Func<string, string, string> Of(byte[] content, string path)
    {
        try
        {
            TrainSettings settings = RunRecord.Parse(content, path, []).Settings;
            Dictionary<string, string> defaults = Texts(new TrainingOptions()), recipe = Texts(Recipe(settings, masked: false));
            Dictionary<string, string> method = Texts(Recipe(settings, masked: true));
            return (name, value) => !recipe.TryGetValue(name, out string? usual) ? ""
                : value == usual ? defaults[name] == usual ? "default" : $"recipe {settings.Recipe}"
                : value == method[name] ? $"method {Method.Of(settings.Options).Name}"
                : "given";
        }
        catch (Exception error) when (error is UserError or ArgumentException or InvalidOperationException or FormatException)
        {
            return (_, _) => ""; // a recipe or an option that this version does not have
        }
    }

    private static Dictionary<string, string> Texts(TrainingOptions options) =>
        OptionsText.ToProperties(options).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);

    private static TrainingOptions Recipe(TrainSettings settings, bool masked)
    {
        TrainingOptions own = settings.Options;
        CellKind cell = own.Stack is { } stack ? stack[^1].Cell : own.Cell;
        Method method = Method.Of(own);
        if (settings.Series is { } series) return SeriesRecipes.Get(series.Kind, 1, settings.Recipe, cell) with
        {
            // These depend on how much data there is, which the folder does not say.
            BatchSize = own.BatchSize,
            MaximumEpochs = own.MaximumEpochs,
            Patience = own.Patience,
        };
        if (settings.Corpus is { } corpus)
        {
            bool clips = !masked || method.Clips, regularizes = !masked || method.Regularizes;
            return corpus.Kind.Recipe(corpus, clips, regularizes, settings.Recipe, cell);
        }

        TrainingOptions recipe = Recipes.Get(settings.Task, settings.Recipe, cell);
        return !masked ? recipe : recipe with
        {
            ClipMode = !method.Clips ? Remedies.ClipMode.None : recipe.ClipMode,
            Omega = !method.Regularizes ? 0 : recipe.Omega,
        };
    }
}
