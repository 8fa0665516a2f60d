using System.IO.Compression;
using Unroll.Data.Numpy;
using Unroll.Data.Text;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// Reads arrays of NumPy: whole and real numbers of every size and order, booleans; never pickled objects. One array (.npy)
/// or several of one file (.npz): values, classes or numbers, lengths.
/// </summary>
public static class NpyFile
{
    private const int MostArrays = 10_000;

    /// <summary>Reads a file.</summary>
    /// <param name="path">A .npy or .npz file.</param>
    /// <param name="options">How.</param>
    /// <exception cref="InvalidFileException">Its content cannot be accepted.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SequenceData Read(string path, NpyOptions? options = null)
    {
        options ??= new NpyOptions();
        return FileBytes.Use(path, stream =>
        {
            byte[] start = new byte[4];
            int length = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
            stream.Position = 0;
            return length == 4 && start is [(byte)'P', (byte)'K', 3 or 5, 4 or 6] ? ReadZip(stream, path, options)
                : Build(NpyArray.Read(stream, path), null, null, path, options);
        });
    }

    private static SequenceData ReadZip(Stream stream, string path, NpyOptions options)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            if (zip.Entries.Count > MostArrays) throw new InvalidFileException(path,
                Invariant($"has more than {MostArrays} arrays"));
            string[] names = [.. zip.Entries.Where(entry =>
                entry.FullName.EndsWith(".npy", StringComparison.Ordinal)).Select(entry => entry.FullName[..^4])];
            if (names.Length == 0) throw new InvalidFileException(path, "has no array (.npy) in it");
            string? targets = Find(names, path, options.Targets, ["y", "Y", "labels", "target", "targets"]);
            string? lengths = Find(names, path, options.Lengths, ["lengths"]);
            string? values = Find(names, path, options.Values,
                ["X", "x", "data", "values"]) ?? (names.Except([targets, lengths]).ToArray() is [{ } only] ? only : null);
            if (values is null) throw new InvalidFileException(path,
                $"has several arrays ({SequenceData.Some(names)}); name the one of values");
            return Build(Array(values)!, Array(targets), Array(lengths), path, options);

            NpyArray? Array(string? name)
            {
                if (name is null) return null;
                using Stream entry = zip.Entries.First(one => one.FullName == name + ".npy").Open();
                return NpyArray.Read(entry, path);
            }
        }
        catch (InvalidDataException)
        {
            throw GzipText.Damaged(path);
        }
    }

    private static string? Find(string[] names, string path, string? given, string[] usual)
    {
        if (given is null) return usual.FirstOrDefault(names.Contains);
        return names.Contains(given) ? given
            : throw new InvalidFileException(path,
                $"has no array '{given}'; the nearest is '{NearestName.Of(given, names)}' (of {SequenceData.Some(names)})");
    }

    private static SequenceData Build(NpyArray values, NpyArray? targets, NpyArray? lengths, string path, NpyOptions options)
    {
        if (values.Texts is not null) throw new InvalidFileException(path, "has texts where values are expected");
        string shape = string.Join(", ", values.Shape);
        (int count, int steps, int width) = values.Shape switch
        {
            [var t] => (1, t, 1),
            [var n, var t] when options.RowsAreSequences => (n, t, 1),
            [var t, var c] => (1, t, c),
            [var n, var c, var t] when options.ColumnsFirst => (n, t, c),
            [var n, var t, var c] => (n, t, c),
            _ => throw new InvalidFileException(path, $"has an array of the shape ({shape}); one to three dimensions are read"),
        };
        if (count == 0 || steps == 0 || width == 0) throw new InvalidFileException(path,
            $"has an empty array, of the shape ({shape})");
        if (options.Columns is { } given && given.Count != width)
            throw new ArgumentException(Invariant($"{Counted.Are(given.Count, "name")} given for ")
                + Invariant($"{Counted.Of(width, "column")}."));
        CheckCount(targets, "targets");
        CheckCount(lengths, "lengths");
        SequenceColumn[] columns = [.. Enumerable.Range(0, width).Select(c =>
            new SequenceColumn(options.Columns?[c] ?? Invariant($"column{c + 1}")))];
        bool numbers = targets is not null && targets.Texts is null && (options.TargetsAreNumbers || !targets.IsWhole);
        if (targets?.Rounded is { } rounded && !numbers) throw new InvalidFileException(path,
            Invariant($"has the label {rounded}, which numbers of 32 bits round, so classes would become one; ")
                + "give labels as texts, or number the classes from 0");
        string[]? labels = targets is null || numbers ? null
            : targets.Texts ?? [.. targets.Numbers.Select(one => Invariant($"{one:F0}"))];
        string[] classes = labels is null ? [] : ClassNames.Sorted(labels);
        Dictionary<string, int> places = ClassNames.Places(classes);
        bool columnsFirst = options.ColumnsFirst && values.Shape.Length == 3;
        var sequences = new Sequence[count];
        for (int n = 0; n < count; n++)
        {
            ReadOnlyMemory<float> all = values.Numbers.AsMemory(n * steps * width, steps * width);
            var block = new SequenceBlock
            {
                Numbers = [.. Enumerable.Range(0, width).Select(c => columnsFirst
                    ? new ColumnValues(all.Slice(c * steps, steps), 1, steps) : new ColumnValues(all[c..], width, steps))],
                Codes = new ReadOnlyMemory<int>?[width],
            };
            int length = steps;
            if (lengths is not null && !((length = (int)lengths.Numbers[n]) == lengths.Numbers[n] && length >= 1
                && length <= steps))
                throw new InvalidFileException(path, Invariant(
                    $"has {lengths.Numbers[n]} as the length of sequence {n + 1}; it must be a whole number of 1..{steps}"));
            float number = numbers ? targets!.Numbers[n] : float.NaN;
            if (numbers && float.IsNaN(number)) throw new InvalidFileException(path,
                Invariant($"has no number for sequence {n + 1}; take the sequence out"));
            sequences[n] = new Sequence(block, 0, length)
            {
                Name = Invariant($"{n + 1}"),
                Class = labels is null ? -1 : places[labels[n]],
                Number = number,
            };
        }

        return new SequenceData(path, columns, sequences, classes) { Notices = [.. Rounding.Notices(columns, sequences)] };

        void CheckCount(NpyArray? array, string what)
        {
            if (array is null) return;
            int there = Math.Max(array.Numbers.Length, array.Texts?.Length ?? 0);
            if (array.Shape.Length is < 1 or > 2 || there != count || (what == "lengths" && array.Texts is not null))
                throw new InvalidFileException(path,
                    Invariant($"has {what} of the shape ({string.Join(", ", array.Shape)}) for ")
                        + Invariant($"{Counted.Of(count, "sequence")}; there must ")
                        + "be one number for each");
        }
    }
}
