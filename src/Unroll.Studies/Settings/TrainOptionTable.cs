using System.Globalization;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>One option of <c>unroll train</c> that sets a property of <see cref="TrainingOptions"/>.</summary>
/// <param name="Declared">What is declared beside the property.</param>
/// <param name="Parse">Turns the text given into a change of the options; throws <see cref="UserError"/>.</param>
internal sealed record TrainOption(TrainingOption Declared, Func<string, Func<TrainingOptions, TrainingOptions>> Parse)
{
    /// <summary>Its name.</summary>
    public string Name => Declared.Switch;

    /// <summary>What stands for its value in the help; empty for a flag.</summary>
    public string Value => Declared.Value;

    /// <summary>What it is.</summary>
    public string Description => Declared.Help;

    /// <summary>Its name in <see cref="OptionsText"/>.</summary>
    public string Property => Declared.Key;

    /// <summary>The name of its group in the help.</summary>
    public string Group => OptionsText.Name(Declared.Group);

    /// <summary>A flag has no value.</summary>
    public bool IsFlag => Declared is FlagOption;
}

/// <summary>
/// Every property of <see cref="TrainingOptions"/> as an option. Texts whose refusals say more than their form are parsed here.
/// </summary>
internal static class TrainOptionTable
{
    private static readonly Dictionary<string, Func<string, Func<TrainingOptions, TrainingOptions>>> Forms = new()
    {
        ["stack"] = NetworkOptions.Stack,
        ["init-block"] = text => NetworkOptions.InitializeBlocks(text, Values.Named<Initialization>()),
        ["clip"] = ClipOption.Parse,
        ["clip-temporal"] = TemporalClipOption.Parse,
        ["l1"] = Penalties("--l1", (o, v) => o with { L1 = v }),
        ["l2"] = Penalties("--l2", (o, v) => o with { L2 = v }),
        ["rescue"] = Rescue,
        ["frozen"] = Frozen,
        ["curriculum"] = text =>
        {
            LengthCurriculum? curriculum = Values.Curriculum("--curriculum", text);
            return o => o with { Curriculum = curriculum };
        },
        ["seed"] = text =>
        {
            ulong seed = Values.Seed("--seed", text);
            return o => o with { Seed = seed };
        },
        ["select-length"] = text =>
        {
            int[] lengths = text == "none" ? []
                : [.. text.Split(',')
                    .Select(part => (int)Values.Whole("--select-length", part.Trim(), 1, LengthRange.Longest)).Distinct()];
            return o => o with { SelectionLengths = lengths };
        },
    };

    public static IReadOnlyList<TrainOption> All { get; } =
        [.. from option in TrainingOptions.Declared where option.Switch.Length > 0
            select new TrainOption(option, ParserOf(option))];

    /// <summary>One of them by its name.</summary>
    public static TrainOption Named(string name) => All.First(option => option.Name == name);

    private static Func<string, Func<TrainingOptions, TrainingOptions>> ParserOf(TrainingOption declared)
    {
        if (Forms.TryGetValue(declared.Key, out Func<string, Func<TrainingOptions, TrainingOptions>>? own)) return own;
        string name = declared.Switch;
        return declared switch
        {
            FlagOption flag => _ => o => flag.Set(o, flag.Given),
            ChoiceOption choice => text => Values.Choice(name, text, choice.Choices),
            WholeOption whole => text =>
            {
                long? value = whole.TypesWord && text == whole.Word ? null
                    : Values.Whole(name, text, whole.Minimum, whole.Maximum);
                return o => whole.Set(o, value);
            }
            ,
            NumberOption number => text =>
            {
                double value = Number(number, text);
                return o => number.Set(o, value);
            }
            ,
            TextOption form => text => form.FromText(new TrainingOptions(), text) is not null
                ? o => form.FromText(o, text)!
                : throw new UserError($"{name} '{text}' must be {form.Form}."),
            _ => throw new InvalidOperationException($"Nothing says how the option {declared.Key} is typed."),
        };
    }

    private static double Number(NumberOption option, string text)
    {
        if (option.Range == NumberRange.Finite)
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double any) && double.IsFinite(any)
                ? any : throw new UserError($"{option.Switch} '{text}' must be a finite number.");
        }

        double value = Values.Number(option.Switch, text, option.Range != NumberRange.Positive, maximum: option.Maximum);
        return option.Range != NumberRange.BelowOne || value < 1 ? value
            : throw new UserError($"{option.Switch} {text} must be below 1.");
    }

    private static Func<string, Func<TrainingOptions, TrainingOptions>> Penalties(
        string option, Func<TrainingOptions, IReadOnlyList<BlockPenalty>, TrainingOptions> set) => text =>
        {
            BlockPenalty[] penalties = text == "none" ? []
                : [.. text.Split(',').Select(part => part.Split(':') is [{ Length: > 0 } name, string weight]
                ? new BlockPenalty(name.Trim(), Values.Number($"The weight of {option} {name.Trim()}", weight))
                : throw new UserError($"{option} '{part}' is not a penalty; write NAME:WEIGHT such as "
                    + "weight_hh_l0:0.001, or none."))];
            return o => set(o, penalties);
        };

    private static Func<TrainingOptions, TrainingOptions> Rescue(string text)
    {
        RescueRule? rule = text switch { "none" => null, "best" => new RescueRule(), _ => Numbers() };
        return o => o with { Rescue = rule };

        RescueRule Numbers()
        {
            string[] parts = text.Split(',');
            if (parts.Length is not (3 or 4))
                throw new UserError($"--rescue '{text}' is not a rule; write best, ABOVE,TIMES,ONCE such as 0.3,3,0.2, or none.");
            string[] names = ["ABOVE", "TIMES", "ONCE", "SLOWEST"];
            double[] n = [.. parts.Select((part, i) => Values.Number($"{names[i]} of --rescue", part.Trim()))];
            return n.Length == 3 ? new RescueRule(n[0], n[1], n[2]) : new RescueRule(n[0], n[1], n[2], n[3]);
        }
    }

    private static Func<TrainingOptions, TrainingOptions> Frozen(string text)
    {
        string[] frozen = [.. text.Split(',').Select(part => NetworkOptions.Parameter("--frozen", part.Trim())).Distinct()];
        return o => o with { Frozen = frozen };
    }
}
