using Unroll.Data.Csv;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Reads tables of sequences: a row a step, of one sequence (wide) or of several that a column tells apart (long), or a
/// folder with a file a sequence. Delimiter, decimal mark, names, dates, encoding and packing (gzip) are found out.
/// </summary>
public static class CsvFile
{
    /// <summary>Reads a file or a folder.</summary>
    /// <param name="path">A file, also packed by gzip, or a folder of .csv, .tsv, .csv.gz and .tsv.gz files.</param>
    /// <param name="options">How.</param>
    /// <exception cref="InvalidFileException">Its content cannot be accepted; the message has row, line and column.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static SequenceData Read(string path, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new CsvOptions();
        if (Directory.Exists(path)) return CsvFolder.Read(path, options);
        if (options.LabelByFolder || options.LabelFile is not null)
            throw new ArgumentException(Printable.Sentence(
                $"{path} is a file, and labels by folder or by a table of files are for a folder; name a column of labels."));
        return FileBytes.Use(path, stream => Read(stream, path, options));
    }

    /// <summary>Reads a table.</summary>
    /// <param name="stream">The table, from where it is to its end.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="options">How.</param>
    /// <exception cref="InvalidFileException">Its content cannot be accepted; the message has row, line and column.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SequenceData Read(Stream stream, string name, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= new CsvOptions();
        CsvTable table = CsvTable.Read(stream, name, options);
        table.NoteRounding([]);
        return CsvSequences.Make(table, options);
    }
}
