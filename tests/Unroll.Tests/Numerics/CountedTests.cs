using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>Counts in messages: one is one, and the nouns that occur have the plural of a dictionary.</summary>
public static class CountedTests
{
    [Theory]
    [InlineData(0, "row", "0 rows")]
    [InlineData(1, "row", "1 row")]
    [InlineData(2, "row", "2 rows")]
    [InlineData(-1, "step", "-1 steps")]
    [InlineData(2_000_000, "MIDI file", "2000000 MIDI files")]
    [InlineData(2, "batch", "2 batches")]
    [InlineData(2, "branch", "2 branches")]
    [InlineData(60, "epoch", "60 epochs")]
    [InlineData(2, "class", "2 classes")]
    [InlineData(2, "entry", "2 entries")]
    [InlineData(2, "key", "2 keys")]
    [InlineData(2, "probability", "2 probabilities")]
    [InlineData(1, "probability", "1 probability")]
    public static void A_noun_follows_its_count(long count, string one, string expected) =>
        Assert.Equal(expected, Counted.Of(count, one));

    [Fact]
    public static void The_verb_follows_the_count()
    {
        Assert.Equal("1 row is", Counted.Are(1, "row"));
        Assert.Equal("3 rows are", Counted.Are(3, "row"));
        Assert.Equal("There is 1 branch", Counted.There(1, "branch"));
        Assert.Equal("There are 0 branches", Counted.There(0, "branch"));
    }

    [Fact]
    public static void A_number_that_is_not_whole_is_several()
    {
        Assert.Equal("minutes", Counted.Noun(0.5, "minute"));
        Assert.Equal("minute", Counted.Noun(1, "minute"));
    }
}
