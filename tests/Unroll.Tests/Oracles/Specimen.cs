using System.Numerics;

namespace Unroll.Tests.Oracles;

/// <summary>Random networks and batches of any shape, and the same batch padded, cut or with its rows reordered.</summary>
internal static class Specimen
{
    /// <summary>
    /// Weights N(0, 0.4), biases N(0, 0.2), gains of normalization N(1, 0.2), W_rec N(0, gain / sqrt(H)): its spectral radius is
    /// about the gain.
    /// </summary>
    public static Network<T> Network<T>(NetworkShape shape, ulong seed, double gain = 0.9)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(shape);
        RandomSource random = new RandomKey(seed, RandomStream.Initialization, 0).Shared();
        foreach (ParameterBlock block in shape.Blocks())
        {
            double deviation = block.Role == ParameterRole.RecurrentWeights ? gain
                / Math.Sqrt(block.Columns) : block.Rows == 1 ? 0.2 : 0.4;
            foreach (ref T parameter in network.Parameters.Slice(block.Offset, block.Length))
                parameter = T.CreateTruncating(
                    (random.NextNormal() * deviation) + (block.Role == ParameterRole.NormalizationGain ? 1 : 0));
        }

        return network;
    }

    /// <summary>
    /// Random inputs and targets, some steps without an input or a target; the lengths are <paramref name="steps"/> unless given.
    /// </summary>
    public static Batch Batch(NetworkShape shape, int rows, int steps, ulong seed, params int[] lengths)
    {
        Batch batch = Unroll.Batch.For(shape);
        batch.Resize(rows, steps);
        lengths.CopyTo(batch.Lengths);
        for (int r = 0; r < rows; r++)
        {
            RandomSource random = new RandomKey(seed, RandomStream.Training, 0).Row(r);
            for (int t = 0; t < steps; t++) Fill(batch, t, r, ref random, nothing: true);
        }

        return batch;
    }

    /// <summary>Different lengths for each row, at least one of them full.</summary>
    public static int[] Lengths(int rows, int steps) =>
        [.. Enumerable.Range(0, rows).Select(r => 1 + ((steps - 1 + (r * 5)) % steps))];

    /// <summary>
    /// The same batch with <paramref name="extra"/> more steps stored, every step beyond a row's length filled with garbage:
    /// other inputs and targets, and numbers that are not finite.
    /// </summary>
    public static Batch Padded(Batch source, int extra)
    {
        var batch = new Batch(source.Encoding, source.Inputs, source.Head, source.Outputs);
        batch.Resize(source.Rows, source.Steps + extra);
        source.Lengths.CopyTo(batch.Lengths);
        source.Carry.CopyTo(batch.Carry);
        for (int r = 0; r < source.Rows; r++)
        {
            RandomSource random = new RandomKey(99, RandomStream.Validation, 0).Row(r);
            for (int t = 0; t < batch.Steps; t++)
            {
                if (t < source.Lengths[r])
                {
                    Copy(source, t, r, batch, t, r);
                    continue;
                }

                if (source.EveryStep) Fill(batch, t, r, ref random, nothing: false);
                else FillInput(batch, t, r, ref random, nothing: false);
                double[] rubbish = [double.NaN, double.PositiveInfinity, 1e300, -1e30, double.NegativeInfinity];
                if (batch.Encoding == InputEncoding.Dense) batch.Dense(t, r).Fill(rubbish[random.NextInt(rubbish.Length)]);
                if (batch.EveryStep && batch.Head.Cost().HasValues())
                    batch.Values(t, r).Fill(rubbish[random.NextInt(rubbish.Length)]);
            }
        }

        return batch;
    }

    /// <summary>The given rows, in that order.</summary>
    public static Batch Rows(Batch source, params int[] rows)
    {
        var batch = new Batch(source.Encoding, source.Inputs, source.Head, source.Outputs);
        batch.Resize(rows.Length, source.Steps);
        for (int r = 0; r < rows.Length; r++)
        {
            batch.Lengths[r] = source.Lengths[rows[r]];
            batch.Carry[r] = source.Carry[rows[r]];
            for (int t = 0; t < source.Steps; t++) Copy(source, t, rows[r], batch, t, r);
        }

        return batch;
    }

    /// <summary><paramref name="count"/> steps starting at step <paramref name="from"/>, with the state carried over.</summary>
    public static Batch Window(Batch source, int from, int count)
    {
        var batch = new Batch(source.Encoding, source.Inputs, source.Head, source.Outputs);
        batch.Resize(source.Rows, count);
        batch.Carry.Fill(from > 0);
        for (int r = 0; r < source.Rows; r++)
        {
            for (int t = 0; t < count; t++) Copy(source, from + t, r, batch, t, r);
        }

        return batch;
    }

    /// <summary>
    /// Moves targets after a forward pass so that no small change of an output crosses a kink of its cost: an error of 0, or for
    /// Huber's one of delta = 1. Other costs have none, and their targets stay.
    /// </summary>
    public static void MoveFromKinks(UnrolledNetwork<double> unrolled, Batch batch)
    {
        if (batch.Head.Cost() is not (HeadCost.Absolute or HeadCost.Huber or HeadCost.Quantile)) return;
        for (int r = 0; r < batch.Rows; r++)
        {
            for (int t = 0; t < batch.Lengths[r]; t++)
            {
                if (!batch.IsPredicted(t, r)) continue;
                ReadOnlySpan<double> y = unrolled.Output(t, r);
                Span<double> target = batch.Values(t, r);
                for (int o = 0; o < y.Length; o++)
                {
                    double error = Math.Abs(y[o] - target[o]);
                    if (error < 0.05 || Math.Abs(error - 1) < 0.05) target[o] = y[o] - 0.4;
                }
            }
        }
    }

    private static void Fill(Batch batch, int t, int r, ref RandomSource random, bool nothing)
    {
        FillInput(batch, t, r, ref random, nothing);
        bool skip = random.NextInt(8) == 0 && nothing && batch.EveryStep;
        if (batch.Head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery)
            batch.SetClass(t, r, skip ? -1 : random.NextInt(batch.Outputs));
        if (batch.Head.Cost().HasValues())
            foreach (ref double value in batch.Values(t, r)) value = random.NextNormal();
        for (int o = 0; batch.Head.Cost() == HeadCost.Bernoulli && o < batch.Outputs; o++)
        {
            if (random.NextInt(3) == 0) batch.SetTargetBit(t, r, o);
        }

        if (skip && batch.Head.Cost() != HeadCost.Softmax) batch.SkipTarget(t, r);
    }

    private static void FillInput(Batch batch, int t, int r, ref RandomSource random, bool nothing)
    {
        if (batch.Encoding == InputEncoding.OneHot)
            batch.SetSymbol(t, r, nothing && random.NextInt(8) == 0 ? -1 : random.NextInt(batch.Inputs));
        if (batch.Encoding == InputEncoding.Dense)
            foreach (ref double value in batch.Dense(t, r)) value = random.NextNormal();
        for (int i = 0; batch.Encoding == InputEncoding.MultiHot && i < batch.Inputs; i++)
        {
            if (random.NextInt(3) == 0) batch.SetBit(t, r, i);
        }
    }

    private static void Copy(Batch source, int t, int r, Batch target, int toStep, int toRow)
    {
        if (source.Encoding == InputEncoding.OneHot) target.SetSymbol(toStep, toRow, source.Symbol(t, r));
        if (source.Encoding == InputEncoding.Dense) source.Dense(t, r).CopyTo(target.Dense(toStep, toRow));
        for (int i = 0; source.Encoding == InputEncoding.MultiHot && i < source.Inputs; i++)
        {
            if (((source.Bits(t, r)[i / 64] >> (i % 64)) & 1) == 1) target.SetBit(toStep, toRow, i);
        }

        if (source.Head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery) target.SetClass(toStep, toRow, source.Class(t, r));
        if (source.Head.Cost().HasValues())
            source.Values(t, r).CopyTo(target.Values(toStep, toRow));
        for (int o = 0; source.Head.Cost() == HeadCost.Bernoulli && o < source.Outputs; o++)
        {
            if (((source.TargetBits(t, r)[o / 64] >> (o % 64)) & 1) == 1) target.SetTargetBit(toStep, toRow, o);
        }

        bool skipped = t < source.Lengths[r] && !source.IsPredicted(t, r);
        if (skipped && source.EveryStep && source.Head.Cost() != HeadCost.Softmax)
            target.SkipTarget(toStep, toRow);
        target.SetTargetWeight(toStep, toRow, source.TargetWeight(t, r));
    }
}
