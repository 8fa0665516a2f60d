using System.CommandLine;
using System.Diagnostics;
using Unroll.Cli.Completion;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Tests.Completion;

public class CompletionTests
{
    private static readonly CommandNode[] Commands =
        [.. CommandNode.Tree(UnrollCommand.Build(new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null)))];

    /// <summary>What is typed, what must be offered, and what must not.</summary>
    private static readonly (string Line, string[] Offered, string[] Not)[] Cases =
    [
        ("unroll tr", ["train"], ["tasks", "evaluate"]),
        ("unroll ", ["train", "evaluate", "help", "completion"], ["run"]),
        ("unroll study ", ["run", "status", "show", "export", "report", "merge"], ["train"]),
        ("unroll study run --jo", ["--jobs"], ["--json"]),
        ("unroll train --lr-", ["--lr-schedule"], ["--lr"]),
        ("unroll train --lr-schedule ", ["constant", "halve", "halve-training", "inverse", "plateau"], ["sgd"]),
        ("unroll train --method sgd-", ["sgd-c", "sgd-r", "sgd-cr"], ["norm"]),
        ("unroll train add", ["addition"], ["memorization"]),
        ("unroll train --clip ", ["auto"], ["norm"]),
        ("unroll train --help ", ["all", "network"], []),
        ("unroll tasks show mul", ["multiplication"], []),
        ("unroll data get p", ["ptb"], []),
        ("unroll completion ", ["bash", "zsh", "fish", "pwsh"], []),
        ("unroll diagnose m.pt --orthogonal-map ", ["matrix_exp", "cayley", "householder"], []),
        ("unroll train --out runs --meth", ["--method"], []),
        ("unroll help st", ["study"], []),
    ];

    [Fact]
    public void Every_command_option_and_choice_is_in_every_script()
    {
        foreach (string shell in (string[])["bash", "zsh", "fish", "pwsh"])
        {
            CliResult made = Cli.Run("completion", shell);
            Assert.Equal((ExitCode.Success, ""), (made.Code, made.Error));
            foreach (CommandNode command in Commands)
            {
                Assert.Contains(command.Path, made.Out);
                foreach (OptionNode option in command.Options)
                {
                    Assert.Contains(shell == "fish" ? $"-l {option.Name[2..]}" : option.Name, made.Out);
                    foreach (string choice in option.Choices) Assert.Contains(choice, made.Out);
                }

                foreach (string choice in command.Choices) Assert.Contains(choice, made.Out);
            }
        }
    }

    [Fact]
    public void Choices_are_the_values_that_an_option_takes()
    {
        CommandNode train = Commands.Single(command => command.Path == "unroll train");
        int enumerated = 0;
        foreach (TrainOption option in TrainOptionTable.All)
        {
            IReadOnlyList<string> choices = train.Options.Single(one => one.Name == option.Name).Choices;
            enumerated += choices.Count > 1 ? 1 : 0;
            foreach (string choice in choices) option.Parse(choice); // refuses what is none
        }

        Assert.True(enumerated >= 12, $"{enumerated}");
        Assert.Equal(["sgd", "sgd-c", "sgd-r", "sgd-cr", "esn", "hf"],
            train.Options.Single(option => option.Name == "--method").Choices);
        Assert.Empty(train.Options.Single(option => option.Name == "--length").Choices);
        Assert.DoesNotContain(train.Options, option => option.Name == "--no-bias" && option.TakesValue);
    }

    [Fact]
    public void Bash_completes()
    {
        // What bash does with the script, without a keyboard; the = in --option=value is a word of its own there.
        string[][] made = Offered("bash", ["--norc", "-c"], script => $$"""
            source {{script}}
            offer() {
              COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
              _unroll
              printf '%s\n' "${COMPREPLY[@]}"
              echo {{Mark}}
            }
            {{Calls("offer")}}
            offer unroll train --method = sgd-c
            offer unroll train --method =
            offer unroll train --out ''
            offer unroll evaluate ru
            """);
        Check(made);
        string[][] more = made[Cases.Length..];
        Assert.Equal(["sgd-c", "sgd-cr"], more[0]);
        Assert.Equal(["sgd", "sgd-c", "sgd-r", "sgd-cr", "esn", "hf"], more[1]);
        Assert.Empty(more[2]);
        Assert.Empty(more[3]);
    }

    [Fact]
    public void Fish_completes()
    {
        string[][] made = Offered("fish", ["--no-config", "-c"], script =>
            $"source {script}\n{string.Concat(Cases.Select(one => $"complete -C '{one.Line}'\necho {Mark}\n"))}");
        Check([.. made.Select(lines => lines.Select(line => line.Split('\t')[0]).ToArray())]);
    }

    [Fact]
    public void Zsh_completes()
    {
        // The functions by which zsh would show what is offered print it here, all that begins as what was typed.
        Check(Offered("zsh", ["-f", "-c"], script => $$"""
            source {{script}}
            show() { for one in "$@"; do [[ $one == ${words[CURRENT]}* ]] && print -r -- $one; done; return 0 }
            _describe() { [[ $1 == -o ]] && shift; show ${(P)2%%:*} }
            compadd() { [[ $1 == -a ]] && show ${(P)2} }
            compset() { : }
            _files() { : }
            offer() { words=("$@") CURRENT=$#; _unroll; print -r -- {{Mark}} }
            {{Calls("offer")}}
            """));
    }

    [Fact]
    public void PowerShell_completes()
    {
        Check(Offered("pwsh", ["-NoProfile", "-Command"], script =>
            $"Invoke-Expression (Get-Content -Raw {script}); " + string.Concat(Cases.Select(one =>
                $"[System.Management.Automation.CommandCompletion]::CompleteInput('{one.Line}', {one.Line.Length}, "
                    + $"$null).CompletionMatches.CompletionText; '{Mark}'; "))));
    }

    private const string Mark = "--------";

    /// <summary>A call with the words of each case.</summary>
    private static string Calls(string function) => string.Join('\n', Cases.Select(one =>
        $"{function} {string.Join(' ', one.Line.Split(' ').Select(word => $"'{word}'"))}"));

    private static void Check(string[][] made)
    {
        foreach (((string line, string[] offered, string[] not), string[] words) in Cases.Zip(made))
        {
            foreach (string word in offered) Assert.True(words.Contains(word), $"{line}: no {word} in {string.Join(' ', words)}");
            foreach (string word in not) Assert.False(words.Contains(word), $"{line}: {word} in {string.Join(' ', words)}");
        }
    }

    /// <summary>What a program prints in a shell, in parts; the test is skipped where there is no such shell.</summary>
    private static string[][] Offered(string shell, string[] options, Func<string, string> program)
    {
        bool exists = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, shell)));
        Assert.SkipWhen(OperatingSystem.IsWindows() || !exists, $"needs {shell}");
        using var folder = new TempFolder();
        string script = folder.At("script");
        File.WriteAllText(script, Cli.Run("completion", shell).Out);
        var start = new ProcessStartInfo(shell) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string arg in options) start.ArgumentList.Add(arg);
        start.ArgumentList.Add(program(script));
        using Process process = Process.Start(start)!;
        CliResult result = process.Finish();
        Assert.Equal("", result.Error);
        string[][] parts = [.. result.Out.Split(Mark).Select(part => part.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.True(parts.Length > Cases.Length, result.Out);
        return parts[..^1];
    }
}
