using System.Globalization;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Studies.Corpora;

/// <summary>One option about somebody's own sequences, of <c>unroll train forecast</c> and its like.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What stands for its value in the help.</param>
/// <param name="Description">What it is.</param>
/// <param name="Kinds">What it is for; none for all.</param>
/// <param name="Check">Throws a <see cref="UserError"/> for a text that is no value of it.</param>
internal sealed record SeriesOption(
    string Name, string Value, string Description, SeriesKind[] Kinds, Action<string> Check)
{
    /// <summary>Its name in files.</summary>
    public string Key => Name[2..];

    /// <summary>Whether the short help has it.</summary>
    public bool IsUsual { get; init; }

    /// <summary>Whether it is for a kind.</summary>
    public bool IsFor(SeriesKind kind) => Kinds.Length == 0 || Kinds.Contains(kind);
}

/// <summary>The options about folds, windows and scales, in the order of the help; those about reading a table are of the
/// command.</summary>
internal static class SeriesOptionTable
{
    /// <summary>Where the data lies.</summary>
    public const string Data = "--data", ValidationData = "--valid-data", TestData = "--test-data";

    /// <summary>How a network is trained again on all that came before the test fold.</summary>
    public const string Refit = "--refit", Origins = "--origins", CrossValidate = "--cross-validate",
        Ensemble = "--ensemble";

    /// <summary>How much classes count in the cost.</summary>
    public const string LabelWeights = "--label-weights";

    /// <summary>What a label is that training did not have; the option of whoever serves a model too.</summary>
    public const string Unknown = "--unknown-labels";

    private const double MostShare = 0.95;
    private const int MostOrigins = 100, MostParts = 100, MostNetworks = 100;

    /// <summary>The words for whether channels have one set of weights.</summary>
    public static readonly (string Name, bool Value)[] Channels = [("shared", true), ("together", false)];

    /// <summary>The words for yes and no.</summary>
    public static readonly (string Name, bool Value)[] YesNo = [("yes", true), ("no", false)];

    /// <summary>The words for whether each group has scales of its own.</summary>
    public static readonly (string Name, bool Value)[] ScaleBy = [("group", true), ("all", false)];

    /// <summary>The words for what is done to targets before they are scaled.</summary>
    public static readonly (string Name, bool Value)[] Transforms = [("log", true), ("none", false)];

    /// <summary>The words for what a label is that training did not have: whether it is read as none.</summary>
    public static readonly (string Name, bool Value)[] Unknowns = [("refuse", false), ("none", true)];

    private static readonly SeriesKind[] Numbers = [SeriesKind.Forecast, SeriesKind.Regress, SeriesKind.Tag],
        Forecast = [SeriesKind.Forecast], Windowed = [SeriesKind.Forecast, SeriesKind.Tag],
        Segmented = [SeriesKind.Forecast, SeriesKind.Classify, SeriesKind.Regress],
        WholeSequences = [SeriesKind.Classify, SeriesKind.Regress], Dealt =
        [SeriesKind.Classify, SeriesKind.Regress, SeriesKind.Tag];

