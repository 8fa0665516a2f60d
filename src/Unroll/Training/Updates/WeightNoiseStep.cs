using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>Adds normal noise to every weight (not to biases or h_0) while the gradient is taken.</summary>
/// <param name="seed">The run's seed: the noise of an update depends only on the seed and on the update's number.</param>
/// <param name="deviation">The standard deviation, positive.</param>
internal sealed class WeightNoiseStep<T>(ulong seed, double deviation) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly BlockNoise<T> _noise = new();

    public void Apply(UpdateInProgress<T> update)
    {
        var key = new RandomKey(seed, RandomStream.WeightNoise, update.Number);
        Network<T> network = update.Network;
        for (int b = 0; b < network.Blocks.Length; b++)
        {
            ParameterBlock block = network.Blocks[b];
            if (block.IsWeight)
                _noise.AddTo(network.Parameters.Slice(block.Offset, block.Length), key.Row(b), deviation);
        }
    }
}

/// <summary>Normal noise for many numbers at once, in the same order at any register width.</summary>
internal sealed class BlockNoise<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly double[] _normals = new double[RandomSource.NormalsAtOnce];
    private readonly T[] _noise = new T[RandomSource.NormalsAtOnce];

    public void AddTo(Span<T> values, RandomSource random, double deviation)
    {
        T scale = T.CreateTruncating(deviation);
        for (int i = 0; i < values.Length; i += RandomSource.NormalsAtOnce)
        {
            Span<T> part = values.Slice(i, Math.Min(RandomSource.NormalsAtOnce, values.Length - i));
            random.FillNormals(_normals);
            TensorPrimitives.ConvertTruncating<double, T>(_normals.AsSpan(0, part.Length), _noise);
            TensorPrimitives.MultiplyAdd(_noise.AsSpan(0, part.Length), scale, part, part);
        }
    }
}
