using System.Numerics;

namespace Unroll.Training;

/// <summary>Clears the gradient of the parameters that are not trained, before its norm is taken.</summary>
internal sealed class FreezingStep<T>(IReadOnlyList<ParameterBlock> frozen) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ParameterBlock[] _frozen = [.. frozen];

    public void Apply(UpdateInProgress<T> update)
    {
        foreach (ParameterBlock block in _frozen) update.Gradient.Slice(block.Offset, block.Length).Clear();
    }
}
