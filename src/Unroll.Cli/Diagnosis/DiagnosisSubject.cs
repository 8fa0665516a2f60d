using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>What was asked to be diagnosed; null where nothing was given.</summary>
/// <param name="Model">The model file.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Length">Its lengths.</param>
/// <param name="Variant">Its variant.</param>
/// <param name="Head">The head of a PyTorch file.</param>
/// <param name="Activation">The nonlinearity of a PyTorch file.</param>
internal sealed record SubjectRequest(string Model, string? Task, LengthRange? Length, TaskVariant? Variant, string? Head, Activation? Activation);

/// <summary>A network and the task that it is looked at on.</summary>
/// <param name="Model">The file, as it was named.</param>
/// <param name="Network">The network.</param>
/// <param name="Task">The task.</param>
/// <param name="Reduction">How per-step costs were combined in training.</param>
/// <param name="Notes">What the reader should know about how the file was read.</param>
internal sealed record DiagnosisSubject(string Model, Network<double> Network, ITask Task, CostReduction Reduction, IReadOnlyList<string> Notes)
{
    /// <summary>What the task is called with its lengths, if it has some.</summary>
    public string TaskText => Task is ILengthTask lengths ? $"{Task.Name} {lengths.Length}" : Task.Name;

    /// <summary>The only place where a file and options become a network and a task.</summary>
    /// <exception cref="UserError">They do not go together.</exception>
    public static DiagnosisSubject Load(SubjectRequest request, int rows)
    {
        SafeTensorsFile file = SafeTensorsFile.Read(request.Model);
        var notes = new List<string>();
        if (TorchStateDict.IsForeign(file))
        {
            string name = TaskCatalogue.Resolve(request.Task ?? throw new UserError($"{request.Model} does not say which task it was trained on; give --task NAME."));
            ITask task = Create(name, request.Length ?? Recipes.DefaultLength(name), request.Variant ?? TaskVariant.Code);
            Network<double> foreign = TorchStateDict.Load(file, task, request.Activation ?? Activation.Tanh, request.Head, notes);
            Check(task, foreign.Shape, rows);
            return new DiagnosisSubject(request.Model, foreign, task, task.Reduction, notes);
        }

        if (request.Head is not null) throw new UserError($"--head is for PyTorch files; {request.Model} is a model of Unroll, which names its own.");
        Network<double> network = ModelFile.Load<double>(request.Model, out ModelInfo info);
        if (request.Activation is { } activation && activation != info.Shape.Activation)
            throw new UserError($"{request.Model} is a network of {OptionsText.Name(info.Shape.Activation)} units, not {OptionsText.Name(activation)}; leave --activation out.");
        ITask own = OwnTask(request, info);
        EvaluateCommand.RequireFit(request.Model, info.Shape, own);
        Check(own, info.Shape, rows);
        return new DiagnosisSubject(request.Model, network, own, info.Task == own.Name ? info.Reduction : own.Reduction, notes);
    }

    private static ITask OwnTask(SubjectRequest request, ModelInfo info)
    {
        string name = TaskCatalogue.Resolve(request.Task ?? info.Task ?? throw new UserError($"{request.Model} does not say which task it was trained on; give --task NAME."));
        TaskVariant variant = request.Variant ?? (info.Variant is { } kept ? Values.Choice($"The variant in {request.Model}", kept, Values.Named<TaskVariant>()) : TaskVariant.Code);
        LengthRange length = request.Length
            ?? (info.Length is { } trained && info.Task == name ? Values.Length($"The length in {request.Model}", trained) : Recipes.DefaultLength(name));
        return Create(name, length, variant);
    }

    private static ILengthTask Create(string name, LengthRange length, TaskVariant variant) => TaskCatalogue.Create(name, length, variant);

    private static void Check(ITask task, NetworkShape shape, int rows)
    {
        if (task is ILengthTask lengths) MemoryNeed.Check(lengths, new TrainingOptions { Hidden = shape.Hidden, BatchSize = rows, Precision = Precision.Double });
    }
}
