using Unroll.Data;
using Unroll.Numerics;

namespace Unroll.Scores;

/// <summary>
/// Scores forecasts against the data, one window at a time: sums by step ahead, column and group, and no copy of a forecast.
/// </summary>
/// <remarks>
/// Intervals are of a block bootstrap, because windows overlap and their errors are far from independent: with ten groups or
/// more whole groups are drawn; otherwise stretches of time, each as long as the horizon (or the cube root of the number of
/// windows, if that is longer), all sequences together. Fewer than five blocks have no interval. Not for several threads at
/// once.
/// </remarks>
public sealed class ForecastScores
{
    private const int GroupsToDraw = 10;
    private readonly TargetHistory _history;
    private readonly ForecastScoreOptions _options;
    private readonly double[] _deviations;
    private readonly ErrorSums[] _cells; // (H, columns)
    private readonly ErrorSums[][] _groups; // by group, columns; empty until there is one
    private readonly string[] _groupNames;
    private readonly int[] _groupOf;
    private readonly ILookup<int, FoldPart> _trained;
    private readonly Dictionary<int, double[]> _naiveSteps = [];
    private readonly HashSet<(string Sequence, string Column)> _flat = [];
    private readonly Dictionary<(int Group, int Time), double[]> _blocks = [];

    /// <summary>Prepares to score forecasts of columns of data.</summary>
    /// <param name="folds">The data, and the training fold that errors are scaled by.</param>
    /// <param name="targets">The places of the columns that are forecast.</param>
    /// <param name="horizon">H, the steps of a forecast, at least 1.</param>
    /// <param name="options">How forecasts are scored; null for the defaults.</param>
    /// <exception cref="ArgumentException">A number is out of its range, or a column is not of numbers.</exception>
    public ForecastScores(
        SequenceFolds folds, IReadOnlyList<int> targets, int horizon, ForecastScoreOptions? options = null)
    {
        if (horizon < 1) throw new ArgumentException(Invariant($"The horizon is {horizon} steps; it must be at least 1."));
        _history = new TargetHistory(folds, targets);
        _options = options ?? new ForecastScoreOptions();
        if (_options.Season is < 1) throw new ArgumentException(
            Invariant($"The season has {_options.Season} steps; it must have at least 1."));
        _deviations = [.. _options.Deviations ?? _history.Scales.Select(scale => scale.Scale)];
        if (_deviations.Length != targets.Count || !_deviations.All(one => one > 0 && double.IsFinite(one)))
            throw new ArgumentException(Invariant($"There must be a finite deviation above 0 for each target, {targets.Count}; ")
                + Invariant($"{_deviations.Length} are given: {string.Join(", ", _deviations)}."));
        Season = _options.Season ?? Scores.Season.Find(folds, targets);
        Horizon = horizon;
        _cells = new ErrorSums[horizon * targets.Count];
        (_groupNames, _groupOf) = GroupsOf(folds.Data);
        _trained = folds.Of(Fold.Train).ToLookup(part => part.Sequence);
        _groups = new ErrorSums[_groupNames.Length][];
        Array.Fill(_groups, []);
    }

    /// <summary>H.</summary>
    public int Horizon { get; }

    /// <summary>The steps of the season that errors are scaled by; 1 for none.</summary>
    public int Season { get; }

    /// <summary>The windows so far.</summary>
    public long Windows { get; private set; }

    /// <summary>Numbers that were forecast and are missing in the data.</summary>
    public long Missing { get; private set; }

    /// <summary>Scores a forecaster on all of some windows.</summary>
    /// <param name="folds">The data and their folds.</param>
    /// <param name="targets">The places of the columns that are forecast.</param>
    /// <param name="windows">The windows, such as those of the test fold.</param>
    /// <param name="forecaster">The forecaster.</param>
    /// <param name="options">How they are scored.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="ArgumentException">
    /// As of the constructor and <see cref="Add(SequenceWindow, ReadOnlySpan{double})"/>.
    /// </exception>
    public static ForecastScores Of(
        SequenceFolds folds, IReadOnlyList<int> targets, WindowSet windows, IForecaster forecaster,
        ForecastScoreOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(windows);
        ArgumentNullException.ThrowIfNull(forecaster);
        var scores = new ForecastScores(folds, targets, windows.Horizon, options);
        var forecast = new double[windows.Horizon * targets.Count];
        for (long i = 0; i < windows.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            forecaster.Forecast(windows[i], forecast);
            scores.Add(windows[i], forecast);
        }

        return scores;
    }

    /// <summary>Adds the forecast of a window; its truth is read from the data, missing values are left out.</summary>
    /// <param name="window">The window; its horizon is H.</param>
    /// <param name="forecast">(H, columns), row-major, in the units of the data.</param>
    /// <exception cref="ArgumentException">The length is another one, or a number is not finite.</exception>
    public void Add(SequenceWindow window, ReadOnlySpan<double> forecast) => Add(window, forecast, default, default);

