using System.CommandLine;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Settings;

/// <summary>The model whose weights a run starts from, <c>--from</c>: one of Unroll, or a state dict of PyTorch.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Source">What was read of it.</param>
internal sealed record StartModel(string Path, ModelSource Source)
{
    private static readonly DeclaredOption<string?> From = new("--from")
    {
        HelpName = "MODEL",
        Description = "Start from the weights of a model, of the best model of a run's folder, of a state dict of PyTorch or of "
            + "an ONNX model, which say the network's layers.",
    };

    // What the model's file says, except the activation: a PyTorch file with nn.RNN does not say it.
    private static readonly string[] s_ofNetwork =
        ["--cell", "--layers", "--stack", "--hidden", "--leak", "--train-leak", "--no-bias", "--learn-initial-state"];

    private static readonly string[] s_ofStart = ["--init", "--init-block", "--chrono", "--forget-bias"];

    /// <summary>Adds the options to a command.</summary>
    public static void AddOptions(VerbCommand command)
    {
        string group = OptionsText.Name(OptionGroup.Network);
        command.Add(group, From, usual: false);
        foreach (DeclaredOption option in ModelSource.Options(text: true, activation: false))
            command.Add(group, option, usual: false);
    }

    /// <summary>Adds them to a command whose options are in no groups.</summary>
    public static void AddTo(Command command)
    {
        command.Add(From);
        ModelSource.AddOptions(command, text: true, activation: false);
    }

    /// <summary>Whether one was given.</summary>
    public static bool IsGiven(ParseResult parsed) => parsed.GetValue(From) is not null;

    /// <summary>The model that was given, or null.</summary>
    /// <exception cref="UserError">It cannot be read, or an option contradicts it.</exception>
    public static StartModel? Read(ParseResult parsed, TrainRequest request)
    {
        if (parsed.GetValue(From) is not { } path)
        {
            return TorchOptions.Read(parsed).Given is { } useless
                ? throw new UserError($"{useless} is for --from with a state dict of PyTorch, and there is none.") : null;
        }

        CheckOptions(request);
        path = SeriesModel.PathOfAny(path);
        Activation? activation = request.Overrides.FirstOrDefault(change => change.Option == "--activation")?
            .Apply(new TrainingOptions()).Activation;
        ModelSource source = ModelSource.Open(parsed, path, request.Task ?? TaskCatalogue.Default, null, activation);
        if (source.IsOwn && activation is not null)
            throw new UserError("--activation says what the model of --from says itself; leave it out.");
        return new StartModel(path, source);
    }

    /// <summary>Refuses options of what the model says itself.</summary>
    public static void CheckOptions(TrainRequest request)
    {
        if (request.Overrides.FirstOrDefault(change => s_ofNetwork.Contains(change.Option)) is { } network)
            throw new UserError($"{network.Option} says what the model of --from says itself; leave it out.");
        if (request.Overrides.FirstOrDefault(change => s_ofStart.Contains(change.Option)) is { } start)
            throw new UserError($"{start.Option} has no effect with --from, whose weights are the start; leave it out.");
    }

    /// <summary>The request with the model's network, and its task where none was given.</summary>
    public TrainRequest Give(TrainRequest request)
    {
        NetworkShape shape = Source.Info.Shape;
        LayerShape first = shape.Layers[0];
        var given = new List<Override>();
        if (shape.Layers.All(layer => layer == first))
        {
            Add("--cell", OptionsText.Name(first.Cell));
            Add("--layers", $"{shape.Layers.Count}");
            Add("--hidden", $"{first.Hidden}");
            if (first.Definition.HasActivation) Add("--activation", OptionsText.Name(first.Activation));
            if (first.Cell == CellKind.Leaky) Add("--leak", ExactNumber.ToText(first.Leak));
            if (first.TrainedLeak) Add("--train-leak", "");
            if (first.LayerNorm) Add("--layer-norm", "");
        }
        else
        {
            Add("--stack", OptionsText.Stack(shape.Layers));
        }

        if (!shape.Biases) Add("--no-bias", "");
        if (shape.LearnedInitialState) Add("--learn-initial-state", "");
        if (shape.Read != StateReading.Last && !request.Overrides.Any(change => change.Option == "--read"))
            Add("--read", OptionsText.Name(shape.Read));
        return request with
        {
            Task = request.Task ?? (Source.Info.Task is { } task ? TaskCatalogue.Resolve(task) : null),
            Overrides = [.. request.Overrides.Where(change => change.Option != "--activation"), .. given],
        };

        void Add(string name, string text)
        {
            TrainOption option = TrainOptionTable.Named(name);
            given.Add(new Override(name, option.Property, option.Parse(text)));
        }
    }

    /// <summary>The part of a trainer that sets the weights.</summary>
    /// <exception cref="UserError">The model does not fit the task.</exception>
    public TrainingParts Parts(ITask task, Precision precision)
    {
        ModelFit.Require(Path, Source.Info.Shape, task);
        if (task is ICorpusTask corpus) CorpusKind.Find(task.Name)?.CheckStart(corpus, Path, Source.Info);
        return Weights(precision);
    }

    /// <summary>The part of a trainer that sets the weights of a network that is known to fit.</summary>
    public TrainingParts Weights(Precision precision)
    {
        if (precision == Precision.Double)
        {
            Network<double> network = Source.Load<double>();
            return new TrainingParts<double> { Initializer = (to, _) => network.Parameters.CopyTo(to.Parameters) };
        }

        Network<float> rounded = Source.Load<float>();
        return new TrainingParts<float> { Initializer = (to, _) => rounded.Parameters.CopyTo(to.Parameters) };
    }
}
