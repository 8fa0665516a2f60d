using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// The original form of the piano rolls: a Python pickle of a dictionary with the folds <c>train</c>, <c>valid</c> and
/// <c>test</c> (or other usual names), each a list of pieces, each a list of steps, each a list or tuple of MIDI notes; or each
/// step 88 zeros and ones. Any of these lists may be an array of NumPy. It allocates at most 300 times the file's size plus 1 MB.
/// </summary>
internal static class PickleFile
{
    /// <summary>The most bytes of one file.</summary>
    public const int MaximumBytes = 1 << 27;

    private static readonly string[] Names = ["train", "valid", "test"];

    /// <summary>Whether a file may be a pickle, by its first byte: a protocol, a mark or an empty dictionary.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start) =>
        start.Length > 1 && (start[0] is (byte)'(' or (byte)'}' or (byte)']' or (byte)'c' || (start[0] == 0x80 && start[1] < 16));

    /// <summary>Reads the three folds.</summary>
    /// <exception cref="InvalidFileException">The content does not have this form.</exception>
    public static IReadOnlyList<PianoRoll>[] Read(Stream stream, string file, MusicReadOptions options)
    {
        (byte[] bytes, int length) = FileBytes.Read(stream, file, MaximumBytes);
        if (PickleReader.Read(bytes, length, file) is not Dictionary<string, object> folds)
            throw new InvalidFileException(file, "is a pickle of something other than a dictionary of folds");

        // Every step and note has bytes in the file. More items than that mean one object used again and again, by which a small
        // file would become a huge corpus.
        var budget = new Budget(file, 2L * length);
        return [.. Names.Select((name, fold) =>
            ReadFold(Key(folds, name, (Fold)fold)
            ?? throw new InvalidFileException(file, $"is a pickle without the fold '{name}'"), folds, file, options, budget))];
    }

    private static string? Key(Dictionary<string, object> folds, string name, Fold fold) => folds.ContainsKey(name) ? name
        : folds.Keys.FirstOrDefault(key => FoldNames.Of(key) == fold);

    private static List<PianoRoll> ReadFold(
        string fold, Dictionary<string, object> folds, string file, MusicReadOptions options, Budget budget)
    {
        if (Items.Of(folds[fold]) is not { } list)
            throw new InvalidFileException(file, $"has a fold '{fold}' that is no list of pieces");
        var pieces = new List<PianoRoll>();
        for (long i = 0; i < list.Count; i++)
        {
            string name = Invariant($"{fold}[{i}]");
            budget.Spend(1);
            pieces.Add(ReadPiece(name, Items.Of(list[i])
                ?? throw new InvalidFileException(file, $"has a piece {name} that is no list of steps"), file, options, budget));
        }

        return pieces;
    }

    private static PianoRoll ReadPiece(string name, Items steps, string file, MusicReadOptions options, Budget budget)
    {
        budget.Spend(steps.Count);
        if (steps.Count > PianoRoll.MaximumSteps)
            throw new InvalidFileException(
                file, $"has {steps.Count} steps in {name}, where at most {PianoRoll.MaximumSteps} are possible");
        var roll = new PianoRoll(name, (int)steps.Count);
        int dropped = 0;
        for (int t = 0; t < steps.Count; t++)
        {
            if (Items.Of(steps[t]) is not { } notes)
                throw new InvalidFileException(file, Invariant($"has a step {name}[{t}] that is no list of notes"));
            budget.Spend(notes.Count);
            if (IsKeys(notes))
            {
                for (int key = 0; key < PianoRoll.Keys; key++) roll[t, key] = Whole(notes[key]) == 1;
                continue;
            }

            for (long i = 0; i < notes.Count; i++)
            {
                if (Whole(notes[i]) is not { } note)
                    throw new InvalidFileException(file, Invariant($"has something in {name}[{t}] that is no note"));
                if (note is >= PianoRoll.LowestNote and < PianoRoll.LowestNote + PianoRoll.Keys)
                    roll[t, (int)note - PianoRoll.LowestNote] = true;
                else if (options.OutOfRange == OutOfRangeNotes.Drop) dropped++;
                else throw new InvalidFileException(file,
                    Invariant($"has the note {note} in {name}[{t}], where a piano has 21 to 108; ")
                        + "--drop-notes leaves such notes out");
            }
        }

        if (dropped > 0) options.Notice?.Invoke(
            Invariant($"{file} has {Counted.Of(dropped, "note")} outside 21..108 in {name}, which ")
                + Invariant($"{(dropped == 1 ? "is" : "are")} left out."));
        return roll;
    }

    /// <summary>
    /// Whether a step is a list of all keys, up or down, and not a list of the notes that are down. The values decide: neither 0
    /// nor 1 is a note of a piano.
    /// </summary>
    private static bool IsKeys(Items step)
    {
        if (step.Count != PianoRoll.Keys) return false;
        for (int key = 0; key < PianoRoll.Keys; key++)
        {
            if (Whole(step[key]) is not (0 or 1)) return false;
        }

        return true;
    }

    /// <summary>A whole number of any type; null for anything else.</summary>
    private static long? Whole(object item) => item switch
    {
        long number => number,
        bool on => on ? 1 : 0,
        double number when number == Math.Floor(number) && Math.Abs(number) < 1e9 => (long)number,
        _ => null,
    };

    /// <summary>A list or an array.</summary>
    private readonly record struct Items(List<object>? List, PickleArray? Array)
    {
        public long Count => List?.Count ?? Array!.Count;

        public object this[long index] => List is not null ? List[(int)index] : Array![index];

        public static Items? Of(object value) => value switch
        {
            List<object> list => new Items(list, null),
            PickleArray { Dtype: not null } array => new Items(null, array),
            _ => null,
        };
    }

    private sealed class Budget(string file, long left)
    {
        private long _left = left;

        public void Spend(long count)
        {
            if ((_left -= count) < 0)
                throw new InvalidFileException(file, "repeats its lists to more pieces, steps and notes than it has bytes");
        }
    }
}
