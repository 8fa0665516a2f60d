using System.Globalization;
using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>What a user says about a PyTorch file that the file does not; null or empty where nothing was given.</summary>
/// <param name="Head">The tensor or module of the head.</param>
/// <param name="Activation">tanh or relu.</param>
/// <param name="StateDict">The key of the state dict in a checkpoint of several.</param>
/// <param name="Map">The map of orthogonal weights.</param>
/// <param name="Ignored">Tensors and modules that are no part of the network on this task.</param>
internal sealed record TorchRequest(string? Head, Activation? Activation, string? StateDict, OrthogonalMap? Map, IReadOnlyList<string> Ignored)
{
    /// <summary>Nothing.</summary>
    public static TorchRequest None { get; } = new(null, null, null, null, []);

    /// <summary>An option that was given, for a file that has no use for it.</summary>
    public string? Given => Head is not null ? "--head" : StateDict is not null ? "--state-dict" : Map is not null ? "--orthogonal-map" : Ignored.Count > 0 ? "--ignore" : null;
}

/// <summary>A network of PyTorch: a recurrent layer and a linear head, and of how many parameters each block is the sum.</summary>
/// <param name="Network">The network.</param>
/// <param name="Copies">By block: 0 for a bias that the file lacks, 2 for the hidden bias that PyTorch keeps as two.</param>
/// <param name="Notes">What the reader should know about how the file was read.</param>
internal sealed record TorchNetwork(Network<double> Network, IReadOnlyDictionary<string, int> Copies, IReadOnlyList<string> Notes)
{
    /// <summary>The network of a file, for a task that says how inputs and outputs are meant.</summary>
    /// <param name="file">The file's tensors.</param>
    /// <param name="task">The task; its widths must fit.</param>
    /// <param name="request">What the file does not say.</param>
    /// <exception cref="UserError">It is another architecture, does not fit, or the head is missing or not clear.</exception>
    /// <exception cref="InvalidFileException">A weight is not finite or of a type that cannot be read.</exception>
    public static TorchNetwork Load(TorchFile file, ITask task, TorchRequest request) => new Reader(file, task, request).Read();

    private sealed class Reader(TorchFile file, ITask task, TorchRequest request)
    {
        private readonly List<string> _notes = [];
        private readonly HashSet<TorchTensor> _used = [];
        private IReadOnlyList<TorchTensor> _tensors = [];

        public TorchNetwork Read()
        {
            _tensors = Parametrizations.Resolve(file.Path, file.Tensors, request.Map, _notes);
            RecurrentLayer layer = RecurrentLayer.Find(file.Path, _tensors);
            _used.UnionWith(layer.Tensors);
            string[] ignored = Ignore();
            TorchTensor head = FindHead(layer);
            _used.Add(head);
            string biasName = head.Name.EndsWith("weight", StringComparison.Ordinal) ? head.Name[..^"weight".Length] + "bias" : head.Name + ".bias";
            TorchTensor? headBias = _tensors.FirstOrDefault(tensor => tensor.Name == biasName);
            if (headBias is not null) _used.Add(headBias);
            RefuseOthers();

            Activation activation = request.Activation ?? Activation.Tanh;
            if (layer.Inputs != task.Inputs || head.Shape[0] != task.Outputs)
                throw new UserError($"{file.Path} does not fit {task.Name}: it has {layer.Inputs} inputs and {head.Shape[0]} outputs (head {head.Shown}), the task {task.Inputs} inputs and {task.Outputs} outputs.");
            var network = new Network<double>(new NetworkShape(task.Inputs, layer.Hidden, task.Outputs)
            {
                Encoding = task.Encoding,
                Head = task.Head,
                Activation = activation,
                Biases = layer.Biases.Count > 0 || headBias is not null,
            });
            Add(layer.Ih, network.InputWeights);
            Add(layer.Hh, network.RecurrentWeights);
            Add(head, network.OutputWeights);
            foreach (TorchTensor bias in layer.Biases) Add(bias, network.HiddenBias);
            if (headBias is not null) Add(headBias, network.OutputBias);

            string biases = layer.Biases.Count switch { 0 => ", no hidden bias", 1 => "", _ => ", biases summed" };
            _notes.Insert(0, $"PyTorch: {(file.Key is null ? "" : $"state dict {SafeTensorsHeader.Quote(file.Key)[1..^1]}, ")}layer {layer.Ih.Shown}, head {head.Shown}{biases}"
                + $"{(headBias is null ? ", no head bias" : "")}, {Training.OptionsText.Name(activation)}{(request.Activation is null ? " (the file does not say: --activation)" : "")}");
            if (ignored.Length > 0) _notes.Add($"PyTorch: left out as asked: {string.Join(", ", ignored)}");
            var copies = new Dictionary<string, int> { [ParameterBlock.HiddenBias] = layer.Biases.Count, [ParameterBlock.OutputBias] = headBias is null ? 0 : 1 };
            return new TorchNetwork(network, copies, _notes);
        }

