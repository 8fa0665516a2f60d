using System.Numerics;
using System.Numerics.Tensors;
using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Analysis;

/// <summary>
/// <see cref="Spectrum"/> of a network in training, check after check: it keeps the memory that this needs, which for a small
/// network takes longer to get than to compute in. Not safe for concurrent use.
/// </summary>
internal sealed class SpectrumMeter<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Network<T> _network;
    private readonly Network<double>? _copy;
    private readonly ScalarNetwork? _map;
    private RepeatedSquaring? _power;

    public SpectrumMeter(Network<T> network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        if (network.Shape.IsOnPreActivations) return;
        _copy = new Network<double>(network.Shape);
        _map = new ScalarNetwork(_copy);
    }

    /// <summary>Both numbers of the network as it is now.</summary>
    public (double SpectralRadius, double LargestSingularValue) Measure()
    {
        double[] matrix = Matrix();
        return (
            Spectrum.SpectralRadius(matrix, Spectrum.Size(_network.Shape), RepeatedSquaring.Tolerance, ref _power),
            Spectrum.LargestSingularValue(_network.Shape, matrix));
    }

    /// <summary>W_rec of one plain layer, otherwise the Jacobian of the whole state at zero state and input; row-major.</summary>
    public double[] Matrix()
    {
        if (_map is not null)
        {
            TensorPrimitives.ConvertTruncating<T, double>(_network.Parameters, _copy!.Parameters);
            return _map.Jacobian([], new double[_network.Shape.StateWidth]);
        }

        ReadOnlySpan<T> weights = _network.RecurrentWeights;
        var matrix = new double[weights.Length];
        TensorPrimitives.ConvertTruncating(weights, matrix.AsSpan());
        return matrix;
    }
}
