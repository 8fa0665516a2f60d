using System.CommandLine;
using System.Text;
using Unroll.Cli.Corpora;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Data;

/// <summary><c>unroll data list | get NAME | show NAME|FILE</c>: the published data sets, and what is in a user's own.</summary>
internal static class DataCommand
{
    /// <summary>The environment variable that names a server with the layout of a data folder, in place of the places of publication.</summary>
    public const string UrlVariable = "UNROLL_DATA_URL";

    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON object a line on standard output." };
    private static readonly Argument<string> Name = new("NAME") { Description = "A data set, or all." };
    private static readonly Argument<string> Data = new("NAME|FILE") { Description = "A data set, a file or folder, or - for text on standard input." };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new Command("data", "Lists, downloads and shows music and text to learn from.");
        var list = new Command("list", "Lists the published data sets and says where they lie.");
        list.SetAction(parsed => List(new DataFolders(host.ForData(), parsed.GetValue(CorpusOptions.Folder)), parsed.GetValue(Json), host));
        var get = new Command("get", "Downloads a data set; one that broke off goes on.");
        get.Add(Name);
        get.SetAction(parsed => Get(parsed.GetRequiredValue(Name), new DataFolders(host.ForData(), parsed.GetValue(CorpusOptions.Folder)), parsed.GetValue(Json), host));
        var show = new Command("show", "Says what is in a data set or in your own files, and how it begins.");
        show.Add(Data);
        Dictionary<CorpusOption, Option> reading = CorpusOptions.AddTo(show, CorpusOptionTable.All.Where(option => option.Name is not (CorpusOptionTable.Data or "--window" or "--ahead")));
        show.SetAction(parsed => DataShow.Run(parsed.GetRequiredValue(Data), new DataSource(host.ForData(), parsed.GetValue(CorpusOptions.Folder)), CorpusOptions.Read(parsed, reading), parsed.GetValue(Json), host));
        foreach (Command sub in (Command[])[list, get, show])
        {
            sub.Add(CorpusOptions.Folder);
            sub.Add(Json);
            command.Add(sub);
        }

        return command;
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
                    line.WriteString("kind", set.Kind.ToString().ToLowerInvariant());
                    line.WriteString("summary", set.Summary);
                    line.WriteNumber("bytes", set.Bytes);
                    line.WriteString("folder", folder);
                    line.WriteStartArray("files");
                    foreach (DataFile file in set.Files) line.WriteStringValue(file.Path);
                    line.WriteEndArray();
                });
                continue;
            }

            table.Add(set.Name, set.Kind.ToString().ToLowerInvariant(), TransferDisplay.Size(set.Bytes), folder ?? "not here", set.Summary);
        }

        if (json) return ExitCode.Success;
        table.WriteTo(host.Out);
        if (DataCatalogue.All.Any(set => folders.Find(set) is null)) host.Out.WriteLine("\nGet one with: unroll data get NAME");
        return ExitCode.Success;
    }

    private static int Get(string name, DataFolders folders, bool json, CommandHost host)
    {
        IReadOnlyList<DataSet> sets = name.Equals("all", StringComparison.OrdinalIgnoreCase) ? DataCatalogue.All : [DataCatalogue.Get(name)];
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
            if (!json) host.Out.WriteLine($"{file.Path}: {TransferDisplay.Size(file.Bytes)} from {url}");
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
            if (!json) host.Out.WriteLine($"{file.Path}: {(status == "present" ? "already there" : "checked and moved in place")}, {path}");
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
        if (!Uri.TryCreate($"{mirror.TrimEnd('/')}/{file.Path}", UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            throw new UserError($"The environment variable {UrlVariable} is '{mirror}', which is no http address.");
        return url;
    }
}
