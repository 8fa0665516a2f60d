using System.CommandLine;

namespace Unroll.Cli.Completion;

/// <summary><c>unroll completion SHELL</c>: a script by which a shell completes commands, options and values.</summary>
internal static class CompletionCommand
{
    private static readonly (string Name, Func<IReadOnlyList<CommandNode>, string> Value)[] Shells =
    [
        ("bash", BashCompletion.Write), ("zsh", ZshCompletion.Write), ("fish", FishCompletion.Write),
        ("pwsh", PowerShellCompletion.Write),
    ];

    private static readonly DeclaredArgument<string> Shell = new("SHELL")
    {
        Description = "One of bash, zsh, fish and pwsh (PowerShell).",
        Completions = () => Shells.Select(shell => shell.Name),
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("completion", "Prints a script by which a shell completes commands, options and values.")
        {
            Examples = ["unroll completion bash"],
            Notes = (output, _) => output.WriteLine("""
                To have it in every new shell:
                  bash  echo 'source <(unroll completion bash)' >>~/.bashrc
                  zsh   echo 'source <(unroll completion zsh)' >>~/.zshrc, behind compinit
                  fish  unroll completion fish >~/.config/fish/completions/unroll.fish
                  pwsh  'unroll completion pwsh | Out-String | iex' >>$PROFILE
                """),
        };
        command.Add(Shell);
        command.SetAction(parsed =>
        {
            Func<IReadOnlyList<CommandNode>, string> write = Values.Choice("completion", parsed.GetRequiredValue(Shell), Shells);
            host.Out.Write(write([.. CommandNode.Tree(parsed.RootCommandResult.Command)]));
            return ExitCode.Success;
        });
        return command;
    }
}
