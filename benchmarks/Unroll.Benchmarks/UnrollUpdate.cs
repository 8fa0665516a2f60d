using System.Numerics.Tensors;
using Unroll.Remedies;

namespace Unroll.Benchmarks;

/// <summary>The update by this library, as its trainer makes it.</summary>
internal sealed class UnrollUpdate : IUpdate
{
    private readonly BenchmarkShape _shape;
    private readonly Batch _batch;
    private readonly Network<float> _network;
    private readonly float[] _initial;
    private readonly UnrolledNetwork<float> _unrolled;
    private readonly VanishingGradientRegularizer? _regularizer;
    private readonly GradientClipping _clipping = new(ClipMode.Norm, Recipe.ClipThreshold);

    public UnrollUpdate(BenchmarkShape shape, Network<float> network, Batch batch, int threads)
    {
        (_shape, _batch) = (shape, batch);
        _network = network.Convert<float>();
        _initial = network.Parameters.ToArray();
        _unrolled = new UnrolledNetwork<float>(_network, threads);
        _regularizer = shape.Omega ? new VanishingGradientRegularizer(OmegaForm.Code) : null;
    }

    public string Name => $"unroll {_unrolled.Kernel}";

    public UpdateReport Run()
    {
        double cost = _unrolled.Forward(_batch, CostReduction.Mean);
        _unrolled.Backward(_regularizer, _shape.Omega ? Recipe.Alpha : 0);
        ClipReport clip = _clipping.Apply(_unrolled.Gradient);
        TensorPrimitives.MultiplyAdd(_unrolled.Gradient, -Recipe.LearningRate, _network.Parameters, _network.Parameters);
        return new UpdateReport(cost, clip.NormBefore);
    }

    public void Restore() => _initial.CopyTo(_network.Parameters);

    public void Dispose() => _unrolled.Dispose();
}
