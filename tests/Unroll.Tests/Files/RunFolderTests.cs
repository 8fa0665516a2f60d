using System.Diagnostics;
using System.Text;
using Unroll.Files;

namespace Unroll.Tests.Files;

public sealed class RunFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Line(long update) =>
        Encoding.UTF8.GetBytes($$"""{"event":"progress","x":{"update":99},"update":{{update}},"loss":0.5}""");

    [Fact]
    public void A_new_run_has_the_agreed_files()
    {
        string path = _folder["deep/run"];
        using RunFolder run = RunFolder.Create(path);
        Assert.Equal(path, run.Path);
        Assert.Equal(Path.Combine(path, "run.json"), run.RunPath);
        Assert.Equal(Path.Combine(path, "metrics.jsonl"), run.MetricsPath);
        Assert.Equal(Path.Combine(path, "model.safetensors"), run.ModelPath);
        Assert.Equal(Path.Combine(path, "best.safetensors"), run.BestPath);
        Assert.Equal(Path.Combine(path, "checkpoint.safetensors"), run.CheckpointPath);
        run.WriteRun("{}"u8.ToArray());
        run.WriteRun("""{"a":1}"""u8.ToArray());
        Assert.Equal("""{"a":1}"""u8.ToArray(), run.ReadRun());
    }

    [Fact]
    public void Two_runs_in_one_folder_are_refused_and_the_lock_ends_with_its_holder()
    {
        string path = _folder["run"];
        RunFolder first = RunFolder.Create(path);
        var error = Assert.Throws<IOException>(() => RunFolder.Create(path));
        Assert.Equal($"The folder {path} is in use by another run; wait until it ends or use another folder.", error.Message);
        first.WriteRun("{}"u8.ToArray());
        TempFolder.AssertSentence(Assert.Throws<IOException>(() => RunFolder.Open(path)), path);
        first.Dispose();
        RunFolder.Open(path).Dispose();
    }

    [Fact]
    public void A_killed_process_holds_the_lock_no_longer()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/flock"), "no flock command here");
        string path = _folder["run"];
        using (RunFolder run = RunFolder.Create(path)) run.WriteRun("{}"u8.ToArray());
        var start = new ProcessStartInfo("/usr/bin/flock",
            ["-x", Path.Combine(path, ".lock"), "sh", "-c", "echo locked; sleep 60"])
        { RedirectStandardOutput = true };
        using Process other = Process.Start(start)!;
        try
        {
            Assert.Equal("locked", other.StandardOutput.ReadLine());
            TempFolder.AssertSentence(Assert.Throws<IOException>(() => RunFolder.Open(path)), path);
        }
        finally
        {
            other.Kill(entireProcessTree: true);
            other.WaitForExit();
        }

        // The children of the killed process share its lock and may take a moment to end.
        bool released = SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(10);
                try
                {
                    RunFolder.Open(path).Dispose();
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(10));
        Assert.True(released);
    }

    [Theory]
    [InlineData("run.json")]
    [InlineData("model.safetensors")]
    [InlineData("checkpoint.safetensors")]
    public void A_folder_that_holds_a_run_is_refused_and_not_touched(string name)
    {
        File.WriteAllText(_folder[name], "x");
        var error = Assert.Throws<IOException>(() => RunFolder.Create(_folder.Path));
        Assert.Equal(
            $"The folder {_folder.Path} already holds a run ({name}); "
                + $"use --resume {_folder.Path} to go on with it, or another folder.",
            error.Message);
        Assert.Equal([_folder[name]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_folder_with_other_things_or_a_run_that_never_began_is_taken()
    {
        File.WriteAllText(_folder["notes.txt"], "x");
        RunFolder.Create(_folder.Path).Dispose();
        RunFolder.Create(_folder.Path).Dispose();
    }

    [Fact]
    public void Impossible_folders_are_refused_in_one_sentence()
    {
        File.WriteAllText(_folder["file"], "x");
        Assert.Equal($"{_folder["file"]} is a file; a run needs a folder.",
            Assert.Throws<IOException>(() => RunFolder.Create(_folder["file"])).Message);
        Assert.Equal($"{_folder["file"]} is a file; a run needs a folder.",
            Assert.Throws<IOException>(() => RunFolder.Open(_folder["file"])).Message);
        TempFolder.AssertSentence(Assert.Throws<IOException>(() => RunFolder.Create(_folder["file/run"])), _folder["file/run"]);
        TempFolder.AssertSentence(Assert.ThrowsAny<IOException>(() => RunFolder.Open(_folder["none"])), _folder["none"]);
        TempFolder.AssertSentence(Assert.ThrowsAny<IOException>(() => RunFolder.Open(_folder.Path)), _folder.Path);
        if (OperatingSystem.IsLinux())
        {
            // Refused even for root, which passes permission checks elsewhere.
            TempFolder.AssertSentence(Assert.Throws<IOException>(() => RunFolder.Create("/proc")), "/proc");
            TempFolder.AssertSentence(Assert.Throws<IOException>(() => RunFolder.Create("/proc/unroll")), "/proc/unroll");
        }
    }

    [Fact]
    public void Metrics_are_appended_and_at_once_visible()
    {
        using RunFolder run = RunFolder.Create(_folder["run"]);
        run.AppendMetric(Line(1));
        Assert.Equal(Line(1).Append((byte)'\n'), Shared(run.MetricsPath));
        run.AppendMetric(Line(2));
        Assert.Equal(2, Shared(run.MetricsPath).Count(b => b == '\n'));
        Assert.Throws<ArgumentException>(() => run.AppendMetric("{}\n"u8));
        Assert.Throws<ArgumentException>(() => run.AppendMetric([]));
    }

    [Theory]
    [InlineData(25, 2)]
    [InlineData(20, 2)]
    [InlineData(5, 0)]
    [InlineData(100, 3)]
    public void A_resume_drops_what_came_after_the_checkpoint_and_a_torn_line(long checkpoint, int kept)
    {
        string metrics = Begin(Line(10), Line(20), Line(30));
        File.AppendAllText(metrics, """{"event":"prog""");
        using (RunFolder run = RunFolder.Open(_folder["run"]))
        {
            run.TruncateMetricsAfter(checkpoint);
            Assert.Equal(kept, Shared(metrics).Count(b => b == '\n'));
            run.AppendMetric(Line(200));
        }

        string[] lines = File.ReadAllLines(metrics);
        Assert.Equal(kept + 1, lines.Length);
        Assert.Contains("200", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_line_is_dropped_before_the_next_is_appended()
    {
        string metrics = Begin(Line(10));
        File.AppendAllText(metrics, """{"event""");
        using (RunFolder run = RunFolder.Open(_folder["run"])) run.AppendMetric(Line(20));
        Assert.Equal([.. Line(10), (byte)'\n', .. Line(20), (byte)'\n'], File.ReadAllBytes(metrics));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"update":"x"}""")]
    [InlineData("""{"update":1.5}""")]
    [InlineData("""{"x":{"update":1}}""")]
    public void A_complete_line_that_is_no_metric_is_refused_and_kept(string line)
    {
        string metrics = Begin(Line(10));
        File.AppendAllText(metrics, line + "\n");
        using (RunFolder run = RunFolder.Open(_folder["run"]))
        {
            var error = Assert.Throws<InvalidFileException>(() => run.TruncateMetricsAfter(50));
            TempFolder.AssertSentence(error, metrics);
            Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, File.ReadAllLines(metrics).Length);
    }

    [Fact]
    public void A_line_that_does_not_fit_on_the_disk_leaves_nothing_behind()
    {
        string path = _folder["metrics.jsonl"];
        using (var log = new MetricsLog(path)) log.Append(Line(1));
        using (var log = new MetricsLog(path, file => new FullDisk(file, 5)))
        {
            var error = Assert.Throws<IOException>(() => log.Append(Line(2)));
            Assert.Equal($"{path} could not be written: the disk is full.", error.Message);
        }

        Assert.Equal([.. Line(1), (byte)'\n'], File.ReadAllBytes(path));
    }

    private string Begin(params byte[][] lines)
    {
        using RunFolder run = RunFolder.Create(_folder["run"]);
        run.WriteRun("{}"u8.ToArray());
        foreach (byte[] line in lines) run.AppendMetric(line);
        return run.MetricsPath;
    }

    private static byte[] Shared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
