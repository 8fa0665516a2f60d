using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Settings;

/// <summary>The options of <see cref="TrainOptionTable"/> on a command line.</summary>
internal static class GivenTrainOptions
{
    /// <summary>The knobs that were given.</summary>
    public static IReadOnlyList<Override> Read(ParseResult parsed, Dictionary<TrainOption, Option> knobs)
    {
        var overrides = new List<Override>();
        foreach ((TrainOption knob, Option option) in knobs)
        {
            if (parsed.GetResult(option) is not { Implicit: false } result) continue;
            if (knob.IsFlag && !parsed.GetValue((Option<bool>)option)) continue;
            string text = string.Join(',', result.Tokens.Select(token => token.Value));
            overrides.Add(new Override(knob.Name, knob.Property, knob.Parse(text)));
        }

        return overrides;
    }
}
