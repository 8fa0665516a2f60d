using System.CommandLine;
using System.CommandLine.Parsing;

namespace Unroll.Cli.Terminal;

/// <summary>Commands and command lines by what is declared.</summary>
internal static class DeclaredSymbols
{
    extension(Command command)
    {
        /// <summary>Adds an option or an argument.</summary>
        public void Add(Declared declared) => declared.AddTo(command);

        /// <summary>Adds options and arguments, in the order of the help.</summary>
        public void AddAll(IEnumerable<Declared> all)
        {
            foreach (Declared declared in all) declared.AddTo(command);
        }
    }

    extension(ParseResult parsed)
    {
        /// <summary>The symbol of an option that the command which was given has, or one above it; null where none has.</summary>
        public Option? Own(DeclaredOption option)
        {
            for (Command? command = parsed.CommandResult.Command; command is not null;
                command = command.Parents.OfType<Command>().FirstOrDefault())
            {
                if (command.Options.FirstOrDefault(one => IsOf(one, option)) is { } own) return own;
            }

            return null;
        }

        /// <summary>The value of an option; its type's default where it was not given, or the command has none.</summary>
        public T? GetValue<T>(DeclaredOption<T> option) =>
            parsed.Own(option) is { } own ? parsed.GetValue((Option<T>)own) : default;

        /// <summary>The value of an argument; the type's default where it was not given.</summary>
        public T? GetValue<T>(DeclaredArgument<T> argument) =>
            parsed.GetValue((Argument<T>)parsed.CommandResult.Command.Arguments.Single(one => IsOf(one, argument)));

        /// <summary>The value of an argument that the parser asks for.</summary>
        public T GetRequiredValue<T>(DeclaredArgument<T> argument) => parsed.GetValue(argument)!;

        /// <summary>What was written for an option, or null where it was not given.</summary>
        public OptionResult? Given(DeclaredOption option) =>
            parsed.Own(option) is { } own && parsed.GetResult(own) is { Implicit: false } result ? result : null;

        /// <summary>Whether an option was given, with a value or without.</summary>
        public bool IsGiven(DeclaredOption option) => parsed.Given(option) is not null;
    }

    private static bool IsOf(Symbol symbol, Declared declared) => symbol is IDeclaredSymbol own && own.Declared == declared;
}
