using System.Globalization;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Corpora;

/// <summary>What <c>unroll train forecast</c> and its like train on: the options about the data as they were typed, by which they
/// are also kept in files.</summary>
/// <param name="Kind">What is predicted.</param>
/// <param name="Texts">The texts by the names of options without dashes, those about reading a table too.</param>
internal sealed record SeriesSettings(SeriesKind Kind, IReadOnlyDictionary<string, string> Texts)
{
    /// <summary>The names of the tasks.</summary>
    public static IReadOnlyList<string> Tasks { get; } = [.. ValueNames.All<SeriesKind>()];

    /// <summary>The names, without dashes, of the options about reading a table, which the command itself has.</summary>
    public static IReadOnlyList<string> Reading { get; } =
    [
        "group", "time", "target", "label", "ignore", "categories", "delimiter", "decimal", "date-format", "missing-text",
        "no-header", "sort-time", "label-by-folder", "label-file",
    ];

    private static readonly string[] s_ofFolds =
        ["data", "valid-data", "test-data", "valid-share", "test-share", "fold-steps", "fold-seed", "refit"];

    /// <summary>The options that say how data are read by a network, which change no unit of its costs.</summary>
    public static IReadOnlyList<string> OfNetwork { get; } =
        ["window", "segment", "channels", "decoder", "stride", "missing", "unknown-labels", "calendar", "known", "look-back"];

    /// <summary>The options whose values have commas of their own.</summary>
    public static IReadOnlyList<string> Lists { get; } =
        ["target", "ignore", "categories", "missing-text", "calendar", "known", "quantiles", "fold-steps",
        "label-weights"];

    /// <summary>Whether an option holds names of columns, or other texts of a table, with commas between them.</summary>
    /// <param name="option">Its name without dashes.</param>
    public static bool IsNames(string option) => option is "target" or "ignore" or "categories" or "missing-text" or "known"
        or "label-weights";

    /// <summary>The names, without dashes, of the options that are flags.</summary>
    public static IReadOnlyList<string> Flags { get; } = ["no-header", "sort-time", "label-by-folder"];

    /// <summary>The files and folders that it reads.</summary>
    public IEnumerable<string> Paths => ((string?[])[Data, ValidationData, TestData]).OfType<string>();

    /// <summary>The key of what the validation fold chose for a network that was trained again.</summary>
    public const string ChoiceKey = "refit-choice";

    /// <summary>The key of a forecast that is the mean of what networks say that read values and networks that read differences
    /// over a season; a short series may choose it.</summary>
    public const string CombinedKey = "combined";

    /// <summary>Whether values and differences are read and their forecasts combined.</summary>
    public bool IsCombined => Texts.GetValueOrDefault(CombinedKey) == "yes";

    /// <summary>Whether the network is trained again on the training and the validation fold together.</summary>
    public bool IsRefit => Texts.GetValueOrDefault("refit") == "yes";

    /// <summary>By how many rolling origins the number of epochs is chosen; null for the validation fold.</summary>
    public int? Origins => Number("origins");

    /// <summary>By how many parts of a cross-validation the number of epochs is chosen; null for none.</summary>
    public int? CrossValidation =>
        Texts.TryGetValue("cross-validate", out string? text) ? SeriesOptionTable.CrossValidation(text) : null;

    /// <summary>The steps that are forecast.</summary>
    public int Horizon => Number("horizon") ?? 1;

    /// <summary>How many networks are trained and joined as one.</summary>
    public int Networks => Number("ensemble") ?? 1;

    /// <summary>The seed by which whole sequences are dealt.</summary>
    public ulong FoldSeed =>
        Texts.TryGetValue("fold-seed", out string? text) ? ulong.Parse(text, CultureInfo.InvariantCulture) : 1;

    /// <summary>The name of the task.</summary>
    public string Task => ValueNames.Of(Kind);

    /// <summary>The file or folder of the data.</summary>
    public string Data => Texts["data"];

    /// <summary>That of the validation fold, or null.</summary>
    public string? ValidationData => Texts.GetValueOrDefault("valid-data");

    /// <summary>That of the test fold, or null.</summary>
    public string? TestData => Texts.GetValueOrDefault("test-data");

    /// <summary>What is kept in files.</summary>
    public IEnumerable<KeyValuePair<string, string>> Properties() => Texts.OrderBy(one => one.Key, StringComparer.Ordinal);

