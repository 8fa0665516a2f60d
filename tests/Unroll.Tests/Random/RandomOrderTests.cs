namespace Unroll.Tests;

public static class RandomOrderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(1000)]
    [InlineData(65_537)]
    public static void Every_number_comes_once(int count)
    {
        foreach (long epoch in (long[])[0, 1, 77])
        {
            var order = new RandomOrder(new RandomKey(5, RandomStream.Order, epoch), count);
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i),
                Enumerable.Range(0, count).Select(i => order[i]).Order());
        }
    }

    [Fact]
    public static void It_is_another_one_for_each_seed_and_epoch_and_the_same_for_the_same()
    {
        long[] Of(ulong seed, long epoch)
        {
            var order = new RandomOrder(new RandomKey(seed, RandomStream.Order, epoch), 500);
            return [.. Enumerable.Range(0, 500).Select(i => order[i])];
        }

        Assert.Equal(Of(1, 0), Of(1, 0));
        Assert.NotEqual(Of(1, 0), Of(2, 0));
        Assert.NotEqual(Of(1, 0), Of(1, 1));
    }

    /// <summary>Places and numbers are unrelated: the mean of |place - number| / N is 1/3, neighbours are as far apart.</summary>
    [Fact]
    public static void It_is_shuffled_well()
    {
        const int Count = 10_000;
        var order = new RandomOrder(new RandomKey(1, RandomStream.Order, 3), Count);
        double moved = Enumerable.Range(0, Count).Average(i => Math.Abs(order[i] - i) / (double)Count);
        double apart = Enumerable.Range(1, Count - 1).Average(i => Math.Abs(order[i] - order[i - 1]) / (double)Count);
        Assert.InRange(moved, 0.32, 0.347);
        Assert.InRange(apart, 0.32, 0.347);
    }

    [Fact]
    public static void It_takes_ranges_beyond_an_array()
    {
        var order = new RandomOrder(new RandomKey(1, RandomStream.Order, 0), 5_000_000_000_000);
        HashSet<long> seen = [.. Enumerable.Range(0, 1000).Select(i => order[i * 4_999_999_999])];
        Assert.Equal(1000, seen.Count);
        Assert.All(seen, number => Assert.InRange(number, 0, 4_999_999_999_999));
        Assert.Throws<ArgumentOutOfRangeException>(() => order[5_000_000_000_000]);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[-1]);
    }
}
