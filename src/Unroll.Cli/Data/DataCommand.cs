using System.CommandLine;
using System.Text;
using Unroll.Cli.Corpora;
using Unroll.Cli.Sequences;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Data;

/// <summary><c>unroll data list | get NAME | show NAME|FILE</c>: the published data sets, and what is in a user's own.</summary>
internal static class DataCommand
{
    /// <summary>
    /// The environment variable that names a server with the layout of a data folder, in place of the places of publication.
    /// </summary>
    public const string UrlVariable = "UNROLL_DATA_URL";

    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);
    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "One JSON object a line on standard output.",
    };
    private static readonly DeclaredArgument<string> Name = new("NAME")
    {
        Description = "A data set, or all.",
        Completions = () => DataCatalogue.Names.Append("all"),
    };
    private static readonly DeclaredArgument<string> Data = new("NAME|FILE")
    {
        Description = "A data set, a file or folder, or - for text on standard input.",
        Completions = () => DataCatalogue.Names,
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("data", "Lists, downloads and shows music, text and sequences to learn from.")
        {
            Examples = ["unroll data get ptb", "unroll data show novel.txt", "unroll data show readings.csv"],
        };
        var list = new VerbCommand("list", "Lists the published data sets and says where they lie.")
        {
            Examples = ["unroll data list"],
        };
        list.SetAction(parsed =>
            List(new DataFolders(host.ForData(), parsed.GetValue(CorpusOptions.Folder)), parsed.GetValue(Json), host));
        var get = new VerbCommand("get", "Downloads a data set; one that broke off goes on.")
        {
            Examples = ["unroll data get ptb"],
        };
        get.Add(Name);
        get.SetAction(parsed => Get(parsed.GetRequiredValue(Name),
            new DataFolders(host.ForData(), parsed.GetValue(CorpusOptions.Folder)), parsed.GetValue(Json), host));
        var show = new VerbCommand("show", "Says what is in a data set or in your own files, and how it begins.")
        {
            Examples = ["unroll data show ptb", "unroll data show novel.txt --bytes"],
        };
        show.Add(Data);
        Dictionary<CorpusOption, DeclaredOption> reading = CorpusOptions.AddTo(show, CorpusOptionTable.All.Where(
            option => option.Name is not (CorpusOptionTable.Data or "--window" or "--ahead")));
        show.AddAll(SequenceOptionTable.All);
        show.SetAction(parsed => Show(parsed, reading, host));
        foreach (Command sub in (Command[])[list, get, show])
        {
            sub.Add(CorpusOptions.Folder);
            sub.Add(Json);
            command.Add(sub);
        }

        return command;
    }

    private static int Show(ParseResult parsed, Dictionary<CorpusOption, DeclaredOption> reading, CommandHost host)
    {
        string data = parsed.GetRequiredValue(Data);
        IReadOnlyList<CorpusOverride> corpus = CorpusOptions.Read(parsed, reading);
        SequenceRequest sequences = SequenceOptionTable.Read(parsed);
        bool json = parsed.GetValue(Json), isOwn = DataCatalogue.Find(data) is null && SequenceSource.Is(data);
        if (isOwn && corpus.Count > 0)
            throw new UserError($"{corpus[0].Option.Name} is for music and text, and {data} has sequences of numbers.");
        if (!isOwn && sequences.Given.Count > 0)
            throw new UserError(
                $"{sequences.Given[0]} is for sequences (.csv, .tsv, .ts, .npy, .npz), and {data} is no such file.");
        return isOwn ? SequenceShow.Run(data, sequences, json, host)
            : DataShow.Run(data, new DataSource(host.ForData(), parsed.GetValue(CorpusOptions.Folder)), corpus, json, host);
    }

    private static int List(DataFolders folders, bool json, CommandHost host)
    {
        var table = new TextTable("name", "kind", "size", "folder", "what");
        foreach (DataSet set in DataCatalogue.All)
        {
            string? folder = folders.Find(set);
            if (json)
            {
                JsonLine.Write(host.Out, line =>
                {
                    line.WriteString("name", set.Name);
                    line.WriteString("kind", set.Kind.Name);
                    line.WriteString("summary", set.Summary);
                    line.WriteNumber("bytes", set.Bytes);
                    line.WriteString("folder", folder);
                    line.WriteStartArray("files");
                    foreach (DataFile file in set.Files) line.WriteStringValue(file.Path);
                    line.WriteEndArray();
                });
                continue;
            }

            table.Add(set.Name, set.Kind.Name, TransferDisplay.Size(set.Bytes), folder ?? "not here", set.Summary);
        }

        if (json) return ExitCode.Success;
        table.WriteTo(host);
        if (DataCatalogue.All.Any(set => folders.Find(set) is null)) host.Out.WriteLine("\nGet one with: unroll data get NAME");
        return ExitCode.Success;
    }

    private static int Get(string name, DataFolders folders, bool json, CommandHost host)
    {
        IReadOnlyList<DataSet> sets = name.Equals("all", StringComparison.OrdinalIgnoreCase) ? DataCatalogue.All
            : [DataCatalogue.Get(name)];
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        host = host.WithoutNeedToShow();
        using HttpClient client = Download.Client();
        var download = new Download(client, Stall);
        foreach (DataSet set in sets)
        {
            foreach (DataFile file in set.Files) GetAsync(file).GetAwaiter().GetResult();
        }

        return ExitCode.Success;

        async Task GetAsync(DataFile file)
        {
            string target = DataFolders.At(folders.Target, file);
            foreach (string path in folders.All.Select(folder => DataFolders.At(folder, file)))
            {
                if (!await IsThereAsync(file, path, cancel.Token)) continue;
                Say(file, path, "present");
                return;
            }

            Uri url = Address(file, host);
            if (!json) host.Say($"{file.Path}: {TransferDisplay.Size(file.Bytes)} from {url}");
            var display = new TransferDisplay(host, file.Path, file.Bytes);
            try
            {
                await download.RunAsync(file, url, target, display.Report, cancel.Token);
            }
            finally
            {
                display.End();
            }

            Say(file, target, "downloaded");
        }

        void Say(DataFile file, string path, string status)
        {
            if (!json) host.Say($"{file.Path}: {(status == "present" ? "already there" : "checked and moved in place")}, {path}");
            else JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", "file");
                line.WriteString("file", file.Path);
                line.WriteString("status", status);
                line.WriteString("path", path);
                line.WriteNumber("bytes", file.Bytes);
                line.WriteString("sha256", file.Sha256);
            });
        }
    }

    private static async Task<bool> IsThereAsync(DataFile file, string path, CancellationToken cancellation)
    {
        try
        {
            await using FileStream stream = File.OpenRead(path);
            return await Download.IsRightAsync(file, stream, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Uri Address(DataFile file, CommandHost host)
    {
        if (host.Variable(UrlVariable) is not { Length: > 0 } mirror) return new Uri(file.Url);
        if (!Uri.TryCreate($"{mirror.TrimEnd('/')}/{file.Path}", UriKind.Absolute, out Uri? url)
            || url.Scheme is not ("http" or "https"))
            throw new UserError($"The environment variable {UrlVariable} is '{mirror}', which is no http address.");
        return url;
    }
}
