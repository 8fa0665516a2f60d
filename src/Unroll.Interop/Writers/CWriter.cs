using System.Numerics;
using Unroll.Files;

namespace Unroll.Interop;

/// <summary>
/// Writes networks as one header of C99 that is also C++: weights as constants, no allocation, nothing but <c>math.h</c>. It
/// defines <c>NAME_state</c>, <c>NAME_reset</c>, <c>NAME_step</c>, and <c>NAME_probabilities</c> for a softmax or Bernoulli
/// head.
/// </summary>
public static class CWriter
{
    /// <summary>Writes a header; the same network gives the same text.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>; it is rounded to 32 bits.</typeparam>
    /// <param name="writer">Where to write.</param>
    /// <param name="network">The network.</param>
    /// <param name="info">What is known about it, for the comment at the top; its shape must be the network's.</param>
    /// <param name="options">Its name, and how weights are stored.</param>
    /// <returns>What it takes on the machine that runs it.</returns>
    /// <exception cref="ArgumentException">
    /// A weight is not finite in 32 bits, a cell or the cost is none of the library's, the shapes differ, or an option is not
    /// valid.
    /// </exception>
    public static CSizes Write<T>(TextWriter writer, Network<T> network, ModelInfo info, CHeaderOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (network, info) = (DenseAsPlain.Of(network), DenseAsPlain.Of(info));
        Network<float> rounded = CellForms.Rounded(network, info);
        var header = new CHeader(rounded, info, options);
        writer.Write(header.Text());
        return header.Sizes;
    }

    /// <summary>A network whose weights are what a header in 8 bits computes with: a row's scale times a whole number.</summary>
    /// <param name="network">The network.</param>
    /// <returns>A new network of the same shape (dense layers are plain ones with recurrent weights of 0); its biases are the
    /// same. Evaluated, it tells what the 8 bits cost.</returns>
    /// <exception cref="ArgumentException">No header can hold the network.</exception>
    public static Network<float> Quantized(Network<float> network)
    {
        CellForms.Require(network);
        network = DenseAsPlain.Of(network);
        Network<float> copy = network.Convert<float>();
        foreach (ParameterBlock block in copy.Blocks.Where(block => block.IsWeight))
        {
            Span<float> values = copy.Parameters.Slice(block.Offset, block.Length);
            (sbyte[] quantized, float[] scales) = CMatrix.Quantize(LayerView.Transposed(values, block.Columns), block.Rows);
            for (int i = 0; i < values.Length; i++)
            {
                int row = i / block.Columns, column = i % block.Columns;
                values[i] = scales[row] * quantized[(column * block.Rows) + row];
            }
        }

        return copy;
    }

    /// <summary>
    /// The same, rounded by what the network reads on some sequences: weights make up for the errors of others, and biases for
    /// what is left of the mean error (GPTQ of Frantar et al., 2023). It costs far less than rounding each weight to its nearest.
    /// <see cref="Write"/> of what is returned, with <see cref="CWeights.Int8"/>, keeps these weights.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="sequences">
    /// Sequences such as the network was trained on, some 10,000 steps; targets need not be set. One batch may be filled anew for
    /// each. Without any, or in a layer that reads more than 2,048 numbers, each weight is its nearest.
    /// </param>
    /// <returns>A new network of the same shape. The same sequences give the same bits on every machine.</returns>
    /// <exception cref="ArgumentException">A cell is none of the library's, or a batch does not fit the network.</exception>
    public static Network<float> Quantized(Network<float> network, IEnumerable<Batch> sequences)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(sequences);
        CellForms.Require(network);
        network = DenseAsPlain.Of(network);
        return Calibration.Quantized(network, Quantized(network), sequences);
    }
}

/// <summary>What a header of C takes on the machine that runs it.</summary>
/// <param name="Constants">Bytes of constants, in flash or read-only memory.</param>
/// <param name="State">Bytes of <c>NAME_state</c>, one for each sequence.</param>
/// <param name="Stack">Bytes of a step's own numbers on the stack.</param>
public readonly record struct CSizes(long Constants, int State, int Stack);
