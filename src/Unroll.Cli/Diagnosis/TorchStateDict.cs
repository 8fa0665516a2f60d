using System.Globalization;
using Unroll.Files;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// A PyTorch <c>state_dict</c> saved as safetensors, with one <c>nn.RNN</c> of one layer and a linear head: the recurrent tensors are found
/// by <c>weight_ih_l0</c> behind any prefix, the two biases are summed, and the head is the remaining matrix of width H.
/// </summary>
internal sealed class TorchStateDict
{
    private const string Ih = "weight_ih_l0", Hh = "weight_hh_l0", BiasIh = "bias_ih_l0", BiasHh = "bias_hh_l0";
    private const string Supported = "supported is one nn.RNN of one layer (tanh or relu) with a linear head";

    private readonly SafeTensorsFile _file;
    private readonly string _prefix;
    private readonly long _hidden;
    private readonly long _inputs;

    private TorchStateDict(SafeTensorsFile file)
    {
        _file = file;
        string[] layers = [.. file.Tensors.Select(tensor => tensor.Name).Where(name => IsLayer(name, Ih))];
        if (layers.Length == 0) throw Refused($"has no tensor that ends in {Ih}: it has {SafeTensorsFile.Names(file.Tensors)}");
        if (layers.Length > 1) throw Refused($"has several recurrent layers: {string.Join(", ", layers)}");
        _prefix = layers[0][..^Ih.Length];
        foreach (SafeTensor tensor in file.Tensors)
        {
            if (!tensor.Name.StartsWith(_prefix, StringComparison.Ordinal)) continue;
            string own = tensor.Name[_prefix.Length..];
            if (own.EndsWith("_reverse", StringComparison.Ordinal)) throw Refused($"is bidirectional: it has {tensor.Name}");
            if (own.StartsWith("weight_ih_l", StringComparison.Ordinal) && own != Ih) throw Refused($"has more than one layer: it has {tensor.Name}");
        }

        long[] ih = Matrix(_prefix + Ih);
        if (!file.Contains(_prefix + Hh)) throw Refused($"has {_prefix}{Ih} and no {_prefix}{Hh}");
        long[] hh = Matrix(_prefix + Hh);
        if (file.Contains(_prefix + "weight_hr_l0")) throw Refused($"is an LSTM with projection: it has {_prefix}weight_hr_l0");
        (_hidden, _inputs) = (hh[1], ih[1]);
        string? gated = hh[0] == 4 * _hidden ? "an LSTM (four gates)" : hh[0] == 3 * _hidden ? "a GRU (three gates)" : null;
        if (gated is not null && hh[0] == ih[0]) throw Refused($"is {gated}: {_prefix}{Hh} is {SafeTensor.Describe(hh)}");
        if (hh[0] != _hidden || ih[0] != _hidden) throw Refused($"has {_prefix}{Ih} in shape {SafeTensor.Describe(ih)} and {_prefix}{Hh} in shape {SafeTensor.Describe(hh)}, which is no plain recurrent layer");
    }

    /// <summary>Whether a file may be one: it is safetensors and not of ours.</summary>
    public static bool IsForeign(SafeTensorsFile file) => !file.Metadata.ContainsKey(UnrollMetadata.FormatKey);

    /// <summary>The network, for a task that says how inputs and outputs are meant.</summary>
    /// <param name="file">The file.</param>
    /// <param name="task">The task; its widths must fit.</param>
    /// <param name="activation">tanh or relu: the file does not say.</param>
    /// <param name="head">The head's tensor or module, or null to find it.</param>
    /// <param name="notes">Receives what the reader should know, such as tensors that were left alone.</param>
    /// <exception cref="UserError">It is another architecture, does not fit, or the head is missing or not clear.</exception>
    /// <exception cref="InvalidFileException">A weight is not finite or of a type that cannot be read.</exception>
    public static Network<double> Load(SafeTensorsFile file, ITask task, Activation activation, string? head, List<string> notes)
    {
        var dict = new TorchStateDict(file);
        string found = dict.FindHead(task, head);
        long outputs = dict.Matrix(found)[0];
        if (dict._inputs != task.Inputs || outputs != task.Outputs)
            throw new UserError($"{file.Path} does not fit {task.Name}: it has {dict._inputs} inputs and {outputs} outputs (head {found}), the task {task.Inputs} inputs and {task.Outputs} outputs.");
        return dict.Read(task, activation, found, notes);
    }

