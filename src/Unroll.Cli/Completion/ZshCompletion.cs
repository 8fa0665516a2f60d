using System.Text;

namespace Unroll.Cli.Completion;

/// <summary>Completion for zsh, as a file of its own in the function path or by source.</summary>
internal static class ZshCompletion
{
    public static string Write(IReadOnlyList<CommandNode> commands)
    {
        var text = new StringBuilder();
        text.Append("""
            #compdef unroll
            # Completion of the command unroll for zsh, written by: unroll completion zsh
            _unroll() {
              local at=unroll option=${words[CURRENT-1]} word
              local -a entries choices
              for word in ${words[2,CURRENT-1]}; do
                case "$at $word" in

            """.ReplaceLineEndings("\n"));
        string paths = string.Join("|", commands.Skip(1).Select(command => $"({Quote(command.Path)})"));
        text.Append(null, $"      {paths}) at=\"$at $word\" ;;\n    esac\n  done\n");
        text.Append("""
              if [[ ${words[CURRENT]} == --*=* ]]; then
                option=${words[CURRENT]%%=*}
                compset -P '*='
              fi
              case "$at $option" in

            """.ReplaceLineEndings("\n"));
        foreach (CommandNode command in commands)
        {
            foreach (OptionNode option in command.Options.Where(option => option.TakesValue))
            {
                string names = string.Join('|', option.Names.Select(name => $"({Quote($"{command.Path} {name}")})"));
                string then = option.Choices.Count == 0 ? "_files"
                    : $"choices=({string.Join(' ', option.Choices.Select(Quote))}); compadd -a choices || _files";
                text.Append(null, $"    {names}) {then}; return ;;\n");
            }
        }

        text.Append("  esac\n  case \"$at\" in\n");
        foreach (CommandNode command in commands)
        {
            text.Append(null, $"    ({Quote(command.Path)})\n");
            text.Append("      if [[ ${words[CURRENT]} == -* ]]; then\n        entries=(\n");
            foreach (OptionNode option in command.Options)
            {
                foreach (string name in option.Names) text.Append(null, $"          {Entry(name, option.Description)}\n");
            }

            text.Append("        )\n        _describe -o option entries\n      else\n        entries=(\n");
            foreach ((string name, string description) in command.Commands)
                text.Append(null, $"          {Entry(name, description)}\n");
            text.Append(null, $"        )\n        choices=({string.Join(' ', command.Choices.Select(Quote))})\n");
            text.Append("        (( $#entries )) && _describe command entries\n");
            text.Append("        (( $#choices )) && compadd -a choices\n");
            text.Append(command.Commands.Count == 0 ? "        _files\n      fi ;;\n" : "        return 0\n      fi ;;\n");
        }

        return text.Append("""
              esac
            }
            if [[ ${funcstack[1]} == _unroll ]]; then
              _unroll "$@"
            elif (( $+functions[compdef] )); then
              compdef _unroll unroll
            fi

            """.ReplaceLineEndings("\n")).ToString();
    }

    private static string Entry(string name, string description) =>
        Quote($"{name.Replace(":", "\\:", StringComparison.Ordinal)}:{description}");

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
