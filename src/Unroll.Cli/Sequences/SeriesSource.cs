using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Tasks;

namespace Unroll.Cli.Sequences;

/// <summary>Reads the data that series settings name, for training, evaluation and prediction.</summary>
internal static class SeriesSource
{
    /// <summary>The folds of a run: its files are read, and what they say of themselves goes to standard error.</summary>
    /// <exception cref="UserError">An option does not fit the data, or the data cannot be split so.</exception>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    public static SequenceFolds Folds(SeriesSettings settings, CommandHost host)
    {
        SequenceData data = Read(settings, settings.Data, host);
        SequenceData? validation = settings.ValidationData is { } valid ? Read(settings, valid, host) : null;
        SequenceData? test = settings.TestData is { } given ? Read(settings, given, host) : null;
        SequenceFolds folds = settings.Split(data, validation, test);
        foreach (string notice in folds.Data.Notices) host.Error.WriteLine($"unroll: {notice}");
        return folds;
    }

    /// <summary>One file or folder, or standard input by -, with what is to be predicted.</summary>
    public static SequenceData Read(SeriesSettings settings, string path, CommandHost host) =>
        Read(settings, Request(settings), path, host);

    /// <summary>Other data than those of training to predict and to compare with: of a table what the network reads, and what is
    /// predicted.</summary>
    /// <param name="unread">The columns that are neither.</param>
    public static SequenceData ReadOther(
        SeriesSettings settings, SeriesCodec codec, string path, CommandHost host, out IReadOnlyList<string> unread)
    {
        SequenceRequest request = Request(settings);
        var others = new List<string>();
        unread = others;
        if (path == "-" || SequenceSource.IsTable(path))
            request = request with { Csv = Only(request.Csv, codec, codec.Targets, others) };
        return Read(settings, request, path, host);
    }

    /// <summary>Data to predict from, which need have nothing but what the network reads.</summary>
    /// <param name="unread">The columns that it does not read.</param>
    public static SequenceData ReadInputs(
        SeriesSettings settings, SeriesCodec codec, string? path, CommandHost host, out IReadOnlyList<string> unread)
    {
        bool isTable = path is null || SequenceSource.IsTable(path);
        CsvOptions given = SequenceOptionTable.Read(settings.Texts).Csv;
        var others = new List<string>();
        unread = others;
        var request = new SequenceRequest(
            !isTable ? new CsvOptions()
                : Only(given with { Label = null, LabelByFolder = false, LabelFile = null }, codec, [], others), [], []);
        if (path is null) return SequenceSource.Read(host.OpenIn(), request);
        return PathLook.At(path) == PathKind.Nothing ? throw new UserError($"There is no file or folder {path}.")
            : SequenceSource.Read(path, request);
    }

    private static SequenceData Read(SeriesSettings settings, SequenceRequest request, string path, CommandHost host)
    {
        if (path != "-" && PathLook.At(path) == PathKind.Nothing) throw new UserError($"There is no file or folder {path}.");
        SequenceData data = path == "-" ? SequenceSource.Read(host.OpenIn(), request) : SequenceSource.Read(path, request);
        if (settings.Kind == SeriesKind.Classify && !data.HasClasses)
            throw new UserError($"The sequences of {data.Name} have no class; name the column of labels by --label.");
        if (settings.Kind == SeriesKind.Regress && !data.HasNumbers)
            throw new UserError(
                $"The sequences of {data.Name} have no number; name the column that has one for each sequence by --target.");
        if (settings.Kind == SeriesKind.Tag && data.Targets.Count != 1)
            throw new UserError(
                "Tags are of one column; name it by --target (of "
                    + $"{SequenceData.Some(data.Columns.Select(column => column.Name))}).");
        return data;
    }

    /// <summary>Whatever is in other columns than those that a network reads does not matter, nor whether they are
    /// there.</summary>
    private static CsvOptions Only(CsvOptions given, SeriesCodec codec, IReadOnlyList<string> besides, List<string> others)
    {
        string[] all = [.. codec.Encoder.Columns.Select(column => column.Name)];
        int own = codec.Encoder.OwnColumns;
        return given with
        {
            Columns = [.. all[..own], .. besides],
            Optional = all[own..], // what is known ahead is in rows to forecast, or in columns of its own
            Ignore = [],
            Categories = [.. given.Categories.Where(name => all.Contains(name) || besides.Contains(name))],
            Unread = name =>
            {
                if (!others.Contains(name)) others.Add(name);
            },
        };
    }

    private static SequenceRequest Request(SeriesSettings settings)
    {
        SequenceRequest request = SequenceOptionTable.Read(settings.Texts);

        // A number of a sequence is one of a column of a table.
        if (settings.Kind != SeriesKind.Regress || request.Targets.Count == 0) return request;
        return request.Targets.Count == 1 ? request with { Csv = request.Csv with { Number = request.Targets[0] }, Targets = [] }
            : throw new UserError("--target names the one column with the number of each sequence; name one.");
    }
}
