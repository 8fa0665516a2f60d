using Unroll.Tests.Oracles;

namespace Unroll.Tests.Cells;

/// <summary>Networks of every cell and depth, and kinds of noise for them.</summary>
internal static class CellShapes
{
    public static readonly LayerShape[] Cells =
    [
        new(1),
        new(1) { Activation = Activation.Sigmoid },
        new(1) { Cell = CellKind.Leaky, Leak = 0.3 },
        new(1) { Cell = CellKind.Leaky, Leak = 0.6, TrainedLeak = true, Activation = Activation.Sigmoid },
        new(1) { Cell = CellKind.Lstm },
        new(1) { Cell = CellKind.Gru },
        new(1) { Cell = CellKind.Lru },
        new(1) { Cell = CellKind.Lru, Activation = Activation.Sigmoid },
    ];

    /// <summary>Layers without a memory of their own: alone, two, and around a recurrent layer.</summary>
    private static IEnumerable<LayerList> WithoutMemory(int h)
    {
        var dense = new LayerShape(h) { Cell = CellKind.Dense, Activation = Activation.Sigmoid };
        yield return [dense];
        yield return LayerList.Repeat(dense, 2);
        yield return
        [
            dense with { Activation = Activation.Relu }, new(h + 1) { Cell = CellKind.Gru }, dense with { Hidden = h + 2 },
        ];
    }

    /// <summary>The cells that can be normalized.</summary>
    public static readonly LayerShape[] Normalized =
        [.. Cells.Where(cell => cell.Cell != CellKind.Lru).Select(cell => cell with { LayerNorm = true })];

    /// <summary>
    /// Each cell alone, and stacks of equal and of different ones and widths; then the same of normalized layers, which need two
    /// units.
    /// </summary>
    public static IEnumerable<LayerList> Stacks(int h)
    {
        foreach (LayerShape cell in Cells) yield return [cell with { Hidden = h }];
        foreach (LayerShape cell in Cells) yield return LayerList.Repeat(cell with { Hidden = h }, 2);
        yield return [.. Cells.Select((cell, i) => cell with { Hidden = h + (i % 3) })];
        foreach (LayerList stack in h < 2 ? [] : OfNormalized(h)) yield return stack;
        foreach (LayerList stack in WithoutMemory(h)) yield return stack;
    }

    private static IEnumerable<LayerList> OfNormalized(int h)
    {
        foreach (LayerShape cell in Normalized) yield return [cell with { Hidden = h }];
        yield return LayerList.Repeat(Normalized[0] with { Hidden = h }, 2);
        yield return
        [
            new(h) { Cell = CellKind.Lstm, LayerNorm = true }, new(h + 1) { Cell = CellKind.Leaky, Leak = 0.3 },
            new(h + 2) { Cell = CellKind.Gru, LayerNorm = true },
        ];
    }

    public static PassNoise[] Noises { get; } =
    [
        default,
        new(5, 7) { StateDeviation = 0.2 },
        new(5, 7) { InputDropout = 0.4, LayerDropout = 0.5, OutputDropout = 0.3 },
        new(5, 8) { InputDropout = 0.2, LayerDropout = 0.2, StateDeviation = 0.1, BiasDeviation = 0.1 },
    ];

    public static Batch Batch(NetworkShape shape, int rows, int steps, ulong seed, bool unequal)
    {
        Batch batch = Specimen.Batch(shape, rows, steps, seed, unequal ? Specimen.Lengths(rows, steps) : []);
        if (unequal) batch.Carry[rows - 1] = true;
        return batch;
    }

    public static void Hold<T>(UnrolledNetwork<T> unrolled, int rows)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        for (int r = 0; r < rows; r++)
        {
            Span<T> held = unrolled.CarriedState(r);
            for (int i = 0; i < held.Length; i++) held[i] = T.CreateTruncating(0.3 * Math.Cos((r * 31) + i));
        }
    }
}
