using System.Numerics;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// A network that predicts of sequences while their steps arrive: a forecast once a window is known and again after every step, a
/// tag at every step, the class or the number of a sequence at its end. Predictions have the bits of
/// <see cref="SeriesPredictor{T}"/>. Not for several threads at once: one for each caller. Networks may be shared, and one stream
/// serves any number of states.
/// </summary>
/// <typeparam name="T">The precision.</typeparam>
public sealed class SeriesStream<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly SeriesPredictor<T>? _predictor; // of windows and whole sequences
    private readonly StreamingNetwork<T>? _network; // of tags
    private readonly SeriesBuffer _buffer;
    private readonly Batch _batch;
    private readonly T[] _outputs;
    private readonly double[] _wide;
    private readonly T[]? _start; // what the network carries before the first step; null where windows are read anew

    /// <summary>A stream.</summary>
    /// <param name="network">The network; later changes of its parameters have no effect.</param>
    /// <param name="codec">How it reads sequences.</param>
    /// <exception cref="ArgumentException">The network does not fit the codec, or forecasts are fed back and need what is known
    /// ahead, which a stream does not have.</exception>
    public SeriesStream(Network<T> network, SeriesCodec codec)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(codec);
        Codec = codec;
        int steps = codec.Kind switch
        {
            SeriesKind.Forecast => codec.Options.Window,
            SeriesKind.Tag => 1,
            _ => 0, // as many as come
        };
        _buffer = new SeriesBuffer(codec, Math.Max(1, steps));
        _batch = Batch.For(network.Shape);
        _outputs = new T[network.Shape.Outputs];
        _wide = new double[_outputs.Length];
        if (codec.Kind != SeriesKind.Tag)
        {
            _predictor = new SeriesPredictor<T>(network, _buffer.Rows);
            return;
        }

        if (!codec.Fits(network.Shape)) throw new ArgumentException("The network does not fit the description of its data.");
        _network = new StreamingNetwork<T>(network);
        _start = _network.Start();
        _batch.Resize(1, 1);
    }

    /// <summary>How sequences are read.</summary>
    public SeriesCodec Codec { get; }

    /// <summary>A new sequence.</summary>
    /// <param name="group">Its group, where those have scales of their own (<see cref="SequenceEncoder.GroupScales"/>).</param>
    public SeriesStreamState Start(string? group = null) => new(Codec, (Array?)_start?.Clone(), group);

    /// <summary>Reads a step, and predicts where that can be done already: a forecast from the last window, a tag.</summary>
    /// <param name="state">The sequence so far; it is changed.</param>
    /// <param name="step">The values of the encoder's columns in their order (<see cref="SequenceEncoder.Columns"/>): numbers in
    /// the units of the data, of a category the place of its label; NaN for a missing one.</param>
    /// <param name="prediction">(<see cref="SeriesCodec.Width"/>): receives the prediction.</param>
    /// <param name="date">When it is; needed where parts of dates are read.</param>
    /// <returns>Whether there is a prediction; never for classes and numbers of whole sequences.</returns>
    /// <exception cref="ArgumentException">A value is missing that must not be, has no logarithm, is infinite or is no label; a
    /// span has another length; or there is no date. The state is what it was.</exception>
    public bool Step(SeriesStreamState state, ReadOnlySpan<float> step, Span<double> prediction, DateTime? date = null)
    {
        CheckState(state);
        if (prediction.Length != Codec.Width) throw new ArgumentException(
            Invariant($"A prediction has {Counted.Of(Codec.Width, "number")}, not {prediction.Length}."));
        _buffer.Check(step, date);
        state.Add(step, date ?? default);
        if (Codec.Kind == SeriesKind.Tag)
        {
            _buffer.Load(state);
            _buffer.Rows.FillInputs(_batch, 0, 0, 0, 1, 0);
            _network!.Step(_batch.Dense(0, 0), (T[])state.Carried!, _outputs);
            for (int o = 0; o < _outputs.Length; o++) _wide[o] = double.CreateTruncating(_outputs[o]);
            Codec.Decode(_wide, prediction);
            return true;
        }

        if (Codec.Kind != SeriesKind.Forecast || state.Held < Codec.Options.Window) return false;
        Predict(state, prediction);
        return true;
    }

    /// <summary>Predicts the class or the number of the whole sequence that was read, and begins a new one.</summary>
    /// <param name="state">The sequence; it becomes a new one.</param>
    /// <param name="prediction">(<see cref="SeriesCodec.Width"/>): receives the probabilities or the number.</param>
    /// <returns>Whether there is a prediction: not of a sequence without a step, nor of what is predicted step by step.</returns>
    public bool Finish(SeriesStreamState state, Span<double> prediction)
    {
        CheckState(state);
        if (prediction.Length != Codec.Width) throw new ArgumentException(
            Invariant($"A prediction has {Counted.Of(Codec.Width, "number")}, not {prediction.Length}."));
        bool known = Codec.Kind is SeriesKind.Classify or SeriesKind.Regress && state.Held > 0;
        if (known) Predict(state, prediction);
        state.Clear();
        return known;
    }

    /// <summary>Ends the worker threads.</summary>
    public void Dispose() => _predictor?.Dispose();

    private void CheckState(SeriesStreamState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.IsOf(Codec, _start))
            throw new ArgumentException("The state is of the stream of another model; start one here.");
    }

    private void Predict(SeriesStreamState state, Span<double> prediction)
    {
        _buffer.Load(state);
        var values = new double[prediction.Length];
        _predictor!.Rows = _buffer.Rows;
        _predictor.Run([new SequenceWindow(0, 0, state.Held, Codec.Kind == SeriesKind.Forecast ? Codec.Options.Horizon : 0)],
            (_, one) => one.CopyTo(values));
        values.CopyTo(prediction);
    }
}
