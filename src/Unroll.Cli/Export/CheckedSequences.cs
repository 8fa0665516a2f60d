using System.Numerics;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Export;

/// <summary>A sequence as a caller of an exported model gives it.</summary>
/// <param name="Steps">T.</param>
/// <param name="Rows">(T, columns); of one-hot inputs (T), the index, -1 for none.</param>
/// <param name="Times">(T) seconds since 1970; empty where no dates are read.</param>
internal sealed record CheckedSequence(int Steps, float[] Rows, long[] Times);

/// <summary>Sequences that are drawn for the check of an exported file, and what its model makes of them.</summary>
internal sealed class CheckedSequences
{
    private const int MostSequences = 8, MostSteps = 40;
    private const double MostWork = 4e8;

    private readonly NetworkShape _shape;

    private CheckedSequences(NetworkShape shape, SeriesCodec? codec)
    {
        (_shape, Codec) = (shape, codec);
        Indexed = codec is null && shape.Encoding == InputEncoding.OneHot;
        Columns = codec?.Encoder.Columns.Count ?? (Indexed ? 1 : shape.Inputs);
        EveryStep = codec is null ? shape.PredictsEveryStep : codec.Kind == SeriesKind.Tag;
        Width = codec?.Width ?? shape.Outputs;
        All = [.. Enumerable.Range(0, Count()).Select(Draw)];
    }

    /// <summary>How the model reads sequences of somebody's own data; null where its network is checked alone.</summary>
    public SeriesCodec? Codec { get; }

    /// <summary>Whether a step is the index of a symbol.</summary>
    public bool Indexed { get; }

    /// <summary>The numbers of a step.</summary>
    public int Columns { get; }

    /// <summary>Whether something is predicted at every step, or at the last alone.</summary>
    public bool EveryStep { get; }

    /// <summary>The numbers of a prediction; of every step where those are many.</summary>
    public int Width { get; }

    /// <summary>The sequences.</summary>
    public IReadOnlyList<CheckedSequence> All { get; }

    /// <summary>All their steps.</summary>
    public int Steps => All.Sum(one => one.Steps);

    /// <summary>Sequences for a file that has what is around the network of own data, or for one that has the network
    /// alone.</summary>
    public static CheckedSequences For(ModelInfo info, bool networkAlone) =>
        new(info.Shape, networkAlone ? null : SeriesCodec.Read(info.Properties));

    /// <summary>What a network predicts of each, by this program's own code.</summary>
    public double[][] Predict<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Codec is null) return [.. All.Select(one => Stream(new StreamingNetwork<T>(network), one))];
        var predictions = new List<double[]>();
        using var predictor = new SeriesPredictor<T>(network, Codec.Bind(Data()));
        predictor.Run(All.Select((one, i) => new SequenceWindow(i, 0, one.Steps, 0)),
            (_, values) => predictions.Add(values.ToArray()));
        return [.. predictions];
    }

    private double[] Stream<T>(StreamingNetwork<T> network, CheckedSequence one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] state = network.Start(), output = new T[_shape.Outputs];
        var all = new List<double>();
        var dense = new double[Columns];
        for (int t = 0; t < one.Steps; t++)
        {
            ReadOnlySpan<float> row = one.Rows.AsSpan(t * Columns, Columns);
            for (int i = 0; i < Columns; i++) dense[i] = row[i];
            if (Indexed) network.Step((int)row[0], state, output);
            else if (_shape.Encoding == InputEncoding.Dense) network.Step(dense, state, output);
            else network.StepActive([.. Enumerable.Range(0, Columns).Where(i => dense[i] != 0)], state, output);
            if (EveryStep || t == one.Steps - 1) all.AddRange(output.Select(double.CreateChecked));
        }

        return [.. all];
    }

    private SequenceData Data()
    {
        IReadOnlyList<SequenceColumn> columns = Codec!.Encoder.Columns;
        var builder = new SequenceBuilder([.. columns]);
        foreach (CheckedSequence one in All)
        {
            float[] Column(int c) => [.. Enumerable.Range(0, one.Steps).Select(t => one.Rows[(t * Columns) + c])];
            int[] Places(ColumnKind kind) => [.. Enumerable.Range(0, Columns).Where(c => columns[c].Kind == kind)];
            builder.AddColumns([.. Places(ColumnKind.Number).Select(c => (ReadOnlyMemory<float>)Column(c))],
                [.. Places(ColumnKind.Category).Select(c => (ReadOnlyMemory<int>)Column(c).Select(code => (int)code).ToArray())],
                one.Times.Length == 0 ? null
                    : new SequenceInfo { Times = one.Times.Select(second => DateTime.UnixEpoch.AddSeconds(second)).ToArray() });
        }

        return builder.Build();
    }

    /// <summary>As many as are run in a second or so.</summary>
    private int Count() => (int)Math.Clamp(MostWork / ((double)_shape.ParameterCount * Longest()), 1, MostSequences);

    private int Longest() => Codec is { Kind: SeriesKind.Forecast } forecast ? forecast.Options.Window
        : (int)Math.Clamp(MostWork / _shape.ParameterCount, 2, MostSteps);

    private CheckedSequence Draw(int index)
    {
        RandomSource random = new RandomKey(1, RandomStream.Test, index).Shared();
        int longest = Longest();
        int steps = Codec is { Kind: SeriesKind.Forecast } ? longest : index == 0 ? longest : 1 + random.NextInt(longest);
        var rows = new float[steps * Columns];
        for (int i = 0; i < rows.Length; i++) rows[i] = Codec is null ? Input(ref random) : Value(ref random, i % Columns);
        long[] times = [];
        if (Codec is { Encoder.Options.Calendar.Count: > 0 })
        {
            // Somewhere in a hundred years, so that leap years and the ends of months are met.
            const long Century = 3_155_760_000;
            long first = (long)((random.NextDouble() - 0.5) * Century);
            times = [.. Enumerable.Range(0, steps).Select(t => first + (t * 59_820L))];
        }

        return new CheckedSequence(steps, rows, times);
    }

    private float Input(ref RandomSource random) => _shape.Encoding switch
    {
        InputEncoding.OneHot => random.NextInt(_shape.Inputs + 1) - 1,
        InputEncoding.MultiHot => random.NextInt(4) == 0 ? 1 : 0,
        _ => (float)random.NextNormal(),
    };

    /// <summary>A value of a column in its own unit.</summary>
    private float Value(ref RandomSource random, int column)
    {
        SequenceEncoder encoder = Codec!.Encoder;
        bool missing = encoder.Options.Missing != MissingPolicy.Error && random.NextInt(8) == 0;
        if (encoder.Columns[column].Kind == ColumnKind.Category)
            return missing ? -1 : random.NextInt(encoder.Columns[column].Labels.Count);
        double value = encoder.Scales[column].Undo(random.NextNormal());
        if (encoder.ReadsLogarithm(column)) value = Math.Max(float.MinValue, Math.Exp(value));
        return missing ? float.NaN : (float)Math.Clamp(value, float.MinValue, float.MaxValue);
    }
}