    /// <summary>Adds the forecast of a window with an interval of each number.</summary>
    /// <param name="window">The window; its horizon is H.</param>
    /// <param name="forecast">(H, columns), row-major, in the units of the data.</param>
    /// <param name="lower">(H, columns): the lower ends; empty for none.</param>
    /// <param name="upper">(H, columns): the upper ends; empty for none.</param>
    /// <exception cref="ArgumentException">The length is another one, or a number is not finite.</exception>
    public void Add(
        SequenceWindow window, ReadOnlySpan<double> forecast, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        if (window.Horizon != Horizon) throw new ArgumentException(
            Invariant($"The window forecasts {Counted.Of(window.Horizon, "step")}; these scores are of {Horizon}."));
        _history.Check(window, forecast);
        bool ranged = !lower.IsEmpty || !upper.IsEmpty;
        if (ranged && (lower.Length != forecast.Length || upper.Length != forecast.Length)) throw new ArgumentException(
            Invariant($"There are {lower.Length} lower and {upper.Length} upper ends for ")
                + Invariant($"{Counted.Of(forecast.Length, "forecast")}."));
        int group = _groupOf[window.Sequence], columns = _history.Count;
        RequireFinite("forecast", window, forecast);
        RequireFinite("lower end of the interval", window, lower);
        RequireFinite("upper end of the interval", window, upper);
        if (_groups[group].Length == 0) _groups[group] = new ErrorSums[columns];
        double[] naive = NaiveSteps(window.Sequence), block = BlockOf(group, window);
        Windows++;
        for (int k = 0; k < columns; k++)
        {
            ColumnValues truths = _history.Values(k, window.Sequence);
            double deviation = _deviations[k];
            for (int h = 0; h < Horizon; h++)
            {
                int at = (h * columns) + k;
                double truth = truths[window.End + h];
                if (double.IsNaN(truth))
                {
                    Missing++;
                    continue;
                }

                var one = default(ErrorSums);
                one.Add(truth, forecast[at], deviation, naive[k]);
                if (ranged) one.AddInterval(truth, lower[at], upper[at]);
                _cells[at].Add(one);
                _groups[group][k].Add(one);
                ForecastMeasures.AddTo(block, one);
            }
        }
    }

    /// <summary>The scores so far.</summary>
    /// <exception cref="InvalidOperationException">No forecast could be scored.</exception>
    public ForecastReport Report()
    {
        int columns = _history.Count;
        var byColumn = new ErrorSums[columns];
        for (int at = 0; at < _cells.Length; at++) byColumn[at % columns].Add(_cells[at]);
        ForecastScore overall = ForecastMeasures.Score(byColumn)
            ?? throw new InvalidOperationException(Windows == 0 ? "No forecast was made."
                : "Everything that was forecast is missing in the data; there is nothing to score.");
        var notices = new List<string>();
        (double[] sums, string what) = Blocks();
        int blocks = sums.Length / ForecastMeasures.Width;
        notices.Add(blocks < BlockBootstrap.FewestBlocks
            ? Invariant($"There are too few {what} ({blocks}) for an interval; {BlockBootstrap.FewestBlocks} are needed.")
            : Invariant($"Intervals are of a bootstrap over {blocks} {what}."));
        if (Missing > 0) notices.Add(Invariant($"{Missing} of the numbers that were forecast are missing in the data."));
        if (_flat.Count > 0)
        {
            (string sequence, string column) = _flat.First();
            string more = _flat.Count > 1 ? Invariant($" and {_flat.Count - 1} more") : "";
            notices.Add(Files.Printable.Sentence(
                $"MASE leaves out column '{column}' of sequence '{sequence}'{more}, which the seasonal naive forecast is "
                    + "never wrong about in the training fold."));
        }

        return new ForecastReport
        {
            Overall = overall,
            BySteps = [.. Enumerable.Range(0, Horizon).Select(h => ForecastMeasures.Score(_cells.AsSpan(h * columns, columns)))],
            ByColumn = Named(Enumerable.Range(0, columns).Select(k => (_history.NameOf(k), byColumn[k..(k + 1)]))),
            ByGroup = _groupNames.Length < 2 ? [] : Named(_groupNames.Select((name, g) => (name, _groups[g]))),
            Intervals = ForecastMeasures.Intervals(sums, _options.Seed),
            Season = Season,
            Windows = Windows,
            Missing = Missing,
            Notices = notices,
        };
    }

