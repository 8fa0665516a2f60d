using System.Numerics;

namespace Unroll.Interop.Tests;

/// <summary>Networks of every kind with random weights, and what they give by our own kernels.</summary>
internal static class Networks
{
    /// <summary>Stacks of layers by name.</summary>
    public static readonly Dictionary<string, LayerList> Stacks = new()
    {
        ["tanh"] = [new LayerShape(7)],
        ["relu"] = [new LayerShape(5) { Activation = Activation.Relu }],
        ["sigmoid"] = [new LayerShape(6) { Activation = Activation.Sigmoid }],
        ["identity"] = [new LayerShape(4) { Activation = Activation.Identity }],
        ["one unit"] = [new LayerShape(1)],
        ["leaky"] = [Leaky(5, 0.3)],
        ["leaky sigmoid"] = [Leaky(5, 0.6) with { Activation = Activation.Sigmoid }],
        ["leaky trained"] = [Leaky(6, 0.2) with { TrainedLeak = true }],
        ["lstm"] = [Lstm(5)],
        ["gru"] = [Gru(6)],
        ["tanh 2"] = LayerList.Repeat(new LayerShape(5), 2),
        ["lstm 2"] = LayerList.Repeat(Lstm(5), 2),
        ["lstm 3"] = LayerList.Repeat(Lstm(4), 3),
        ["gru 3"] = LayerList.Repeat(Gru(4), 3),
        ["leaky 2"] = LayerList.Repeat(Leaky(4, 0.5), 2),
        ["mixed"] = [Gru(6), Lstm(3), new LayerShape(5)],
        ["mixed of one width"] = [Lstm(4), Leaky(4, 0.4) with { TrainedLeak = true }, Lstm(4)],
        ["mixed with leaky"] = [Leaky(3, 0.7), Gru(8), new LayerShape(2) { Activation = Activation.Identity }],
    };

    private static LayerShape Lstm(int hidden) => new(hidden) { Cell = CellKind.Lstm };

    private static LayerShape Gru(int hidden) => new(hidden) { Cell = CellKind.Gru };

    private static LayerShape Leaky(int hidden, double leak) => new(hidden) { Cell = CellKind.Leaky, Leak = leak };

    /// <summary>A network of a stack, its weights in -0.5..0.5.</summary>
    public static Network<T> Random<T>(NetworkShape shape, int seed = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(shape);
        var random = new Random(seed);
        foreach (ref T weight in network.Parameters) weight = T.CreateTruncating((float)(random.NextDouble() - 0.5));
        return network;
    }

    /// <summary>Random sequences of several lengths; the last row has all steps.</summary>
    public static Batch Sequences(NetworkShape shape, int rows, int steps, int seed = 2)
    {
        var random = new Random(seed);
        Batch batch = Batch.For(shape);
        batch.Resize(rows, steps);
        for (int b = 0; b < rows; b++) batch.Lengths[b] = b == rows - 1 ? steps : 1 + random.Next(steps);
        for (int t = 0; t < steps; t++)
        {
            for (int b = 0; b < rows; b++)
            {
                switch (shape.Encoding)
                {
                    case InputEncoding.OneHot:
                        batch.SetSymbol(t, b, random.Next(-1, shape.Inputs));
                        break;
                    case InputEncoding.Dense:
                        foreach (ref double x in batch.Dense(t, b)) x = (float)((random.NextDouble() * 2) - 1);
                        break;
                    default:
                        for (int i = 0; i < shape.Inputs; i++)
                        {
                            if (random.Next(3) == 0) batch.SetBit(t, b, i);
                        }

                        break;
                }
            }
        }

        return batch;
    }

    /// <summary>
    /// The outputs at every step, (T, B, O), and each row's state after its last, (B, S), by streaming; from a state given or the
    /// network's own.
    /// </summary>
    public static (double[] Outputs, double[] States) Stream<T>(Network<T> network, Batch batch, double[]? states = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkShape shape = network.Shape;
        var streaming = new StreamingNetwork<T>(network);
        var outputs = new double[batch.Steps * batch.Rows * shape.Outputs];
        var after = new double[batch.Rows * shape.StateWidth];
        var output = new T[shape.Outputs];
        for (int b = 0; b < batch.Rows; b++)
        {
            T[] state = streaming.Start();
            for (int i = 0; i < state.Length && states is not null; i++)
                state[i] = T.CreateTruncating(states[(b * state.Length) + i]);
            for (int t = 0; t < batch.Lengths[b]; t++)
            {
                Step(streaming, batch, t, b, state, output);
                for (int o = 0; o < output.Length; o++)
                    outputs[(((t * batch.Rows) + b) * output.Length) + o] = double.CreateChecked(output[o]);
            }

            for (int i = 0; i < shape.StateWidth; i++) after[(b * shape.StateWidth) + i] = double.CreateChecked(state[i]);
        }

        return (outputs, after);
    }

    /// <summary>The inputs of one step as numbers, (I).</summary>
    public static float[] Input(Batch batch, int t, int b)
    {
        var input = new float[batch.Inputs];
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = batch.Encoding switch
            {
                InputEncoding.OneHot => batch.Symbol(t, b) == i ? 1 : 0,
                InputEncoding.Dense => (float)batch.Dense(t, b)[i],
                _ => (batch.Bits(t, b)[i / 64] >> (i % 64)) & 1,
            };
        }

        return input;
    }

    private static void Step<T>(StreamingNetwork<T> streaming, Batch batch, int t, int b, T[] state, T[] output)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (batch.Encoding)
        {
            case InputEncoding.OneHot:
                streaming.Step(batch.Symbol(t, b), state, output);
                break;
            case InputEncoding.Dense:
                streaming.Step(batch.Dense(t, b), state, output);
                break;
            default:
                float[] input = Input(batch, t, b);
                streaming.StepActive([.. Enumerable.Range(0, input.Length).Where(i => input[i] == 1)], state, output);
                break;
        }
    }
}
