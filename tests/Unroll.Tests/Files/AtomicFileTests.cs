using System.Diagnostics;
using System.Text;
using Unroll.Files;

namespace Unroll.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string[] Names =>
        [.. Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void Writes_and_replaces_and_leaves_nothing_else()
    {
        AtomicFile.Write(_folder["a"], Bytes("first, and longer"));
        AtomicFile.Write(_folder["a"], Bytes("second"));
        Assert.Equal("second", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], Names);
    }

    [Fact]
    public void A_relative_name_goes_to_the_current_folder()
    {
        string name = "unroll-" + Guid.NewGuid();
        try
        {
            AtomicFile.Write(name, Bytes("x"));
            Assert.True(File.Exists(Path.Combine(Environment.CurrentDirectory, name)));
        }
        finally
        {
            File.Delete(name);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void At_every_instant_the_target_is_the_old_file_or_the_new_one(bool existed)
    {
        string path = _folder["a"];
        if (existed) File.WriteAllText(path, "old");
        int seen = 0;
        AtomicFile.Write(
            path,
            stream =>
            {
                foreach (byte b in Bytes("new content")) stream.WriteByte(b);
            },
            file => new FullDisk(file, long.MaxValue, () =>
            {
                file.Flush();
                Assert.Equal(existed, File.Exists(path));
                if (existed) Assert.Equal("old", File.ReadAllText(path));
                seen++;
            }));
        Assert.True(seen > "new content".Length);
        Assert.Equal("new content", File.ReadAllText(path));
    }

    [Fact]
    public void A_full_disk_leaves_the_old_file_and_no_temporary_one()
    {
        string path = _folder["a"];
        File.WriteAllText(path, "old");
        for (int room = 0; room < 11; room++)
        {
            var error = Assert.Throws<IOException>(() =>
                AtomicFile.Write(path, stream => stream.Write(Bytes("new content")), file => new FullDisk(file, room)));
            Assert.Equal($"{path} could not be written: the disk is full.", error.Message);
            Assert.Equal("old", File.ReadAllText(path));
            Assert.Equal(["a"], Names);
        }
    }

    [Fact]
    public void The_system_s_own_full_disk_is_told_by_name()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(
            _folder["a"], stream => stream.Write(new byte[10]), _ => new FileStream(
                "/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0)));
        Assert.Equal($"{_folder["a"]} could not be written: the disk is full.", error.Message);
        Assert.Empty(Names);
    }

    [Fact]
    public void A_small_file_system_that_is_really_full()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _folder.Path),
            "mount is not allowed here");
        try
        {
            string path = _folder["model"];
            AtomicFile.Write(path, new byte[30_000]);
            var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, new byte[60_000]));
            Assert.Equal($"{path} could not be written: the disk is full.", error.Message);
            Assert.Equal(30_000, new FileInfo(path).Length);
            Assert.Equal(["model"], Names);
            AtomicFile.Write(path, new byte[31_000]);
            Assert.Equal(31_000, new FileInfo(path).Length);
        }
        finally
        {
            Assert.True(Run("umount", _folder.Path));
        }
    }

    [Fact]
    public void A_failure_of_the_writer_passes_through_and_leaves_the_old_file()
    {
        File.WriteAllText(_folder["a"], "old");
        Assert.Throws<ArgumentException>(() => AtomicFile.Write(_folder["a"], stream =>
        {
            stream.Write(Bytes("half"));
            throw new ArgumentException("x");
        }));
        Assert.Equal("old", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], Names);
    }

    [Fact]
    public void What_a_crash_left_is_removed_by_the_next_write_of_that_file_only()
    {
        foreach (string stale in (string[])[".a.0.tmp", ".a.3.tmp", ".a.-.0.tmp", ".a.2147483647-x.0.tmp", ".b.0.tmp"])
            File.WriteAllText(_folder[stale], "torn");
        AtomicFile.Write(_folder["a"], Bytes("new"));
        Assert.Equal([".b.0.tmp", "a"], Names);
    }

    [Fact]
    public void The_temporary_file_of_a_live_process_is_not_touched()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a command that only waits");
        using Process other = Process.Start(new ProcessStartInfo("/usr/bin/env", ["sleep", "60"]))!;
        string[] live = [$".a.{Environment.ProcessId}-x.0.tmp", $".a.{other.Id}-x.0.tmp"];
        foreach (string name in live) File.WriteAllText(_folder[name], "half");
        AtomicFile.Write(_folder["a"], Bytes("new"));
        Assert.Equal([.. live.Order(StringComparer.Ordinal), "a"], Names);
        other.Kill();
        other.WaitForExit();
        AtomicFile.Write(_folder["a"], Bytes("newer"));
        Assert.Equal([live[0], "a"], Names);
    }

    [Fact]
    public void Two_writers_at_once_do_not_disturb_each_other()
    {
        string path = _folder["a"];
        AtomicFile.Write(path, outer =>
        {
            outer.Write(Bytes("out"));
            AtomicFile.Write(path, inner => inner.Write(Bytes("inner")));
            Assert.Equal("inner", File.ReadAllText(path));
            outer.Write(Bytes("er!"));
        });
        Assert.Equal("outer!", File.ReadAllText(path));
        Assert.Equal(["a"], Names);
    }

    [Fact]
    public void Many_threads_writing_one_file_leave_one_whole_version()
    {
        string path = _folder["a"];
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            AtomicFile.Write(path, new byte[5000 + (i % 200)].Select(_ => (byte)(i % 200)).ToArray());
            byte[] now = File.ReadAllBytes(path);
            Assert.Equal(5000 + now[0], now.Length);
            Assert.All(now, b => Assert.Equal(now[0], b));
        });
        Assert.Equal(["a"], Names);
    }

    /// <summary>As by one who took the temporary file for a stale one, an instant after its writer had renamed another.</summary>
    [Fact]
    public void A_temporary_name_that_is_removed_does_not_lead_to_what_another_writer_has_begun()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open file keeps its name there.");
        string path = _folder["a"];
        File.WriteAllText(path, "old");
        using var begun = new ManualResetEventSlim();
        using var first = new ManualResetEventSlim();
        var other = new Thread(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(Bytes("sec"));
            stream.Flush();
            begun.Set();
            first.Wait();
            stream.Write(Bytes("ond"));
        }))
        { IsBackground = true };
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(Bytes("first"));
            File.Delete(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!, ".a.*.tmp")));
            other.Start();
            begun.Wait();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        first.Set();
        other.Join();
        Assert.Equal("second", File.ReadAllText(path));
        Assert.Equal(["a"], Names);
    }

    [Fact]
    public void Places_that_cannot_be_written_are_refused_in_one_sentence()
    {
        File.WriteAllText(_folder["file"], "x");
        Directory.CreateDirectory(_folder["folder"]);
        string[] paths = [_folder["none/a"], _folder["file/a"], _folder["folder"], _folder[new string('x', 300)]];
        foreach (string path in paths)
            TempFolder.AssertSentence(Assert.Throws<IOException>(() => AtomicFile.Write(path, Bytes("x"))), path);
        var denied = Assert.Throws<IOException>(() =>
            AtomicFile.Write(_folder["a"], _ => throw new UnauthorizedAccessException("Access to the path is denied.")));
        Assert.Equal($"{_folder["a"]} could not be written: permission is denied.", denied.Message);
        Assert.Equal(["file", "folder"], Names);
    }

    [Fact]
    public void Why_the_folder_s_entry_is_not_flushed()
    {
        // See the comment in AtomicFile.Write: if .NET ever opens a folder, the folder can be flushed too.
        Assert.Throws<UnauthorizedAccessException>(() => File.OpenHandle(_folder.Path));
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
