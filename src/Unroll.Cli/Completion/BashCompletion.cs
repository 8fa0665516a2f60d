using System.Text;

namespace Unroll.Cli.Completion;

/// <summary>Completion for bash 3.2 and later, without the package bash-completion.</summary>
internal static class BashCompletion
{
    public static string Write(IReadOnlyList<CommandNode> commands)
    {
        var text = new StringBuilder();
        text.Append("""
            # Completion of the command unroll for bash, written by: unroll completion bash
            _unroll() {
              local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at=unroll words= i
              COMPREPLY=()

              # Bash makes a word of the = in --option=value.
              if [[ $cur == = ]]; then
                cur=
              elif [[ $prev == = && COMP_CWORD -gt 1 ]]; then
                prev=${COMP_WORDS[COMP_CWORD-2]}
              fi

              for ((i = 1; i < COMP_CWORD; i++)); do
                case "$at ${COMP_WORDS[i]}" in

            """.ReplaceLineEndings("\n"));
        IEnumerable<string> paths = commands.Skip(1).Select(command => $"\"{command.Path}\"");
        text.Append(null, $"      {string.Join("|", paths)}) at=\"$at ${{COMP_WORDS[i]}}\" ;;\n    esac\n  done\n\n");
        text.Append("  case \"$at $prev\" in\n");
        foreach (CommandNode command in commands)
        {
            foreach (OptionNode option in command.Options.Where(option => option.TakesValue))
            {
                string names = string.Join('|', option.Names.Select(name => $"\"{command.Path} {name}\""));
                text.Append(null, $"    {names}) words=\"{string.Join(' ', option.Choices)}\" ;;\n");
            }
        }

        text.Append("    *)\n      case \"$at\" in\n");
        foreach (CommandNode command in commands)
        {
            string options = string.Join(' ', command.Options.SelectMany(option => option.Names));
            string values = string.Join(' ', command.Commands.Select(below => below.Name).Concat(command.Choices));
            text.Append(null, $"        \"{command.Path}\") if [[ $cur == -* ]]; then words=\"{options}\"; ");
            text.Append(null, $"else words=\"{values}\"; fi ;;\n");
        }

        // Without words of its own bash goes on with files.
        return text.Append("""
                  esac ;;
              esac
              if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi
            }
            complete -o default -F _unroll unroll

            """.ReplaceLineEndings("\n")).ToString();
    }
}
