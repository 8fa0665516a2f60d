using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Natural;

public class TextTaskTests
{
    /// <summary>
    /// In an epoch every predicted step is seen once, in order along each row, with the state carried over from window to window.
    /// </summary>
    [Theory]
    [InlineData(50, 1, 200, 1)]
    [InlineData(50, 1, 7, 1)]
    [InlineData(50, 3, 7, 1)]
    [InlineData(50, 7, 1, 5)]
    [InlineData(17, 16, 3, 5)]
    [InlineData(5, 8, 16, 5)]
    [InlineData(101, 10, 5, 2)]
    public void An_epoch_sees_every_step_once(int length, int rows, int window, int ahead)
    {
        var task = new TextTask(Corpora.Text(length), window, ahead);
        int[] text = [.. task.Corpus.Train.Span.ToArray().Select(symbol => (int)symbol)];
        int steps = length - ahead + 1;
        Assert.Equal(steps, task.StreamSteps(Fold.Train, 0));
        long updates = task.UpdatesPerEpoch(rows);
        Batch batch = Batch.For(task);
        foreach (long epoch in (long[])[0, 3])
        {
            var seen = new int[steps];
            for (long u = 0; u < updates; u++)
            {
                task.Fill(batch, rows, new RandomKey(1, RandomStream.Training, (epoch * updates) + u));
                Assert.Equal(rows, batch.Rows);
                for (int row = 0; row < rows; row++)
                {
                    Assert.Equal(u > 0, batch.Carry[row]);
                    for (int i = 0; i < batch.Lengths[row]; i++)
                    {
                        if (!batch.IsPredicted(i, row))
                        {
                            Assert.Equal((1, -1), (batch.Lengths[row], batch.Symbol(i, row)));
                            continue;
                        }

                        int part = (steps + rows - 1) / rows, t = (row * part) + ((int)u * window) + i;
                        seen[t]++;
                        Assert.Equal(t == 0 ? -1 : text[t - 1], batch.Symbol(i, row));
                        Assert.Equal(text[t - 1 + ahead], batch.Class(i, row));
                    }
                }
            }

            Assert.All(seen, count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [InlineData(0, 1, "window")]
    [InlineData(200, 0, "ahead")]
    [InlineData(200, 51, "at least 51")]
    public void What_cannot_be_is_refused(int window, int ahead, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new TextTask(Corpora.Text(50), window, ahead)).Message);

    [Fact]
    public void A_text_of_one_symbol_is_refused() =>
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => new TextTask(Corpora.Text(50, symbols: 1))).Message);

    [Fact]
    public void Another_text_is_known_by_its_fingerprint()
    {
        string Of(TextCorpus corpus) => new TextTask(corpus).Properties["corpus"];
        TextCorpus one = Corpora.Text(50);
        ushort[] other = one.Test.ToArray();
        other[^1] ^= 1;
        Assert.Equal(Of(one), Of(Corpora.Text(50)));
        Assert.NotEqual(Of(one), Of(one with { Test = other }));
    }
}