    /// <summary>The settings that <see cref="Properties"/> wrote.</summary>
    /// <param name="task">The name of the task.</param>
    /// <param name="property">The text of a name, or null.</param>
    /// <exception cref="UserError">A value is not one of its option.</exception>
    public static SeriesSettings FromProperties(string task, Func<string, string?> property)
    {
        SeriesKind kind = Values.Choice("The task", task, Values.Named<SeriesKind>());
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (SeriesOption option in SeriesOptionTable.All.Where(option => option.IsFor(kind)))
        {
            if (property(option.Key) is not { } text) continue;
            option.Check(text);
            texts[option.Key] = text;
        }

        foreach (string name in Reading.Append(ChoiceKey).Append(CombinedKey))
        {
            if (property(name) is { } text) texts[name] = text;
        }

        return texts.ContainsKey("data") ? new SeriesSettings(kind, texts) : throw new UserError("The data is not named.");
    }

    /// <summary>What decides which sequences are read and how they are split, as one text.</summary>
    public string FoldsKey() => string.Join('\n', Texts.Where(one => Reading.Contains(one.Key) || s_ofFolds.Contains(one.Key))
        .OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}").Prepend(Task));

    /// <summary>The folds of data that were read.</summary>
    /// <exception cref="UserError">They cannot be split so.</exception>
    public SequenceFolds Split(SequenceData data, SequenceData? validation, SequenceData? test)
    {
        SequenceFolds folds = SplitOnce(data, validation, test);
        return IsRefit ? folds.ForRefit() : folds;
    }

