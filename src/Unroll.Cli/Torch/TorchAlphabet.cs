using Unroll.Data;
using Unroll.Numerics;

namespace Unroll.Cli.Torch;

/// <summary>
/// The symbols of a network of text that PyTorch trained, in the order of its indices. An alphabet of Unroll is in the order of
/// code points, so the network's inputs and outputs are put into that order.
/// </summary>
internal static class TorchAlphabet
{
    /// <summary>Reorders a network in place.</summary>
    /// <param name="network">The network: one-hot inputs and as many outputs.</param>
    /// <param name="text">Its symbols, each once, as <c>--alphabet</c> gave them.</param>
    /// <returns>The alphabet.</returns>
    /// <exception cref="UserError">The symbols are not as many as the inputs, or one comes twice.</exception>
    public static Alphabet Apply(Network<double> network, string text)
    {
        int[] symbols = [.. text.EnumerateRunes().Select(rune => rune.Value)];
        NetworkShape shape = network.Shape;
        if (symbols.Length != shape.Inputs || symbols.Length != shape.Outputs)
        {
            throw new UserError(
                $"--alphabet has {Counted.Of(symbols.Length, "symbol")}; the network has "
                    + $"{Counted.Of(shape.Inputs, "input")} and {Counted.Of(shape.Outputs, "output")}.");
        }

        Alphabet alphabet;
        try
        {
            alphabet = new Alphabet(SymbolKind.Scalar, symbols);
        }
        catch (ArgumentException error)
        {
            throw new UserError($"--alphabet is not one: {UserError.From(error).Message}", error);
        }

        int[] places = [.. symbols.Select(alphabet.IndexOf)];
        MoveColumns(network.InputWeights, places);
        MoveRows(network.OutputWeights, places);
        if (shape.Biases) MoveRows(network.OutputBias, places);
        return alphabet;
    }

    private static void MoveColumns(Span<double> matrix, int[] places)
    {
        double[] before = matrix.ToArray();
        for (int i = 0; i < before.Length; i++)
            matrix[i - (i % places.Length) + places[i % places.Length]] = before[i];
    }

    private static void MoveRows(Span<double> matrix, int[] places)
    {
        double[] before = matrix.ToArray();
        int columns = before.Length / places.Length;
        for (int row = 0; row < places.Length; row++)
            before.AsSpan(row * columns, columns).CopyTo(matrix[(places[row] * columns)..]);
    }
}
