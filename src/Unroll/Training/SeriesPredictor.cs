using System.Numerics;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>Receives the prediction of a window or a whole sequence, in the data's own units.</summary>
/// <param name="window">What it is of.</param>
/// <param name="values">A forecast: (horizon, targets), step by step. A class: the probabilities. A number: it alone. Tags: the
/// probabilities or the number of each step. Of quantiles each number is <see cref="SeriesCodec.Levels"/>, the lowest first.
/// Valid during the call.</param>
public delegate void SeriesHandler(SequenceWindow window, ReadOnlySpan<double> values);

/// <summary>A network that predicts of sequences in their own units. Not for several threads at once; networks may be
/// shared.</summary>
/// <typeparam name="T">The precision.</typeparam>
public sealed class SeriesPredictor<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly SeriesCodec _codec;
    private readonly UnrolledNetwork<T> _unrolled;
    private readonly Batch _batch;
    private readonly Predictions _predictions = new();
    private readonly List<SequenceWindow> _group = [];
    private ColumnScale[] _undo = [];
    private double[] _values = [];

    /// <summary>A predictor.</summary>
    /// <param name="network">The network.</param>
    /// <param name="rows">The data, as the network's codec reads them.</param>
    /// <param name="threads">Worker threads, 1..256; their number changes no bit.</param>
    /// <exception cref="ArgumentException">The network does not fit the codec.</exception>
    public SeriesPredictor(Network<T> network, SeriesRows rows, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(rows);
        (Rows, _codec) = (rows, rows.Codec);
        NetworkShape shape = network.Shape;
        if (!_codec.Fits(shape)) throw new ArgumentException(
            Invariant($"The network has {Counted.Of(shape.Inputs, "input")} and {Counted.Of(shape.Outputs, "output")} ")
                + "where the description of its data has "
                + Invariant($"{_codec.Inputs} and {_codec.Outputs}, or other kinds of them."));
        _unrolled = new UnrolledNetwork<T>(network, threads);
        _batch = Batch.For(shape);
    }

    /// <summary>The data, which may be exchanged for others of the same codec.</summary>
    internal SeriesRows Rows { get; set; }

    /// <summary>Predicts.</summary>
    /// <param name="windows">Of what, such as <see cref="SeriesCodec.Windows"/>; each is read from h_0.</param>
    /// <param name="onPrediction">Receives the predictions, in order.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="ArgumentException">A window of a forecast has other steps than the model's.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(IEnumerable<SequenceWindow> windows, SeriesHandler onPrediction, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(windows);
        ArgumentNullException.ThrowIfNull(onPrediction);
        int longest = 0;
        _group.Clear();
        foreach (SequenceWindow window in windows)
        {
            if (_codec.Kind == SeriesKind.Forecast && window.Steps != _codec.Options.Window) throw new ArgumentException(
                Invariant($"A window has {Counted.Of(window.Steps, "step")} where the model has {_codec.Options.Window}."));
            int padded = Math.Max(longest, StepsOf(window)), rows = (_group.Count + 1) * _codec.RowsPerWindow;
            if (_group.Count > 0 && SeriesEvaluator.AreTooMany(rows, padded, _codec.Inputs))
            {
                Predict(longest, onPrediction, cancellation);
                padded = StepsOf(window);
            }

            longest = padded;
            _group.Add(window);
        }

        if (_group.Count > 0) Predict(longest, onPrediction, cancellation);
    }

    /// <summary>Ends the worker threads.</summary>
    public void Dispose() => _unrolled.Dispose();

    private void Predict(int longest, SeriesHandler onPrediction, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_codec.Kind == SeriesKind.Tag) PredictSteps(longest, onPrediction, cancellation);
        else if (_codec.FeedsBack) PredictFedBack(longest, onPrediction, cancellation);
        else PredictLast(longest, onPrediction);
        _group.Clear();
    }

    /// <summary>The steps that are read at once: all of the network's, but where forecasts are fed back those of the
    /// window.</summary>
    private int StepsOf(SequenceWindow window) =>
        _codec.FeedsBack ? _codec.ReadSteps(window.Steps) : _codec.NetworkSteps(window.Steps);

    private void ReadWindows(int longest, int rows, int undone)
    {
        int each = _codec.RowsPerWindow;
        if (_undo.Length < rows * undone) _undo = new ColumnScale[rows * undone];
        _batch.Resize(rows, longest);
        for (int row = 0; row < rows; row++)
        {
            SequenceWindow window = _group[row / each];
            _batch.Lengths[row] = StepsOf(window);
            Rows.FillInputs(_batch, row, window.Sequence, window.Start, window.Steps, row % each,
                _undo.AsSpan(row * undone, undone));
        }

        _unrolled.Predict(_batch, _predictions);
    }

    /// <summary>Reads the windows, then a part of the horizon after the other, each as it was forecast.</summary>
    private void PredictFedBack(int longest, SeriesHandler onPrediction, CancellationToken cancellation)
    {
        int each = _codec.RowsPerWindow, rows = _group.Count * each, undone = _codec.Targets.Count / each;
        var values = new double[_group.Count][];
        for (int i = 0; i < values.Length; i++) values[i] = new double[_codec.Width];
        var isFinite = new bool[rows]; // a network may explode; then what follows is no number
        Array.Fill(isFinite, true);
        ReadWindows(longest, rows, undone);
        for (int part = 0; part < _codec.HorizonParts; part++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (part > 0)
            {
                _batch.Resize(rows, 1);
                for (int row = 0; row < rows; row++)
                {
                    ReadOnlySpan<double> before = _predictions.At(OutputOf(row, part - 1), row);
                    foreach (double value in before) isFinite[row] &= double.IsFinite(value);
                    _batch.Carry[row] = isFinite[row];
                    if (isFinite[row]) Rows.FillFedBack(_batch, 0, row, _group[row / each], row % each, before, part - 1);
                }

                _unrolled.Predict(_batch, _predictions);
            }

            for (int row = 0; row < rows; row++)
            {
                Span<double> outputs = _predictions.At(OutputOf(row, part), row);
                if (!isFinite[row]) outputs.Fill(double.NaN);
                Rows.Undo(outputs, _group[row / each], row % each, _undo.AsSpan(row * undone, undone), values[row / each], part);
            }
        }

        for (int i = 0; i < values.Length; i++) onPrediction(_group[i], values[i]);

        int OutputOf(int row, int part) => part == 0 ? StepsOf(_group[row / each]) - 1 : 0;
    }

    private void PredictLast(int longest, SeriesHandler onPrediction)
    {
        int each = _codec.RowsPerWindow, rows = _group.Count * each, width = _codec.Width;
        int undone = _codec.Kind == SeriesKind.Forecast ? _codec.Targets.Count / each : 0;
        if (_values.Length < width) _values = new double[width];
        ReadWindows(longest, rows, undone);
        for (int i = 0; i < _group.Count; i++)
        {
            Span<double> values = _values.AsSpan(0, width);
            for (int channel = 0; channel < each; channel++)
            {
                int row = (i * each) + channel;
                int parts = _codec.DecoderSteps, first = parts == 0 ? 0 : longest - parts;
                for (int part = 0; undone > 0 && part < Math.Max(1, parts); part++)
                    Rows.Undo(_predictions.At(first + part, row), _group[i], channel, _undo.AsSpan(row * undone, undone),
                        values, part);
                if (undone == 0) _codec.Decode(_predictions.At(0, row), values);
            }

            onPrediction(_group[i], values);
        }
    }

    /// <summary>Reads whole sequences in pieces, the state carried over.</summary>
    private void PredictSteps(int longest, SeriesHandler onPrediction, CancellationToken cancellation)
    {
        int width = _codec.Width;
        var values = new double[_group.Count][];
        for (int row = 0; row < values.Length; row++) values[row] = new double[(long)_group[row].Steps * width];
        for (int at = 0; at < longest; at += SeriesEvaluator.PieceSteps)
        {
            cancellation.ThrowIfCancellationRequested();
            _batch.Resize(_group.Count, Math.Min(SeriesEvaluator.PieceSteps, longest - at));
            for (int row = 0; row < _group.Count; row++)
            {
                SequenceWindow window = _group[row];
                int own = Math.Min(_batch.Steps, window.Steps - at);
                _batch.Lengths[row] = Math.Max(1, own);
                _batch.Carry[row] = at > 0;
                if (own > 0) Rows.FillInputs(_batch, row, window.Sequence, window.Start + at, own, 0);
            }

            _unrolled.Predict(_batch, _predictions);
            for (int row = 0; row < _group.Count; row++)
            {
                for (int t = 0; t < Math.Min(_batch.Steps, _group[row].Steps - at); t++)
                    _codec.Decode(_predictions.At(t, row), values[row].AsSpan((at + t) * width, width));
            }
        }

        for (int row = 0; row < values.Length; row++) onPrediction(_group[row], values[row]);
    }
}
