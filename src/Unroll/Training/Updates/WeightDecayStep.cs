using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>
/// An L2 penalty: adds a share of each parameter of some blocks to its gradient, which is the derivative of half the share times
/// the sum of their squares. Clipping includes the penalty.
/// </summary>
internal sealed class WeightDecayStep<T> : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly (ParameterBlock Block, T Share)[] _shares;

    private WeightDecayStep(IEnumerable<(ParameterBlock Block, double Share)> shares) =>
        _shares = [.. shares.Select(s => (s.Block, T.CreateTruncating(s.Share)))];

    /// <summary>The same share of every weight, not of biases or h_0.</summary>
    public static WeightDecayStep<T> OfWeights(NetworkShape shape, double share) =>
        new(shape.Blocks().Where(block => block.IsWeight).Select(block => (block, share)));

    /// <summary>Shares by block.</summary>
    public static WeightDecayStep<T> OfBlocks(NetworkShape shape, IReadOnlyList<BlockPenalty> penalties) =>
        new(from penalty in penalties
            from block in shape.Blocks()
            where block.Name == penalty.Block
            select (block,
            penalty.Weight));

    public void Apply(UpdateInProgress<T> update)
    {
        foreach ((ParameterBlock block, T share) in _shares)
        {
            Span<T> target = update.Gradient.Slice(block.Offset, block.Length);
            TensorPrimitives.MultiplyAdd(update.Network.Parameters.Slice(block.Offset, block.Length), share, target, target);
        }
    }
}
