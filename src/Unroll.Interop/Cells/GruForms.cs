namespace Unroll.Interop;

/// <summary>r, z of x = W_ih u + W_hh h + b; n = tanh(x_n + r (W_hn h + b_hn)); h = (1 - z) n + z h.</summary>
internal sealed class GruForms : ICellForms
{
    private const int R = 0, Z = 1, N = 2;

    public string TorchModule(LayerShape layer) => "nn.GRU";

    public OnnxRun Onnx(OnnxGraph graph, LayerView layer, OnnxRun run)
    {
        int h = layer.Hidden;
        var second = new float[3 * h]; // n is the last gate there, too
        layer.Vector("bias_hn").CopyTo(second.AsSpan(2 * h));
        return OnnxUnits.Recurrent(
            graph, layer, run, "GRU", [Z, R, N], second, OnnxAttribute.Of("linear_before_reset", 1));
    }

    public CLayerPlan Plan(LayerView layer)
    {
        // The places are n, r, z and n's recurrent part: what the input reaches is the first three, what the state reaches the
        // last three.
        float[]? bias = layer.HasBias ? [.. layer.Reordered(layer.Bias, 1, N, R, Z), .. layer.Vector("bias_hn")] : null;
        return new CLayerPlan([N, R, Z], [R, Z, N], 1, bias, 4);
    }

    public void C(CText text, LayerView layer)
    {
        int h = layer.Hidden;
        string X(int place) => place == 0 ? "x[j]" : Invariant($"x[{place * h} + j]");
        text.Loop(
            "j", h,
            $"const float r = {text.Sigma(Activation.Sigmoid, X(1))};",
            $"const float z = {text.Sigma(Activation.Sigmoid, X(2))};",
            $"const float n = {text.Sigma(Activation.Tanh, $"{X(0)} + r * {X(3)}")};",
            "h[j] = n + z * (h[j] - n);");
    }
}