    /// <summary>Compares an error with that of another forecaster on the same windows.</summary>
    /// <param name="other">The scores of the other.</param>
    /// <param name="measure">Which error.</param>
    /// <exception cref="ArgumentException">The windows are not the same, or the error is not defined.</exception>
    public ForecastComparison Against(ForecastScores other, ForecastMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(other);
        (double[] mine, _) = Blocks();
        (double[] theirs, _) = other.Blocks();
        int width = ForecastMeasures.Width, blocks = mine.Length / width;
        bool same = Windows == other.Windows && Missing == other.Missing && _blocks.Count == other._blocks.Count
            && _blocks.All(pair => other._blocks.TryGetValue(pair.Key, out double[]? their) && their[0] == pair.Value[0]);
        if (!same || mine.Length != theirs.Length || blocks == 0)
            throw new ArgumentException("The two forecasters were not scored on the same windows.");
        var pairs = new double[2 * mine.Length];
        for (int b = 0; b < blocks; b++)
        {
            mine.AsSpan(b * width, width).CopyTo(pairs.AsSpan(2 * b * width));
            theirs.AsSpan(b * width, width).CopyTo(pairs.AsSpan(((2 * b) + 1) * width));
        }

        double[] total = new double[2 * width], ratio = new double[1];
        for (int i = 0; i < pairs.Length; i++) total[i % total.Length] += pairs[i];
        Ratio(total, ratio);
        if (!double.IsFinite(ratio[0]))
            throw new ArgumentException($"The error {measure} is 0 or not defined for these forecasts.");
        return new ForecastComparison(ratio[0], BlockBootstrap.Intervals(pairs, 2 * width, 1, Ratio, _options.Seed)[0]);

        void Ratio(double[] sums, double[] values) =>
            values[0] = ForecastMeasures.Of(measure, sums.AsSpan(0, width)) / ForecastMeasures.Of(measure, sums.AsSpan(width));
    }

    private static NamedForecastScore[] Named(IEnumerable<(string Name, ErrorSums[] Sums)> parts) =>
        [.. parts.Select(part => (part.Name, Score: ForecastMeasures.Score(part.Sums))).Where(part => part.Score is not null)
            .Select(part => new NamedForecastScore(part.Name, part.Score!))];

    private static (string[] Names, int[] Of) GroupsOf(SequenceData data)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var of = new int[data.Count];
        for (int i = 0; i < data.Count; i++)
        {
            Sequence one = data.Sequences[i];
            string name = one.Group ?? (one.Name.Length > 0 ? one.Name : Invariant($"sequence {i + 1}"));
            if (!places.TryGetValue(name, out of[i])) places.Add(name, of[i] = places.Count);
        }

        return ([.. places.OrderBy(pair => pair.Value).Select(pair => pair.Key)], of);
    }

    /// <summary>
    /// The mean of |y_t - y_(t - season)| of each column in a sequence's part of the training fold; 0 for none.
    /// </summary>
    private double[] NaiveSteps(int sequence)
    {
        if (_naiveSteps.TryGetValue(sequence, out double[]? steps)) return steps;
        steps = new double[_history.Count];
        for (int k = 0; k < steps.Length; k++)
        {
            ColumnValues values = _history.Values(k, sequence);
            (double sum, long count) = (0, 0);
            foreach (FoldPart part in _trained[sequence])
            {
                for (int t = part.Start + Season; t < part.End; t++)
                {
                    double change = Math.Abs((double)values[t] - values[t - Season]);
                    if (double.IsNaN(change)) continue;
                    sum += change;
                    count++;
                }
            }

            steps[k] = count > 0 ? sum / count : 0;
            if (!(steps[k] > 0)) _flat.Add((_history.Folds.Data.Sequences[sequence].Name, _history.NameOf(k)));
        }

        _naiveSteps.Add(sequence, steps);
        return steps;
    }

    private double[] BlockOf(int group, SequenceWindow window)
    {
        (int, int) key = (group, window.End / Horizon);
        if (!_blocks.TryGetValue(key, out double[]? block)) _blocks.Add(key, block = new double[ForecastMeasures.Width]);
        return block;
    }

    /// <summary>The sums of each block that is drawn, and what a block is.</summary>
    private (double[] Sums, string What) Blocks()
    {
        bool byGroup = _groupNames.Length >= GroupsToDraw;
        int together = byGroup ? 1 : (int)Math.Max(1, Math.Ceiling(Math.Cbrt(Windows) / Horizon));
        var merged = new SortedDictionary<int, double[]>();
        foreach (((int group, int time), double[] sums) in _blocks.OrderBy(pair => pair.Key))
        {
            int key = byGroup ? group : time / together;
            if (!merged.TryGetValue(key, out double[]? total)) merged.Add(key, total = new double[ForecastMeasures.Width]);
            for (int i = 0; i < total.Length; i++) total[i] += sums[i];
        }

        return ([.. merged.Values.SelectMany(sums => sums)],
            byGroup ? "groups" : Invariant($"stretches of {Counted.Of((long)together * Horizon, "step")}"));
    }

    private void RequireFinite(string what, SequenceWindow window, ReadOnlySpan<double> values)
    {
        for (int at = 0; at < values.Length; at++)
        {
            if (double.IsFinite(values[at])) continue;
            (int step, int column) = Math.DivRem(at, _history.Count);
            throw new ArgumentException(Files.Printable.Sentence(
                Invariant($"The {what} of column '{_history.NameOf(column)}' {Counted.Of(step + 1, "step")} ahead of step ")
                    + Invariant($"{window.End} of sequence '{_history.Folds.Data.Sequences[window.Sequence].Name}' is ")
                    + Invariant($"{values[at]}; it must be finite.")));
        }
    }
}
