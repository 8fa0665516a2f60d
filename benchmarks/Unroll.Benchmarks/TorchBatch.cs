using TorchSharp;
using static TorchSharp.torch;

namespace Unroll.Benchmarks;

/// <summary>A batch as tensors, made once: generation and conversion are not part of an update.</summary>
internal sealed class TorchBatch : IDisposable
{
    public TorchBatch(BenchmarkShape shape, Batch batch)
    {
        (int steps, int rows, int inputs, int outputs) = (batch.Steps, batch.Rows, batch.Inputs, batch.Outputs);
        var dense = new float[steps * rows * inputs];
        var symbols = new long[steps * rows];
        var classes = new long[batch.EveryStep ? steps * rows : rows];
        var bits = new float[steps * rows * outputs];
        for (int t = 0; t < steps; t++)
        {
            for (int row = 0; row < rows; row++)
            {
                int entry = (t * rows) + row;
                if (shape.Encoding == InputEncoding.OneHot)
                {
                    symbols[entry] = batch.Symbol(t, row);
                    dense[(entry * inputs) + batch.Symbol(t, row)] = 1;
                }
                else if (shape.Encoding == InputEncoding.Dense)
                {
                    for (int i = 0; i < inputs; i++) dense[(entry * inputs) + i] = (float)batch.Dense(t, row)[i];
                }
                else
                {
                    for (int i = 0; i < inputs; i++) dense[(entry * inputs) + i] = (batch.Bits(t, row)[i >> 6] >> (i & 63)) & 1;
                }

                if (shape.Head == OutputHead.BernoulliEvery)
                    for (int i = 0; i < outputs; i++)
                        bits[(entry * outputs) + i] = (batch.TargetBits(t, row)[i >> 6] >> (i & 63)) & 1;
                else if (batch.EveryStep)
                    classes[entry] = batch.Class(t, row);
                else if (t == steps - 1)
                    classes[row] = batch.Class(t, row);
            }
        }

        Dense = tensor(dense, [steps, rows, inputs]);
        Symbols = shape.Encoding == InputEncoding.OneHot ? tensor(symbols) : null;
        Targets = shape.Head == OutputHead.BernoulliEvery ? tensor(bits, [steps * rows, outputs]) : tensor(classes);
    }

    /// <summary>(T, B, I).</summary>
    public Tensor Dense { get; }

    /// <summary>(T B), for one-hot inputs.</summary>
    public Tensor? Symbols { get; }

    /// <summary>(B) or (T B) classes, or (T B, O) bits.</summary>
    public Tensor Targets { get; }

    /// <summary>The cost of outputs (B, O) or (T B, O): a mean over steps and sequences, a sum over output bits.</summary>
    public Tensor Cost(Tensor outputs, OutputHead head) => head == OutputHead.BernoulliEvery
        ? nn.functional.binary_cross_entropy_with_logits(outputs, Targets, reduction: nn.Reduction.Sum) / Targets.shape[0]
        : nn.functional.cross_entropy(outputs, Targets);

    public void Dispose()
    {
        Dense.Dispose();
        Symbols?.Dispose();
        Targets.Dispose();
    }
}
