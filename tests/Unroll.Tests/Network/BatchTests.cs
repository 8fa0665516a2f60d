namespace Unroll.Tests.Network;

/// <summary>What a batch and predictions refuse, in every build.</summary>
public static class BatchTests
{
    [Fact]
    public static void What_a_batch_of_another_kind_has_is_refused_by_name()
    {
        var dense = new Batch(InputEncoding.Dense, 5, OutputHead.LinearLast, 2);
        var symbols = new Batch(InputEncoding.OneHot, 5, OutputHead.SoftmaxEvery, 2);
        dense.Resize(3, 4);
        symbols.Resize(3, 4);
        Refused("no symbols as inputs: its inputs are Dense", () => dense.SetSymbol(0, 0, 1), () => _ = dense.Symbol(0, 0));
        Refused("no bits as inputs", () => dense.SetBit(0, 0, 1), () => _ = dense.Bits(0, 0).Length);
        Refused("no classes as targets", () => dense.SetClass(0, 0, 1), () => _ = dense.Class(0, 0));
        Refused("no bits as targets: its inputs are Dense, and its targets are those of the head LinearLast",
            () => dense.SetTargetBit(0, 0, 1));
        Refused("no dense inputs: its inputs are OneHot", () => _ = symbols.Dense(0, 0).Length);
        Refused("no numbers as targets", () => _ = symbols.Values(0, 0).Length);
        Refused("SetClass takes -1", () => symbols.SkipTarget(0, 0), () => dense.SkipTarget(0, 0));

        static void Refused(string sentence, params ReadOnlySpan<Action> actions)
        {
            foreach (Action action in actions)
                Assert.Contains(sentence, Assert.Throws<InvalidOperationException>(action).Message);
        }
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(4, 0)]
    [InlineData(0, 3)]
    [InlineData(0, -1)]
    public static void A_step_or_row_outside_the_batch_is_refused_even_where_the_buffers_are_larger(int step, int row)
    {
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>())
            {
                var batch = new Batch(encoding, 5, head, 2);
                batch.Resize(30, 40);
                batch.Resize(3, 4);
                Refused(() => _ = encoding switch
                {
                    InputEncoding.OneHot => batch.Symbol(step, row),
                    InputEncoding.Dense => batch.Dense(step, row).Length,
                    _ => batch.Bits(step, row).Length,
                });
                Refused(() => batch.IsPredicted(step, row));
                if (row == 0 && !batch.EveryStep) continue; // a last-step head ignores the step of a target
                if (head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery) Refused(() => batch.SetClass(step, row, 1));
                else if (head.Cost() == HeadCost.Bernoulli) Refused(() => batch.SetTargetBit(step, row, 1));
                else Refused(() => _ = batch.Values(step, row).Length);
            }
        }

        var predictions = new Predictions();
        predictions.Resize(30, 40, 2, everyStep: true);
        predictions.Resize(3, 4, 2, everyStep: true);
        Refused(() => predictions.At(step, row));
        predictions.Resize(3, 1, 2, everyStep: false);
        if (row != 0) Refused(() => predictions.Argmax(step, row));
        else Assert.Equal(2, predictions.At(step, row).Length);

        void Refused(Action action)
        {
            string sentence = Assert.Throws<ArgumentOutOfRangeException>(action).Message;
            Assert.Contains($"of row {row} in", sentence);
            Assert.Contains("3 sequences of ", sentence);
        }
    }

    [Fact]
    public static void Outputs_count_for_the_size_only_where_there_is_a_target_at_every_step()
    {
        new Batch(InputEncoding.OneHot, 2, OutputHead.SoftmaxLast, 10_000).Resize(100, 2_000);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Batch(InputEncoding.OneHot, 2, OutputHead.SoftmaxEvery, 10_000).Resize(100, 2_000));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Batch(InputEncoding.OneHot, 2, OutputHead.LinearLast, 10_000).Resize(200_000, 1));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Batch(InputEncoding.Dense, 10_000, OutputHead.LinearLast, 1).Resize(int.MaxValue, int.MaxValue));
    }
}
