using System.Globalization;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Cli.Torch;

/// <summary>What a user says about a PyTorch file that the file does not; null or empty where nothing was given.</summary>
/// <param name="Head">The tensor or module of the head.</param>
/// <param name="Activation">tanh or relu.</param>
/// <param name="StateDict">The key of the state dict in a checkpoint of several.</param>
/// <param name="Map">The map of orthogonal weights.</param>
/// <param name="Ignored">Tensors and modules that are no part of the network on this task.</param>
internal sealed record TorchRequest(string? Head, Activation? Activation, string? StateDict, OrthogonalMap? Map,
    IReadOnlyList<string> Ignored)
{
    /// <summary>Nothing.</summary>
    public static TorchRequest None { get; } = new(null, null, null, null, []);

    /// <summary>An option that was given, for a file that has no use for it.</summary>
    public string? Given => Head is not null ? "--head" : StateDict is not null ? "--state-dict"
        : Map is not null ? "--orthogonal-map" : Ignored.Count > 0 ? "--ignore" : null;
}

/// <summary>A network of PyTorch: recurrent layers and a linear head, and of how many parameters each block is the sum.</summary>
/// <param name="Network">The network.</param>
/// <param name="Copies">By block: 0 for a bias that the file lacks, 2 for a layer's bias that PyTorch keeps as two.</param>
/// <param name="Notes">What the reader should know about how the file was read.</param>
internal sealed record TorchNetwork(Network<double> Network, IReadOnlyDictionary<string, int> Copies, IReadOnlyList<string> Notes)
{
    /// <summary>The network of a file, for a task that says how inputs and outputs are meant.</summary>
    /// <param name="file">The file's tensors.</param>
    /// <param name="task">The task; its widths must fit.</param>
    /// <param name="request">What the file does not say.</param>
    /// <exception cref="UserError">It is another architecture, does not fit, or the head is missing or not clear.</exception>
    /// <exception cref="InvalidFileException">A weight is not finite or of a type that cannot be read.</exception>
    public static TorchNetwork Load(TorchFile file, ITask task, TorchRequest request) => Load(file, TorchUse.On(task), request);

    /// <summary>The network of a file, for a use that says how inputs and outputs are meant.</summary>
    /// <inheritdoc cref="Load(TorchFile, ITask, TorchRequest)"/>
    public static TorchNetwork Load(TorchFile file, TorchUse use, TorchRequest request) => new Reader(file, use, request).Read();

    private sealed class Reader(TorchFile file, TorchUse use, TorchRequest request)
    {
        private readonly List<string> _notes = [];
        private readonly HashSet<TorchTensor> _used = [];
        private IReadOnlyList<TorchTensor> _tensors = [];

