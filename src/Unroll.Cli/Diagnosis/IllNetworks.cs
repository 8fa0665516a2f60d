using Unroll.Analysis;
using Unroll.Cells;
using Unroll.Tasks;

namespace Unroll.Cli.Diagnosis;

/// <summary>A way in which a network is made ill, and by which first advice the illness is recognized.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Cells">The cells that can have it.</param>
/// <param name="Verdict">The verdict, or null where gradients may be as they like.</param>
/// <param name="Recognizes">Whether a first advice is the right one.</param>
internal sealed record Illness(
    string Name, IReadOnlyList<CellKind> Cells, GradientVerdict? Verdict, Func<Advice, bool> Recognizes);

/// <summary>A network that was made ill, what it is to learn, and the rate of plain descent that it is trained with; null for
/// another optimizer.</summary>
internal sealed record IllNetwork(Network<double> Network, ITask Task, double? Rate);

/// <summary>
/// Networks that are healthy, and networks that were made ill in a known way: weights, size of the illness and data from a seed.
/// </summary>
internal static class IllNetworks
{
    /// <summary>The name of those with which nothing is wrong, on a task of the paper.</summary>
    public const string Healthy = "healthy";

    /// <summary>Those trained on labelled sequences, and on a series, with which nothing is wrong.</summary>
    public const string HealthyLabels = "healthy, own labels", HealthySeries = "healthy, own series",
        HealthyTags = "healthy, own tags";

    private const string ShuffledLabels = "shuffled labels", ShuffledTags = "shuffled tags", ShuffledRows = "shuffled rows",
        ShortWindow = "window too short";
    private const int Hidden = 20, Length = 60;
    private const double UsualRate = 0.01;

    /// <summary>The cells, in the order of the table.</summary>
    public static IReadOnlyList<CellKind> Cells { get; } = [CellKind.Plain, CellKind.Leaky, CellKind.Lstm, CellKind.Gru];

    /// <summary>What can be wrong.</summary>
    public static IReadOnlyList<Illness> All { get; } =
    [
        new("vanishing", Cells, GradientVerdict.Vanishing, one => one.About is "init" or "omega" && one.Asks),
        new("exploding", Cells, GradientVerdict.Exploding, one => one.About is "clip" or "init"),
        new("saturated", Cells, null, IsOfSaturation),
        new("dead ReLU", [CellKind.Plain, CellKind.Leaky], null, IsOfSaturation),
        new("rate too high", Cells, null, one => one.About == "lr" && one.Asks),
        new("inputs too large", Cells, null, one => one.About == "inputs"),
        new("inputs too small", Cells, null, one => one.About == "inputs"),
        new("leaking target", Cells, null, one => one.About == "leak"),
        new(ShuffledLabels, Cells, null, one => one.About == "labels"),
        new(ShuffledTags, Cells, null, one => one.About == "labels"),
        new(ShuffledRows, Cells, null, one => one.About == "order"),
        new(ShortWindow, Cells, null, one => one.About == "window" && one.Asks),
    ];

    /// <summary>Those with which nothing is wrong.</summary>
    public static IReadOnlyList<Illness> AllHealthy { get; } =
        [.. ((string[])[Healthy, HealthyLabels, HealthyTags, HealthySeries])
            .Select(name => new Illness(name, Cells, null, _ => true))];

    /// <summary>Whether nothing is wrong with those of a name.</summary>
    public static bool IsHealthy(string name) => name.StartsWith(Healthy, StringComparison.Ordinal);

    /// <summary>Makes one.</summary>
    /// <param name="illness">The name of an illness, or of those with which nothing is wrong.</param>
    /// <param name="cell">Its units.</param>
    /// <param name="seed">The seed of its weights, of its data and of how ill it is.</param>
    public static IllNetwork Make(string illness, CellKind cell, ulong seed)
    {
        double share = new RandomKey(seed, RandomStream.Study, 3).Shared().NextDouble(); // how ill, 0..1
        ITask task = illness switch
        {
            ShuffledLabels or HealthyLabels => IllData.Labelled(seed, illness == ShuffledLabels),
            ShuffledTags or HealthyTags => IllData.Tagged(seed, illness == ShuffledTags),
            ShuffledRows => IllData.Seasonal(seed, tooShort: false, sorted: false),
            ShortWindow or HealthySeries => IllData.Seasonal(seed, illness == ShortWindow),
            "inputs too large" => new ChangedInputs(Sums(), Math.Pow(10, 2 + (2 * share)), false),
            "inputs too small" => new ChangedInputs(Sums(), Math.Pow(10, -2 - (2 * share)), false),
            "leaking target" => new ChangedInputs(Sums(), 1, true),
            _ => new TemporalOrder(Length),
        };
        bool fades = illness is "vanishing" or "exploding";
        Network<double> network = Draw(task, cell, illness == "dead ReLU", fades, seed);
        bool gated = cell is CellKind.Lstm or CellKind.Gru;
        switch (illness)
        {
            case "vanishing" when !gated:
                Scale(network.RecurrentWeights, 0.5 + (0.3 * share));
                break;
            case "exploding":
                Scale(network.RecurrentWeights, gated ? 20 + (10 * share) : (cell == CellKind.Leaky ? 3 : 1.4) + (0.4 * share));
                Scale(network.InputWeights, 0.1);
                break;
            case "saturated":
                Saturate(network, 20 + (20 * share));
                break;
            case "dead ReLU":
                network.HiddenBias.Fill(-3 - (5 * share));
                break;
        }

        if (task is not SeriesTask series) return new(network, task, illness == "rate too high" ? 20 + (80 * share) : UsualRate);
        IllData.Train(network, series, seed);
        return new(network, task, null);
    }