    public static IReadOnlyList<SeriesOption> All { get; } =
    [
        Path(Data, "The data: a table (.csv), a folder of them, .ts or .npy; - is a table on standard input.") with
        {
            IsUsual = true,
        },
        Path(ValidationData, "Data by which the best model is chosen. Default: a share of --data."),
        Path(TestData, "Data on which results are reported. Default: a share of --data.") with { IsUsual = true },
        new("--horizon", "N", "Steps that are forecast. Default: 1.", Forecast, Whole("--horizon", 1)) { IsUsual = true },
        new("--window", "N", "Steps that a forecast is made from, or that are tagged at once in training (0: whole sequences). "
            + "Default: four horizons and at least 24, two to five seasons of --difference; 200 for tags "
            + "of long sequences.", Windowed, Whole("--window", 0))
        { IsUsual = true },
        new("--segment", "W", "Steps of the data that the network reads in one of its own. Default: a quarter of the window, or "
            + "1 where --decoder feeds forecasts back; a fifteenth of sequences of 60 steps or more; else 1.", Segmented,
            Whole("--segment", 1))
        { IsUsual = true },
        new("--channels", "shared|together",
            "Whether each target is a series of its own, with one set of weights for all, or all "
            + "columns are read together. Default: shared where there are several targets.", Forecast,
            text => Values.Choice("--channels", text, Channels)),
        Named<SeriesDecoder>("--decoder", "How the horizon comes from the state behind the window: direct, all steps are outputs "
            + "there; parallel, in parts of at most a segment, each by one step more of the cells from a learned place; "
            + "fed-back, a segment at a time (of 1 step where --segment is not given), each forecast the next input. Default: "
            + "direct.", Forecast),
        Named<Scaling>("--scale", "How each column is scaled, by the training fold. Default: standard.", []),
        new("--scale-by", "all|group", "Whether columns are scaled by the whole training fold, or by that of each group. "
            + "Default: all.", Forecast, text => Values.Choice("--scale-by", text, ScaleBy)),
        Named<WindowScaling>("--window-scale",
            "How each window is scaled on top of that, undone in what is predicted. Default: last "
            + "for forecasts, otherwise none.", Segmented),
        Named<MissingPolicy>("--missing", "What is read where a value is missing. Default: error, it is refused.", []),
        new(Unknown, string.Join('|', Unknowns.Select(one => one.Name)),
            "What a label of a category column is that the training fold does not have: refused in data to come, or read as none "
            + "of its labels. Default: refuse.", [], text => Values.Choice(Unknown, text, Unknowns)),
        new("--calendar", "PART,...",
            $"Read these parts of the dates too: {string.Join(", ", ValueNames.All<CalendarPart>())}.", [],
            text => Parts(text)),
        new("--known", "COLUMN,...", "Columns whose values over the horizon are known when it is forecast, such as a price or a "
            + "holiday: they are read too, and a table to predict from must have them.", Forecast,
            text => Names("--known", text)),
        new("--transform", "log|none", "Forecast the logarithm of the targets, whose values are above 0.", Forecast,
            text => Values.Choice("--transform", text, Transforms)),
        new("--difference", "N", "Read and forecast how much targets differ from their value N steps before, a season such as 12 "
            + "of months, in place of the value: for series that repeat themselves as they grow.", Forecast,
            Whole("--difference", 1)),
        Named<SeriesLoss>("--loss", "By which error numbers are trained: squared, absolute (Huber's is both, by the size), or "
            + "quantiles, which are intervals. Default: squared.", Numbers) with { IsUsual = true },
        new("--huber-delta", "D", "--loss huber: the error, in units of the scales, up to which it is squared. Default: 1.",
            Numbers, text => Values.Number("--huber-delta", text, zeroAllowed: false)),
        new("--quantiles", "Q,...", "--loss quantile: the levels that are predicted. Default: 0.1,0.5,0.9.", Numbers,
            text => Levels(text)),
        new(LabelWeights, "balanced|none|LABEL:W,...", "How much the cost of each class counts: balanced, as much in sum as "
            + "every other class; or the classes that are named so much more than the others. Scores weigh all alike. "
            + "Default: none.",
            [SeriesKind.Classify, SeriesKind.Tag], text => WeightsOf(text)),
        new("--stride", "N", "Steps from a training window to the next. Default: 1.", Forecast, Whole("--stride", 1)),
        new("--look-back", "yes|no", "Whether windows of the validation and the test fold may begin in the fold before (what is "
            + "forecast never lies there). Default: only where they would not fit.", Forecast,
            text => Values.Choice("--look-back", text, YesNo)),
        new("--valid-share", "SHARE", "The share of --data that is the validation fold. Default: 0.15.", [],
            Share("--valid-share")),
        new("--test-share", "SHARE", "The share of --data that is the test fold. Default: 0.15.", [], Share("--test-share")),
        new("--fold-steps", "N,N,N", "Steps of each sequence to train on, validate on and test on, in place of shares.", Forecast,
            text => FoldSteps(text)),
        new(Refit, "yes|no", "After the validation fold has chosen the number of epochs, train again for so many on the training "
            + "and the validation fold together. Default: no.", [], text => Values.Choice(Refit, text, YesNo)),
        new(Origins, "N", "Choose the number of epochs by the mean cost at N rolling origins in place of one validation fold, "
            + "and train again (--refit): for short series. Default: at most 3 where one series has at most 200 steps in front "
            + "of the test fold, and by them the way to read it is chosen too; otherwise none.", Forecast,
            text => Values.Whole(Origins, text, 1, MostOrigins)),
        new(CrossValidate, "N|no", "Choose the number of epochs, and the inputs' noise where it is not given, by "
            + "cross-validation: the sequences to learn from are dealt to N parts, each validating what is trained on the "
            + "others; then train again on all (--refit). Default: 5 for few labelled sequences (at most 300), otherwise no.",
            WholeSequences, text => CrossValidation(text)),
        new(Ensemble, "N", "Train N networks, from other seeds, and join them as one whose outputs are the means of theirs. "
            + "Default: 5 where --cross-validate or --origins is by default, otherwise 1.", [],
            text => Values.Whole(Ensemble, text, 1, MostNetworks)),
        new("--fold-seed", "N", "The seed by which whole sequences are dealt to folds. Default: 1.", Dealt,
            text => Values.Seed("--fold-seed", text)),
    ];

