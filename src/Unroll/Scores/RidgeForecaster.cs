using Unroll.Data;
using Unroll.Numerics;

namespace Unroll.Scores;

/// <summary>
/// A ridge regression from the values of a window to those behind it: every step ahead has a weight for each step of the
/// window, and an intercept that is not penalized. It is the linear model that a network on the same windows must beat.
/// </summary>
/// <remarks>
/// Each column forecasts itself, standardized by the training fold. The sums are taken in one pass over the windows and need
/// memory for the window times itself and times the horizon, whatever the number of windows. One decomposition of X'X gives
/// the solution at every penalty, and sums over the validation windows give its error there without another pass. Missing
/// values are those before them. Of very many windows evenly chosen ones are taken.
/// </remarks>
public sealed class RidgeForecaster : IForecaster
{
    private const double MostProducts = 3e10;

    private readonly TargetHistory _history;
    private readonly RidgeOptions _options;
    private readonly RidgeSolution[] _solutions;
    private readonly double[] _x;

    private RidgeForecaster(TargetHistory history, RidgeOptions options, int window, int horizon, RidgeSolution[] solutions)
    {
        (_history, _options, Window, Horizon, _solutions) = (history, options, window, horizon, solutions);
        _x = new double[window];
    }

    /// <inheritdoc/>
    public string Name => "ridge on the window";

    /// <summary>W, the steps that it reads.</summary>
    public int Window { get; }

    /// <summary>H, the steps that it forecasts.</summary>
    public int Horizon { get; }

    /// <summary>The penalty by window that was taken: one, or one a column without shared weights.</summary>
    public IReadOnlyList<double> Penalties => [.. _solutions.Select(solution => solution.Penalty)];

    /// <summary>Fits the weights to the training fold and the penalty to the validation fold.</summary>
    /// <param name="folds">
    /// The folds. Validation windows may look back into the training fold. Without any the last fifth of the training
    /// windows choose the penalty.
    /// </param>
    /// <param name="targets">The places of the columns that are forecast.</param>
    /// <param name="window">W, at least 1.</param>
    /// <param name="horizon">H, at least 1.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">
    /// A size or the penalty is out of its range, a column is not of numbers, or the training fold has no window.
    /// </exception>
    public static RidgeForecaster Fit(
        SequenceFolds folds, IReadOnlyList<int> targets, int window, int horizon, RidgeOptions? options = null)
    {
        options ??= new RidgeOptions();
        if (options.Penalty is { } given && !(given > 0 && double.IsFinite(given)))
            throw new ArgumentException(Invariant($"The penalty is {given}; it must be above 0 and finite."));
        var history = new TargetHistory(folds, targets);
        var train = new WindowSet(folds, Fold.Train, window, horizon);
        WindowSet? validation = null;
        try
        {
            validation = new WindowSet(folds, Fold.Validation, window, horizon, looksBack: true);
        }
        catch (ArgumentException)
        {
            // The fold is empty or has no window.
        }

        int sets = options.Shared ? 1 : history.Count;
        long held = validation is null && options.Penalty is null ? train.Count / 5 : 0;
        RidgeSums[] fit = Sums(history, options, train, 0, train.Count - held);
        RidgeSums[]? check = options.Penalty is not null ? null
            : validation is not null ? Sums(history, options, validation, 0, validation.Count)
            : held > 0 ? Sums(history, options, train, train.Count - held, held) : null;
        var solutions = new RidgeSolution[sets];
        for (int s = 0; s < sets; s++)
        {
            double? penalty = options.Penalty ?? (check is null ? 1 : null);
            solutions[s] = RidgeSolution.Solve(fit[s], check?[s], penalty, window, horizon);
        }

        if (held > 0)
        {
            RidgeSums[] all = Sums(history, options, train, 0, train.Count);
            for (int s = 0; s < sets; s++)
                solutions[s] = RidgeSolution.Solve(all[s], null, solutions[s].Penalty, window, horizon);
        }

        return new RidgeForecaster(history, options, window, horizon, solutions);
    }

    /// <inheritdoc/>
    public void Forecast(SequenceWindow window, Span<double> forecast)
    {
        _history.Check(window, forecast);
        if (window.Steps != Window || window.Horizon != Horizon) throw new ArgumentException(
            Invariant($"The regression reads {Counted.Of(Window, "step")} and forecasts {Horizon}, not {window.Steps} ")
                + Invariant($"and {window.Horizon}."));
        for (int k = 0; k < _history.Count; k++)
        {
            ColumnScale column = _history.Scales[k];
            _history.Read(k, window.Sequence, window.Start, _x);
            for (int t = 0; t < _x.Length; t++) _x[t] = column.Apply(_x[t]);
            ColumnScale scale = WindowScales.Fit(_options.Window, _x);
            RidgeSolution solution = _solutions[_options.Shared ? 0 : k];
            for (int t = 0; t < _x.Length; t++) _x[t] = scale.Apply(_x[t]) - solution.InputMean[t];
            for (int h = 0; h < Horizon; h++)
            {
                double y = solution.TargetMean[h] + Vectors.Dot(_x, solution.Weights.AsSpan(h * Window, Window));
                forecast[(h * _history.Count) + k] = column.Undo(scale.Undo(y));
            }
        }
    }

    /// <summary>The sums over some windows: one for all columns, or one a column.</summary>
    private static RidgeSums[] Sums(TargetHistory history, RidgeOptions options, WindowSet windows, long first, long count)
    {
        int w = windows.Window, h = windows.Horizon;
        RidgeSums[] sums = [.. Enumerable.Range(0, options.Shared ? 1 : history.Count).Select(_ => new RidgeSums(w, h))];
        double products = (double)count * history.Count * w * ((w / 2.0) + h);
        long stride = Math.Max(1, (long)Math.Ceiling(products / MostProducts));
        double[] values = new double[w + h];
        for (long i = first; i < first + count; i += stride)
        {
            SequenceWindow window = windows[i];
            for (int k = 0; k < history.Count; k++)
            {
                history.Read(k, window.Sequence, window.Start, values);
                ColumnScale column = history.Scales[k];
                for (int t = 0; t < values.Length; t++) values[t] = column.Apply(values[t]);
                ColumnScale scale = WindowScales.Fit(options.Window, values.AsSpan(0, w));
                for (int t = 0; t < values.Length; t++) values[t] = scale.Apply(values[t]);
                sums[options.Shared ? 0 : k].Add(values.AsSpan(0, w), values.AsSpan(w));
            }
        }

        return sums;
    }
}
