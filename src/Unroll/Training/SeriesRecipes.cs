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
    private const int LeastWindow = 24, MostWindow = 336;

    /// <summary>The names of the recipes.</summary>
    public static ImmutableArray<string> Names { get; } = [Best];

    /// <summary>The options of a recipe, seed 1: early stopping by the validation fold, within a stated budget of
    /// epochs.</summary>
    /// <param name="kind">What is predicted.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cell">The cell.</param>
    /// <exception cref="ArgumentException">There is no such recipe or kind.</exception>
    public static TrainingOptions Get(SeriesKind kind, string recipe = Best, CellKind cell = CellKind.Gru)
    {
        if (!Names.Contains(recipe))
            throw new ArgumentException($"There is no recipe '{recipe}' for own data; there is {string.Join(", ", Names)}.");
        if (!Enum.IsDefined(kind)) throw new ArgumentException($"The kind {kind} of prediction is not a known value.");
        TrainingOptions common = new()
        {
            Cell = cell,
            Hidden = kind == SeriesKind.Forecast ? 128 : 100,
            Leak = cell == CellKind.Leaky ? 0.5 : 1,
            Initialization = cell is CellKind.Gru or CellKind.Lstm ? Initialization.Uniform : Initialization.SmartTanh,
            Optimizer = OptimizerKind.Adam,
            LearningRate = 0.001,
            ClipMode = ClipMode.Norm,
            ClipThreshold = 1,
            AdaptiveThreshold = new AdaptiveThreshold(ThresholdRule.Mean, 1),
            Omega = 0,
            CheckEvery = 0,
            Stop = StopRule.Budget,
        };
        return kind == SeriesKind.Forecast
            ? common with { BatchSize = 64, OutputDropout = 0.3, MaximumEpochs = 20, Patience = 4 }
            : common with { BatchSize = 16, InputNoise = 0.3, LearningRate = 0.002, MaximumEpochs = 300, Patience = 40 };
    }

    /// <summary>How sequences are read where nothing else is chosen: window, segment, channels and scale, by the kind, the
    /// horizon and the lengths of the folds.</summary>
    /// <param name="kind">What is predicted.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="horizon">Steps that are forecast, at least 1.</param>
    /// <param name="window">The window, where it is chosen already.</param>
    public static SeriesOptions Reading(SeriesKind kind, SequenceFolds folds, int horizon = 1, int? window = null)
    {
        ArgumentNullException.ThrowIfNull(folds);
        int longest = LongestOf(folds, Fold.Train);
        if (kind == SeriesKind.Tag) return new SeriesOptions { Window = window ?? (longest <= WholeTags ? 0 : WholeTags) };
        if (kind != SeriesKind.Forecast)
            return new SeriesOptions { Window = 0, Segment = longest < LongSequence ? 1 : longest / SegmentsOfLong };
        int room = Math.Max(1, longest - horizon), wanted = (int)Math.Clamp(4L * horizon, LeastWindow, MostWindow);
        int chosen = Math.Max(1, window ?? Math.Min(wanted, Math.Max(1, room / 2)));
        int later = ShortestOf(folds, [Fold.Validation, Fold.Test]);
        int targets = folds.Data.Targets.Count > 0 ? folds.Data.Targets.Count
            : folds.Data.Columns.Count(column => column.Kind == ColumnKind.Number);
        return new SeriesOptions
        {
            Window = chosen,
            Horizon = horizon,
            Segment = chosen < LeastSegmented ? 1 : chosen / SegmentsOfWindow,
            SharedChannels = targets > 1,
            LooksBack = later < (long)chosen + horizon,
            Encoder = new EncoderOptions { Window = WindowScaling.Last },
        };
    }

    private static int LongestOf(SequenceFolds folds, Fold fold) => folds.Of(fold).Select(part => part.Steps).DefaultIfEmpty(0).Max();

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
