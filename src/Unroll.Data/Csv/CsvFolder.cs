using nietras.SeparatedValues;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data.Csv;

/// <summary>A folder of tables with the same columns, a sequence or several in each.</summary>
internal static class CsvFolder
{
    private const int MostFiles = 1_000_000;
    private static readonly string[] Endings = [".csv", ".tsv", ".csv.gz", ".tsv.gz"];

    public static bool IsTable(string file) => Endings.Any(ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    public static SequenceData Read(string folder, CsvOptions options)
    {
        if (options.LabelByFolder && options.LabelFile is not null) throw new ArgumentException(
            "Labels come from folders or from a table, not from both.");
        string? table = options.LabelFile is null ? null : Path.GetFullPath(options.LabelFile);
        string[] files = Files(folder, table);
        Dictionary<string, string>? labels = table is null ? null : Labels(options.LabelFile!);
        var parts = new List<SequenceData>(files.Length);
        var kinds = new Dictionary<string, CsvKind>(StringComparer.Ordinal);
        var rounded = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            string name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            string? label = options.LabelByFolder ? FolderLabel(folder, file, name) : labels is null ? null
                : Label(labels, name, options.LabelFile!);
            CsvTable rows = FileBytes.Use(file, stream => CsvTable.Read(stream, file, options, kinds));
            rows.NoteRounding(rounded);
            foreach (CsvColumn column in rows.Data) kinds.TryAdd(column.Name, column.Kind);
            parts.Add(CsvSequences.Make(rows, options, Bare(name), label));
        }

        try
        {
            return SequenceData.Join(folder, parts);
        }
        catch (ArgumentException error)
        {
            throw new InvalidFileException(folder, "has files that do not fit together: " + error.Message.TrimEnd('.'));
        }
    }

    private static string[] Files(string folder, string? besides)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsTable)
                .Where(file => besides is null || Path.GetFullPath(file) != besides).Take(MostFiles
                    + 1).Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(folder, error);
        }

        if (files.Length == 0) throw new InvalidFileException(folder, "has no file named .csv, .tsv, .csv.gz or .tsv.gz");
        return files.Length <= MostFiles ? files
            : throw new InvalidFileException(folder, Invariant($"has more than {MostFiles} files"));
    }

    private static string FolderLabel(string folder, string file, string name) => name.Contains('/')
        ? Path.GetFileName(Path.GetDirectoryName(file))!
        : throw new InvalidFileException(folder,
            $"has the file '{name}' in no folder of its own, so it has no label; put it into a folder named after its class");

    private static Dictionary<string, string> Labels(string file)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        FileBytes.Use(file, stream => CsvSource.Use(stream, file, source =>
        {
            CsvLook look = CsvLook.At(source.Beginning, source.IsWhole, file, new CsvOptions());
            if (look.Names.Length != 2)
                throw new InvalidFileException(file, Invariant(
                    $"has {Counted.Of(look.Names.Length, "column")} where two are expected, file names and their classes"));
            using StreamReader reader = source.Reader();
            for (int i = 0; i < look.SkippedLines; i++) reader.ReadLine();
            using SepReader rows = CsvLook.Reader(look.Delimiter).From(reader);
            foreach (SepReader.Row row in rows)
            {
                if (row.ColCount == 1 && row[0].Span.Trim().IsEmpty) continue;
                if (row.ColCount != 2 || row[0].Span.Trim().IsEmpty || row[1].Span.Trim().IsEmpty)
                    throw new InvalidFileException(file, Invariant(
                        $"has no file name and class in line {row.LineNumberFrom + look.SkippedLines}"));
                labels[Bare(row[0].Span.Trim().ToString().Replace('\\', '/'))] = row[1].Span.Trim().ToString();
            }

            return true;
        }));
        return labels;
    }

    private static string Label(Dictionary<string, string> labels, string name, string file) =>
        labels.TryGetValue(Bare(name), out string? label)
        || labels.TryGetValue(Path.GetFileName(Bare(name)), out label)
        ? label : throw new InvalidFileException(file, $"has no class for the file '{name}'; add a row for it");

    /// <summary>A file's name without what says that it is a table.</summary>
    private static string Bare(string name)
    {
        string? ending = Array.Find(Endings, one => name.EndsWith(one, StringComparison.OrdinalIgnoreCase));
        return ending is null ? name : name[..^ending.Length];
    }
}
