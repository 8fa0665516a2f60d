using Unroll.Cells;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Cli.Torch;

/// <summary>
/// One recurrent layer of a state dict: of an <c>nn.RNN</c>, <c>nn.LSTM</c> or <c>nn.GRU</c> (<c>weight_ih_l0</c>, ...) or a
/// cell module (<c>weight_ih</c>, ...). Its kind is in its shapes: G H rows for G gates.
/// </summary>
/// <param name="Cell">The kind.</param>
/// <param name="Ih">The weights from the input, (G H, I).</param>
/// <param name="Hh">The weights from the last state, (G H, H).</param>
/// <param name="Biases"><c>bias_ih</c> and <c>bias_hh</c>, (G H) each, or none.</param>
internal sealed record RecurrentLayer(CellKind Cell, TorchTensor Ih, TorchTensor Hh, IReadOnlyList<TorchTensor> Biases)
{
    /// <summary>The kinds that PyTorch has.</summary>
    private static readonly CellKind[] Kinds = [CellKind.Plain, CellKind.Gru, CellKind.Lstm];

    /// <summary>H.</summary>
    public int Hidden => (int)Hh.Shape[1];

    /// <summary>I.</summary>
    public int Inputs => (int)Ih.Shape[1];

    /// <summary>All its tensors.</summary>
    public IEnumerable<TorchTensor> Tensors => [Ih, Hh, .. Biases];

    /// <summary>Its kind and size in words, such as <c>LSTM 50</c>.</summary>
    public string Words => $"{NameOf(Cell)} {Hidden}";

    /// <summary>Whether the cell uses the two biases of a gate apart, so that they cannot be summed.</summary>
    public bool KeepsTwoBiases => CellTable.Of(Cell).Layout is var layout
        && !layout.InputBlocks.AsSpan().SequenceEqual(layout.RecurrentBlocks);

    /// <summary>The layer that some tensors are.</summary>
    /// <param name="ih">The weights from the input.</param>
    /// <param name="hh">The weights from the last state.</param>
    /// <param name="biases">Two or none.</param>
    /// <param name="below">The layer below in the same module, or null.</param>
    /// <param name="refused">Makes the error of a sentence's end.</param>
    /// <exception cref="UserError">The shapes do not go together.</exception>
    public static RecurrentLayer Of(TorchTensor ih, TorchTensor hh, IReadOnlyList<TorchTensor> biases, RecurrentLayer? below,
        Func<string, UserError> refused)
    {
        foreach (TorchTensor matrix in (TorchTensor[])[ih, hh])
        {
            if (!matrix.IsMatrix) throw refused($"has {matrix.Shown} in shape {matrix.Sizes} where a matrix is expected");
        }

        long rows = hh.Shape[0], hidden = hh.Shape[1];
        if (hidden is < 1 or > NetworkShape.MaximumSize) throw refused(
            $"has {hh.Shown} in shape {hh.Sizes}, which is {hidden} units where 1..{NetworkShape.MaximumSize} are possible");
        if (!Kinds.Any(kind => rows == Gates(kind) * hidden))
        {
            string expected = string.Join(", ", Kinds.Select(kind => $"[{Gates(kind) * hidden}, {hidden}] ({NameOf(kind)})"));
            throw refused(
                $"has {hh.Shown} in shape {hh.Sizes}, whose {rows} rows are no gates of {hidden} units: expected is one of "
                    + $"{expected}");
        }

        CellKind cell = Kinds.Single(kind => rows == Gates(kind) * hidden);
        string of = $"of {Counted.Of(Gates(cell), "gate")} of {Counted.Of(hidden, "unit")}, as {hh.Shown} says";
        if (ih.Shape[0] != rows) throw refused($"has {ih.Shown} in shape {ih.Sizes} where {Counted.Are(rows, "row")} "
            + $"expected, {of}");
        if (below is not null && ih.Shape[1] != below.Hidden)
            throw refused(
                $"has {ih.Shown} in shape {ih.Sizes} where [{rows}, {below.Hidden}] is expected, as the layer below has "
                    + $"{Counted.Of(below.Hidden, "unit")}");
        if (ih.Shape[1] is < 1 or > NetworkShape.MaximumSize) throw refused(
            $"has {ih.Shown} in shape {ih.Sizes} where 1..{NetworkShape.MaximumSize} inputs are possible");
        foreach (TorchTensor bias in biases)
        {
            if (bias.Shape.Length != 1
                || bias.Shape[0] != rows) throw refused(
                    $"has {bias.Shown} in shape {bias.Sizes} where [{rows}] is expected, {of}");
        }

        return new RecurrentLayer(cell, ih, hh, biases);
    }

    /// <summary>What PyTorch calls a kind.</summary>
    public static string NameOf(CellKind cell) => cell == CellKind.Plain ? "RNN" : cell.ToString().ToUpperInvariant();

    /// <summary>
    /// Writes the layer's numbers to a network, which has one bias where PyTorch has two; where the cell keeps the two parts
    /// of a gate apart, as a GRU's n, the second bias stays separate.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="index">Which of its layers this is.</param>
    /// <param name="numbers">Reads a tensor, checked.</param>
    /// <param name="copies">Receives of how many numbers of the file each bias is the sum.</param>
    public void WriteTo(Network<double> network, int index, Func<TorchTensor, double[]> numbers, Dictionary<string, int> copies)
    {
        CellLayout layout = network.Shape.Layers[index].Definition.Layout;
        foreach (ParameterBlock block in network.Blocks.Where(block => block.Layer == index))
        {
            Span<double> to = network.Parameters.Slice(block.Offset, block.Length);
            switch (block.Role)
            {
                case ParameterRole.InputWeights:
                    numbers(Ih).CopyTo(to);
                    break;
                case ParameterRole.RecurrentWeights:
                    numbers(Hh).CopyTo(to);
                    break;
                default:
                    bool second = block.Role != ParameterRole.HiddenBias;
                    copies[block.Name] = second ? Math.Min(1, Biases.Count) : Biases.Count;
                    if (Biases.Count > 0) AddBiases(layout, second, numbers(Biases[0]), numbers(Biases[1]), to);
                    break;
            }
        }
    }

    private void AddBiases(CellLayout layout, bool second, double[] ih, double[] hh, Span<double> to)
    {
        for (int gate = 0; gate < layout.Gates; gate++)
        {
            bool apart = layout.InputBlocks[gate] != layout.RecurrentBlocks[gate];
            for (int j = gate * Hidden; j < (gate + 1) * Hidden; j++)
            {
                if (!second) to[j] = apart ? ih[j] : ih[j] + hh[j];
                else if (layout.RecurrentBlocks[gate] == layout.VectorBlock) to[j - (gate * Hidden)] = hh[j];
            }
        }
    }

    private static int Gates(CellKind kind) => CellTable.Of(kind).Layout.Gates;
}
