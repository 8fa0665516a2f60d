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
        if (!Directory.Exists(path)) return (IsTable(path) || IsOther(path)) && PathLook.At(path) != PathKind.Nothing;
        try
        {
            // A folder of music may have a table of its pieces, and one of texts anything.
            string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Take(MostLooked)];
            return files.Any(IsTable) && !files.Any(MidiFolder.IsName) && !TextFolder.IsOne(path);
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
            SequenceData data = IsOther(path) ? ReadOther(path, request) : CsvFile.Read(path, request.Csv);
            return request.Targets.Count == 0 ? data : data.WithTargets([.. request.Targets]);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static SequenceData ReadOther(string path, SequenceRequest request)
    {
        if (request.Given.FirstOrDefault(name =>
            name != "--target") is { } option) throw new UserError($"{option} is for tables (.csv), and {path} is not a table.");
        return IsTs(path) ? TsFile.Read(path) : NpyFile.Read(path);
    }

    private static bool IsTable(string file) => CsvFolder.IsTable(file);

    private static bool IsOther(string file) => IsTs(file) || Ends(file, ".npy") || Ends(file, ".npz");

    private static bool IsTs(string file) => Ends(file, ".ts") || Ends(file, ".ts.gz");

    private static bool Ends(string file, string ending) => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
