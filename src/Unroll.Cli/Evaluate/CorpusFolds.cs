using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Files;
using Unroll.Sampling;
using Unroll.Studies.Corpora;
using Unroll.Tasks;

namespace Unroll.Cli.Evaluate;

/// <summary>What the user asked of <c>unroll evaluate</c> about data.</summary>
/// <param name="Given">What was given about the data.</param>
/// <param name="Folds">The folds; null for the rule of <see cref="CorpusFolds"/>.</param>
/// <param name="Unknown">The symbol that stands for those the model does not know, as typed, or null.</param>
internal sealed record DataRequest(IReadOnlyList<CorpusOverride> Given, Fold[]? Folds, string? Unknown)
{
    /// <summary>The data's name or file; null for what the model was trained on.</summary>
    public string? Data { get; } = Given.FirstOrDefault(change => change.Option.Name == CorpusOptionTable.Data)
        ?.Apply(new CorpusSettings()).Data;
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
        if (request.Data is null && CorpusModel.Data(info) is null)
            throw new UserError($"{path} does not say what it was trained on; name the data with --data NAME|FILE.");
        if (request.Data is null && CorpusModel.Data(info) == DataSource.StandardInput)
            throw new UserError($"{path} was trained on standard input; name the data with --data NAME|FILE.");
        string data = request.Data ?? CorpusModel.Data(info)!;
        try
        {
            if (request.Data is null) source.KindOf(data);
        }
        catch (UserError error)
        {
            throw new UserError(
                $"The data that {path} was trained on is not here: {Lower(error.Message).TrimEnd('.')}; name other data with "
                    + "--data NAME|FILE.", error);
        }

        try
        {
            if (request.Given.FirstOrDefault(change => change.Option.Task.Length > 0 && change.Option.Task != task) is { } wrong)
                throw new UserError($"{path} is a model of {task}, which has no {wrong.Option.Name}.");
            CorpusSettings settings = CorpusModel.Settings(info, keepsFolds: request.Data is null).With(request.Given, task);
            CorpusFolds folds = task == TextTask.TaskName ? Text(request, settings, data, path, info, source)
                : Music(request, settings, data, path, info, source);
            foreach ((Fold fold, string name) in folds.Folds)
            {
                if (!Enumerable.Range(0, folds.Task.Streams(fold)).Any(stream => folds.Task.StreamSteps(fold, stream) > 0))
                    throw new UserError($"{folds.Name} has no step to predict in its {name} fold.");
            }

            return folds;
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }

        static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
    }

    private static CorpusFolds Text(DataRequest request, CorpusSettings settings, string data, string path, ModelInfo info,
        DataSource source)
    {
        TextModel model = TextModel.Of(info, path);
        TextReadOptions options = settings.TextOptions(model.Alphabet) with
        {
            Replacement = request.Unknown is { } symbol ? Symbol(symbol, path, model.Alphabet) : null,
        };
        TextCorpus corpus;
        bool whole = request.Data is not null && request.Folds is null && settings.ValidationFile is null
            && DataCatalogue.Find(data) is null && !Directory.Exists(data);
        if (whole)
        {
            if (source.KindOf(data) != DataKind.Text) throw new UserError($"{data} is music, and {path} is a model of text.");
            string name = data == DataSource.StandardInput ? "standard input" : Path.GetFileNameWithoutExtension(data);
            corpus = new TextCorpus(name, model.Alphabet, source.Symbols(data, options), default, default);
        }
        else
        {
            corpus = source.Text(data, options, settings.ValidationFile, settings.TestFile);
        }

        return Of(new TextTask(corpus, CorpusModel.Window(info), model.Ahead), request, whole, corpus.Name, info);
    }

    private static CorpusFolds Music(DataRequest request, CorpusSettings settings, string data, string path, ModelInfo info,
        DataSource source)
    {
        if (request.Unknown is not null) throw new UserError($"{path} is a model of music, which has no --unknown.");
        MusicReadOptions options = settings.MusicOptions();
        MusicCorpus corpus;
        bool whole = request.Data is not null && request.Folds is null && DataCatalogue.Find(data) is null
            && (Directory.Exists(data) ? !MidiFolder.HasFolds(data) : DataSource.IsMidi(data));
        corpus = whole
            ? new MusicCorpus(Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(data)),
                source.Pieces(data, options), [], [])
            : source.Music(data, options);
        return Of(new MusicTask(corpus, CorpusModel.Window(info)), request, whole, corpus.Name, info);
    }

    private static CorpusFolds Of(ICorpusTask task, DataRequest request, bool whole, string name, ModelInfo info)
    {
        IEnumerable<(Fold, string)> folds = whole ? [(Fold.Train, "all")]
            : (request.Folds ?? Enum.GetValues<Fold>()).Select(fold => (fold, NameOf(fold)));
        return new CorpusFolds(task, [.. folds], name, task.Properties["corpus"] == info.Properties.GetValueOrDefault("corpus"));
    }

    /// <summary>The code point or byte that was typed: one character, or for bytes also 0x and two digits.</summary>
    private static int Symbol(string text, string path, Alphabet alphabet)
    {
        if (alphabet.HasUnknown)
            throw new UserError(
                $"{path} has an unknown symbol of its own, to which all symbols are mapped that it does not know; leave out "
                    + "--unknown.");
        System.Text.Rune[] runes = [.. text.EnumerateRunes()];
        if (alphabet.Kind == SymbolKind.Byte && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(text[2..], System.Globalization.NumberStyles.AllowHexSpecifier, null, out int value)
            && value is >= 0 and < 256) return value;
        return runes.Length == 1 ? runes[0].Value
            : throw new UserError(
                $"--unknown '{text}' is not one symbol; write a single "
                    + $"character{(alphabet.Kind == SymbolKind.Byte ? " or a byte such as 0x20" : "")}.");
    }
}