    private static Addition Sums() => new(new LengthRange(Length, Length));

    /// <summary>Healthy weights: orthogonal, or memories as long as the sequences; or gates at a half, where signals
    /// fade.</summary>
    private static Network<double> Draw(ITask task, CellKind cell, bool relu, bool fades, ulong seed)
    {
        bool gated = cell is CellKind.Lstm or CellKind.Gru;
        int steps = task is SeriesTask series ? series.Window : Length;
        LayerShape layer = gated ? new LayerShape(Hidden) { Cell = cell } : new LayerShape(Hidden)
        {
            Cell = cell,
            Activation = relu ? Activation.Relu : Activation.Tanh,
            Leak = cell != CellKind.Leaky ? 1 : fades ? 0.5 : 1.0 / steps,
        };
        var network = new Network<double>(new NetworkShape(task.Inputs, LayerList.Repeat(layer, 1), task.Outputs)
        {
            Encoding = task.Encoding,
            Head = task.Head,
        });
        Initializer.Initialize(network, new InitializerOptions
        {
            Kind = gated ? Initialization.Uniform : Initialization.Orthogonal,
            ForgetBias = 0,
            LongestLag = gated && !fades ? steps : null,
        }, seed);
        if (!gated) Scale(network.InputWeights, 0.1);
        return network;
    }

    private static bool IsOfSaturation(Advice one) =>
        one.About == "init" && one.Because.Contains("saturated", StringComparison.Ordinal);

    /// <summary>Weights of the inputs that push every unit that is no gate to one of its ends.</summary>
    private static void Saturate(Network<double> network, double size)
    {
        LayerShape layer = network.Shape.Layers[0];
        int block = layer.Cell switch
        {
            CellKind.Lstm or CellKind.Gru => 2, // g of an LSTM, n of a GRU
            _ => 0,
        };
        Span<double> weights = network.InputWeights;
        for (int input = 0; input < network.Shape.Inputs; input++)
        {
            for (int unit = 0; unit < Hidden; unit++)
            {
                ref double weight = ref weights[(((block * Hidden) + unit) * network.Shape.Inputs) + input];
                weight = weight >= 0 ? size : -size;
            }
        }
    }

    private static void Scale(Span<double> values, double factor)
    {
        foreach (ref double value in values) value *= factor;
    }

    /// <summary>A task whose inputs are larger or smaller, and may have the answer beside them.</summary>
    private sealed class ChangedInputs(ITask task, double factor, bool leaks) : ITask
    {
        private readonly Batch _own = Batch.For(task);

        public string Name => task.Name;

        public InputEncoding Encoding => task.Encoding;

        public int Inputs => task.Inputs + (leaks ? 1 : 0);

        public OutputHead Head => task.Head;

        public int Outputs => task.Outputs;

        public string LossUnit => task.LossUnit;

        public CostReduction Reduction => task.Reduction;

        public void Fill(Batch batch, int rows, RandomKey key)
        {
            task.Fill(_own, rows, key);
            batch.Resize(rows, _own.Steps);
            for (int row = 0; row < rows; row++)
            {
                batch.Lengths[row] = _own.Lengths[row];
                for (int step = 0; step < _own.Lengths[row]; step++)
                {
                    Span<double> to = batch.Dense(step, row);
                    for (int i = 0; i < task.Inputs; i++) to[i] = factor * _own.Dense(step, row)[i];
                    if (!_own.IsPredicted(step, row)) continue;
                    _own.Values(step, row).CopyTo(batch.Values(step, row));
                    if (leaks) to[^1] = (2 * _own.Values(step, row)[0]) - 1;
                }
            }
        }

        public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) =>
            task.MarkCorrect(batch, predictions, correct);
    }
}
