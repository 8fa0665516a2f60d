namespace Unroll.Interop;

/// <summary>h = sigma(x), x = W_ih u + W_hh h + b.</summary>
internal sealed class PlainForms : ICellForms
{
    public string PythonName => "PlainLayer";

    public string PythonClass => """
        class PlainLayer(nn.Module):
            # h = sigma(W_ih x + W_hh h + b), for a sigma that nn.RNN does not have.
            def __init__(self, inputs, hidden, bias, sigma):
                super().__init__()
                self.weight_ih_l0 = nn.Parameter(torch.zeros(hidden, inputs))
                self.weight_hh_l0 = nn.Parameter(torch.zeros(hidden, hidden))
                self.bias_ih_l0 = nn.Parameter(torch.zeros(hidden)) if bias else None
                self.bias_hh_l0 = nn.Parameter(torch.zeros(hidden)) if bias else None
                self.sigma = sigma

            def forward(self, x, state=None):
                h = x.new_zeros(x.shape[1], len(self.weight_hh_l0)) if state is None else state[0]
                hs = []
                for u in nn.functional.linear(x, self.weight_ih_l0, self.bias_ih_l0):
                    h = self.sigma(u + nn.functional.linear(h, self.weight_hh_l0, self.bias_hh_l0))
                    hs.append(h)
                return torch.stack(hs), h[None]
        """;

    public string? TorchModule(LayerShape layer) => layer.Activation is Activation.Tanh or Activation.Relu ? "nn.RNN" : null;

    public string PythonArguments(LayerShape layer) => $", {Sigma(layer.Activation)}";

    /// <summary>sigma in Python.</summary>
    public static string Sigma(Activation activation) => activation switch
    {
        Activation.Tanh => "torch.tanh",
        Activation.Sigmoid => "torch.sigmoid",
        Activation.Relu => "torch.relu",
        _ => "nn.Identity()",
    };

    public OnnxRun Onnx(OnnxGraph graph, LayerView layer, OnnxRun run) => layer.Shape.Activation == Activation.Identity
        ? OnnxUnits.Scan(graph, layer, run, (step, x, _) => x)
        : OnnxUnits.Recurrent(
            graph, layer, run, "RNN", [0], null, OnnxAttribute.Of("activations", [OnnxUnits.Operator(layer.Shape.Activation)]));

    public CLayerPlan Plan(LayerView layer) => CLayerPlan.Summed(layer);

    public void C(CText text, LayerView layer) =>
        text.Loop("j", layer.Hidden, $"h[j] = {text.Sigma(layer.Shape.Activation, "x[j]")};");
}
