using System.Collections.Immutable;
using Unroll.Data;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// Options for somebody's own sequences, one set for each <see cref="SeriesKind"/>. They were chosen on the validation folds of
/// several data sets (docs/own-data.md has the runs).
/// </summary>
public static class SeriesRecipes
{
    private const string Best = "best";
    private const int WholeTags = 200, LongSequence = 60, SegmentsOfLong = 15, SegmentsOfWindow = 4, LeastSegmented = 16;
    private const int LeastWindow = 24, MostWindow = 336, LeastSeasons = 2, MostSeasons = 5;
    private const int UpdatesOfWindows = 128, UpdatesOfWhole = 15, LeastBatch = 8, MostWindows = 512, MostSequences = 32;
    private const int LeastEpochs = 10, MostEpochs = 300, MostUpdates = 3_000, LeastPatience = 4;

    private const int MostFew = 300, LeastOfClass = 2, MostShort = 200, MostOrigins = 3;

    /// <summary>The inputs' noises that a cross-validation chooses from: the right one differs by a factor of six from data to
    /// data, and decides more than any other option.</summary>
    public static ImmutableArray<double> InputNoises { get; } = [0.1, 0.3, 0.6];

    /// <summary>The parts of a cross-validation, and the networks that are trained then and joined, where nothing else is
    /// chosen.</summary>
    public const int Parts = 5, Networks = 5;

    /// <summary>
    /// Whether sequences to learn from are so few that one validation fold says little: at most 300 labelled ones, and of every
    /// class two at least and of all <see cref="Parts"/>. Then the number of epochs and the inputs' noise are to be chosen by
    /// cross-validation (<see cref="EpochChoice"/>), and several networks trained on all of them and joined
    /// (<see cref="NetworkEnsemble"/>).
    /// </summary>
    /// <param name="kind">What is predicted.</param>
    /// <param name="folds">The folds.</param>
    public static bool AreFew(SeriesKind kind, SequenceFolds folds)
    {
        ArgumentNullException.ThrowIfNull(folds);
        if (kind != SeriesKind.Classify || folds.Of(Fold.Train).Count + folds.Of(Fold.Validation).Count > MostFew) return false;
        IReadOnlyList<Sequence> all = folds.Data.Sequences;
        Sequence[] seen = [.. folds.Of(Fold.Train).Concat(folds.Of(Fold.Validation)).Select(part => all[part.Sequence])];
        return seen.Length >= Parts && seen.All(one => one.Group is null)
            && seen.CountBy(one => one.Class).All(one => one.Value >= LeastOfClass);
    }

    /// <summary>The units of a layer for a series that is short by <see cref="OriginsOfShort"/>, where nothing else is
    /// chosen.</summary>
    public const int UnitsOfShort = 32;

    /// <summary>
    /// By how many rolling origins (<see cref="SequenceFolds.Origins"/>) to choose where a series is so short that one validation
    /// fold says little: one series with at most 200 steps in front of its test fold, of which the first origin leaves at least
    /// half to train on. Then the way that it is read is to be chosen too, by an error in the data's own units
    /// (<see cref="ForecastErrors"/>), and several networks trained on all steps and joined (<see cref="NetworkEnsemble"/>).
    /// </summary>
    /// <param name="kind">What is predicted.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="horizon">Steps that are forecast, at least 1.</param>
    /// <returns>At most 3; 0 where a series is not short, or too short even for one origin.</returns>
    public static int OriginsOfShort(SeriesKind kind, SequenceFolds folds, int horizon)
    {
        ArgumentNullException.ThrowIfNull(folds);
        int seen = folds.Of(Fold.Train).Concat(folds.Of(Fold.Validation)).Sum(part => part.Steps);
        int validated = folds.Of(Fold.Validation).Sum(part => part.Steps);
        if (kind != SeriesKind.Forecast || folds.Data.Count != 1 || validated == 0 || seen > MostShort) return 0;
        int count = MostOrigins;
        while (count > 0 && 2L * count * Math.Max(horizon, validated / count) > seen) count--;
        return count;
    }

    /// <summary>The names of the recipes.</summary>
    public static ImmutableArray<string> Names { get; } = [Best];

