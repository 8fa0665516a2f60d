using System.CommandLine;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Settings;

/// <summary>The options of <see cref="TrainOptionTable"/> as those of a command.</summary>
internal static class TrainOptionCommand
{
    /// <summary>Some of them as options of a command.</summary>
    public static Dictionary<TrainOption, Option> Make(IEnumerable<TrainOption> some) => some.ToDictionary(one => one, one =>
    {
        Option option = one.IsFlag ? new Option<bool>(one.Name)
            : one.Name == "--frozen" ? new Option<string[]>(one.Name) { HelpName = one.Value, Arity = ArgumentArity.OneOrMore }
            : new Option<string?>(one.Name) { HelpName = one.Value };
        option.Description = one.Description;
        return option;
    });
}
