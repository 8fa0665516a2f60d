using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Unroll.Cli.Tests.Corpora;
using Unroll.Cli.Tests.Fuzz;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Terminal;

/// <summary>Every output of a command: to a link, to a device, to a pipe, to standard output.</summary>
public sealed class OutputFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public OutputFileTests() => StoreMutation.Make(Study);

    private string Study => _folder.At("study");

    public void Dispose() => _folder.Dispose();

    private string[][] Commands(string file) =>
    [
        ["study", "export", Study, "--out", file], ["study", "export", Study, "--checks", file],
            ["study", "export", Study, "--store", file], ["study", "report", Study, "--out", file],
        ["sample", CorpusFiles.TextModel(_folder, "scalar:61,62"), "--length", "30", "--out", file],
            ["sample", CorpusFiles.MusicModel(_folder), "--length", "10", "--out", file],
        ["diagnose", Model(), "--batches", "1", "--html", file],
    ];

    [Fact]
    public void A_link_stays_and_its_file_is_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs symbolic links");
        string link = _folder.At("link"), file = _folder.At("file");
        File.CreateSymbolicLink(link, "file");
        foreach (string[] command in Commands(link))
        {
            File.WriteAllText(file, "old");
            Assert.Equal((ExitCode.Success, ""), Ended(Cli.Run(command)));
            Assert.Equal("file", new FileInfo(link).LinkTarget);
            Assert.True(File.ReadAllBytes(file).Length > 10, command[1]);
        }
    }

    [Fact]
    public void A_device_stays_one()
    {
        string device = _folder.At("null");
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root" && Run("mknod", device, "c", "1", "3"),
            "only root can make a device");
        foreach (string[] command in Commands(device))
        {
            Assert.Equal((ExitCode.Success, ""), Ended(Cli.Run(command)));
            Assert.True(Run("test", "-c", device), string.Join(' ', command));
        }

        Assert.DoesNotContain(Directory.GetFiles(_folder.At("")), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pipe_gets_what_a_file_would()
    {
        string pipe = _folder.At("pipe");
        Assert.SkipUnless(!OperatingSystem.IsWindows() && Run("mkfifo", pipe), "needs named pipes");
        string[][] toFile = Commands(_folder.At("file")), toPipe = Commands(pipe);
        for (int i = 0; i < toFile.Length; i++)
        {
            File.Delete(_folder.At("file")); // a store is not replaced by something else
            Assert.Equal(ExitCode.Success, Cli.Run(toFile[i]).Code);
            byte[] expected = File.ReadAllBytes(_folder.At("file"));
            Task<byte[]> read = Task.Run(() => Bytes(pipe), TestContext.Current.CancellationToken);
            Assert.Equal((ExitCode.Success, ""), Ended(Cli.Run(toPipe[i])));
            Assert.Equal(expected, await read);
        }

        static byte[] Bytes(string path)
        {
            using var bytes = new MemoryStream();
            using FileStream stream = File.OpenRead(path);
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    [Fact]
    public void A_hyphen_is_standard_output_and_nothing_else_is_there()
    {
        string[][] toFile = Commands(_folder.At("file")), toOut = Commands("-");
        for (int i = 0; i < toFile.Length; i++)
        {
            if (toFile[i].Contains("--checks")) continue; // its lines go with those of the trials
            File.Delete(_folder.At("file"));
            Assert.Equal(ExitCode.Success, Cli.Run(toFile[i]).Code);
            using var bytes = new MemoryStream();
            using var output = new StringWriter();
            var host = new CommandHost(TextReader.Null, output, TextWriter.Null) { RawOut = () => new Uncloseable(bytes) };
            Assert.Equal(ExitCode.Success, UnrollCommand.Run(toOut[i], host));
            byte[] written = bytes.Length > 0 ? bytes.ToArray()
                : System.Text.Encoding.UTF8.GetBytes(output.ToString().TrimEnd('\n'));
            Assert.Equal(bytes.Length > 0 ? File.ReadAllBytes(_folder.At("file"))
                : System.Text.Encoding.UTF8.GetBytes(File.ReadAllText(_folder.At("file")).TrimEnd('\n')), written);
            if (bytes.Length > 0) Assert.Equal("", output.ToString());
        }

        Assert.False(File.Exists("-"));
    }

    [Fact]
    public void Two_products_do_not_share_standard_output_and_a_folder_is_none()
    {
        Assert.Contains("--out and --checks cannot both write to standard output",
            Cli.Run("study", "export", Study, "--out", "-", "--checks", "-").RefusedWith());
        Assert.Contains("--csv and --store cannot both", Cli.Run("study", "export", Study, "--csv", "--store",
            "/dev/stdout").RefusedWith());
        Assert.Contains("--html and --json cannot both", Cli.Run("diagnose", Model(), "--html", "-", "--json").RefusedWith());
        Assert.Contains("--out - and --json", Cli.Run("sample", CorpusFiles.MusicModel(_folder), "--out", "-",
            "--json").RefusedWith());
        foreach (string[] args in (string[][])[["train", "--out", "-"], ["study", "run", "addition", "--out", "-"],
            ["reproduce", "fig3", "--out", "-"]])
            Assert.Contains("--out needs a folder, and - is standard output", Cli.Run(args).RefusedWith());
        Assert.Contains("--out needs the name of a file", Cli.Run("study", "report", Study, "--out", "").RefusedWith());
    }

    [Fact]
    public void A_store_is_not_written_over_itself_through_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs symbolic links");
        File.CreateSymbolicLink(_folder.At("link"), Path.Combine(Study, StudyStore.FileName));
        Assert.Contains("is the study's own store", Cli.Run("study", "export", Study, "--store",
            _folder.At("link")).RefusedWith());
        using var connection = new SqliteConnection($"Data Source={Study}/study.db;Pooling=False;Mode=ReadOnly");
        connection.Open();
    }

    private string Model()
    {
        string run = _folder.At("run");
        if (!Directory.Exists(run))
            Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", run, .. Cli.Small]).Code);
        return Path.Combine(run, "model.safetensors");
    }

    private static (int Code, string Error) Ended(CliResult result) => (result.Code, result.Error);

    private static bool Run(string program, params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Keeps its bytes when whoever wrote them is done.</summary>
    private sealed class Uncloseable(MemoryStream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
