namespace Unroll.Cli.Tests.Reliability;

/// <summary>What cannot be reached is named for what it is, also to a user who is not root.</summary>
public class CauseTests
{
    private const string Entered = "the folder locked cannot be entered, for permission is denied", Loop = "loop is a link that leads back to itself",
        Dangling = "which does not exist", NoFolder = "file is a file, not a folder";

    [Fact]
    public void The_right_cause_is_named_to_a_user_who_is_not_root()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs permissions as Unix has them");
        using var folder = new TempFolder();
        string place = folder.At("place");
        Directory.CreateDirectory(place);
        string At(string name) => Path.Combine(place, name);
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", At("run"), .. Cli.Small]).Code);
        Directory.CreateDirectory(At("locked"));
        Directory.CreateDirectory(At("unread"));
        Directory.CreateDirectory(At("folder"));
        File.Copy(At("run/best.safetensors"), At("locked/m"));
        File.Copy(At("run/best.safetensors"), At("secret"));
        File.WriteAllText(At("file"), "text");
        File.CreateSymbolicLink(At("loop"), At("pool"));
        File.CreateSymbolicLink(At("pool"), At("loop"));
        File.CreateSymbolicLink(At("dangling"), At("nowhere"));
        (string Command, string Expected)[] cases =
        [
            ("evaluate secret", "secret could not be read: permission is denied"),
            ("evaluate locked/m", $"locked/m could not be read: {Entered}"),
            ("predict loop", Loop), ("diagnose dangling", Dangling), ("sample file/m", NoFolder), ("evaluate folder", "folder could not be read: it is a folder"),
            ("evaluate none/m", "its folder does not exist"), ("evaluate none/none/m", "the folder none does not exist"), ("evaluate none", "none could not be read: it does not exist"),
            ("train --resume locked/run", Entered), ("train --resume loop", Loop), ("train --resume dangling", Dangling), ("train --resume file/x", NoFolder),
            ("train --resume file", "file is a file; a run needs a folder"), ("train --resume none", "The folder none does not exist"),
            ("train --out locked/new", Entered), ("train --out loop", Loop), ("train --out file/x", NoFolder), ("train --out unread/x", "could not be made: permission is denied"),
            ("data show secret", "secret could not be read: permission is denied"), ("data show locked/x", Entered), ("data show loop", Loop), ("data show file/x", NoFolder),
            ("data show unread", "unread could not be read: permission is denied"), ("train text --data locked/x", Entered),
            ("train text --data ptb --data-dir locked", Entered),
            ("study show locked/s", Entered), ("study show loop", Loop), ("study show file/s", NoFolder), ("study show unread", "unread could not be read: permission is denied"),
            ("study show secret", "secret could not be opened: permission is denied"), ("study show none", "The folder none holds no study: it does not exist"),
            ("study run locked/s.json", Entered), ("study run secret", "secret could not be read: permission is denied"), ("study run temporal-order --out loop", Loop),
            ("study run temporal-order --out locked/s", Entered), ("study merge locked/s", Entered), ("study status loop", Loop), ("study export file/s", NoFolder),
            ("diagnose run/best.safetensors --batches 1 --json --html locked/x", Entered), ("diagnose run/best.safetensors --batches 1 --json --html file/x", NoFolder),
            ("diagnose run/best.safetensors --batches 1 --json --html loop", Loop), ("reproduce fig4 --json --out locked/x", Entered), ("reproduce fig7 --draw --out locked/x", Entered),
        ];
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                const UnixFileMode all = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
                foreach (string path in (string[])[folder.At("."), place, At("run"), At("folder")]) File.SetUnixFileMode(path, all | UnixFileMode.UserWrite);
                File.SetUnixFileMode(At("secret"), UnixFileMode.None);
                File.SetUnixFileMode(At("locked"), UnixFileMode.None);
                File.SetUnixFileMode(At("unread"), UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }

            // A process each is the only way to be somebody else; a few at a time.
            var wrong = new List<string>();
            Parallel.ForEach(cases, new ParallelOptions { MaxDegreeOfParallelism = 3 }, one =>
            {
                CliResult result = RealProcess.AsNobody(place, one.Command.Split(' '));
                string error = result.Error.TrimEnd('\n');
                if (result.Code == ExitCode.BadInput && error.StartsWith("unroll: ", StringComparison.Ordinal) && error.Contains(one.Expected, StringComparison.Ordinal) && !error.Contains('\n', StringComparison.Ordinal)) return;
                lock (wrong) wrong.Add($"{one.Command}: exit {result.Code}, {error}");
            });
            Assert.Equal([], wrong);
        }
        finally
        {
            if (!OperatingSystem.IsWindows())
            {
                foreach (string name in (string[])["locked", "unread"]) File.SetUnixFileMode(At(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }
}
