using System.CommandLine;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Settings;

/// <summary>The options of <see cref="TrainOptionTable"/> as those of a command.</summary>
internal static class TrainOptionCommand
{
    /// <summary>Some of them as options of a command.</summary>
    public static Dictionary<TrainOption, DeclaredOption> Make(IEnumerable<TrainOption> some) =>
        some.ToDictionary(one => one, one => one switch
        {
            { IsFlag: true } => (DeclaredOption)new DeclaredOption<bool>(one.Name) { Description = one.Description },
            { Name: "--frozen" } => new DeclaredOption<string[]>(one.Name)
            {
                HelpName = one.Value,
                Arity = ArgumentArity.OneOrMore,
                Description = one.Description,
            },
            _ => new DeclaredOption<string?>(one.Name) { HelpName = one.Value, Description = one.Description },
        });
}
