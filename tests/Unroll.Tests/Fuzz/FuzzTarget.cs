using Unroll.Files;

namespace Unroll.Tests.Fuzz;

/// <summary>
/// Something that reads external files: it accepts an input or refuses it with one sentence, within a bound on memory.
/// </summary>
/// <param name="Name">The name of the target.</param>
/// <param name="Weight">Its share of the inputs; small where an input takes long.</param>
/// <param name="Read">Reads the input of a case in a separate folder. True: the input was accepted. False: the input was refused
/// correctly. Throws otherwise.</param>
internal sealed record FuzzTarget(string Name, double Weight, Func<FuzzCase, bool> Read)
{
    /// <summary>
    /// Bytes that a case may allocate in addition to <see cref="Times"/> its input; 0 where allocation is not checked.
    /// </summary>
    public long Constant { get; init; }

    /// <summary>The multiple of the bytes of its input that a case may allocate.</summary>
    public long Times { get; init; }

    /// <summary>Runs one case.</summary>
    /// <returns>Whether the input was accepted.</returns>
    /// <exception cref="FuzzFailure">The input was neither accepted nor refused correctly.</exception>
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

    /// <summary>One sentence: one line, one full stop at its end, no terminal control characters.</summary>
    public void RequireSentence(string sentence, FuzzCase one)
    {
        if (!sentence.EndsWith('.') || sentence.EndsWith("..", StringComparison.Ordinal) || !Printable.IsLine(sentence))
            throw new FuzzFailure(this, one, $"this is not one sentence: {sentence}", null);
    }
}

/// <summary>One input.</summary>
/// <param name="Seed">The seed of all cases.</param>
/// <param name="Number">The number of this case.</param>
/// <param name="Folder">A folder that no other case uses at the same time.</param>
internal sealed record FuzzCase(ulong Seed, long Number, string Folder)
{
    /// <summary>The bytes of the input.</summary>
    public long Length { get; private set; }

    /// <summary>Random draws of this case, separate from those that changed the input.</summary>
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

    /// <summary>An input that was made otherwise; its bytes count.</summary>
    public byte[] Counted(byte[] bytes)
    {
        Length = bytes.Length;
        return bytes;
    }
}

/// <summary>An input that was neither accepted nor refused correctly.</summary>
internal sealed class FuzzFailure(FuzzTarget target, FuzzCase one, string problem, Exception? cause)
    : Exception($"{target.Name}, seed {one.Seed}, case {one.Number}: {problem}", cause);
