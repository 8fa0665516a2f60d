namespace Unroll.Interop;

/// <summary>h = h + leak (sigma(x) - h), x = W_ih u + W_hh h + b.</summary>
internal sealed class LeakyForms : ICellForms
{
    public string PythonName => "LeakyLayer";

    public string PythonClass => """
        class LeakyLayer(nn.Module):
            # h = (1 - leak) h + leak sigma(W_ih x + W_hh h + b); a leak of None is trained, a logistic function for each unit.
            def __init__(self, inputs, hidden, bias, sigma, leak):
                super().__init__()
                self.weight_ih_l0 = nn.Parameter(torch.zeros(hidden, inputs))
                self.weight_hh_l0 = nn.Parameter(torch.zeros(hidden, hidden))
                self.bias_ih_l0 = nn.Parameter(torch.zeros(hidden)) if bias else None
                self.bias_hh_l0 = nn.Parameter(torch.zeros(hidden)) if bias else None
                self.leak_l0 = nn.Parameter(torch.zeros(hidden)) if leak is None else None
                self.sigma, self.leak = sigma, leak

            def forward(self, x, state=None):
                h = x.new_zeros(x.shape[1], len(self.weight_hh_l0)) if state is None else state[0]
                leak = torch.sigmoid(self.leak_l0) if self.leak is None else self.leak
                hs = []
                for u in nn.functional.linear(x, self.weight_ih_l0, self.bias_ih_l0):
                    s = self.sigma(u + nn.functional.linear(h, self.weight_hh_l0, self.bias_hh_l0))
                    h = (1 - leak) * h + leak * s
                    hs.append(h)
                return torch.stack(hs), h[None]
        """;

    public string? TorchModule(LayerShape layer) => null;

    public string PythonArguments(LayerShape layer) =>
        $", {PlainForms.Sigma(layer.Activation)}, {(layer.TrainedLeak ? "None" : Files.ExactNumber.ToText(layer.Leak))}";

    public OnnxRun Onnx(OnnxGraph graph, LayerView layer, OnnxRun run)
    {
        string leak = graph.Constant(Invariant($"leak_l{layer.Index}"), layer.Leak(), layer.Hidden);
        return OnnxUnits.Scan(graph, layer, run, (step, x, h) =>
        {
            string s = step.Node(OnnxUnits.Operator(layer.Shape.Activation), "s", [x]);
            string way = step.Node("Sub", "way", [s, h]);
            return step.Node("Add", "moved", [h, step.Node("Mul", "part", [leak, way])]);
        });
    }

    public CLayerPlan Plan(LayerView layer) => CLayerPlan.Summed(layer);

    public void C(CText text, LayerView layer)
    {
        string leak = text.Constant(Invariant($"leak_l{layer.Index}"), layer.Leak());
        text.Loop("j", layer.Hidden, $"h[j] += {leak}[j] * ({text.Sigma(layer.Shape.Activation, "x[j]")} - h[j]);");
    }
}
