using System.Globalization;
using System.Text;
using Unroll.Files;
using Unroll.Remedies;

namespace Unroll.Training;

/// <summary>
/// Training options as named texts, for files, run headers and comparisons: the names are those of the command line, numbers
/// read back bit for bit.
/// </summary>
public static class OptionsText
{
    /// <summary>
    /// Beside the options in checkpoints and models: the name of a user's own optimizer, and whether a callback saw gradients.
    /// </summary>
    internal const string OwnOptimizerKey = "own-optimizer", OwnGradientKey = "own-gradient";

    /// <summary>Every option as (name, text) in a fixed order.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ToProperties(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        LengthCurriculum? c = options.Curriculum;
        return
        [
            new("cell", Name(options.Cell)),
            new("layers", Text(options.Layers)),
            new("stack", options.Stack is { } stack ? Stack(stack) : "none"),
            new("hidden", Text(options.Hidden)),
            new("activation", Name(options.Activation)),
            new("leak", ExactNumber.ToText(options.Leak)),
            new("train-leak", options.TrainedLeak ? "true" : "false"),
            new("dropout", ExactNumber.ToText(options.Dropout)),
            new("input-dropout", ExactNumber.ToText(options.InputDropout)),
            new("output-dropout", ExactNumber.ToText(options.OutputDropout)),
            new("biases", options.Biases ? "true" : "false"),
            new("learned-initial-state", options.LearnedInitialState ? "true" : "false"),
            new("init", Name(options.Initialization)),
            new("init-block", options.InitializationByBlock.Count == 0 ? "none"
                : string.Join(',', options.InitializationByBlock.Select(block => $"{block.Block}:{Name(block.Kind)}"))),
            new("forget-bias", ExactNumber.ToText(options.ForgetBias)),
            new("chrono", options.LongestLag is { } lag ? Text(lag) : "none"),
            new("optimizer", Name(options.Optimizer)),
            new("lr", ExactNumber.ToText(options.LearningRate)),
            new("lr-schedule", Name(options.RateSchedule)),
            new("plateau-checks", Text(options.PlateauChecks)),
            new("momentum", ExactNumber.ToText(options.Momentum)),
            new("damping", ExactNumber.ToText(options.HessianFree.Damping)),
            new("structural-damping", ExactNumber.ToText(options.HessianFree.StructuralDamping)),
            new("cg-iterations", Text(options.HessianFree.Iterations)),
            new("gradient-batches", Text(options.HessianFree.GradientBatches)),
            new("averaging", ExactNumber.ToText(options.Averaging)),
            new("weight-noise", ExactNumber.ToText(options.WeightNoise)),
            new("state-noise", ExactNumber.ToText(options.StateNoise)),
            new("weight-decay", ExactNumber.ToText(options.WeightDecay)),
            new("l1", Penalties(options.L1)),
            new("l2", Penalties(options.L2)),
            new("gradient-noise", ExactNumber.ToText(options.GradientNoise)),
            new("gradient-noise-decay", ExactNumber.ToText(options.GradientNoiseDecay)),
            new("clip-mode", Name(options.ClipMode)),
            new("clip", ExactNumber.ToText(options.ClipThreshold)),
            new("clip-rule", options.AdaptiveThreshold is { } rule ? $"{Name(rule.Rule)}:{ExactNumber.ToText(rule.Value)}"
                : "fixed"),
            new("clip-temporal", options.TemporalClip is { } temporal
                ? $"{ExactNumber.ToText(temporal.Threshold)},{Name(temporal.Mode)}" : "none"),
            new("omega", ExactNumber.ToText(options.Omega)),
            new("omega-form", Name(options.OmegaForm)),
            new("omega-schedule", Name(options.OmegaSchedule)),
            new("on-nonfinite", Name(options.OnNonFinite)),
            new("rescue", options.Rescue is { } r ? Numbers(r.Above, r.Times, r.Once, r.Slowest) : "none"),
            new("cost", options.Reduction is { } reduction ? Name(reduction) : "task"),
            new("batch", Text(options.BatchSize)),
            new("curriculum", c is null ? "none" : $"{Text(c.Start)},{ExactNumber.ToText(c.Growth)},{ExactNumber.ToText(c.Threshold)},{Text(c.Every)}"),
            new("frozen", string.Join(',', options.Frozen)),
            new("seed", options.Seed.ToString(CultureInfo.InvariantCulture)),
            new("updates", Text(options.MaximumUpdates)),
            new("epochs", options.MaximumEpochs is { } epochs ? Text(epochs) : "none"),
            new("minutes", options.MaximumMinutes is { } minutes ? ExactNumber.ToText(minutes) : "none"),
            new("check-every", options.CheckEvery == 0 ? "epoch" : Text(options.CheckEvery)),
            new("validation", Text(options.ValidationSequences)),
            new("select-length", options.SelectionLengths.Count > 0 ? string.Join(',', options.SelectionLengths.Select(length => Text(length))) : "none"),
            new("patience", options.Patience is { } patience ? Text(patience) : "none"),
            new("stop", Name(options.Stop)),
            new("precision", Name(options.Precision)),
            new("threads", Text(options.Threads)),
        ];
    }

    /// <summary>
    /// The options that tell one run from another, for hashes and checkpoints. Options that came with a later version are left out
    /// at their defaults, so that what was made before them is still known as the same.
    /// </summary>
    internal static IEnumerable<KeyValuePair<string, string>> Identity(TrainingOptions options) =>
        ToProperties(options).Where(option => option.Value != DefaultOfLater(option.Key));

    /// <summary>What <see cref="Identity"/> leaves out: the options that came with a later version, at their defaults.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> LaterDefaults() =>
        ToProperties(new TrainingOptions()).Where(option => option.Value == DefaultOfLater(option.Key));

    /// <summary>The value of an option in files that were written before there was one; null for those that were always there.</summary>
    internal static string? DefaultOfLater(string name) => name switch
    {
        "weight-decay" or "gradient-noise" or "state-noise" => "0",
        "gradient-noise-decay" => "0.55",
        "plateau-checks" => "10",
        "clip-rule" => "fixed",
        "clip-temporal" => "none",
        "epochs" or "patience" or "l1" or "l2" or "rescue" or OwnOptimizerKey or OwnGradientKey => "none",
        "cell" => "plain",
        "layers" or "leak" or "forget-bias" => "1",
        "train-leak" => "false",
        "dropout" or "input-dropout" or "output-dropout" => "0",
        "stack" or "chrono" or "init-block" => "none",
        "damping" => "0.01",
        "structural-damping" => "0.03",
        "cg-iterations" => "300",
        "gradient-batches" => "10",
        _ => null,
    };

    /// <summary>The options that <see cref="ToProperties"/> wrote; names that are missing keep their defaults.</summary>
    /// <exception cref="FormatException">A text is not a value of its option; the message names both.</exception>
    public static TrainingOptions FromProperties(IReadOnlyDictionary<string, string> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var d = new TrainingOptions();
        var read = new Reader(properties);
        return new TrainingOptions
        {
            Cell = read.Named("cell", d.Cell),
            Layers = read.Whole("layers", d.Layers),
            Stack = read.Stack("stack"),
            Hidden = read.Whole("hidden", d.Hidden),
            Activation = read.Named("activation", d.Activation),
            Leak = read.Number("leak", d.Leak),
            TrainedLeak = read.Flag("train-leak", d.TrainedLeak),
            Dropout = read.Number("dropout", d.Dropout),
            InputDropout = read.Number("input-dropout", d.InputDropout),
            OutputDropout = read.Number("output-dropout", d.OutputDropout),
            Biases = read.Flag("biases", d.Biases),
            LearnedInitialState = read.Flag("learned-initial-state", d.LearnedInitialState),
            Initialization = read.Named("init", d.Initialization),
            InitializationByBlock = read.Initializations("init-block"),
            ForgetBias = read.Number("forget-bias", d.ForgetBias),
            LongestLag = read.Text("chrono", "none") == "none" ? null : read.Whole("chrono", 0),
            Optimizer = read.Named("optimizer", d.Optimizer),
            LearningRate = read.Number("lr", d.LearningRate),
            RateSchedule = read.Named("lr-schedule", d.RateSchedule),
            PlateauChecks = read.Whole("plateau-checks", d.PlateauChecks),
            Momentum = read.Number("momentum", d.Momentum),
            HessianFree = new HessianFreeOptions
            {
                Damping = read.Number("damping", d.HessianFree.Damping),
                StructuralDamping = read.Number("structural-damping", d.HessianFree.StructuralDamping),
                Iterations = read.Whole("cg-iterations", d.HessianFree.Iterations),
                GradientBatches = read.Whole("gradient-batches", d.HessianFree.GradientBatches),
            },
            Averaging = read.Number("averaging", d.Averaging),
            WeightNoise = read.Number("weight-noise", d.WeightNoise),
            StateNoise = read.Number("state-noise", d.StateNoise),
            WeightDecay = read.Number("weight-decay", d.WeightDecay),
            L1 = read.Penalties("l1"),
            L2 = read.Penalties("l2"),
            GradientNoise = read.Number("gradient-noise", d.GradientNoise),
            GradientNoiseDecay = read.Number("gradient-noise-decay", d.GradientNoiseDecay),
            ClipMode = read.Named("clip-mode", d.ClipMode),
            ClipThreshold = read.Number("clip", d.ClipThreshold),
            AdaptiveThreshold = read.Threshold("clip-rule"),
            TemporalClip = read.TemporalClip("clip-temporal"),
            Omega = read.Number("omega", d.Omega),
            OmegaForm = read.Named("omega-form", d.OmegaForm),
            OmegaSchedule = read.Named("omega-schedule", d.OmegaSchedule),
            OnNonFinite = read.Named("on-nonfinite", d.OnNonFinite),
            Rescue = read.Rescue("rescue"),
            Reduction = read.Text("cost", "task") == "task" ? null : read.Named("cost", CostReduction.Sum, "task"),
            BatchSize = read.Whole("batch", d.BatchSize),
            Curriculum = read.Curriculum("curriculum"),
            Frozen = read.Text("frozen", "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            Seed = read.Unsigned("seed", d.Seed),
            MaximumUpdates = read.Long("updates", d.MaximumUpdates),
            MaximumEpochs = read.Text("epochs", "none") == "none" ? null : read.Whole("epochs", 0),
            MaximumMinutes = read.Text("minutes", "none") == "none" ? null : read.Number("minutes", 0),
            CheckEvery = read.Text("check-every", "") == "epoch" ? 0 : read.Whole("check-every", d.CheckEvery),
            ValidationSequences = read.Whole("validation", d.ValidationSequences),
            SelectionLengths = read.Lengths("select-length"),
            Patience = read.Text("patience", "none") == "none" ? null : read.Whole("patience", 0),
            Stop = read.Named("stop", d.Stop),
            Precision = read.Named("precision", d.Precision),
            Threads = read.Whole("threads", d.Threads),
        };
    }

    /// <summary>An option's value as it is written on the command line: <c>SmartTanh</c> is <c>smart-tanh</c>.</summary>
    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => Dashed(value.ToString());

    /// <summary>The same of the name of a value.</summary>
    internal static string Dashed(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (text.Length > 0 && char.IsUpper(c)) text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    /// <summary>Layers that are not all alike as one word, such as <c>leaky:50:tanh:0.3,lstm:50</c>, from the input up.</summary>
    internal static string Stack(LayerList layers) =>
        LayerText.Of(layers).Replace(", ", ",", StringComparison.Ordinal).Replace(' ', ':');

    /// <summary>What <see cref="Stack"/> wrote; null when the text is none of it.</summary>
    internal static LayerList? TryReadStack(string text) =>
        text.Contains(' ') ? null : LayerText.TryRead(text.Replace(':', ' ').Replace(",", ", ", StringComparison.Ordinal));

    private static string Numbers(params ReadOnlySpan<double> values)
    {
        var texts = new string[values.Length];
        for (int i = 0; i < values.Length; i++) texts[i] = ExactNumber.ToText(values[i]);
        return string.Join(',', texts);
    }

    private static string Penalties(IReadOnlyList<BlockPenalty> penalties) =>
        penalties.Count == 0 ? "none" : string.Join(',', penalties.Select(p => $"{p.Block}:{ExactNumber.ToText(p.Weight)}"));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed class Reader(IReadOnlyDictionary<string, string> properties)
    {
        public string Text(string name, string missing) => properties.GetValueOrDefault(name, missing);

        public int Whole(string name, int missing) => Long(name, missing) is >= int.MinValue and <= int.MaxValue and long value
            ? (int)value : throw Bad(name, $"a whole number of at most {OptionsText.Text(int.MaxValue)}");

        public long Long(string name, long missing) =>
            long.TryParse(Text(name, OptionsText.Text(missing)), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
                ? value : throw Bad(name, "a whole number");

        public ulong Unsigned(string name, ulong missing) =>
            !properties.TryGetValue(name, out string? text) ? missing
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value
            : throw Bad(name, "a whole number of at least 0");

        public double Number(string name, double missing) =>
            !properties.TryGetValue(name, out string? text) ? missing
            : ExactNumber.TryParse(text, out double value) ? value : throw Bad(name, "a number");

        public bool Flag(string name, bool missing) => Text(name, missing ? "true" : "false") switch
        {
            "true" => true,
            "false" => false,
            _ => throw Bad(name, "true or false"),
        };

        public TEnum Named<TEnum>(string name, TEnum missing, params string[] others)
            where TEnum : struct, Enum
        {
            string text = Text(name, Name(missing));
            foreach (TEnum value in Enum.GetValues<TEnum>())
            {
                if (Name(value) == text) return value;
            }

            throw Bad(name, string.Join(", ", [.. Enum.GetValues<TEnum>().Select(Name), .. others]));
        }

        public IReadOnlyList<int> Lengths(string name)
        {
            string text = Text(name, "none");
            if (text == "none") return [];
            int[] lengths = [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length : -1)];
            return lengths.Contains(-1) ? throw Bad(name, "lengths separated by commas, or none") : lengths;
        }

        public LengthCurriculum? Curriculum(string name)
        {
            string text = Text(name, "none");
            if (text == "none") return null;
            string[] parts = text.Split(',');
            var c = CultureInfo.InvariantCulture;
            int every = 200;
            return parts.Length is 3 or 4 && int.TryParse(parts[0], NumberStyles.None, c, out int start)
                && ExactNumber.TryParse(parts[1], out double growth) && ExactNumber.TryParse(parts[2], out double threshold)
                && (parts.Length == 3 || int.TryParse(parts[3], NumberStyles.None, c, out every))
                ? new LengthCurriculum(start, growth, threshold, every)
                : throw Bad(name, "START,GROWTH,THRESHOLD[,EVERY] or none");
        }

        public AdaptiveThreshold? Threshold(string name)
        {
            string text = Text(name, "fixed");
            if (text == "fixed") return null;
            string[] parts = text.Split(':');
            ThresholdRule[] rules = [.. Enum.GetValues<ThresholdRule>().Where(rule => Name(rule) == parts[0])];
            return rules.Length == 1 && parts.Length == 2 && ExactNumber.TryParse(parts[1], out double value)
                ? new AdaptiveThreshold(rules[0], value) : throw Bad(name, "fixed, mean:FACTOR, percentile:P or z-score:Z");
        }

        public TemporalClipping? TemporalClip(string name)
        {
            string text = Text(name, "none");
            if (text == "none") return null;
            ClipMode? mode = text.Split(',') is [_, string word]
                ? Enum.GetValues<ClipMode>().Cast<ClipMode?>().FirstOrDefault(value => Name(value!.Value) == word) : null;
            return mode is { } known && ExactNumber.TryParse(text.Split(',')[0], out double threshold)
                ? new TemporalClipping(threshold, known) : throw Bad(name, "THRESHOLD,norm or THRESHOLD,value, or none");
        }

        public LayerList? Stack(string name) => Text(name, "none") is var text && text == "none" ? null
            : TryReadStack(text) ?? throw Bad(name, "CELL:UNITS,... such as lstm:50,gru:50, or none");

        public IReadOnlyList<BlockInitialization> Initializations(string name)
        {
            string text = Text(name, "none");
            if (text == "none") return [];
            return [.. text.Split(',').Select(part =>
                part.Split(':') is [{ Length: > 0 } block, string kind] && Kind(kind) is { } value
                ? new BlockInitialization(block, value) : throw Bad(name, "NAME:DISTRIBUTION,... or none"))];

            static Initialization? Kind(string text) =>
                Enum.GetValues<Initialization>().Cast<Initialization?>().FirstOrDefault(value => Name(value!.Value) == text);
        }

        public RescueRule? Rescue(string name)
        {
            string text = Text(name, "none");
            if (text == "none") return null;
            string[] parts = text.Split(',');
            return parts.Length == 4 && ExactNumber.TryParse(parts[0], out double above)
                && ExactNumber.TryParse(parts[1], out double times)
                && ExactNumber.TryParse(parts[2], out double once) && ExactNumber.TryParse(parts[3], out double slowest)
                ? new RescueRule(above, times, once, slowest) : throw Bad(name, "ABOVE,TIMES,ONCE,SLOWEST or none");
        }

        public IReadOnlyList<BlockPenalty> Penalties(string name)
        {
            string text = Text(name, "none");
            if (text == "none") return [];
            return [.. text.Split(',').Select(part =>
                part.Split(':') is [{ Length: > 0 } block, string weight] && ExactNumber.TryParse(weight, out double value)
                ? new BlockPenalty(block, value) : throw Bad(name, "NAME:WEIGHT,... or none"))];
        }

        private FormatException Bad(string name, string expected) =>
            new($"The option {name} is '{Text(name, "")}'; it must be {expected}.");
    }
}
