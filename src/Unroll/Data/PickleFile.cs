using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// The original form of the piano rolls: a Python pickle of a dictionary with the folds <c>train</c>, <c>valid</c> and <c>test</c>, each a list of
/// pieces, each a list of steps, each a list or tuple of MIDI notes. It allocates at most 300 times the file's size and 1 MB.
/// </summary>
internal static class PickleFile
{
    /// <summary>The most bytes of one file.</summary>
    public const int MaximumBytes = 1 << 27;

    private static readonly string[] Names = ["train", "valid", "test"];

    /// <summary>Whether a file may be a pickle, by its first byte: a protocol, a mark or an empty dictionary.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start) => start.Length > 1 && (start[0] is (byte)'(' or (byte)'}' or (byte)']' or (byte)'c' || (start[0] == 0x80 && start[1] < 16));

    /// <summary>Reads the three folds.</summary>
    /// <exception cref="InvalidFileException">The content is not that.</exception>
    public static IReadOnlyList<PianoRoll>[] Read(Stream stream, string file, MusicReadOptions options)
    {
        (byte[] bytes, int length) = FileBytes.Read(stream, file, MaximumBytes);
        if (PickleReader.Read(bytes, length, file) is not Dictionary<string, object> folds) throw new InvalidFileException(file, "is a pickle of something other than a dictionary of folds");

        // Every step and note stands in the file; what is more is one object used again and again, by which a small file becomes a huge corpus.
        var budget = new Budget(file, length);
        return [.. Names.Select(name => ReadFold(name, folds, file, options, budget))];
    }

    private static List<PianoRoll> ReadFold(string fold, Dictionary<string, object> folds, string file, MusicReadOptions options, Budget budget)
    {
        if (!folds.TryGetValue(fold, out object? value)) throw new InvalidFileException(file, $"is a pickle without the fold '{fold}'");
        if (value is not List<object> list) throw new InvalidFileException(file, $"has a fold '{fold}' that is no list of pieces");
        var pieces = new List<PianoRoll>();
        foreach (object piece in list)
        {
            string name = $"{fold}[{pieces.Count}]";
            budget.Spend(1);
            pieces.Add(ReadPiece(name, piece as List<object> ?? throw new InvalidFileException(file, $"has a piece {name} that is no list of steps"), file, options, budget));
        }

        return pieces;
    }

    private static PianoRoll ReadPiece(string name, List<object> steps, string file, MusicReadOptions options, Budget budget)
    {
        budget.Spend(steps.Count);
        if (steps.Count > PianoRoll.MaximumSteps) throw new InvalidFileException(file, $"has {steps.Count} steps in {name}, where at most {PianoRoll.MaximumSteps} are possible");
        var roll = new PianoRoll(name, steps.Count);
        int dropped = 0;
        for (int t = 0; t < steps.Count; t++)
        {
            if (steps[t] is not List<object> notes) throw new InvalidFileException(file, $"has a step {name}[{t}] that is no list of notes");
            budget.Spend(notes.Count);
            foreach (object item in notes)
            {
                if (item is not long note) throw new InvalidFileException(file, $"has something in {name}[{t}] that is no note");
                if (note is >= PianoRoll.LowestNote and < PianoRoll.LowestNote + PianoRoll.Keys) roll[t, (int)note - PianoRoll.LowestNote] = true;
                else if (options.OutOfRange == OutOfRangeNotes.Drop) dropped++;
                else throw new InvalidFileException(file, $"has the note {note} in {name}[{t}], where a piano has 21 to 108; such notes can be dropped");
            }
        }

        if (dropped > 0) options.Notice?.Invoke($"{file} has {dropped} notes outside 21..108 in {name}, which are left out.");
        return roll;
    }

    private sealed class Budget(string file, long left)
    {
        private long _left = left;

        public void Spend(int count)
        {
            if ((_left -= count) < 0) throw new InvalidFileException(file, "repeats its lists to more pieces, steps and notes than it has bytes");
        }
    }
}
