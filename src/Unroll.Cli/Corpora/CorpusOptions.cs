using System.CommandLine;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Corpora;

/// <summary>The options of <see cref="CorpusOptionTable"/> on a command line.</summary>
internal static class CorpusOptions
{
    /// <summary>The option that names the folder of the data sets, of the commands that read data.</summary>
    public static readonly DeclaredOption<string?> Folder = new("--data-dir")
    {
        HelpName = "FOLDER",
        Description = "Where data sets lie. Default: UNROLL_DATA, then the user's cache folder.",
    };

    /// <summary>All of them as options of a command, which they are added to.</summary>
    public static Dictionary<CorpusOption, DeclaredOption> AddTo(Command command) => AddTo(command, CorpusOptionTable.All);

    /// <summary>Some of them as options of a command, which they are added to.</summary>
    public static Dictionary<CorpusOption, DeclaredOption> AddTo(Command command, IEnumerable<CorpusOption> some)
    {
        Dictionary<CorpusOption, DeclaredOption> options = Make(some);
        command.AddAll(options.Values);
        return options;
    }

    /// <summary>Some of them as options.</summary>
    public static Dictionary<CorpusOption, DeclaredOption> Make(IEnumerable<CorpusOption> some) => some.ToDictionary(
        one => one, one => one.IsFlag ? (DeclaredOption)new DeclaredOption<bool>(one.Name) { Description = one.Description }
            : new DeclaredOption<string?>(one.Name)
            {
                HelpName = one.Value,
                Description = one.Description,
                Completions = one.Name == CorpusOptionTable.Data ? () => DataCatalogue.Names : null,
            });

    /// <summary>Those that were given.</summary>
    /// <exception cref="UserError">A value does not suit its option.</exception>
    public static IReadOnlyList<CorpusOverride> Read(ParseResult parsed, Dictionary<CorpusOption, DeclaredOption> options)
    {
        return
        [
            .. from one in options
               let text = Given(one.Value)
               where text is not null
               select new CorpusOverride(one.Key, one.Key.Parse(text)),
        ];

        string? Given(DeclaredOption option) =>
            option is DeclaredOption<bool> flag ? parsed.GetValue(flag) ? "true" : null
                : parsed.GetValue((DeclaredOption<string?>)option);
    }
}
