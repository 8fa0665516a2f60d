using System.Numerics;

namespace Unroll.Kernels;

/// <summary>A kernel that differentiates its forward pass along a direction of the parameters (Pearlmutter's R{}).</summary>
internal interface ITangentKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Copies a direction v into the kernel's own layout, for the parameters of the last forward pass.</summary>
    void PackTangent(Network<T> network, Network<T> direction);

    /// <summary>Fills R{x}, R{s} and R{y} of rows first..end-1 behind a forward pass without dropout.</summary>
    void ForwardTangent(Batch batch, Tape<T> tape, Tape<T> tangents, int first, int end);
}