        /// <summary>The head's matrix: the one named, or the only other one of width H, or the only one of those that has the task's outputs.</summary>
        private TorchTensor FindHead(RecurrentLayer layer)
        {
            if (request.Head is { } named)
            {
                TorchTensor tensor = _tensors.FirstOrDefault(one => one.Name == named) ?? _tensors.FirstOrDefault(one => one.Name == $"{named}.weight")
                    ?? throw new UserError($"{file.Path} has no tensor '{named}' for --head; it has {RecurrentLayer.Names(_tensors)}.");
                return tensor.IsMatrix && tensor.Shape[1] == layer.Hidden && !_used.Contains(tensor) ? tensor
                    : throw new UserError($"--head {named} is {tensor.Sizes} in {file.Path}; a head on {layer.Hidden} hidden units is [outputs, {layer.Hidden}].");
            }

            TorchTensor[] wide = [.. _tensors.Where(tensor => tensor.IsMatrix && tensor.Shape[1] == layer.Hidden && !_used.Contains(tensor))];
            if (wide.Length == 0) throw new UserError($"{file.Path} has no head, no other matrix of width {layer.Hidden}: it has {RecurrentLayer.Names(_tensors)}.");
            TorchTensor[] fitting = [.. wide.Where(tensor => tensor.Shape[0] == task.Outputs)];
            if (wide.Length == 1) return wide[0];
            return fitting.Length == 1 ? fitting[0] : throw new UserError(
                $"{file.Path} has several matrices of width {layer.Hidden}, {string.Join(", ", wide.Select(tensor => tensor.Shown))}; give the head by --head NAME, and by --ignore what is no part of the network.");
        }

        /// <summary>Takes out what the user says is no part of the network.</summary>
        private string[] Ignore()
        {
            var names = new List<string>();
            foreach (string named in request.Ignored)
            {
                TorchTensor[] found = [.. _tensors.Where(tensor => tensor.Name == named || tensor.Name.StartsWith($"{named}.", StringComparison.Ordinal))];
                if (found.Length == 0) throw new UserError($"{file.Path} has no tensor or module '{named}' for --ignore; it has {RecurrentLayer.Names(_tensors)}.");
                if (found.FirstOrDefault(_used.Contains) is { } needed) throw new UserError($"--ignore {named} would leave out {needed.Shown}, which the recurrent layer needs.");
                names.AddRange(found.Select(tensor => tensor.Shown));
                _tensors = [.. _tensors.Except(found)];
            }

            return [.. names];
        }

        /// <summary>Weights that nothing here uses would make it another network than the one that is diagnosed.</summary>
        private void RefuseOthers()
        {
            TorchTensor[] others = [.. _tensors.Where(tensor => tensor.IsReal && !_used.Contains(tensor))];
            if (others.Length == 0) return;
            string shown = string.Join(", ", others.Take(6).Select(tensor => $"{tensor.Shown} {tensor.Sizes}")) + (others.Length > 6 ? $" and {others.Length - 6} more" : "");
            throw new UserError($"{file.Path} has more than a recurrent layer and one linear head: {shown}; without them it would be another network (a head of several layers is not read). "
                + "Name by --ignore NAME,NAME what is no part of the network on this task.");
        }

        private void Add(TorchTensor tensor, Span<double> to)
        {
            if (!tensor.IsReal) throw new InvalidFileException(file.Path, $"holds {tensor.Shown} as {SafeTensorsHeader.Quote(tensor.Type)} where F64, F32, F16 or BF16 is expected");
            if (SafeTensor.Count(tensor.Shape.AsSpan()) != to.Length) throw new UserError($"{file.Path} has {tensor.Shown} in shape {tensor.Sizes} where {to.Length} numbers are expected.");
            double[] values = tensor.Read();
            for (int i = 0; i < values.Length; i++)
            {
                if (!double.IsFinite(values[i])) throw new InvalidFileException(file.Path, $"holds a weight that is not finite: {tensor.Shown}, element {i}, is {values[i].ToString("R", CultureInfo.InvariantCulture)}");
                to[i] += values[i];
            }
        }
    }
}