    private SequenceFolds SplitOnce(SequenceData data, SequenceData? validation, SequenceData? test)
    {
        var shares = new FoldShares
        {
            Validation = Texts.TryGetValue("valid-share", out string? valid) ? SeriesOptionTable.ShareOf(valid)
                : new FoldShares().Validation,
            Test = Texts.TryGetValue("test-share", out string? share) ? SeriesOptionTable.ShareOf(share) : new FoldShares().Test,
        };
        ulong seed = FoldSeed;
        try
        {
            if (validation is not null || test is not null)
            {
                if (Kind == SeriesKind.Forecast && validation is null)
                    throw new UserError(
                        "--test-data needs --valid-data too for a forecast, whose folds are cut by time; or leave it out.");
                return SequenceFolds.OfFiles(data, validation, test, shares.Validation, seed);
            }

            if (Texts.TryGetValue("fold-steps", out string? steps))
            {
                int[] counts = SeriesOptionTable.FoldSteps(steps);
                return SequenceFolds.BySteps(data, counts[0], counts[1], counts[2]);
            }

            bool whole = Kind is SeriesKind.Classify or SeriesKind.Regress || (Kind == SeriesKind.Tag && data.Count > 2);
            return whole ? SequenceFolds.BySequence(data, shares, seed) : SequenceFolds.ByTime(data, shares);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    /// <summary>How the folds are read: what was given, and else the recipe's.</summary>
    public SeriesOptions Options(SequenceFolds folds)
    {
        int horizon = Horizon;
        string[] known = Texts.TryGetValue("known", out string? columns) ? SeriesOptionTable.Names("--known", columns) : [];
        int? season = Number("difference");
        SeriesOptions recipe = SeriesRecipes.Reading(Kind, folds, horizon, Number("window"), known, season ?? 0);
        bool byGroup = Choice("scale-by", SeriesOptionTable.ScaleBy) ?? false;
        if (byGroup && folds.Data.Count == 1)
            throw new UserError(
                "--scale-by group needs several groups, and the data are one series; name their column by --group.");
        IEnumerable<string> targets = folds.Data.Targets.Count > 0
            ? folds.Data.Targets.Select(place => folds.Data.Columns[place].Name)
            : folds.Data.Columns.Where(column => column.Kind == ColumnKind.Number && !known.Contains(column.Name))
                .Select(column => column.Name);
        SeriesLoss loss = Loss();
        SeriesDecoder decoder = Named<SeriesDecoder>("decoder") ?? recipe.Decoder;
        return recipe with
        {
            Loss = loss,
            HuberDelta = loss == SeriesLoss.Huber && Texts.TryGetValue("huber-delta", out string? delta)
                ? SeriesOptionTable.ShareOf(delta) : recipe.HuberDelta,
            Quantiles = loss == SeriesLoss.Quantile && Texts.TryGetValue("quantiles", out string? levels)
                ? SeriesOptionTable.Levels(levels) : recipe.Quantiles,
            Segment = Number("segment") ?? (decoder == SeriesDecoder.FedBack ? 1 : recipe.Segment),
            Decoder = decoder,
            Stride = Number("stride") ?? recipe.Stride,
            SharedChannels = Choice("channels", SeriesOptionTable.Channels) ?? recipe.SharedChannels,
            LooksBack = Choice("look-back", SeriesOptionTable.YesNo) ?? recipe.LooksBack,
            LabelWeights = Texts.TryGetValue("label-weights", out string? weights) ? SeriesOptionTable.WeightsOf(weights) : null,
            Encoder = recipe.Encoder with
            {
                Scale = Named<Scaling>("scale") ?? recipe.Encoder.Scale,
                Window = Named<WindowScaling>("window-scale") ?? recipe.Encoder.Window,
                Missing = Named<MissingPolicy>("missing") ?? recipe.Encoder.Missing,
                UnknownAsNone = Choice("unknown-labels", SeriesOptionTable.Unknowns) ?? recipe.Encoder.UnknownAsNone,
                Calendar = Texts.TryGetValue("calendar", out string? parts) ? SeriesOptionTable.Parts(parts) : [],
                ScaleByGroup = byGroup,
                Logarithm = Choice("transform", SeriesOptionTable.Transforms) == true ? [.. targets] : [],
                Differenced = season is null ? [] : [.. targets],
                Season = season ?? recipe.Encoder.Season,
                Combined = IsCombined,
            },
        };
    }

    /// <summary>
    /// These settings with what <see cref="Options"/> chose, so that a later version of a recipe changes nothing.
    /// </summary>
    public SeriesSettings With(SeriesOptions options)
    {
        var texts = new SortedDictionary<string, string>(Texts.ToDictionary(), StringComparer.Ordinal);
        Set("horizon", Text(options.Horizon));
        Set("window", Text(options.Window));
        Set("segment", Text(options.Segment));
        Set("channels", options.SharedChannels ? "shared" : "together");
        Set("look-back", options.LooksBack ? "yes" : "no");
        Set("window-scale", ValueNames.Of(options.Encoder.Window));
        if (options.Decoder != SeriesDecoder.Direct) Set("decoder", ValueNames.Of(options.Decoder));
        if (options.Loss != SeriesLoss.Squared) Set("loss", ValueNames.Of(options.Loss));
        if (options.Loss == SeriesLoss.Huber) Set("huber-delta", Exact(options.HuberDelta));
        if (options.Loss == SeriesLoss.Quantile) Set("quantiles", string.Join(',', options.Quantiles.Select(Exact)));
        return this with { Texts = texts };

        void Set(string key, string text)
        {
            if (SeriesOptionTable.All.First(option => option.Key == key).IsFor(Kind)) texts[key] = text;
        }

        static string Exact(double number) => number.ToString("R", CultureInfo.InvariantCulture);

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The task on folds.</summary>
    /// <exception cref="UserError">They do not fit it.</exception>
    public SeriesTask Create(SequenceFolds folds)
    {
        try
        {
            SeriesOptions options = Options(folds);
            return Kind switch
            {
                SeriesKind.Forecast => new ForecastTask(folds, options),
                SeriesKind.Classify => new ClassifyTask(folds, options),
                SeriesKind.Regress => new RegressTask(folds, options),
                _ => new TagTask(folds, options),
            };
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    /// <summary>The loss that was named, or that an option of one means.</summary>
    /// <exception cref="UserError">They contradict each other.</exception>
    public SeriesLoss Loss()
    {
        SeriesLoss? named = Named<SeriesLoss>("loss");
        foreach ((string key, SeriesLoss of) in (ReadOnlySpan<(string, SeriesLoss)>)
            [("huber-delta", SeriesLoss.Huber), ("quantiles", SeriesLoss.Quantile)])
        {
            if (!Texts.ContainsKey(key)) continue;
            if (named is { } other && other != of)
                throw new UserError(
                    $"--{key} is for --loss {ValueNames.Of(of)}, and the loss is {ValueNames.Of(other)}; leave one of them out.");
            named = of;
        }

        return named ?? SeriesLoss.Squared;
    }

    private int? Number(string key) =>
        Texts.TryGetValue(key, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private bool? Choice(string key, (string Name, bool Value)[] choices) =>
        Texts.TryGetValue(key, out string? text) ? Values.Choice($"--{key}", text, choices) : null;

    private TEnum? Named<TEnum>(string key)
        where TEnum : struct, Enum =>
        Texts.TryGetValue(key, out string? text) ? Values.Choice($"--{key}", text, Values.Named<TEnum>()) : null;
}