    /// <summary>
    /// The options of a recipe, seed 1: early stopping by the validation fold within a budget of epochs, which are more where an
    /// epoch has few examples.
    /// </summary>
    /// <param name="kind">What is predicted.</param>
    /// <param name="examples">The examples of an epoch (<see cref="Examples"/>), at least 1.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cell">The cell.</param>
    /// <exception cref="ArgumentException">There is no such recipe or kind, or no example.</exception>
    public static TrainingOptions Get(
        SeriesKind kind, long examples, string recipe = Best, CellKind cell = CellKind.Gru)
    {
        if (!Names.Contains(recipe))
            throw new ArgumentException($"There is no recipe '{recipe}' for own data; there is {string.Join(", ", Names)}.");
        if (!Enum.IsDefined(kind)) throw new ArgumentException($"The kind {kind} of prediction is not a known value.");
        if (examples < 1) throw new ArgumentException(Invariant($"There are {examples} examples; there must be at least 1."));
        bool forecasts = kind == SeriesKind.Forecast;
        int batch = (int)(forecasts ? Math.Clamp(examples / UpdatesOfWindows, LeastBatch, MostWindows)
            : Math.Clamp(examples / UpdatesOfWhole, LeastBatch, MostSequences));
        long updates = (examples + batch - 1) / batch;
        int epochs = (int)Math.Clamp(MostUpdates / updates, LeastEpochs, MostEpochs);
        return new TrainingOptions
        {
            Cell = cell,
            Hidden = forecasts ? 128 : 100,
            Leak = cell == CellKind.Leaky ? 0.5 : 1,
            Initialization = cell is CellKind.Gru or CellKind.Lstm or CellKind.Lru ? Initialization.Uniform
                : Initialization.SmartTanh,
            Optimizer = OptimizerKind.Adam,
            LearningRate = forecasts ? 0.001 : 0.002,
            ClipMode = ClipMode.Norm,
            ClipThreshold = 1,
            AdaptiveThreshold = new AdaptiveThreshold(ThresholdRule.Mean, 1),
            Omega = 0,
            OutputDropout = forecasts ? 0.3 : 0,
            InputNoise = forecasts ? 0 : 0.3,
            BatchSize = batch,
            MaximumEpochs = epochs,
            Patience = Math.Max(LeastPatience, epochs / 6),
            CheckEvery = 0,
            Stop = StopRule.Budget,
        };
    }

    /// <summary>The examples of an epoch: windows (and channels) of a forecast, sequences, or windows of tags.</summary>
    /// <param name="kind">What is predicted.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="options">How they are read.</param>
    public static long Examples(SeriesKind kind, SequenceFolds folds, SeriesOptions options)
    {
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(options);
        long examples = 0;
        foreach (FoldPart part in folds.Of(Fold.Train))
        {
            examples += kind switch
            {
                SeriesKind.Forecast =>
                    Math.Max(0, ((long)part.Steps - options.Window - options.Horizon + options.Stride) / options.Stride)
                    * (options.SharedChannels ? Targets(folds.Data, options.Encoder.Known) : 1),
                SeriesKind.Tag when options.Window > 0 => (part.Steps + (long)options.Window - 1) / options.Window,
                _ => 1,
            };
        }

        return Math.Max(1, examples);
    }

    /// <summary>How sequences are read where nothing else is chosen: window, segment, channels and scale, by the kind, the
    /// horizon and the lengths of the folds.</summary>
    /// <param name="kind">What is predicted.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="horizon">Steps that are forecast, at least 1.</param>
    /// <param name="window">The window, where it is chosen already.</param>
    /// <param name="known">The columns that are known ahead; null for none.</param>
    /// <param name="season">The season over which differences are read, where they are; 0 where they are not.</param>
    public static SeriesOptions Reading(SeriesKind kind, SequenceFolds folds, int horizon = 1, int? window = null,
        IReadOnlyList<string>? known = null, int season = 0)
    {
        ArgumentNullException.ThrowIfNull(folds);
        int longest = LongestOf(folds, Fold.Train);
        if (kind == SeriesKind.Tag) return new SeriesOptions { Window = window ?? (longest <= WholeTags ? 0 : WholeTags) };
        if (kind != SeriesKind.Forecast)
            return new SeriesOptions { Window = 0, Segment = longest < LongSequence ? 1 : longest / SegmentsOfLong };
        int room = Math.Max(1, longest - horizon), wanted = (int)Math.Clamp(4L * horizon, LeastWindow, MostWindow);
        int chosen = Math.Max(1, window ?? (season > 0
            ? (int)Math.Min(
                SeriesOptions.Longest, Math.Clamp(longest / 4L, LeastSeasons * (long)season, MostSeasons * (long)season))
            : Math.Min(wanted, Math.Max(1, room / 2))));
        int later = ShortestOf(folds, [Fold.Validation, Fold.Test]);
        int targets = Targets(folds.Data, known ?? []);
        return new SeriesOptions
        {
            Window = chosen,
            Horizon = horizon,
            Segment = chosen < LeastSegmented ? 1 : chosen / SegmentsOfWindow,
            SharedChannels = targets > 1,
            LooksBack = later < (long)chosen + horizon,
            Encoder = new EncoderOptions { Window = WindowScaling.Last, Known = known ?? [] },
        };
    }

    private static int Targets(SequenceData data, IReadOnlyList<string> known) => data.Targets.Count > 0 ? data.Targets.Count
        : data.Columns.Count(column => column.Kind == ColumnKind.Number && !known.Contains(column.Name));

    private static int LongestOf(SequenceFolds folds, Fold fold) =>
        folds.Of(fold).Select(part => part.Steps).DefaultIfEmpty(0).Max();

    private static int ShortestOf(SequenceFolds folds, ReadOnlySpan<Fold> some)
    {
        int least = int.MaxValue;
        foreach (Fold fold in some)
        {
            if (folds.Of(fold).Count > 0) least = Math.Min(least, LongestOf(folds, fold));
        }

        return least;
    }
}
