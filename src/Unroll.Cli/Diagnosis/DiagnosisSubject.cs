using Unroll.Cli.Settings;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Memory;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>What was asked to be diagnosed; null where nothing was given.</summary>
/// <param name="Model">The model file.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Length">Its lengths.</param>
/// <param name="Variant">Its variant.</param>
/// <param name="Torch">What was given about a PyTorch file.</param>
/// <param name="Data">What was given about a corpus.</param>
internal sealed record SubjectRequest(string Model, string? Task, LengthRange? Length, TaskVariant? Variant, TorchRequest Torch,
    IReadOnlyList<CorpusOverride> Data);

/// <summary>A network, and the task on which it is diagnosed.</summary>
/// <param name="Model">The file, as it was named.</param>
/// <param name="Network">The network.</param>
/// <param name="Task">The task.</param>
/// <param name="Reduction">How per-step costs were combined in training.</param>
/// <param name="Copies">Of how many parameters of the file each block is the sum, see <see
/// cref="Analysis.DiagnosisOptions.Copies"/>; empty for a model of Unroll.</param>
/// <param name="Notes">What the reader should know about how the file was read.</param>
internal sealed record DiagnosisSubject(
    string Model, Network<double> Network, ITask Task, CostReduction Reduction, IReadOnlyDictionary<string, int> Copies,
    IReadOnlyList<string> Notes)
{
    private static readonly Dictionary<string, int> NoCopies = [];

    /// <summary>What the task is called with its lengths, if it has some.</summary>
    public string TaskText => Task switch
    {
        ILengthTask lengths => $"{Task.Name} {lengths.Length}",
        SeriesTask series => $"{series.Name}, {series.Folds.Data.Name}",
        ICorpusTask corpus when CorpusKind.Find(Task.Name) is { } kind => $"{kind.Name}, {kind.DataName(corpus)}",
        _ => Task.Name,
    };

    /// <summary>The only place where a file and options become a network and a task.</summary>
    /// <exception cref="UserError">They do not go together.</exception>
    public static DiagnosisSubject Load(SubjectRequest request, int rows, CorpusCache corpora)
    {
        using TorchFile? foreign = TorchFile.OpenForeign(request.Model, request.Torch);
        if (foreign is not null)
        {
            string name = TaskCatalogue.Resolve(request.Task
                ?? throw new UserError($"{request.Model} does not say which task it was trained on; "
                    + "give --task NAME (unroll tasks lists them)."));
            ITask task = CorpusKind.Find(name) is { } kind
                ? Corpus(request, kind.New(), corpora, null)
                : Create(request, name, request.Length ?? Recipes.DefaultLength(name), request.Variant ?? TaskVariant.Code);
            TorchNetwork torch = TorchNetwork.Load(foreign, task, request.Torch);
            Check(task, torch.Network.Shape, rows);
            return new DiagnosisSubject(request.Model, torch.Network, task, task.Reduction, torch.Copies, torch.Notes);
        }

        if (request.Torch.Given is { } useless)
            throw new UserError($"{useless} is for PyTorch files; {request.Model} is a model of Unroll, which says so itself.");
        Network<double> network = OwnFile.Load<double>(request.Model, out ModelInfo info);
        if (request.Torch.Activation is { } activation && activation != info.Shape.Activation)
            throw new UserError(
                $"{request.Model} is a network of {OptionsText.Name(info.Shape.Activation)} units, not "
                    + $"{OptionsText.Name(activation)}; leave --activation out.");
        if (request.Task is null && SeriesModel.Read(request.Model, info) is { } series)
        {
            SeriesTask task = Series(request, series, corpora);
            ModelFit.Require(request.Model, info.Shape, task);
            return new DiagnosisSubject(request.Model, network, task, info.Reduction, NoCopies, []);
        }

        ITask own = OwnTask(request, info, corpora);
        ModelFit.Require(request.Model, info.Shape, own);
        Check(own, info.Shape, rows);
        return new DiagnosisSubject(request.Model, network, own, info.Task == own.Name ? info.Reduction : own.Reduction,
            NoCopies, []);
    }

    /// <summary>The task of a model of somebody's own sequences, on its data or on other data of the same columns.</summary>
    private static SeriesTask Series(SubjectRequest request, SeriesModel model, CorpusCache corpora)
    {
        if (request.Length is not null || request.Variant is not null)
            throw new UserError($"{(request.Length is null ? "--variant" : "--length")} is for synthetic tasks; "
                + $"{model.Settings.Task} takes its sequences from its data.");
        if (request.Data.FirstOrDefault() is { } useless)
            throw new UserError($"{useless.Option.Name} is for the tasks {CorpusKind.Words}; {request.Model} is diagnosed on the "
                + "training fold of its own data.");
        if (model.Codec.DecoderSteps > 0)
            throw new UserError($"{request.Model} forecasts by a parallel decoder, and a diagnosis follows the gradient along "
                + "one chain of steps; diagnose a model that was trained with --decoder direct.");
        if (model.Codec.Options.Decoder == SeriesDecoder.FedBack)
            throw new UserError($"{request.Model} feeds its forecasts back, and a diagnosis follows the gradient of a forecast "
                + "of the whole horizon through its window; diagnose a model that was trained with --decoder direct.");
        return model.Settings.Create(corpora.Series(model.Settings));
    }

    private static ITask OwnTask(SubjectRequest request, ModelInfo info, CorpusCache corpora)
    {
        string name = TaskCatalogue.Resolve(request.Task ?? info.Task
            ?? throw new UserError($"{request.Model} does not say which task it was trained on; "
                    + "give --task NAME (unroll tasks lists them)."));
        if (CorpusKind.Find(name) is { } kind)
        {
            bool trained = info.Task == name;
            CorpusSettings settings = trained
                ? CorpusSettings.FromProperties(kind, info.Properties.GetValueOrDefault) : kind.New();
            return Corpus(request, settings, corpora, trained ? new KnownModel(request.Model, info) : null);
        }

        TaskVariant variant = request.Variant ?? (info.Variant is { } kept
            ? Values.Choice($"The variant in {request.Model}", kept, Values.Named<TaskVariant>()) : TaskVariant.Code);
        LengthRange length = request.Length
            ?? (info.Length is { Length: > 0 } said && info.Task == name ? Values.Length($"The length in {request.Model}", said)
                : Recipes.DefaultLength(name));
        return Create(request, name, length, variant);
    }

    private static ILengthTask Create(SubjectRequest request, string name, LengthRange length, TaskVariant variant) =>
        request.Data.Count == 0
        ? TaskCatalogue.Create(name, length, variant)
        : throw new UserError(
            $"{request.Data[0].Option.Name} is for the tasks {CorpusKind.Words}; the task {name} makes its own sequences.");

    private static ICorpusTask Corpus(
        SubjectRequest request, CorpusSettings settings, CorpusCache corpora, KnownModel? model)
    {
        if (request.Length is not null || request.Variant is not null)
        {
            string given = request.Length is null ? "--variant" : "--length";
            throw new UserError($"{given} is for synthetic tasks; {settings.Kind.Name} takes its sequences from its data.");
        }

        if (request.Data.Any(change => change.Option.Name == CorpusOptionTable.Data)) settings = settings.WithoutFolds();
        settings = settings.With(request.Data);
        IReadOnlyList<string> said = model is null ? [] : settings.Kind.SaidBy(model.Info);
        if (request.Data.FirstOrDefault(change => said.Contains(change.Option.Name)) is { } useless)
            throw new UserError($"{useless.Option.Name} has no effect on {request.Model}, which brings its own alphabet.");
        if (settings.Data.Length == 0)
            throw new UserError($"{request.Model} does not say on which data it was trained; give --data NAME|FILE.");
        return settings.Read(corpora, model);
    }

    private static void Check(ITask task, NetworkShape shape, int rows)
    {
        if (task is ILengthTask or ICorpusTask) MemoryNeed.CheckDiagnosis(task, shape, rows);
    }
}
