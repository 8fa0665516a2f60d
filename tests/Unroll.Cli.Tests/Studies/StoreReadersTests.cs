using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Unroll.Cli.Study;
using Unroll.Cli.Tests.Fuzz;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

/// <summary>
/// Who only looks at a study leaves nothing behind, waits as long as is said, and needs no folder that can be written.
/// </summary>
public sealed class StoreReadersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public StoreReadersTests() => StoreMutation.Make(Study);

    private string Study => _folder.At("study");

    private string Db => Path.Combine(Study, StudyStore.FileName);

    private string[][] Readers => [["status", Study], ["show", Study], ["show", Study, "--json"], ["export", Study],
        ["export", Study, "--store", _folder.At("copy.db")], ["report", Study, "--out", _folder.At("page.html")]];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("DELETE")]
    [InlineData("WAL")]
    public void A_finished_study_has_one_file_before_and_after(string mode)
    {
        Assert.Equal([StudyStore.FileName], Names(Study)); // nor does whoever wrote it leave a log
        StoreSql.Execute(Study, $"PRAGMA journal_mode = {mode}");
        Assert.Equal([StudyStore.FileName], Names(Study));
        byte[] before = File.ReadAllBytes(Db);
        Assert.Equal(mode == "WAL" ? 2 : 1, before[18]);
        foreach (string[] reader in Readers) Assert.Equal(ExitCode.Success, Cli.Run(["study", .. reader]).Code);
        Assert.Equal(ExitCode.Success, Cli.Run("study", "merge", _folder.At("all"), Study).Code);
        Assert.Equal([StudyStore.FileName], Names(Study));
        Assert.Equal([".lock", StudyStore.FileName], Names(_folder.At("all")));
        Assert.Equal(before, File.ReadAllBytes(Db));
    }

    [Fact]
    public void A_log_that_a_killed_study_left_is_read_with_the_file()
    {
        using (SqliteConnection writer = StoreSql.Open(Study))
        {
            writer.Execute(
                "PRAGMA journal_mode = WAL; DELETE FROM checksum; UPDATE trial SET kernel = 'of-the-log' WHERE outcome IS "
                    + "NOT NULL");
            Directory.CreateDirectory(_folder.At("killed"));
            foreach (string file in Directory.GetFiles(Study)) File.Copy(file, _folder.At($"killed/{Path.GetFileName(file)}"));
        }

        Assert.True(new FileInfo(_folder.At("killed/study.db-wal")).Length > 0);
        Assert.Contains("of-the-log", Cli.Run("study", "export", _folder.At("killed")).Out);
    }

    [Fact]
    public void A_store_that_is_written_to_while_it_is_read_as_it_lies_is_read_again()
    {
        StoreSql.Execute(Study, "PRAGMA journal_mode = WAL");
        using StudyStore store = StudyStore.OpenToRead(Study);
        Assert.Equal(4, store.Trials().Count);
        File.SetLastWriteTimeUtc(Db, DateTime.UtcNow.AddSeconds(5));
        Assert.Contains("was written to while it was read; give the same command again",
            Assert.Throws<UserError>(store.Trials).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_folder_that_cannot_be_written_is_readable(bool hasLog)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "only root can mount a disk");
        string disk = Directory.CreateDirectory(_folder.At("disk")).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk) == 0, "this container cannot mount a disk");
        try
        {
            using (SqliteConnection writer = StoreSql.Open(Study))
            {
                if (hasLog)
                    writer.Execute(
                        "PRAGMA journal_mode = WAL; DELETE FROM checksum; UPDATE trial SET kernel = 'of-the-log' WHERE outcome "
                            + "IS NOT NULL");
                foreach (string file in Directory.GetFiles(Study).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
                    File.Copy(file, Path.Combine(disk, Path.GetFileName(file)));
            }

            Assert.Equal(0, Run("mount", "-o", "remount,ro", disk));
            foreach (string[] reader in Readers)
                Assert.Equal((ExitCode.Success, ""), Ended(Cli.Run(["study", reader[0], disk, .. reader[2..]])));
            Assert.Contains(hasLog ? "of-the-log" : "vector256", Cli.Run("study", "export", disk).Out);
            Assert.DoesNotContain(Directory.GetDirectories(Path.GetTempPath(), "unroll-*"), folder =>
                File.Exists(Path.Combine(folder, StudyStore.FileName))
                && File.Exists(Path.Combine(folder, StudyStore.FileName + "-wal")));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Fact]
    public void Every_command_waits_for_a_lock_as_long_as_is_said()
    {
        var hurry = new Dictionary<string, string> { [StudyOptions.LockVariable] = "1" };
        using SqliteConnection other = StoreSql.Open(Study);
        other.Execute("BEGIN EXCLUSIVE");
        foreach (string[] args in (string[][])[["show", Study], ["export", Study], ["merge", _folder.At("all"), Study],
            ["run", Study]])
        {
            long started = Stopwatch.GetTimestamp();
            CliResult locked = Cli.RunIn(hurry, ["study", .. args]);
            Assert.Equal((ExitCode.Machine, ""), (locked.Code, locked.Out));
            Assert.Contains("is locked by another program", Assert.Single(locked.Error.TrimEnd().Split('\n')));
            Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.5, 10);
        }

        Assert.Contains("is locked by another program", Cli.RunIn(hurry, "reproduce", "fig7", "--draw", "--out", Study).Error);
        var never = new Dictionary<string, string> { [StudyOptions.LockVariable] = "soon" };
        Assert.Contains("UNROLL_LOCK_SECONDS 'soon' is not a whole number",
            Cli.RunIn(never, "study", "show", Study).RefusedWith());
    }

    [Fact]
    public void A_pipe_in_a_stores_place_is_refused_and_not_waited_for()
    {
        Assert.SkipUnless(!OperatingSystem.IsWindows(), "needs named pipes");
        Directory.CreateDirectory(_folder.At("pipe"));
        Run("mkfifo", _folder.At("pipe/study.db"));
        Assert.Contains("is not a file, so it is no study's store", Cli.Run("study", "status", _folder.At("pipe")).RefusedWith());
        Assert.Contains("is not a file, so it is no study's store",
            Cli.Run("study", "run", "addition", "--out", _folder.At("pipe")).RefusedWith());
    }

    private static string[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    private static (int Code, string Error) Ended(CliResult result) => (result.Code, result.Error);

    private static int Run(string program, params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
