using System.Diagnostics;

namespace Unroll.Cli.Tests;

/// <summary>A disk in memory of a size, as only root can make one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static SmallDisk Mount(string path, string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "only root can mount a small disk");
        Directory.CreateDirectory(path);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path) == 0,
            "this container cannot mount a small disk");
        return new SmallDisk(path);
    }

    public void Remount(string mode) => Assert.Equal(0, Run("mount", "-o", $"remount,{mode}", Path));

    /// <summary>Leaves not a byte.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        try
        {
            for (; ; ) filler.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // Now it is full.
        }
    }

    public void Empty() => File.Delete(Filler);

    /// <summary>Takes the disk away from its place, as a lost mount; who has a file of it open keeps that.</summary>
    public void TakeAway() => Assert.Equal(0, Run("umount", "-l", Path));

    public void Dispose() => Run("umount", Path);

    private static int Run(string program, params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