    private Network<double> Read(ITask task, Activation activation, string head, List<string> notes)
    {
        string headBias = head.EndsWith("weight", StringComparison.Ordinal) ? head[..^"weight".Length] + "bias" : head + ".bias";
        bool bias = _file.Contains(_prefix + BiasIh) || _file.Contains(_prefix + BiasHh), outputBias = _file.Contains(headBias);
        var shape = new NetworkShape(task.Inputs, (int)_hidden, task.Outputs) { Encoding = task.Encoding, Head = task.Head, Activation = activation, Biases = bias || outputBias };
        try
        {
            shape.Validate();
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }

        var network = new Network<double>(shape);
        var used = new HashSet<string> { _prefix + Ih, _prefix + Hh, head };
        Add(_prefix + Ih, network.InputWeights);
        Add(_prefix + Hh, network.RecurrentWeights);
        Add(head, network.OutputWeights);
        foreach (string name in (string[])[_prefix + BiasIh, _prefix + BiasHh])
        {
            if (_file.Contains(name)) Add(name, network.HiddenBias);
            used.Add(name);
        }

        if (outputBias) Add(headBias, network.OutputBias);
        used.Add(headBias);
        string[] others = [.. _file.Tensors.Select(tensor => tensor.Name).Where(name => !used.Contains(name))];
        notes.Add($"PyTorch: layer {_prefix}{Ih}, head {head}{(bias ? ", biases summed" : "")}, {Training.OptionsText.Name(activation)}"
            + (others.Length > 0 ? $"; not used: {string.Join(", ", others)}" : ""));
        return network;
    }

    /// <summary>The head's matrix: the one named, or the only other one of width H, or the only one of those that has the task's outputs.</summary>
    private string FindHead(ITask task, string? named)
    {
        if (named is not null)
        {
            string name = _file.Contains(named) ? named : $"{named}.weight";
            if (!_file.Contains(name)) throw new UserError($"{_file.Path} has no tensor '{named}' for --head; it has {SafeTensorsFile.Names(_file.Tensors)}.");
            SafeTensor tensor = _file.Tensor(name);
            return tensor.Shape.Length == 2 && tensor.Shape[1] == _hidden
                ? name
                : throw new UserError($"--head {named} is {SafeTensor.Describe(tensor.Shape.AsSpan())} in {_file.Path}; a head on {_hidden} hidden units is [outputs, {_hidden}].");
        }

        string[] wide = [.. _file.Tensors.Where(tensor => tensor.Shape.Length == 2 && tensor.Shape[1] == _hidden && tensor.Name != _prefix + Ih && tensor.Name != _prefix + Hh).Select(tensor => tensor.Name)];
        if (wide.Length == 0) throw Refused($"has no head, no other matrix of width {_hidden}: it has {SafeTensorsFile.Names(_file.Tensors)}");
        string[] fitting = [.. wide.Where(name => _file.Tensor(name).Shape[0] == task.Outputs)];
        if (wide.Length == 1) return wide[0];
        return fitting.Length == 1 ? fitting[0] : throw new UserError($"{_file.Path} has several matrices of width {_hidden}, {string.Join(", ", wide)}; give the head by --head NAME.");
    }

    private long[] Matrix(string name)
    {
        SafeTensor tensor = _file.Tensor(name);
        return tensor.Shape.Length == 2 ? [.. tensor.Shape] : throw Refused($"has {name} in shape {SafeTensor.Describe(tensor.Shape.AsSpan())} where a matrix is expected");
    }

    private void Add(string name, Span<double> to)
    {
        SafeTensor tensor = _file.Tensor(name);
        double[] values = tensor.Type == "F64" ? _file.Doubles(name) : [.. _file.Floats(name).Select(value => (double)value)];
        if (values.Length != to.Length) throw Refused($"has {name} in shape {SafeTensor.Describe(tensor.Shape.AsSpan())} where {to.Length} numbers are expected");
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i])) throw new InvalidFileException(_file.Path, $"holds a weight that is not finite: {name}, element {i}, is {values[i].ToString("R", CultureInfo.InvariantCulture)}");
            to[i] += values[i];
        }
    }

    private static bool IsLayer(string name, string ending) => name == ending || name.EndsWith($".{ending}", StringComparison.Ordinal);

    private UserError Refused(string what) => new($"{_file.Path} {what}; {Supported}.");
}
