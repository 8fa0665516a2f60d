using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Unroll.Files;

namespace Unroll.Interop.Tests.Onnx;

/// <summary>A network that ONNX Runtime runs, from the bytes that were written.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly NetworkShape _shape;

    public OnnxSession(Network<float> network, ModelInfo? info = null)
    {
        _shape = network.Shape;
        using var bytes = new MemoryStream();
        OnnxWriter.Write(bytes, network, info ?? new ModelInfo(network.Shape));
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        _session = new InferenceSession(bytes.ToArray(), options);
    }

    public InferenceSession Session => _session;

    /// <summary>The outputs by name from a state of each row, (B, S); and the state afterwards, in our order.</summary>
    public (Dictionary<string, float[]> Outputs, double[] States) Run(Batch batch, double[]? states = null)
    {
        int steps = batch.Steps, rows = batch.Rows;
        states ??= new double[rows * _shape.StateWidth];
        var inputs = new List<NamedOnnxValue>();
        if (batch.Encoding == InputEncoding.OneHot)
        {
            var symbols = new DenseTensor<long>([steps, rows]);
            for (int t = 0; t < steps; t++)
            {
                for (int b = 0; b < rows; b++) symbols[t, b] = batch.Symbol(t, b);
            }

            inputs.Add(NamedOnnxValue.CreateFromTensor("symbols", symbols));
        }
        else
        {
            var x = new DenseTensor<float>([steps, rows, _shape.Inputs]);
            for (int t = 0; t < steps; t++)
            {
                for (int b = 0; b < rows; b++)
                    Networks.Input(batch, t, b).CopyTo(x.Buffer.Span[(((t * rows) + b) * _shape.Inputs)..]);
            }

            inputs.Add(NamedOnnxValue.CreateFromTensor("x", x));
        }

        inputs.Add(NamedOnnxValue.CreateFromTensor("sequence_lens", new DenseTensor<int>(batch.Lengths.ToArray(), [rows])));
        foreach ((string name, int[] places, int hidden) in States())
        {
            var state = new DenseTensor<float>([places.Length, rows, hidden]);
            for (int k = 0; k < places.Length; k++)
            {
                for (int b = 0; b < rows; b++)
                {
                    for (int j = 0; j < hidden; j++) state[k, b, j] = (float)states[(b * _shape.StateWidth) + places[k] + j];
                }
            }

            inputs.Add(NamedOnnxValue.CreateFromTensor(name, state));
        }

        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = _session.Run(inputs);
        var outputs = results.ToDictionary(result => result.Name, result => result.AsTensor<float>().ToArray());
        var after = new double[rows * _shape.StateWidth];
        foreach ((string name, int[] places, int hidden) in States())
        {
            float[] state = outputs[name.Replace("h0", "hn").Replace("c0", "cn")];
            for (int k = 0; k < places.Length; k++)
            {
                for (int b = 0; b < rows; b++)
                {
                    for (int j = 0; j < hidden; j++)
                        after[(b * _shape.StateWidth) + places[k] + j] = state[(((k * rows) + b) * hidden) + j];
                }
            }
        }

        return (outputs, after);
    }

    public void Dispose() => _session.Dispose();

    /// <summary>The inputs of states, with the place of each of their layers in our state of a row.</summary>
    private IEnumerable<(string Name, int[] Places, int Hidden)> States()
    {
        bool stacked = _shape.Layers.All(layer => layer.Hidden == _shape.Hidden);
        List<(int Layer, int Place, int Hidden)> h = [], c = [];
        int offset = 0;
        foreach ((int k, LayerShape layer) in _shape.Layers.Index())
        {
            h.Add((k, offset, layer.Hidden));
            if (layer.Cell == CellKind.Lstm) c.Add((k, offset + layer.Hidden, layer.Hidden));
            offset += layer.StateWidth;
        }

        foreach ((string name, List<(int Layer, int Place, int Hidden)> parts) in (
            (string, List<(int, int, int)>)[])[("h0", h), ("c0", c)])
        {
            if (parts.Count == 0) continue;
            if (stacked) yield return (name, [.. parts.Select(part => part.Place)], _shape.Hidden);
            else foreach ((int layer, int place, int hidden) in parts) yield return ($"{name}_l{layer}", [place], hidden);
        }
    }
}
