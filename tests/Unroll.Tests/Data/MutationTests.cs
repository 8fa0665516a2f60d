using System.Text;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tests.Files;
using Unroll.Tests.Fuzz;

namespace Unroll.Tests.Data;

/// <summary>
/// Files with bytes changed, cut off, inserted or doubled: the result is a corpus or a one-sentence error, and memory stays
/// bounded.
/// </summary>
public sealed class MutationTests
{
    private const int Cases = 400;
    private const ulong Seed = 2013;
    private static readonly PianoRoll[][] Folds =
        [[Samples.Roll(1, 9), Samples.Roll(2, 4)], [Samples.Roll(3, 5)], [Samples.Roll(4, 6)]];
    private static readonly MusicReadOptions Drop = new() { OutOfRange = OutOfRangeNotes.Drop };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Matlab(bool compress) => Mutate(Samples.Mat(Folds, compress ? 0 : 4, !compress, compress), 8_000_000, 500, Music);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Pickle(int protocol) => Mutate(Samples.Pickle(Folds, protocol), 1_000_000, 300, Music);

    [Fact]
    public void Midi() =>
        Mutate(Samples.Midi(Samples.Roll(5, 20)), 5_000_000, 40, (stream, _) => MidiFile.Read(stream, "FILE", Drop));

    [Theory]
    [InlineData(SymbolKind.Scalar, false)]
    [InlineData(SymbolKind.Scalar, true)]
    [InlineData(SymbolKind.Byte, true)]
    public void Text(SymbolKind kind, bool mapped) => Mutate(
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(" Ein süßer Text, 日本 \n", 12))), 1_000_000, 8,
        (stream, odd) => TextFile.Read(
            stream, "FILE", new TextReadOptions { Symbols = kind, MapUnknown = mapped, TrimLines = odd }),
        least: kind == SymbolKind.Byte ? 0 : 1);

    [Fact]
    public void Alphabets_of_models()
    {
        byte[] line = Encoding.UTF8.GetBytes("scalar:0A,20,61..7A,E9,1F600,?");
        for (int i = 0; i < Cases; i++)
        {
            string text = Encoding.Latin1.GetString(Mutation.Bytes(line, Seed, i));
            try
            {
                Assert.InRange(Alphabet.Parse(text).Count, 1, Alphabet.MaximumSymbols);
            }
            catch (FormatException)
            {
                // The one exception that the content of a line may cause.
            }
        }
    }

    private static object Music(Stream stream, bool odd) => MusicFile.Read(stream, "FILE", odd ? Drop : null);

    /// <summary>
    /// Reads a valid file and 400 changed ones; each is read or refused with one sentence, within a bound on memory.
    /// </summary>
    internal static void Mutate(byte[] file, long constant, long times, Func<Stream, bool, object> read, int least = 1)
    {
        read(new MemoryStream(file), false); // the unchanged file is valid
        int refused = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] bytes = Mutation.Bytes(file, Seed, i);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(new MemoryStream(bytes), i % 2 == 1);
            }
            catch (InvalidFileException error)
            {
                refused++;
                TempFolder.AssertSentence(error, "FILE");
            }
            catch (Exception error)
            {
                Assert.Fail($"case {i}: {error}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= constant + (times * bytes.Length),
                $"case {i} of {bytes.Length} bytes allocated {allocated}");
        }

        Assert.InRange(refused, least, Cases);
    }
}
