using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Interop;

namespace Unroll.Cli.Export;

/// <summary>
/// Runs a state dict on sequences by the equations of PyTorch's documentation (torch.nn.RNN, LSTM, GRU, Linear) and of the
/// modules that <see cref="TorchWriter.PythonClass"/> writes, in 64 bits, from the tensors that our reader finds in the file.
/// </summary>
internal sealed class TorchCheck
{
    private readonly Dictionary<string, TorchTensor> _tensors;
    private readonly NetworkShape _shape;

    private TorchCheck(IEnumerable<TorchTensor> tensors, NetworkShape shape) =>
        (_tensors, _shape) = (tensors.ToDictionary(tensor => tensor.Name), shape);

    /// <summary>What the state dict predicts of each sequence.</summary>
    /// <exception cref="InvalidFileException">The file cannot be read.</exception>
    /// <exception cref="FormatException">A tensor is missing, or of other sizes.</exception>
    public static double[][] Run(
        ReadOnlyMemory<byte> file, ExportRequest request, CheckedSequences sequences, NetworkShape shape)
    {
        using var stream = new MemoryStream(file.ToArray());
        using TorchFile read = request.Format == ExportFormat.SafeTensors
            ? TorchFile.Of(SafeTensorsFile.Read(stream, request.Out))
            : TorchFile.Read(stream, request.Out, null) ?? throw new FormatException("it is no file of torch.save.");
        var check = new TorchCheck(read.Tensors, shape);
        double[][] found = check.Predict(sequences);
        if (shape.Head.Cost() == HeadCost.Quantile) Sort(found, shape.Quantiles.Count);
        return check._tensors.Count == 0 ? found
            : throw new FormatException($"it has a tensor {check._tensors.Keys.First()} that the class of Python does not have.");
    }

    /// <summary>A state dict has no order of quantiles, which a prediction has.</summary>
    private static void Sort(double[][] found, int levels)
    {
        foreach (double[] one in found)
        {
            for (int at = 0; at < one.Length; at += levels) Array.Sort(one, at, levels);
        }
    }

    private double[][] Predict(CheckedSequences sequences)
    {
        double[][][] inputs =
            [.. sequences.All.Select(one => Enumerable.Range(0, one.Steps).Select(t => Input(one, t)).ToArray())];
        double[] start = _shape.LearnedInitialState ? Take(ParameterBlock.InitialState, _shape.StateWidth)
            : new double[_shape.StateWidth];
        int at = 0;
        foreach (TorchPart part in TorchPart.Of(_shape))
        {
            for (int i = 0; i < part.Count; i++)
            {
                int k = part.First + i;
                var layer = new Layer(this, part.Name, i, _shape.Layers[k], _shape.InputsOf(k));
                inputs = [.. inputs.Select(one => layer.Run(one, start.AsSpan(at)))];
                at += _shape.Layers[k].StateWidth;
            }
        }

        double[] weight = Take("head.weight", _shape.Outputs, _shape.Hidden);
        double[] bias = _shape.Biases ? Take("head.bias", _shape.Outputs) : new double[_shape.Outputs];
        return [.. inputs.Select(one => (_shape.PredictsEveryStep ? one : one[^1..])
            .SelectMany(h => Linear(weight, h, bias)).ToArray())];

        double[] Input(CheckedSequence one, int t)
        {
            if (!sequences.Indexed)
                return [.. one.Rows[(t * sequences.Columns)..((t + 1) * sequences.Columns)].Select(x => (double)x)];
            var hot = new double[_shape.Inputs];
            if (one.Rows[t] >= 0) hot[(int)one.Rows[t]] = 1;
            return hot;
        }
    }

    private double[] Take(string name, params ReadOnlySpan<long> sizes)
    {
        if (!_tensors.Remove(name, out TorchTensor? tensor)) throw new FormatException($"it lacks the tensor {name}.");
        return tensor.Shape.AsSpan().SequenceEqual(sizes) ? tensor.Read()
            : throw new FormatException($"its tensor {name} has the sizes {tensor.Sizes}.");
    }

    private static double[] Linear(double[] weight, ReadOnlySpan<double> x, ReadOnlySpan<double> bias)
    {
        double[] y = bias.ToArray();
        for (int i = 0; i < y.Length; i++)
        {
            for (int k = 0; k < x.Length; k++) y[i] += weight[(i * x.Length) + k] * x[k];
        }

        return y;
    }

    /// <summary>A layer of a module.</summary>
    private sealed class Layer
    {
        private readonly LayerShape _shape;
        private readonly double[] _ih, _hh, _biasI, _biasH, _leak;

        public Layer(TorchCheck file, string module, int index, LayerShape shape, int inputs)
        {
            int h = shape.Hidden, rows = h * (shape.Cell switch { CellKind.Lstm => 4, CellKind.Gru => 3, _ => 1 });
            string Name(string of) => $"{module}.{of}_l{index}";
            _shape = shape;
            _ih = file.Take(Name("weight_ih"), rows, inputs);
            _hh = file.Take(Name("weight_hh"), rows, h);
            (_biasI, _biasH) = (new double[rows], new double[rows]);
            if (file._shape.Biases) (_biasI, _biasH) = (file.Take(Name("bias_ih"), rows), file.Take(Name("bias_hh"), rows));
            _leak = shape is { Cell: CellKind.Leaky, TrainedLeak: true } ? [.. file.Take(Name("leak"), h).Select(Sigmoid)]
                : [.. Enumerable.Repeat(shape.Leak, h)];
        }

        /// <summary>h_t of each step; a start has h, then an LSTM's c.</summary>
        public double[][] Run(double[][] inputs, ReadOnlySpan<double> start)
        {
            int n = _shape.Hidden;
            double[] h = start[..n].ToArray(), c = _shape.Cell == CellKind.Lstm ? start[n..(2 * n)].ToArray() : [];
            var all = new double[inputs.Length][];
            for (int t = 0; t < all.Length; t++)
            {
                double[] x = Linear(_ih, inputs[t], _biasI), r = Linear(_hh, h, _biasH);
                for (int j = 0; j < n; j++)
                {
                    double Sum(int gate) => x[(gate * n) + j] + r[(gate * n) + j];
                    switch (_shape.Cell)
                    {
                        case CellKind.Lstm: // i, f, g, o
                            c[j] = (Sigmoid(Sum(1)) * c[j]) + (Sigmoid(Sum(0)) * Math.Tanh(Sum(2)));
                            h[j] = Sigmoid(Sum(3)) * Math.Tanh(c[j]);
                            break;
                        case CellKind.Gru: // r, z, n
                            double z = Sigmoid(Sum(1)), own = Math.Tanh(x[(2 * n) + j] + (Sigmoid(Sum(0)) * r[(2 * n) + j]));
                            h[j] = ((1 - z) * own) + (z * h[j]);
                            break;
                        case CellKind.Leaky:
                            h[j] = ((1 - _leak[j]) * h[j]) + (_leak[j] * Activated(Sum(0)));
                            break;
                        default:
                            h[j] = Activated(Sum(0));
                            break;
                    }
                }

                all[t] = [.. h];
            }

            return all;
        }

        private double Activated(double x) => _shape.Activation switch
        {
            Activation.Tanh => Math.Tanh(x),
            Activation.Sigmoid => Sigmoid(x),
            Activation.Relu => Math.Max(0, x),
            _ => x,
        };

        private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
    }
}
