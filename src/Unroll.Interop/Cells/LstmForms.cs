namespace Unroll.Interop;

/// <summary>i, f, g, o of x = W_ih u + W_hh h + b; c = f c + i g, h = o tanh(c).</summary>
internal sealed class LstmForms : ICellForms
{
    private const int I = 0, F = 1, G = 2, O = 3;

    public string TorchModule(LayerShape layer) => "nn.LSTM";

    public OnnxRun Onnx(OnnxGraph graph, LayerView layer, OnnxRun run) =>
        OnnxUnits.Recurrent(graph, layer, run, "LSTM", [I, O, F, G], null);

    public CLayerPlan Plan(LayerView layer) => CLayerPlan.Summed(layer);

    public void C(CText text, LayerView layer)
    {
        int h = layer.Hidden;
        string X(int gate) => Invariant($"x[{gate * h} + j]");
        text.Loop(
            "j", h,
            $"const float i = {text.Sigma(Activation.Sigmoid, X(I))};",
            $"const float f = {text.Sigma(Activation.Sigmoid, X(F))};",
            $"const float g = {text.Sigma(Activation.Tanh, X(G))};",
            $"const float o = {text.Sigma(Activation.Sigmoid, X(O))};",
            Invariant($"h[{h} + j] = f * h[{h} + j] + i * g;"),
            $"h[j] = o * {text.Sigma(Activation.Tanh, Invariant($"h[{h} + j]"))};");
    }
}
