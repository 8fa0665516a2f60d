using System.Numerics;

namespace Unroll.Training;

/// <summary>
/// An L1 penalty by a proximal step after the optimizer's step: w becomes sign(w) max(|w| - rate times weight, 0). So weights
/// become exactly 0, which adding the derivative to the gradient would not achieve. Clipping does not include the penalty.
/// </summary>
internal sealed class ShrinkageStep<T>(NetworkShape shape, IReadOnlyList<BlockPenalty> penalties) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly (ParameterBlock Block, double Weight)[] _penalties =
        [.. from penalty in penalties from block in shape.Blocks() where block.Name == penalty.Block select (block,
            penalty.Weight)];

    public void Apply(UpdateInProgress<T> update)
    {
        foreach ((ParameterBlock block, double weight) in _penalties)
        {
            T by = T.CreateTruncating(update.Rate * weight);
            foreach (ref T w in update.Network.Parameters.Slice(block.Offset, block.Length))
            {
                T size = T.Abs(w);
                if (size <= by) w = T.Zero;
                else w = T.CopySign(size - by, w); // a weight that is NaN stays NaN
            }
        }
    }
}
