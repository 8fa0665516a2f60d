using Unroll.Files;

namespace Unroll.Tests.Fuzz;

/// <summary>
/// Something that reads files of others: it takes an input or refuses it in one sentence, and never with much memory.
/// </summary>
/// <param name="Name">What it is called.</param>
/// <param name="Weight">Its share of the inputs; small where one takes long.</param>
/// <param name="Read">Reads the input of a case in a folder of its own. True: it was taken. False: it was refused as it should
/// be. Throws otherwise.</param>
internal sealed record FuzzTarget(string Name, double Weight, Func<FuzzCase, bool> Read)
{
    /// <summary>Bytes that a case may allocate besides <see cref="Times"/> of its input; 0 where that is not looked at.</summary>
    public long Constant { get; init; }

    /// <summary>How many times the bytes of its input a case may allocate.</summary>
    public long Times { get; init; }

    /// <summary>Makes one case.</summary>
    /// <returns>Whether the input was taken.</returns>
    /// <exception cref="FuzzFailure">It was neither taken nor refused as it should be.</exception>
    public bool Run(ulong seed, long number, string folder)
    {
        var one = new FuzzCase(seed, number, folder);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool taken;
        try
        {
            taken = Read(one);
        }
        catch (InvalidFileException error)
        {
            taken = false;
            RequireSentence(error.Message, one);
            if (!error.Message.Contains(error.File, StringComparison.Ordinal))
                throw new FuzzFailure(this, one, $"the sentence does not name the file: {error.Message}", error);
        }
        catch (Exception error) when (error is not FuzzFailure)
        {
            throw new FuzzFailure(this, one, error.ToString(), error);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before, allowed = Constant + (Times * one.Length);
        return Constant == 0 || allocated <= allowed ? taken
            : throw new FuzzFailure(this, one,
            $"it allocated {allocated} bytes, of {one.Length} bytes of input, where {allowed} are enough", null);
    }

    /// <summary>One sentence: one line, one full stop at its end, nothing that commands a terminal.</summary>
    public void RequireSentence(string sentence, FuzzCase one)
    {
        if (!sentence.EndsWith('.') || sentence.EndsWith("..", StringComparison.Ordinal) || !Printable.IsLine(sentence))
            throw new FuzzFailure(this, one, $"this is not one sentence: {sentence}", null);
    }
}

/// <summary>One input.</summary>
/// <param name="Seed">The seed of all cases.</param>
/// <param name="Number">The number of this one.</param>
/// <param name="Folder">A folder that is its own while it runs.</param>
internal sealed record FuzzCase(ulong Seed, long Number, string Folder)
{
    /// <summary>The bytes of the input.</summary>
    public long Length { get; private set; }

    /// <summary>The draws of this case beyond those that changed the input.</summary>
    public RandomSource Draws() => Mutation.Draws(Seed + 1, Number);

    /// <summary>A sample with some of its bytes changed.</summary>
    public byte[] Bytes(byte[] sample) => Counted(Mutation.Bytes(sample, Seed, Number));

    /// <summary>A text with some of its words or bytes changed.</summary>
    public byte[] Text(byte[] sample) => Counted(Mutation.Text(sample, Seed, Number));

    /// <summary>A sample with some of its bits flipped.</summary>
    public byte[] Bits(byte[] sample) => Counted(Mutation.Bits(sample, Seed, Number));

    /// <summary>The input as a file.</summary>
    public string File(byte[] bytes, string name = "FILE")
    {
        string path = Path.Combine(Folder, name);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    private byte[] Counted(byte[] bytes)
    {
        Length = bytes.Length;
        return bytes;
    }
}

/// <summary>An input that was neither taken nor refused as it should be.</summary>
internal sealed class FuzzFailure(FuzzTarget target, FuzzCase one, string problem, Exception? cause)
    : Exception($"{target.Name}, seed {one.Seed}, case {one.Number}: {problem}", cause);
