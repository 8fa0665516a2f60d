using Unroll.Tests.Files;

namespace Unroll.Tests.Fuzz;

/// <summary>A few inputs of each kind; tests/fuzz/run runs as many as time allows.</summary>
public sealed class FuzzTests
{
    private const int Cases = 300;
    private const ulong Seed = 13;

    public static TheoryData<string> Names => [.. CoreTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_read_is_taken_or_refused_in_a_sentence(string name)
    {
        using var folder = new TempFolder();
        FuzzTarget target = CoreTargets.All.Single(target => target.Name == name);
        int refused = 0;
        for (int i = 0; i < Cases; i++) refused += target.Run(Seed, i, folder.Path) ? 0 : 1;
        Assert.InRange(refused, 1, Cases); // some inputs must be invalid
    }

    [Fact]
    public void An_input_is_the_same_each_time_and_another_for_another_seed()
    {
        byte[] sample = [.. Enumerable.Range(0, 50).Select(i => (byte)i)];
        foreach (Func<byte[], ulong, long, byte[]> mutate in (Func<byte[], ulong, long, byte[]>[])
            [(file, seed, number) => Mutation.Bytes(file, seed, number), Mutation.Text, Mutation.Bits])
        {
            Assert.Equal(mutate(sample, 1, 2), mutate(sample, 1, 2));
            Assert.NotEqual(mutate(sample, 1, 2), mutate(sample, 3, 2));
            Assert.NotEqual(mutate(sample, 1, 2), mutate(sample, 1, 3));
        }
    }

    [Fact]
    public void A_reader_that_fails_is_found()
    {
        var target = new FuzzTarget("broken", 1, one => one.Bytes([1, 2, 3]).Length > 2 ? true
            : throw new OverflowException("x"));
        using var folder = new TempFolder();
        var failure = Assert.Throws<FuzzFailure>(() =>
        {
            for (int i = 0; i < Cases; i++) target.Run(Seed, i, folder.Path);
        });
        Assert.StartsWith("broken, seed 13, case ", failure.Message);
        var greedy = new FuzzTarget("greedy", 1, one => one.Bytes(new byte[10_000]).Length >= 0) { Constant = 1 };
        Assert.Contains("it allocated", Assert.Throws<FuzzFailure>(() => greedy.Run(Seed, 0, folder.Path)).Message);
    }
}