        public TorchNetwork Read()
        {
            _tensors = Parametrizations.Resolve(file.Path, file.Tensors, request.Map, _notes);
            string[] ignored = Ignore();
            RecurrentStack stack = RecurrentStack.Find(file.Path, _tensors);
            _used.UnionWith(stack.Tensors);
            RecurrentLayer last = stack.Layers[^1];
            TorchTensor head = FindHead(last.Hidden);
            _used.Add(head);
            string biasName = head.Name.EndsWith("weight", StringComparison.Ordinal) ? head.Name[..^"weight".Length] + "bias"
                : head.Name + ".bias";
            TorchTensor? headBias = _tensors.FirstOrDefault(tensor => tensor.Name == biasName);
            if (headBias is not null) _used.Add(headBias);
            RefuseOthers();
            if (request.Activation is { } given && stack.Layers.All(layer => layer.Cell != CellKind.Plain))
                throw new UserError(
                    $"--activation {Training.OptionsText.Name(given)} is for nn.RNN; {file.Path} has {last.Words}, whose "
                        + "activations are its own.");
            if (request.Activation is { } other && file.Activation is { } said && other != said)
                throw new UserError(
                    $"--activation {Training.OptionsText.Name(other)} is not what {file.Path} says: its units are "
                        + $"{Training.OptionsText.Name(said)}.");
            int inputs = stack.Layers[0].Inputs;
            long outputs = head.Shape[0];
            if (inputs != (use.Inputs ?? inputs) || outputs != (use.Outputs ?? outputs))
                throw new UserError(
                    $"{file.Path} does not fit {use.Name}: it has {Counted.Of(inputs, "input")} and "
                        + $"{Counted.Of(outputs, "output")} (head {head.Shown}), the "
                        + $"task {Counted.Of(use.Inputs ?? inputs, "input")} and "
                        + $"{Counted.Of(use.Outputs ?? outputs, "output")}.");
            if (outputs is < 1 or > NetworkShape.MaximumSize)
                throw new UserError(
                    $"{file.Path} has a head {head.Shown} in shape {head.Sizes} where 1..{NetworkShape.MaximumSize} outputs are "
                        + "possible.");
            var network = new Network<double>(new NetworkShape(inputs, last.Hidden, (int)outputs)
            {
                Encoding = use.Encoding,
                Head = use.Head,
                Layers = [.. stack.Layers.Select(ShapeOf)],
                Biases = headBias is not null || stack.Layers.Any(layer => layer.Biases.Count > 0),
            });
            var copies = new Dictionary<string, int>();
            foreach ((int index, RecurrentLayer layer) in stack.Layers.Index()) layer.WriteTo(network, index, Numbers, copies);
            Numbers(head).CopyTo(network.OutputWeights);
            if (headBias is not null) Copy(headBias, network.OutputBias);
            if (network.Shape.Biases) copies[ParameterBlock.OutputBias] = headBias is null ? 0 : 1;

            _notes.Insert(0, Description(stack, head, headBias));
            if (stack.Note is { } note) _notes.Insert(1, note);
            if (ignored.Length > 0) _notes.Add($"PyTorch: left out as asked: {string.Join(", ", ignored)}");
            return new TorchNetwork(network, copies, _notes);
        }

        /// <summary>What was found, in a line.</summary>
        private string Description(RecurrentStack stack, TorchTensor head, TorchTensor? headBias)
        {
            bool one = stack.Layers.Count == 1, plain = stack.Layers.Any(layer => layer.Cell == CellKind.Plain);
            string key = file.Key is null ? "" : $"state dict {SafeTensorsHeader.Quote(file.Key)[1..^1]}, ";
            string layers = one && plain ? stack.Layers[0].Ih.Shown
                : string.Join(", ", stack.Layers.Select(layer => $"{layer.Ih.Shown} ({layer.Words})"));
            RecurrentLayer[] without = [.. stack.Layers.Where(layer => layer.Biases.Count == 0)];
            string apart = stack.Layers.Any(layer => layer.Biases.Count > 0 && layer.KeepsTwoBiases)
                ? " but those of a GRU's n, which stay two" : "";
            string beside = without.Length == 0 ? ""
                : $", no bias beside {string.Join(", ", without.Select(layer => layer.Ih.Shown))}";
            string biases = without.Length == stack.Layers.Count ? ", no hidden bias" : $", biases summed{apart}{beside}";
            Activation? said = request.Activation ?? file.Activation;
            string activation = !plain ? "" : $", {Training.OptionsText.Name(said ?? Activation.Tanh)}"
                + (said is null ? " (the file does not say: --activation)" : "");
            return $"{file.Kind}: {key}{(one ? "layer" : "layers")} {layers}, head "
                + $"{head.Shown}{biases}{(headBias is null ? ", no head bias" : "")}{activation}";
        }

        private LayerShape ShapeOf(RecurrentLayer layer) => layer.Cell == CellKind.Plain
            ? new LayerShape(layer.Hidden) { Activation = request.Activation ?? file.Activation ?? Activation.Tanh }
            : new LayerShape(layer.Hidden) { Cell = layer.Cell };

