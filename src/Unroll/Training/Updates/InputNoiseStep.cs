using System.Numerics;

namespace Unroll.Training;

/// <summary>Adds normal noise to the dense inputs of the batch, within the lengths of its rows.</summary>
/// <param name="seed">The run's seed: the noise of an update depends only on the seed and on the update's number.</param>
/// <param name="deviation">The standard deviation, positive.</param>
internal sealed class InputNoiseStep<T>(ulong seed, double deviation) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly double[] _normals = new double[RandomSource.NormalsAtOnce];

    public void Apply(UpdateInProgress<T> update)
    {
        var key = new RandomKey(seed, RandomStream.InputNoise, update.Number);
        Batch batch = update.Batch;
        for (int row = 0; row < batch.Rows; row++)
        {
            RandomSource random = key.Row(row);
            int next = _normals.Length;
            for (int t = 0; t < batch.Lengths[row]; t++)
            {
                foreach (ref double input in batch.Dense(t, row))
                {
                    if (next == _normals.Length)
                    {
                        random.FillNormals(_normals);
                        next = 0;
                    }

                    input += deviation * _normals[next++];
                }
            }
        }
    }
}
