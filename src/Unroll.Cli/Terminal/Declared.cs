using System.CommandLine;

namespace Unroll.Cli.Terminal;

/// <summary>
/// An option or an argument as it is declared, once. Every tree of commands has symbols of its own of it: a symbol of the parser
/// remembers each command that it was ever added to, so one that trees shared would grow with every tree.
/// </summary>
/// <param name="name">Its name, with the dashes of an option.</param>
internal abstract class Declared(string name)
{
    /// <summary>Its name, with the dashes of an option.</summary>
    public string Name => name;

    /// <summary>What the help says of it.</summary>
    public string? Description { get; init; }

    /// <summary>What the help calls its value.</summary>
    public string? HelpName { get; init; }

    /// <summary>How many values it takes; null for what its type says.</summary>
    public ArgumentArity? Arity { get; init; }

    /// <summary>The names that a shell offers for its value, or null. They are asked for only when a shell completes.</summary>
    public Func<IEnumerable<string>>? Completions { get; init; }

    /// <summary>Adds a symbol of it to a command.</summary>
    public abstract void AddTo(Command command);
}

/// <summary>A symbol of the parser that was made of a declaration: commands may have two options of one name.</summary>
internal interface IDeclaredSymbol
{
    /// <summary>What it was made of.</summary>
    Declared Declared { get; }
}

/// <summary>An option as it is declared.</summary>
/// <param name="name">Its name, with dashes.</param>
internal abstract class DeclaredOption(string name) : Declared(name)
{
    /// <summary>Whether the commands below take it too.</summary>
    public bool Recursive { get; init; }

    /// <summary>A symbol of it, for one command.</summary>
    public abstract Option Make();

    /// <inheritdoc/>
    public override void AddTo(Command command) => command.Add(Make());
}

/// <summary>An option with values of a type.</summary>
/// <param name="name">Its name, with dashes.</param>
/// <param name="aliases">Other names that are taken.</param>
internal sealed class DeclaredOption<T>(string name, params string[] aliases) : DeclaredOption(name)
{
    /// <inheritdoc/>
    public override Option Make()
    {
        var option = new Of(this, aliases) { Description = Description, HelpName = HelpName, Recursive = Recursive };
        if (Arity is { } arity) option.Arity = arity;
        if (Completions is { } names) option.CompletionSources.Add(_ => names());
        return option;
    }

    private sealed class Of(DeclaredOption<T> declared, string[] aliases) : Option<T>(declared.Name, aliases), IDeclaredSymbol
    {
        public Declared Declared => declared;
    }
}

/// <summary>An argument as it is declared.</summary>
/// <param name="name">Its name in the help.</param>
internal sealed class DeclaredArgument<T>(string name) : Declared(name)
{
    /// <inheritdoc/>
    public override void AddTo(Command command)
    {
        var argument = new Of(this) { Description = Description, HelpName = HelpName };
        if (Arity is { } arity) argument.Arity = arity;
        if (Completions is { } names) argument.CompletionSources.Add(_ => names());
        command.Add(argument);
    }

    private sealed class Of(DeclaredArgument<T> declared) : Argument<T>(declared.Name), IDeclaredSymbol
    {
        public Declared Declared => declared;
    }
}
