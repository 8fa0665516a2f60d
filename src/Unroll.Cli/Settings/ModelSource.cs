using System.CommandLine;
using System.Numerics;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Interop;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Settings;

/// <summary>A model that a command uses: one of Unroll, or a state dict of PyTorch with what its file does not say.</summary>
internal sealed class ModelSource
{
    private static readonly DeclaredOption<string?> TheAlphabet = new("--alphabet")
    {
        HelpName = "TEXT",
        Description = "PyTorch, text: the symbols in the order of the network's indices.",
    };

    private readonly string _path;
    private readonly TorchNetwork? _torch;

    private readonly Func<Network<float>>? _other;

    private ModelSource(string path, ModelInfo info, TorchNetwork? torch, Func<Network<float>>? other = null) =>
        (_path, Info, _torch, _other) = (path, info, torch, other);

    /// <summary>What the model's file says, or what was said about a file of PyTorch.</summary>
    public ModelInfo Info { get; }

    /// <summary>Whether it is a model of Unroll.</summary>
    public bool IsOwn => _torch is null;

    /// <summary>How a file of PyTorch was read, for the reader; empty for a model of Unroll.</summary>
    public IReadOnlyList<string> Notes => _torch?.Notes ?? [];

    /// <summary>Adds the options about files of PyTorch to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="text">Whether models of text are among what it reads.</param>
    /// <param name="activation">Whether it has no option of this name of its own.</param>
    public static void AddOptions(Command command, bool text, bool activation = true)
    {
        command.AddAll(Options(text, activation));
    }

    /// <summary>The options about files of PyTorch.</summary>
    /// <param name="text">Whether models of text are among what is read.</param>
    /// <param name="activation">Whether the command has no option of this name of its own.</param>
    public static IEnumerable<DeclaredOption> Options(bool text, bool activation) =>
        [.. activation ? TorchOptions.All : TorchOptions.WithoutActivation, .. text ? (DeclaredOption[])[TheAlphabet] : []];

    /// <summary>Opens a model whose task says how inputs and outputs are meant.</summary>
    /// <param name="parsed">Has the options about files of PyTorch.</param>
    /// <param name="path">The file.</param>
    /// <param name="task">The task that was given, or null.</param>
    /// <param name="how">How a file of PyTorch is used without a task; null to ask for one.</param>
    /// <param name="activation">The nonlinearity of nn.RNN, where a command has an option of its own for it.</param>
    /// <exception cref="UserError">What is not known was not given, or does not fit.</exception>
    public static ModelSource Open(
        ParseResult parsed, string path, string? task, TorchUse? how = null, Activation? activation = null)
    {
        TorchRequest request = TorchOptions.Read(parsed);
        bool asked = request.Activation is not null;
        if (activation is not null) request = request with { Activation = activation };
        string? alphabet = parsed.GetValue(TheAlphabet);
        using TorchFile? file = TorchFile.OpenForeign(path, request);
        if (file is null)
        {
            string? given = request.Given ?? (asked ? "--activation" : null) ?? (alphabet is null ? null : "--alphabet");
            return given is null ? new ModelSource(path, OwnFile.ReadInfo(path), null)
                : throw new UserError($"{given} is for PyTorch files; {path} is a model of Unroll, which says so itself.");
        }

        TorchUse use = task is not null ? UseOf(task) : how
            ?? throw new UserError($"{path} does not say which task it was trained on; "
                + "give --task NAME (unroll tasks lists them).");
        TorchNetwork torch = TorchNetwork.Load(file, use, request);
        var properties = new Dictionary<string, string>();
        if (task is not null) properties[ModelInfo.TaskKey] = task;
        if (alphabet is not null)
        {
            if (use.Encoding != InputEncoding.OneHot || use.Head != OutputHead.SoftmaxEvery
                || (task is not null && !NeedsAlphabet(task)))
                throw new UserError("--alphabet is for models of text; give --task text too.");
            properties[TextTask.AlphabetKey] = TorchAlphabet.Apply(torch.Network, alphabet).ToString();
        }
        else if (task is not null && NeedsAlphabet(task))
        {
            throw new UserError($"{path} does not say which symbols it was trained on; "
                + "give them by --alphabet TEXT, in the order of its indices.");
        }

        bool doubles = file.Tensors.Any(tensor => tensor.Type == "F64");
        var info = new ModelInfo(torch.Network.Shape)
        {
            Precision = doubles ? Precision.Double : Precision.Float,
            Properties = properties,
        };
        return new ModelSource(path, info, torch);
    }

    /// <summary>The same model with other weights, such as those of a header of C in 8 bits, made when they are loaded.</summary>
    public ModelSource With(Func<Network<float>> network) => new(_path, Info, _torch, network);

    /// <summary>The network.</summary>
    public Network<T> Load<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (_other is not null) return _other().Convert<T>();
        return _torch is null ? OwnFile.Load<T>(_path, out _) : _torch.Network.Convert<T>();
    }

    /// <summary>Tells the reader how a file of PyTorch was read.</summary>
    public void Say(CommandHost host)
    {
        foreach (string note in Notes) host.Error.WriteLine($"unroll: {note}.");
    }

    private static bool NeedsAlphabet(string task) => CorpusKind.Find(task) is { HasAlphabet: true };

    private static TorchUse UseOf(string name)
    {
        if (CorpusKind.Find(name) is not { } kind)
            return TorchUse.On(TaskCatalogue.Create(name, Recipes.DefaultLength(name), TaskVariant.Code));
        ICorpusTask task = kind.New().Sketch();
        return new TorchUse(name, task.Encoding, task.Head, kind.Width, kind.Width);
    }
}