        /// <summary>
        /// The head's matrix: the one named, or the only other one of width H, or the only one of those that has the task's
        /// outputs.
        /// </summary>
        private TorchTensor FindHead(int hidden)
        {
            if (request.Head is { } named)
            {
                TorchTensor tensor = _tensors.FirstOrDefault(one => one.Name == named)
                    ?? _tensors.FirstOrDefault(one => one.Name == $"{named}.weight")
                    ?? throw new UserError(
                        $"{file.Path} has no tensor '{named}' for --head; it has {RecurrentStack.Names(_tensors)}.");
                return tensor.IsMatrix && tensor.Shape[1] == hidden && !_used.Contains(tensor) ? tensor
                    : throw new UserError(
                        $"--head {named} is {tensor.Sizes} in {file.Path}; a head on {Counted.Of(hidden, "hidden unit")} "
                            + "is [outputs, "
                            + $"{hidden}].");
            }

            TorchTensor[] wide = [.. _tensors.Where(tensor =>
                tensor.IsMatrix && tensor.Shape[1] == hidden && !_used.Contains(tensor))];
            if (wide.Length == 0)
                throw new UserError(
                    $"{file.Path} has no head, no other matrix of width {hidden}: it has {RecurrentStack.Names(_tensors)}.");
            TorchTensor[] fitting = [.. wide.Where(tensor => tensor.Shape[0] == use.Outputs)];
            if (wide.Length == 1) return wide[0];
            return fitting.Length == 1 ? fitting[0] : throw new UserError(
                $"{file.Path} has several matrices of width {hidden}, {string.Join(", ", wide.Select(tensor => tensor.Shown))}; "
                    + (use.CanIgnore ? "give the head by --head NAME, and by --ignore what is no part of the network."
                        : "give the head by --head NAME, and save a state dict without what is no part of the network."));
        }

        /// <summary>Takes out what the user says is no part of the network.</summary>
        private string[] Ignore()
        {
            var names = new List<string>();
            bool recurrent = _tensors.Any(tensor => RecurrentStack.IsPartOfOne(tensor.Name));
            foreach (string named in request.Ignored)
            {
                TorchTensor[] found = [.. _tensors.Where(tensor =>
                    tensor.Name == named || tensor.Name.StartsWith($"{named}.", StringComparison.Ordinal))];
                if (found.Length == 0)
                    throw new UserError(
                        $"{file.Path} has no tensor or module '{named}' for --ignore; it has {RecurrentStack.Names(_tensors)}.");
                names.AddRange(found.Select(tensor => tensor.Shown));
                _tensors = [.. _tensors.Except(found)];
                if (recurrent && !_tensors.Any(tensor => RecurrentStack.IsPartOfOne(tensor.Name)))
                    throw new UserError(
                        $"--ignore {named} would leave out "
                            + $"{found.First(tensor => RecurrentStack.IsPartOfOne(tensor.Name)).Shown}, and no recurrent layer "
                                + "would be left.");
            }

            return [.. names];
        }

        /// <summary>Weights that nothing here uses would make it another network than the one that is diagnosed.</summary>
        private void RefuseOthers()
        {
            TorchTensor[] others = [.. _tensors.Where(tensor => tensor.IsReal && !_used.Contains(tensor))];
            if (others.Length == 0) return;
            string shown = string.Join(", ", others.Take(6).Select(tensor => $"{tensor.Shown} {tensor.Sizes}"))
                + (others.Length > 6 ? $" and {others.Length - 6} more" : "");
            throw new UserError(
                $"{file.Path} has more than a recurrent layer and one linear head: {shown}; without them it would be another "
                    + "network (a head of several layers is not read)"
                + (use.CanIgnore ? ". Name by --ignore NAME,NAME what is no part of the network on this task."
                    : "; save a state dict without what is no part of the network."));
        }

        private void Copy(TorchTensor tensor, Span<double> to)
        {
            if (SafeTensor.Count(tensor.Shape.AsSpan()) != to.Length)
                throw new UserError(
                    $"{file.Path} has {tensor.Shown} in shape {tensor.Sizes} where {Counted.Are(to.Length, "number")} expected.");
            Numbers(tensor).CopyTo(to);
        }

        private double[] Numbers(TorchTensor tensor)
        {
            if (!tensor.IsReal)
                throw new InvalidFileException(file.Path,
                    $"holds {tensor.Shown} as {SafeTensorsHeader.Quote(tensor.Type)} where F64, F32, F16 or BF16 is expected");
            double[] values = tensor.Read();
            int bad = Array.FindIndex(values, value => !double.IsFinite(value));
            return bad < 0 ? values
                : throw new InvalidFileException(file.Path,
                    $"holds a weight that is not finite: {tensor.Shown}, element {bad}, is "
                        + $"{values[bad].ToString("R", CultureInfo.InvariantCulture)}");
        }
    }
}
