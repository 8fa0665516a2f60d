using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Tasks;

namespace Unroll.Cli.Evaluate;

/// <summary>What the user asked of <c>unroll evaluate</c> about data.</summary>
/// <param name="Given">What was given about the data.</param>
/// <param name="Folds">The folds; null for the rule of <see cref="CorpusFolds"/>.</param>
/// <param name="Unknown">The symbol that stands for those the model does not know, as typed, or null.</param>
internal sealed record DataRequest(IReadOnlyList<CorpusOverride> Given, Fold[]? Folds, string? Unknown)
{
    /// <summary>Whether other data is named than what the model was trained on.</summary>
    public bool NamesData => Given.Any(change => change.Option.Name == CorpusOptionTable.Data);
}

/// <summary>
/// The data on which a model of music or text is evaluated, read with the model's alphabet. What the model was trained on has its
/// folds, and so has other data that brings its own: a data set, a <c>.mat</c> file or pickle, a folder of folds. Any other file
/// or folder is one whole, unless a fold of it is asked for: then it is split as in training.
/// </summary>
/// <param name="Task">The task on that data.</param>
/// <param name="Folds">The folds, with the names under which they are reported.</param>
/// <param name="Name">The data's name.</param>
/// <param name="IsSame">Whether it is, byte for byte, what the model says it was trained on.</param>
internal sealed record CorpusFolds(ICorpusTask Task, IReadOnlyList<(Fold Fold, string Name)> Folds, string Name, bool IsSame)
{
    /// <summary>The name of a fold.</summary>
    public static string NameOf(Fold fold) => Training.OptionsText.Name(fold);

    /// <summary>Reads what was asked for.</summary>
    /// <exception cref="UserError">The data is not there, does not fit the model, or has nothing to predict in a
    /// fold.</exception>
    public static CorpusFolds Read(DataRequest request, string path, ModelInfo info, string task, DataSource source)
    {
        var kind = CorpusKind.Of(task);
        CorpusSettings trained = kind.OfModel(info, keepsFolds: !request.NamesData);
        if (!request.NamesData) RequireTrainedData(trained.Data, path, source);
        try
        {
            if (request.Given.FirstOrDefault(change => !change.Option.IsFor(kind)) is { } wrong)
                throw new UserError($"{path} is a model of {task}, which has no {wrong.Option.Name}.");
            CorpusSettings settings = trained.With(request.Given);
            ICorpusTask read = settings.ReadFor(
                source, new KnownModel(path, info), request.NamesData && request.Folds is null, request.Unknown, out bool whole);
            CorpusFolds folds = Of(read, request, whole, kind.DataName(read), info);
            foreach ((Fold fold, string name) in folds.Folds)
            {
                bool hasSteps = Enumerable.Range(0, read.Streams(fold)).Any(stream => read.StreamSteps(fold, stream) > 0);
                if (!hasSteps) throw new UserError($"{folds.Name} has no step to predict in its {name} fold.");
            }

            return folds;
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    /// <summary>Refuses a model whose data cannot be found from its file.</summary>
    private static void RequireTrainedData(string data, string path, DataSource source)
    {
        if (data.Length == 0)
            throw new UserError($"{path} does not say what it was trained on; name the data with --data NAME|FILE.");
        if (data == DataSource.StandardInput)
            throw new UserError($"{path} was trained on standard input; name the data with --data NAME|FILE.");
        try
        {
            source.KindOf(data);
        }
        catch (UserError error)
        {
            throw new UserError($"The data that {path} was trained on is not here: {Lower(error.Message).TrimEnd('.')}; "
                + "name other data with --data NAME|FILE.", error);
        }

        static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
    }

    private static CorpusFolds Of(ICorpusTask task, DataRequest request, bool whole, string name, ModelInfo info)
    {
        IEnumerable<(Fold, string)> folds = whole ? [(Fold.Train, "all")]
            : (request.Folds ?? Enum.GetValues<Fold>()).Select(fold => (fold, NameOf(fold)));
        bool isSame = task.Properties["corpus"] == info.Properties.GetValueOrDefault("corpus");
        return new CorpusFolds(task, [.. folds], name, isSame);
    }
}
