using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Natural;

public class MusicTaskTests
{
    /// <summary>
    /// In an epoch every step of every piece is predicted once from the step before it, and each epoch has its own order.
    /// </summary>
    [Theory]
    [InlineData(1, 200)]
    [InlineData(1, 1)]
    [InlineData(3, 16)]
    [InlineData(16, 7)]
    public void An_epoch_sees_every_step_once(int rows, int window)
    {
        var task = new MusicTask(Corpora.Music(1, 50, 7, 17, 100), window);
        long updates = task.UpdatesPerEpoch(rows);
        Batch batch = Batch.For(task);
        var orders = new HashSet<string>();
        foreach (long epoch in (long[])[0, 1, 5])
        {
            string order = "";
            var left = task.Corpus.Train.SelectMany(piece => Enumerable.Range(0, piece.Steps)
                .Select(t => Step(t == 0 ? default : piece.Words(t - 1), piece.Words(t)))).ToList();
            for (long u = 0; u < updates; u++)
            {
                task.Fill(batch, rows, new RandomKey(1, RandomStream.Training, (epoch * updates) + u));
                Assert.True(batch.Rows == rows || u == updates - 1);
                for (int row = 0; row < batch.Rows; row++)
                {
                    Assert.False(batch.Carry[row]);
                    for (int i = 0; i < batch.Lengths[row]; i++)
                    {
                        string step = Step(batch.Bits(i, row), batch.TargetBits(i, row));
                        order += step;
                        Assert.True(left.Remove(step), "a step that is not in the corpus, or was seen before");
                    }
                }
            }

            Assert.Empty(left);
            orders.Add(order);
        }

        Assert.Equal(3, orders.Count);

        static string Step(ReadOnlySpan<ulong> before, ReadOnlySpan<ulong> now) =>
            before.Length == 0 ? $"0 0:{now[0]} {now[1]};" : $"{before[0]} {before[1]}:{now[0]} {now[1]};";
    }

    [Fact]
    public void The_order_is_a_function_of_seed_and_epoch_alone()
    {
        var task = new MusicTask(Corpora.Music(50, 60, 70), 10);
        var again = new MusicTask(Corpora.Music(50, 60, 70), 10);
        (Batch one, Batch other) = (Batch.For(task), Batch.For(again));
        long updates = task.UpdatesPerEpoch(2);
        for (long u = 0; u < 2 * updates; u++) task.Fill(one, 2, new RandomKey(3, RandomStream.Training, u));
        again.Fill(other, 2, new RandomKey(3, RandomStream.Training, (2 * updates) - 1)); // at once, as a resume does
        Assert.Equal(one.Rows, other.Rows);
        for (int i = 0; i < one.Steps; i++) Assert.Equal(one.TargetBits(i, 0), other.TargetBits(i, 0));
    }

    [Fact]
    public void A_corpus_without_a_step_is_refused() =>
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => new MusicTask(Corpora.Music())).Message);
}