    /// <summary>The parts of <c>--calendar</c>.</summary>
    public static CalendarPart[] Parts(string text) =>
        [.. text.Split(',').Select(part => Values.Choice("--calendar", part.Trim(), Values.Named<CalendarPart>())).Distinct()];

    /// <summary>The parts of <c>--cross-validate</c>; null for no.</summary>
    public static int? CrossValidation(string text) =>
        text == "no" ? null : (int)Values.Whole(CrossValidate, text, 2, MostParts);

    /// <summary>The names of a list of columns.</summary>
    public static string[] Names(string option, string text)
    {
        string[] names = NameList.Split(text);
        return !names.Contains("") && names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names
            : throw new UserError($"{option} '{text}' must be names of columns with commas between them, each once.");
    }

    /// <summary>The weights of classes; null for none. A label with a comma stands in quotes with its weight.</summary>
    public static LabelWeights? WeightsOf(string text)
    {
        if (text is "none" or "balanced") return text == "none" ? null : Tasks.LabelWeights.Balanced;
        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string part in NameList.Split(text))
        {
            int colon = part.LastIndexOf(':');
            if (colon < 1 || !weights.TryAdd(part[..colon].Trim(), Values.Number($"The weight of {LabelWeights}",
                part[(colon + 1)..].Trim(), zeroAllowed: false)))
                throw new UserError($"{LabelWeights} '{text}' must be balanced, none, or labels with a weight such as "
                    + "rare:5,other:2, each once.");
        }

        return Tasks.LabelWeights.Of(weights);
    }

    /// <summary>The three numbers of <c>--fold-steps</c>.</summary>
    public static int[] FoldSteps(string text)
    {
        string[] parts = text.Split(',');
        if (parts.Length != 3)
            throw new UserError(
                $"--fold-steps '{text}' must be three numbers such as 8640,2880,2880, for training, validation and test.");
        return [.. parts.Select((part, i) => (int)Values.Whole("--fold-steps", part.Trim(), i == 0 ? 1 : 0, int.MaxValue))];
    }

    /// <summary>The levels of <c>--quantiles</c>.</summary>
    public static QuantileLevels Levels(string text)
    {
        QuantileLevels levels =
            [.. text.Split(',').Select(part => Values.Number("--quantiles", part.Trim(), zeroAllowed: false, maximum: 1))];
        try
        {
            levels.Validate();
            return levels;
        }
        catch (ArgumentException error)
        {
            throw new UserError($"--quantiles '{text}' is no list of levels: {error.Message}");
        }
    }

    private static SeriesOption Path(string name, string description) => new(name, "FILE", description, [],
        text => Values.Path($"The value of {name}", text));

    private static SeriesOption Named<TEnum>(string name, string description, SeriesKind[] kinds)
        where TEnum : struct, Enum => new(name, string.Join('|', ValueNames.All<TEnum>()), description, kinds,
            text => Values.Choice(name, text, Values.Named<TEnum>()));

    private static Action<string> Whole(string name, int least) => text => Values.Whole(name, text, least, SeriesOptions.Longest);

    private static Action<string> Share(string name) => text => Values.Number(name, text, zeroAllowed: true, maximum: MostShare);

    /// <summary>A share as it is written.</summary>
    internal static double ShareOf(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
