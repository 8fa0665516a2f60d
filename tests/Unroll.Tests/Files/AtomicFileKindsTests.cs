using System.Diagnostics;
using Unroll.Files;

namespace Unroll.Tests.Files;

/// <summary>The target of a write is not always a regular file.</summary>
public sealed class AtomicFileKindsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public AtomicFileKindsTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "needs the kinds of files of Unix");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_a_link_the_file_is_replaced_and_the_link_stays()
    {
        Directory.CreateDirectory(_folder["far"]);
        File.WriteAllText(_folder["far/file"], "old");
        File.CreateSymbolicLink(_folder["far/inner"], "file");
        File.CreateSymbolicLink(_folder["link"], "far/inner");
        AtomicFile.Write(_folder["link"], "new"u8.ToArray());
        Assert.Equal("far/inner", new FileInfo(_folder["link"]).LinkTarget);
        Assert.Equal("file", new FileInfo(_folder["far/inner"]).LinkTarget);
        Assert.Null(new FileInfo(_folder["far/file"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_folder["far/file"]));
        Assert.Throws<ArgumentException>(() => AtomicFile.Write(_folder["link"], _ => throw new ArgumentException("x")));
        Assert.Equal("new", File.ReadAllText(_folder["link"]));
        Assert.Equal(["file",
            "inner"], Directory.GetFiles(_folder["far"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_link_by_a_relative_name_leads_to_a_file_beside_it_and_not_to_the_root()
    {
        string name = "unroll-" + Guid.NewGuid(), file = name + ".file", round = name + ".round";
        try
        {
            File.CreateSymbolicLink(name, file);
            Assert.True(AtomicFile.FindTarget(name, out string target));
            Assert.Equal(RealPath.Of(file), target);
            AtomicFile.Write(name, "new"u8.ToArray());
            Assert.Equal("new", File.ReadAllText(file));
            File.CreateSymbolicLink(round, round);
            TempFolder.AssertSentence(Assert.Throws<IOException>(() => AtomicFile.Write(round, new byte[1])), round);
        }
        finally
        {
            foreach (string path in (string[])[name, file, round]) File.Delete(path);
        }
    }

    [Fact]
    public void A_link_in_a_linked_folder_leads_to_where_the_system_finds_it()
    {
        Directory.CreateDirectory(_folder["far/inner"]);
        File.CreateSymbolicLink(_folder["short"], "far/inner");
        File.CreateSymbolicLink(_folder["far/inner/link"], "../file");
        AtomicFile.Write(_folder["short/link"], "new"u8.ToArray());
        Assert.Equal("new", File.ReadAllText(_folder["short/link"])); // as the system follows it
        Assert.Equal(["far", "short"],
            Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("new", File.ReadAllText(_folder["far/file"]));
    }

    [Fact]
    public void A_link_to_nothing_makes_the_file_and_one_to_itself_is_refused()
    {
        File.CreateSymbolicLink(_folder["link"], _folder["made"]);
        AtomicFile.Write(_folder["link"], "new"u8.ToArray());
        Assert.Equal("new", File.ReadAllText(_folder["made"]));
        Assert.NotNull(new FileInfo(_folder["link"]).LinkTarget);
        File.CreateSymbolicLink(_folder["round"], _folder["round"]);
        TempFolder.AssertSentence(Assert.Throws<IOException>(() => AtomicFile.Write(_folder["round"], new byte[1])),
            _folder["round"]);
        File.CreateSymbolicLink(_folder["lost"], _folder["none/file"]);
        TempFolder.AssertSentence(Assert.Throws<IOException>(() => AtomicFile.Write(_folder["lost"], new byte[1])),
            _folder["lost"]);
        File.CreateSymbolicLink(_folder["folder"], _folder.Path);
        Assert.EndsWith("it is a folder.", Assert.Throws<IOException>(() =>
            AtomicFile.Write(_folder["folder"], new byte[1])).Message);
    }

    [Fact]
    public async Task A_pipe_is_written_to_and_stays_one()
    {
        string pipe = _folder["pipe"];
        Make("mkfifo", pipe);
        File.CreateSymbolicLink(_folder["link"], pipe);
        foreach (string path in (string[])[pipe, _folder["link"]])
        {
            using Process cat = Process.Start(new ProcessStartInfo("cat", [pipe]) { RedirectStandardOutput = true })!;
            Task<string> read = cat.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            AtomicFile.Write(path, stream => stream.Write("through the pipe"u8));
            Assert.Equal("through the pipe", await read);
        }

        Assert.False(AtomicFile.FindTarget(pipe, out _));
        Assert.Equal(["link", "pipe"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_device_is_written_to_and_stays_one()
    {
        string device = _folder["null"];
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mknod", device, "c", "1", "3"), "only root can make a device");
        AtomicFile.Write(device, new byte[100_000]);
        Assert.False(AtomicFile.FindTarget(device, out _));
        Assert.True(Run("test", "-c", device));
        string full = _folder["full"];
        Assert.True(Run("mknod", full, "c", "1", "7"));
        Assert.Equal($"{full} could not be written: the disk is full.",
            Assert.Throws<IOException>(() => AtomicFile.Write(full, new byte[10])).Message);
        Assert.True(Run("test", "-c", full));
    }

    [Fact]
    public void An_empty_file_is_a_file()
    {
        File.WriteAllText(_folder["a"], "");
        Assert.True(AtomicFile.FindTarget(_folder["a"], out string target));
        Assert.Equal(_folder["a"], target);
        Assert.True(AtomicFile.FindTarget(_folder["none"], out _));
    }

    private static void Make(string program, params string[] args) =>
        Assert.SkipUnless(Run(program, args), $"{program} does not work here");

    private static bool Run(string program, params string[] args)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
