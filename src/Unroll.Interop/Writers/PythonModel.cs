using System.Text;

namespace Unroll.Interop;

/// <summary>Writes the class of Python that a network's state dict fits.</summary>
internal sealed class PythonModel(NetworkShape shape, bool doubles)
{
    private readonly StringBuilder _text = new();
    private readonly IReadOnlyList<TorchPart> _parts = TorchPart.Of(shape);

    public string Text()
    {
        Line("import torch");
        Line("from torch import nn");
        IEnumerable<ICellForms> own = _parts.Select(Layer).Where(layer => CellForms.Of(layer).TorchModule(layer) is null)
            .Select(CellForms.Of).Distinct();
        foreach (ICellForms forms in own)
        {
            Line("\n");
            _text.Append(forms.PythonClass.ReplaceLineEndings("\n")).Append('\n');
        }

        Line("\n");
        Line("class Model(nn.Module):");
        Line("    def __init__(self):");
        Line("        super().__init__()");
        foreach (TorchPart part in _parts) Line($"        self.{part.Name} = {Constructor(part)}");
        string bias = shape.Biases ? "" : ", bias=False";
        Line(Invariant($"        self.head = nn.Linear({shape.Hidden}, {shape.Outputs}{bias})"));
        if (shape.LearnedInitialState)
            Line(Invariant($"        self.initial_state = nn.Parameter(torch.zeros({shape.StateWidth}))"));
        if (doubles) Line("        self.double()");
        Line("");
        Forward();
        if (shape.LearnedInitialState) Start();
        return _text.ToString();
    }

    private LayerShape Layer(TorchPart part) => shape.Layers[part.First];

    private string Constructor(TorchPart part)
    {
        LayerShape layer = Layer(part);
        ICellForms forms = CellForms.Of(layer);
        string sizes = Invariant($"{shape.InputsOf(part.First)}, {layer.Hidden}");
        if (forms.TorchModule(layer) is { } module)
        {
            string layers = part.Count == 1 ? "" : Invariant($", num_layers={part.Count}");
            string activation = layer.Activation == Activation.Relu ? ", nonlinearity=\"relu\"" : "";
            return $"{module}({sizes}{layers}{activation}{(shape.Biases ? "" : ", bias=False")})";
        }

        return $"{forms.PythonName}({sizes}, {(shape.Biases ? "True" : "False")}{forms.PythonArguments(layer)})";
    }

    private void Forward()
    {
        string output = shape.Head.Cost() switch
        {
            HeadCost.Softmax => " before softmax",
            HeadCost.Bernoulli => " before sigmoid",
            _ => "",
        };
        Line("    def forward(self, x, state=None):");
        Line(Invariant($"        # x is (T, B, {shape.Inputs}){Inputs()}."));
        Line(Invariant($"        # The result is (T, B, {shape.Outputs}){output}{Used()}, and the state to go on from."));
        if (shape.LearnedInitialState) Line("        state = self.start(x.shape[1]) if state is None else state");
        if (_parts.Count == 1)
        {
            Line("        h, state = self.rnn(x, state)");
            Line("        return self.head(h), state");
            return;
        }

        if (!shape.LearnedInitialState) Line(Invariant($"        state = [None] * {_parts.Count} if state is None else state"));
        for (int i = 0; i < _parts.Count; i++) Line(Invariant($"        x, s{i} = self.rnn{i}(x, state[{i}])"));
        IEnumerable<string> states = Enumerable.Range(0, _parts.Count).Select(i => Invariant($"s{i}"));
        Line($"        return self.head(x), [{string.Join(", ", states)}]");
    }

    private string Inputs() => shape.Encoding switch
    {
        InputEncoding.OneHot => ", one-hot: nn.functional.one_hot(symbols, " + Invariant($"{shape.Inputs}).float()"),
        InputEncoding.MultiHot => ", 1 where an input is active and else 0",
        _ => "",
    };

    private string Used() => shape.PredictsEveryStep ? "" : "; the last step is the prediction";

    /// <summary>The learned initial state as PyTorch wants it: each layer's h and an LSTM's c, (layers, B, H).</summary>
    private void Start()
    {
        Line("");
        Line("    def start(self, batch):");
        Line("        s = self.initial_state.expand(batch, -1)");
        var states = new List<string>();
        int offset = 0;
        foreach (TorchPart part in _parts)
        {
            int hidden = Layer(part).Hidden, parts = Layer(part).Definition.Layout.Parts;
            var stacks = new string[parts];
            for (int p = 0; p < parts; p++)
            {
                IEnumerable<string> slices = Enumerable.Range(0, part.Count).Select(i => (i * parts) + p)
                    .Select(i => Invariant($"s[:, {offset + (i * hidden)}:{offset + ((i + 1) * hidden)}]"));
                stacks[p] = $"torch.stack([{string.Join(", ", slices)}])";
            }

            states.Add(parts == 1 ? stacks[0] : $"({string.Join(", ", stacks)})");
            offset += part.Count * parts * hidden;
        }

        Line($"        return {(states.Count == 1 ? states[0] : $"[{string.Join(", ", states)}]")}");
    }

    private void Line(string line) => _text.Append(line).Append('\n');
}
