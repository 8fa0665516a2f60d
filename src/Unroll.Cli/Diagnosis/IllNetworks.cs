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

/// <summary>A network that was made ill, what it is to learn, and the rate that it is trained with.</summary>
internal sealed record IllNetwork(Network<double> Network, ITask Task, double Rate);

/// <summary>Networks that are healthy, and networks that were made ill in a known way, from a seed.</summary>
internal static class IllNetworks
{
    /// <summary>The name of those with which nothing is wrong.</summary>
    public const string Healthy = "healthy";

    private const int Hidden = 20, Length = 60;
    private const double UsualRate = 0.01, FarTooHigh = 50;

    private static readonly CellKind[] s_all = [CellKind.Plain, CellKind.Lstm, CellKind.Gru];

    /// <summary>What can be wrong.</summary>
    public static IReadOnlyList<Illness> All { get; } =
    [
        new("vanishing", s_all, GradientVerdict.Vanishing, one => one.About is "init" or "omega" && one.Asks),
        new("exploding", s_all, GradientVerdict.Exploding, one => one.About is "clip" or "init"),
        new("saturated", s_all, null, IsOfSaturation),
        new("dead ReLU", [CellKind.Plain], null, IsOfSaturation),
        new("rate too high", s_all, null, one => one.About == "lr" && one.Asks),
        new("inputs too large", s_all, null, one => one.About == "inputs"),
        new("inputs too small", s_all, null, one => one.About == "inputs"),
        new("leaking target", s_all, null, one => one.About == "leak"),
    ];

    /// <summary>Makes one.</summary>
    /// <param name="illness">The name of an illness, or <see cref="Healthy"/>.</param>
    /// <param name="cell">Its units.</param>
    /// <param name="seed">The seed of its weights.</param>
    public static IllNetwork Make(string illness, CellKind cell, ulong seed)
    {
        bool dense = illness is "inputs too large" or "inputs too small" or "leaking target";
        ITask task = dense ? new ChangedInputs(new Addition(new LengthRange(Length, Length)), illness switch
        {
            "inputs too large" => 1000,
            "inputs too small" => 0.001,
            _ => 1,
        }, illness == "leaking target") : new TemporalOrder(Length);
        bool relu = illness == "dead ReLU";
        var layer = new LayerShape(Hidden) { Cell = cell, Activation = relu ? Activation.Relu : Activation.Tanh };
        if (cell is CellKind.Lstm or CellKind.Gru) layer = new LayerShape(Hidden) { Cell = cell };
        var shape = new NetworkShape(task.Inputs, LayerList.Repeat(layer, 1), task.Outputs)
        {
            Encoding = task.Encoding,
            Head = task.Head,
        };
        var network = new Network<double>(shape);
        bool gated = cell != CellKind.Plain, forgets = illness is "vanishing" or "exploding";
        Initializer.Initialize(network, new InitializerOptions
        {
            Kind = gated ? Initialization.Uniform : Initialization.Orthogonal,
            ForgetBias = 0,
            LongestLag = gated && !forgets ? Length : null,
        }, seed);
        if (!gated) Scale(network.InputWeights, 0.1);
        switch (illness)
        {
            case "vanishing" when !gated:
                Scale(network.RecurrentWeights, 0.7);
                break;
            case "exploding":
                Scale(network.RecurrentWeights, gated ? 25 : 1.5);
                Scale(network.InputWeights, 0.1);
                break;
            case "saturated":
                Saturate(network);
                break;
            case "dead ReLU":
                network.HiddenBias.Fill(-5);
                break;
        }

        return new IllNetwork(network, task, illness == "rate too high" ? FarTooHigh : UsualRate);
    }

    private static bool IsOfSaturation(Advice one) =>
        one.About == "init" && one.Because.Contains("saturated", StringComparison.Ordinal);

    /// <summary>Weights of the inputs that push every unit that is no gate to one of its ends.</summary>
    private static void Saturate(Network<double> network)
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
                weight = weight >= 0 ? 30 : -30;
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

        public void Judge(Batch batch, Predictions predictions, Span<bool> correct) => task.Judge(batch, predictions, correct);
    }
}
