using System.Numerics;

namespace Unroll.Training;

/// <summary>
/// Normal noise on the clipped gradient (Neelakantan et al., 2015), of variance deviation^2 / t^decay at update t = 1, 2, 3, ...
/// Frozen parameters get none, and an update that is rescued has none.
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="deviation">The standard deviation at the first update, positive.</param>
/// <param name="decay">The power by which the variance falls, at least 0; 0.55 was published.</param>
/// <param name="frozen">The blocks that are not trained.</param>
internal sealed class GradientNoiseStep<T>(ulong seed, double deviation, double decay, IReadOnlyList<ParameterBlock> frozen)
    : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly BlockNoise<T> _noise = new();
    private readonly int[] _frozen = [.. frozen.Select(block => block.Offset)];

    public void Apply(UpdateInProgress<T> update)
    {
        if (update.NonFinite) return;
        var key = new RandomKey(seed, RandomStream.GradientNoise, update.Number);
        double now = deviation * Math.Pow(update.Number, -decay / 2);
        for (int b = 0; b < update.Network.Blocks.Length; b++)
        {
            ParameterBlock block = update.Network.Blocks[b];
            if (!_frozen.AsSpan().Contains(block.Offset))
                _noise.AddTo(update.Gradient.Slice(block.Offset, block.Length), key.Row(b), now);
        }
    }
}
