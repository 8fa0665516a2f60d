using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Batches of the largest sizes.</summary>
public sealed class WholeSetTests
{
    [Fact]
    public void A_checkpoint_of_a_large_batch_makes_room_for_its_states_once()
    {
        using var trainer = new Trainer(new Whole(4096), new TrainingOptions { Hidden = 1 });
        long before = GC.GetAllocatedBytesForCurrentThread();
        trainer.Capture();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 4096, 4 << 20); // row by row it is 500 MB
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_537)]
    public void A_whole_set_that_no_batch_takes_is_refused(int size) =>
        Assert.Contains("1..65536",
            Assert.Throws<ArgumentException>(() => new Trainer(new Whole(size), new TrainingOptions { Hidden = 1 })).Message);

    private sealed record Whole(int Size) : ITask
    {
        public string Name => "whole";

        public InputEncoding Encoding => InputEncoding.OneHot;

        public int Inputs => 2;

        public OutputHead Head => OutputHead.SoftmaxLast;

        public int Outputs => 2;

        public string LossUnit => "nats";

        public CostReduction Reduction => CostReduction.Sum;

        public int? WholeSet => Size;

        public void Fill(Batch batch, int rows, RandomKey key) => batch.Resize(rows, 1);

        public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) => correct.Fill(true);
    }
}
