namespace Unroll.Cli.Tests.Reliability;

/// <summary>What cannot be reached is named for what is in the way.</summary>
public class CauseTests
{
    private const string Entered = "the folder locked cannot be entered, for permission is denied";

    private static readonly UnixFileMode Execute =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Commands of a user who is not root, and what they must say.</summary>
    private static readonly (string Command, string Expected)[] Denied =
    [
        ("evaluate secret", "secret could not be read: permission is denied"),
        ("predict locked/m", $"locked/m could not be read: {Entered}"),
        ("train --resume locked/run", Entered),
        ("train --out locked/new", Entered),
        ("train --out unread/x", "could not be made: permission is denied"),
        ("data show secret", "secret could not be read: permission is denied"),
        ("data show unread", "unread could not be read: permission is denied"),
        ("train text --data locked/x", Entered),
        ("train text --data ptb --data-dir locked", Entered),
        ("study show locked/s", Entered),
        ("study show unread", "unread could not be read: permission is denied"),
        ("study show secret", "secret could not be opened: permission is denied"),
        ("study run secret", "secret could not be read: permission is denied"),
        ("study run temporal-order --out locked/s", Entered),
        ("study merge locked/s", Entered),
        ("diagnose m --batches 1 --json --html locked/x", Entered),
        ("reproduce fig4 --json --out locked/x", Entered),
    ];

    [Fact]
    public void Permission_that_lacks_is_named_to_a_user_who_is_not_root()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs permissions as Unix has them");
        using var folder = new TempFolder();
        string place = Place(folder);
        string At(string name) => Path.Combine(place, name);
        Directory.CreateDirectory(At("locked"));
        Directory.CreateDirectory(At("unread"));
        File.Copy(At("m"), At("locked/m"));
        File.Copy(At("m"), At("secret"));
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                foreach (string path in (string[])[folder.At("."), place]) File.SetUnixFileMode(path,
                    Read | Execute | UnixFileMode.UserWrite);
                File.SetUnixFileMode(At("m"), Read);
                File.SetUnixFileMode(At("secret"), UnixFileMode.None);
                File.SetUnixFileMode(At("locked"), UnixFileMode.None);
                File.SetUnixFileMode(At("unread"), Execute);
            }

            // A process each is the only way to be somebody else.
            var wrong = new List<string>();
            Parallel.ForEach(Denied, new ParallelOptions { MaxDegreeOfParallelism = 2 }, one =>
            {
                CliResult result = RealProcess.AsNobody(place, one.Command.Split(' '));
                if (IsRefusal(result, one.Expected)) return;
                lock (wrong) wrong.Add($"{one.Command}: exit {result.Code}, {result.Error}");
            });
            Assert.Equal([], wrong);
        }
        finally
        {
            if (!OperatingSystem.IsWindows())
            {
                foreach (string name in (string[])["locked", "unread"]) File.SetUnixFileMode(At(name),
                    Read | Execute | UnixFileMode.UserWrite);
            }
        }
    }

    [Theory]
    [InlineData("loop", "/loop is a link that leads back to itself")]
    [InlineData("loop/x", "/loop is a link that leads back to itself")]
    [InlineData("dangling", "/nowhere, which does not exist")]
    [InlineData("file/x", "/file is a file, not a folder")]
    public void What_no_path_leads_to_is_named_by_every_verb(string where, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links as Unix has them");
        using var folder = new TempFolder();
        string place = Place(folder), path = Path.Combine(place, where), model = Path.Combine(place, "m");
        string[][] commands =
        [
            ["evaluate", path], ["predict", path], ["diagnose", path], ["sample", path], ["train", "--resume", path],
                ["train", "--out", path],
            ["data", "show", path], ["train", "text", "--data", path], ["train", "music", "--data", path],
                ["study", "show", path],
            ["study", "status", path], ["study", "export", path], ["study", "run", path],
                ["study", "run", "temporal-order", "--out", path],
            ["study", "merge", path], ["study", "report", path], ["reproduce", "fig4", "--json", "--out", path],
            ["reproduce", "fig7", "--draw", "--out", path], ["reproduce", "fig7", "--scale", "smoke", "--out", path],
        ];
        foreach (string[] command in commands) RequireRefusal(command, expected);
        if (!where.EndsWith("/x", StringComparison.Ordinal)) return; // a link itself is replaced by the file
        RequireRefusal(["diagnose", model, "--batches", "1", "--json", "--html", path], expected);
    }

    [Theory]
    [InlineData("evaluate folder", "There is no best.safetensors in the folder ")]
    [InlineData("train --resume file", "/file is a file; a run needs a folder")]
    [InlineData("train --out file", "/file is a file; a run needs a folder")]
    [InlineData("study run temporal-order --out file", "/file is a file; a study needs a folder")]
    [InlineData("evaluate none", "/none could not be read: it does not exist")]
    [InlineData("evaluate none/m", "/none/m could not be read: its folder does not exist")]
    [InlineData("train --resume none", "/none does not exist")]
    [InlineData("study show none", "/none holds no study: it does not exist")]
    [InlineData("study show folder", "/folder holds no study: it has no study.db")]
    [InlineData("diagnose m --html folder", "/folder could not be written: it is a folder")]
    public void A_file_for_a_folder_and_a_folder_for_a_file_are_told_apart(string command, string expected)
    {
        using var folder = new TempFolder();
        string place = Place(folder);
        string[] paths = ["folder", "file", "none", "none/m", "m"];
        RequireRefusal([.. command.Split(' ').Select(word => paths.Contains(word) ? Path.Combine(place, word) : word)], expected);
    }

    private static void RequireRefusal(string[] command, string expected)
    {
        CliResult result = Cli.Run(command);
        Assert.True(IsRefusal(result, expected), $"{string.Join(' ', command)}: exit {result.Code}, {result.Error}");
    }

    private static bool IsRefusal(CliResult result, string expected)
    {
        string error = result.Error.TrimEnd('\n');
        return result.Code == ExitCode.BadInput && error.StartsWith("unroll: ", StringComparison.Ordinal)
            && error.Contains(expected, StringComparison.Ordinal) && !error.Contains('\n', StringComparison.Ordinal);
    }

    /// <summary>A folder with a model <c>m</c>, a file, a folder, and links that lead nowhere.</summary>
    private static string Place(TempFolder folder)
    {
        string place = folder.At("place");
        Directory.CreateDirectory(Path.Combine(place, "folder"));
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", folder.At("run"), .. Cli.Small]).Code);
        File.Copy(folder.At("run/best.safetensors"), Path.Combine(place, "m"));
        File.WriteAllText(Path.Combine(place, "file"), "text");
        if (OperatingSystem.IsWindows()) return place;
        File.CreateSymbolicLink(Path.Combine(place, "loop"), Path.Combine(place, "pool"));
        File.CreateSymbolicLink(Path.Combine(place, "pool"), Path.Combine(place, "loop"));
        File.CreateSymbolicLink(Path.Combine(place, "dangling"), Path.Combine(place, "nowhere"));
        return place;
    }
}
