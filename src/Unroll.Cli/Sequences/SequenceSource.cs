using Unroll.Data;
using Unroll.Data.Csv;
using Unroll.Files;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Sequences;

/// <summary>Finds and reads a user's own sequences: tables, folders of them, .ts files, arrays of NumPy.</summary>
internal static class SequenceSource
{
    private const int MostLooked = 10_000;

    /// <summary>Whether a path is of sequences, by the names of its files.</summary>
    public static bool Is(string path)
    {
        if (!Directory.Exists(path)) return (CsvFolder.IsTable(path) || IsOther(path)) && PathLook.At(path) != PathKind.Nothing;
        try
        {
            // A folder of music may have a table of its pieces, and one of texts anything.
            string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Take(MostLooked)];
            return files.Any(CsvFolder.IsTable) && !files.Any(MidiFolder.IsName) && !TextFolder.IsOne(path);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            return false; // reading it says what is wrong
        }
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="UserError">An option does not fit the data.</exception>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    public static SequenceData Read(string path, SequenceRequest request)
    {
        try
        {
            return Targets(IsOther(path) ? ReadOther(path, request) : CsvFile.Read(path, request.Csv), request);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    /// <summary>
    /// Reads them from standard input: a table, or labelled sequences of the archive, whose first line says so.
    /// </summary>
    /// <exception cref="UserError">An option does not fit the data.</exception>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    public static SequenceData Read(Stream input, SequenceRequest request)
    {
        const string Name = "standard input";
        using var whole = new MemoryStream();
        input.CopyTo(whole);
        if (whole.Length == 0)
            throw new UserError("Standard input is empty; give it a table with the names of columns in its first row.");
        whole.Position = 0;
        try
        {
            return Targets(IsArchive(whole) ? TsFile.Read(whole, Name) : CsvFile.Read(whole, Name, request.Csv), request);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static SequenceData Targets(SequenceData data, SequenceRequest request) =>
        request.Targets.Count == 0 ? data : data.WithTargets([.. request.Targets]);

    /// <summary>Whether the first line that is no comment begins with @.</summary>
    private static bool IsArchive(MemoryStream text)
    {
        bool begins = true, comment = false;
        foreach (byte one in text.GetBuffer().AsSpan(0, (int)text.Length))
        {
            if (one is (byte)'\n' or (byte)'\r') (begins, comment) = (true, false);
            else if (!comment && begins && one == (byte)'#') comment = true;
            else if (!comment && !char.IsWhiteSpace((char)one)) return begins && one == (byte)'@';
        }

        return false;
    }

    private static SequenceData ReadOther(string path, SequenceRequest request)
    {
        if (request.Given.FirstOrDefault(name =>
            name != "--target") is { } option) throw new UserError($"{option} is for tables (.csv), and {path} is not a table.");
        return IsTs(path) ? TsFile.Read(path) : NpyFile.Read(path);
    }

    /// <summary>Whether a path is of tables: a folder is.</summary>
    public static bool IsTable(string file) => CsvFolder.IsTable(file) || Directory.Exists(file);

    private static bool IsOther(string file) => IsTs(file) || Ends(file, ".npy") || Ends(file, ".npz");

    private static bool IsTs(string file) => Ends(file, ".ts") || Ends(file, ".ts.gz");

    private static bool Ends(string file, string ending) => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
