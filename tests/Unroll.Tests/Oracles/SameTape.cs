using System.Numerics;
using Unroll.Kernels;
using Unroll.Remedies;

namespace Unroll.Tests.Oracles;

/// <summary>A backward pass that starts from given states and dE/dy, so that two kernels can be compared on one tape.</summary>
internal sealed unsafe class SameTape<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Network<T> _network;
    private readonly Batch _batch;
    private readonly IKernel<T> _kernel;
    private readonly Tape<T> _tape;

    public SameTape(Network<float> network, Batch batch, string kernel)
    {
        _network = network.Convert<T>();
        _batch = batch;
        _kernel = KernelFactory.Create<T>(network.Shape, kernel);
        _tape = new Tape<T>(network.Shape, _kernel) { Reduction = CostReduction.Sum };
        _tape.Prepare(batch);
        _tape.PrepareBackward();
        _kernel.Pack(_network, default);
    }

    /// <summary>Runs the forward pass.</summary>
    public void Forward() => _kernel.Forward(_batch, _tape, 0, _batch.Rows);

    /// <summary>What a backward pass reads of a forward pass: states, outputs and dE/dy.</summary>
    public (double[] States, double[] Outputs, double[] Signals, double[] Costs) Read() =>
        (Unpadded(_tape.Layers[0].States, (_batch.Steps + 1) * _batch.Rows, _tape.Layers[0].StateStride, _network.Shape.Hidden),
        Unpadded(_tape.Outputs, OutputRows, _tape.OutputStride, _network.Shape.Outputs),
        Unpadded(_tape.OutputGradients, OutputRows, _tape.OutputStride, _network.Shape.Outputs),
        _tape.RowCosts[.._batch.Rows]);

    /// <summary>Copies another tape's states and dE/dy into this one.</summary>
    public void Write(double[] states, double[] signals)
    {
        Padded(states, _tape.Layers[0].States, _tape.Layers[0].StateStride, _network.Shape.Hidden);
        Padded(signals, _tape.OutputGradients, _tape.OutputStride, _network.Shape.Outputs);
        if (_network.Shape.Encoding != InputEncoding.Dense) return;
        for (int t = 0; t < _batch.Steps; t++)
        {
            for (int r = 0; r < _batch.Rows; r++)
            {
                T* target = _tape.Inputs + ((nint)((t * _batch.Rows) + r) * _tape.Layers[0].InputStride);
                for (int i = 0; i < _batch.Inputs; i++)
                    target[i] = t < _batch.Lengths[r] ? T.CreateTruncating(_batch.Dense(t, r)[i]) : T.Zero;
            }
        }
    }

    /// <summary>Backward, then Omega in the given form at weight <paramref name="alpha"/>; returns all results by name.</summary>
    public Dictionary<string, double[]> Backward(OmegaForm form, double alpha)
    {
        int rows = _batch.Rows, steps = _batch.Steps, h = _network.Shape.Hidden;
        var results = new Dictionary<string, double[]>();
        var gradient = new T[_network.Shape.ParameterCount];
        _kernel.Backward(_batch, _tape, 0, rows);
        results["dE/dh"] = Unpadded(_tape.Layers[0].StateGradients, (steps + 1) * rows, _tape.Layers[0].StateStride, h);
        results["dE/dx"] = Unpadded(_tape.Layers[0].PreGradients, steps * rows, _tape.Layers[0].StateStride, h);
        Sums(useRight: false, recurrentOnly: false, "");

        var regularizer = new VanishingGradientRegularizer(form);
        _tape.PrepareOmega();
        _kernel.OmegaNorms(_tape, form, 0, rows);
        OmegaStatistics statistics = regularizer.Coefficients(
            _tape.Layers[0].SignalSquared, _tape.Layers[0].FlowSquared, _tape.Layers[0].Coefficients, _batch.Lengths,
            steps, alpha);
        results["Omega"] = [statistics.Omega, statistics.Kept];
        _kernel.OmegaRight(_tape, form, false, 0, rows);
        Sums(useRight: true, recurrentOnly: true, " of Omega");
        return results;

        void Sums(bool useRight, bool recurrentOnly, string what)
        {
            for (int part = 0; part < 3; part++) _kernel.WeightGradients(_batch, _tape, useRight, recurrentOnly, part, 3);
            gradient.AsSpan().Clear();
            _kernel.Collect(_network, gradient, recurrentOnly);
            foreach (ParameterBlock block in _network.Blocks)
            {
                if (recurrentOnly && block.Name != ParameterBlock.RecurrentWeights) continue;
                results[block.Name + what] = Compare.Doubles<T>(gradient.AsSpan(block.Offset, block.Length));
            }
        }
    }

    private int OutputRows => _network.Shape.PredictsEveryStep ? _batch.Steps * _batch.Rows : _batch.Rows;

    private static double[] Unpadded(T* source, int rows, int stride, int width)
    {
        var result = new double[rows * width];
        for (int i = 0; i < result.Length; i++)
            result[i] = double.CreateTruncating(source[((nint)(i / width) * stride) + (i % width)]);
        return result;
    }

    private static void Padded(double[] source, T* target, int stride, int width)
    {
        for (int i = 0; i < source.Length; i++)
            target[((nint)(i / width) * stride) + (i % width)] = T.CreateTruncating(source[i]);
    }
}
