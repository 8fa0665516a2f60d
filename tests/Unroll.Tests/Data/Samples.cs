using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Unroll.Data;

namespace Unroll.Tests.Data;

/// <summary>Small files of each format, written here from the descriptions of the formats.</summary>
internal static class Samples
{
    /// <summary>A matrix's numbers as a type of a MATLAB file: its number, its class, the bytes of a 0 and of a 1.</summary>
    public static readonly (int Type, int Class, byte[] One)[] Numbers =
    [
        (2, 9, [1]), (1, 8, [1]), (2, 6, [1]), (4, 11, [1, 0]), (5, 12, [1, 0, 0, 0]), (13, 15, [1, 0, 0, 0, 0, 0, 0, 0]),
        (9, 6, BitConverter.GetBytes(1.0)), (7, 7, BitConverter.GetBytes(1f)),
    ];

    public static PianoRoll Roll(ulong seed, int steps, double density = 0.1, string name = "roll")
    {
        RandomSource random = new RandomKey(seed, RandomStream.Test, steps).Shared();
        var roll = new PianoRoll(name, steps);
        for (int t = 0; t < steps; t++)
        {
            for (int key = 0; key < PianoRoll.Keys; key++) roll[t, key] = random.NextDouble() < density;
        }

        return roll;
    }

    public static string Text(PianoRoll roll) =>
        string.Join('/', Enumerable.Range(0, roll.Steps)
            .Select(t => string.Join(',', Enumerable.Range(0, PianoRoll.Keys).Where(key => roll[t, key]))));

    public static void AssertSame(IEnumerable<PianoRoll> expected, IEnumerable<PianoRoll> actual) =>
        Assert.Equal(expected.Select(Text), actual.Select(Text));

    public static byte[] Mat(PianoRoll[][] folds, int number = 0, bool bigEndian = false, bool compress = true)
    {
        var file = new MemoryStream();
        file.Write(Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, made by a test".PadRight(124)));
        file.Write(bigEndian ? [1, 0, (byte)'M', (byte)'I'] : [0, 1, (byte)'I', (byte)'M']);
        string[] names = ["traindata", "validdata", "testdata"];
        Add(Array(1, [1, 2], "other", Array(8, [1, 1], "", Element(1, [7]))));
        for (int i = 0; i < folds.Length; i++) Add(Array(1, [1, folds[i].Length], names[i], [.. folds[i].SelectMany(Matrix)]));
        return file.ToArray();

        void Add(byte[] variable)
        {
            if (!compress)
            {
                file.Write(variable);
                return;
            }

            var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(variable);
            file.Write([.. Word(15), .. Word((int)packed.Length), .. packed.ToArray()]);
        }

        byte[] Matrix(PianoRoll roll)
        {
            (int type, int kind, byte[] one) = Numbers[number];
            var data = new List<byte>();
            for (int key = 0; key < PianoRoll.Keys; key++)
            {
                for (int t = 0; t < roll.Steps; t++)
                    data.AddRange(!roll[t, key] ? new byte[one.Length] : bigEndian ? one.Reverse() : one);
            }

            return Array(kind, [roll.Steps, PianoRoll.Keys], "", Element(type, [.. data]));
        }

        byte[] Array(int kind, int[] sizes, string name, byte[] content)
        {
            byte[] inside =
            [
                .. Element(6, [.. Word(kind), .. Word(0)]), .. Element(5, [.. sizes.SelectMany(Word)]),
                .. Element(1, Encoding.ASCII.GetBytes(name)), .. content,
            ];
            return [.. Word(14), .. Word(inside.Length), .. inside];
        }

        byte[] Element(int type, byte[] content) => content.Length is > 0 and <= 4
            ? [.. Word((content.Length << 16) | type), .. content, .. new byte[4 - content.Length]]
            : [.. Word(type), .. Word(content.Length), .. content, .. new byte[(8 - (content.Length % 8)) % 8]];

        byte[] Word(int value)
        {
            var bytes = new byte[4];
            if (bigEndian) BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            else BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            return bytes;
        }
    }

    /// <summary>Protocol 0 is text; 1 and 2 are bytes. Steps are lists in even pieces and tuples in odd ones.</summary>
    public static byte[] Pickle(PianoRoll[][] folds, int protocol)
    {
        var bytes = new List<byte>();
        int remembered = 0;
        if (protocol == 2) bytes.AddRange([0x80, 2]);
        bytes.AddRange(protocol == 0 ? "(dp0\n"u8 : "}q\0("u8);
        string[] names = ["train", "valid", "test"];
        for (int f = 0; f < folds.Length; f++)
        {
            bytes.AddRange(protocol == 0 ? Encoding.ASCII.GetBytes($"S'{names[f]}'\np{++remembered}\n") : [(byte)'U',
                (byte)names[f].Length, .. Encoding.ASCII.GetBytes(names[f]), (byte)'q', (byte)++remembered]);
            List(folds[f].Select((piece, p) => (Action)(
                () => List(Enumerable.Range(0, piece.Steps).Select(t => (Action)(() => Step(piece, t, p % 2 == 1)))))));
            if (protocol == 0) bytes.Add((byte)'s');
        }

        bytes.AddRange(protocol == 0 ? "."u8 : "u."u8);
        return [.. bytes];

        void List(IEnumerable<Action> items)
        {
            bytes.AddRange(protocol == 0 ? "(l"u8 : "]("u8);
            foreach (Action item in items)
            {
                item();
                if (protocol == 0) bytes.Add((byte)'a');
            }

            if (protocol != 0) bytes.Add((byte)'e');
        }

        void Step(PianoRoll roll, int t, bool tuple)
        {
            int[] notes = [.. Enumerable.Range(0, PianoRoll.Keys).Where(key => roll[t, key])
                .Select(key => key + PianoRoll.LowestNote)];
            if (!tuple)
            {
                List(notes.Select(note => (Action)(() => Note(note))));
                return;
            }

            if (protocol == 2 && notes.Length is > 0 and <= 3)
            {
                foreach (int note in notes) Note(note);
                bytes.Add((byte)(0x84 + notes.Length));
                return;
            }

            bytes.Add((byte)'(');
            foreach (int note in notes) Note(note);
            bytes.Add((byte)'t');
        }

        void Note(int note) => bytes.AddRange(protocol == 0 ? Encoding.ASCII.GetBytes($"I{note}\n") : [(byte)'K', (byte)note]);
    }

    public static byte[] Midi(PianoRoll roll, double step = 0.5)
    {
        var stream = new MemoryStream();
        MidiFile.Write(stream, roll, 120, step);
        return stream.ToArray();
    }

    /// <summary>A MIDI file with the given tracks, written by hand.</summary>
    public static byte[] Midi(int format, int division, params byte[][] tracks) =>
    [
        .. "MThd"u8, 0, 0, 0, 6, 0, (byte)format, 0, (byte)tracks.Length, (byte)(division >> 8), (byte)division,
        .. tracks.SelectMany(track => (byte[])[.. "MTrk"u8, 0, 0, (byte)(track.Length >> 8), (byte)track.Length, .. track]),
    ];
}
