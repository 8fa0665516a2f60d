using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>One step of an update alone, on a small network in double with a given gradient.</summary>
internal sealed class Steps : IDisposable
{
    private readonly UnrolledNetwork<double> _unrolled;

    public Steps(NetworkShape? shape = null)
    {
        Network = new Network<double>(shape ?? new NetworkShape(3, 5, 2) { LearnedInitialState = true });
        _unrolled = new UnrolledNetwork<double>(Network);
        Update = new UpdateInProgress<double>(_unrolled);
        RandomSource random = new RandomKey(11, RandomStream.Test, 0).Shared();
        foreach (ref double p in Network.Parameters) p = random.NextNormal();
        foreach (ref double g in _unrolled.Gradient) g = random.NextNormal();
    }

    public Network<double> Network { get; }

    public UpdateInProgress<double> Update { get; }

    public double[] Parameters => [.. Network.Parameters];

    public double[] Gradient => [.. _unrolled.Gradient];

    /// <summary>Begins an update without a batch, and applies one step.</summary>
    public void Apply(IUpdateStep<double> step, long number = 1, double rate = 0.1, ClipReport clip = default)
    {
        Update.Begin(null!, 0, rate, number);
        Update.Clip = clip;
        step.Apply(Update);
    }

    public ParameterBlock Block(string name) => Network.Blocks.Single(block => block.Name == name);

    public void Dispose() => _unrolled.Dispose();
}
