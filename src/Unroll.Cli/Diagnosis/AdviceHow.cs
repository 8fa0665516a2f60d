using System.Text.RegularExpressions;

namespace Unroll.Cli.Diagnosis;

/// <summary>What belongs to an advice beside its text.</summary>
/// <param name="Hurts">Why what was seen hurts.</param>
/// <param name="Torch">The same in PyTorch, of a module <c>rnn</c> and a <c>model</c>; empty where there is nothing to
/// write.</param>
/// <param name="CSharp">The same in C#, of <c>options</c>; empty where there is nothing to write.</param>
/// <param name="Expect">What to expect of it.</param>
internal sealed partial record AdviceHow(string Hurts, string Torch, string CSharp, string Expect)
{
    /// <summary>What belongs to an advice.</summary>
    /// <param name="advice">The advice.</param>
    /// <param name="shape">The network that it is about.</param>
    public static AdviceHow Of(Advice advice, NetworkShape shape) => advice.About switch
    {
        "clip" => new(
            "one long step throws the weights far from where many short ones had brought them",
            $"torch.nn.utils.clip_grad_norm_(model.parameters(), {Value(advice)})",
            $"options with {{ ClipThreshold = {Value(advice)} }}",
            "most updates stay as they are; the loss has fewer jumps"),
        "omega" when advice.Asks => new(
            "updates are about the last steps alone, whatever the earlier ones would teach",
            "# not in torch.nn: it needs dE/dh of every step (h.retain_grad() in a loop over nn.RNNCell)",
            $"options with {{ Omega = {Value(advice)} }}",
            "the rate a step comes near 1 within a few hundred updates; keep clipping on"),
        "omega" => new("", "", "", "nothing to change here"),
        "lr" => new(
            "steps overshoot along directions of large curvature, so that the loss or the weights grow",
            $"torch.optim.SGD(model.parameters(), lr={Value(advice)})",
            $"options with {{ LearningRate = {Value(advice)} }}",
            "no oscillation that grows; the bound holds at these weights, so measure again later"),
        "layers" => new(
            "the lower layers are told almost nothing of the error and stay as they were drawn",
            $"torch.nn.{Module(shape)}(input_size, hidden_size, num_layers={Math.Max(1, shape.Layers.Count - 1)})",
            $"options with {{ Layers = {Math.Max(1, shape.Layers.Count - 1)} }}",
            "the error of the lowest layer is within a thousandth of the last one's"),
        "init" => Initial(advice, shape),
        _ => Data(advice),
    };

    private static AdviceHow Initial(Advice advice, NetworkShape shape)
    {
        const string Hurts =
            "what a step passes back is multiplied once for each step, so a factor off 1 leaves nothing or too much";
        const string Expect = "a signal that reaches further back from the first update on; diagnose again after a hundred";
        string chosen = Chosen().Match(advice.Text).Groups["value"].Value;
        if (Steps().Match(advice.Text) is { Success: true } chrono)
        {
            string steps = chrono.Groups["value"].Value;
            string sign = shape.Layers[^1].Cell == CellKind.Gru ? ""
                : "; rnn.bias_ih_l0.data[:H] = -rnn.bias_ih_l0.data[H:2 * H]";
            return new(Hurts, $"H = rnn.hidden_size; rnn.bias_ih_l0.data[H:2 * H] = "
                + $"torch.log(torch.empty(H).uniform_(1, {steps} - 1)){sign}",
                $"options with {{ LongestLag = {steps} }}", Expect);
        }

        if (Leak().Match(advice.Text) is { Success: true } leak)
        {
            string a = leak.Groups["value"].Value;
            return new(Hurts, $"h = (1 - {a}) * h + {a} * torch.tanh(cell(u, h))", $"options with {{ Leak = {a} }}", Expect);
        }

        if (Ring().Match(advice.Text) is { Success: true } ring)
        {
            string numbers = ring.Groups["value"].Value.Replace(":", ", ", StringComparison.Ordinal);
            return new(Hurts, "", $"options with {{ Ring = new RingStart({numbers}) }}", Expect);
        }

        return chosen switch
        {
            "orthogonal" => new(Hurts, "torch.nn.init.orthogonal_(rnn.weight_hh_l0)",
                "options with { Initialization = Initialization.Orthogonal }", Expect),
            "identity" => new(Hurts, "torch.nn.init.eye_(rnn.weight_hh_l0)",
                "options with { Initialization = Initialization.Identity }", Expect),
            "uniform" => new(Hurts, "rnn.reset_parameters()", "options with { Initialization = Initialization.Uniform }", Expect),
            "smart-tanh" => new(Hurts,
                "W = rnn.weight_hh_l0.data; torch.nn.init.sparse_(W, 0.7); W.mul_(0.95 / torch.linalg.eigvals(W).abs().max())",
                "options with { Initialization = Initialization.SmartTanh }", Expect),
            "sigmoid" => new(Hurts, "torch.nn.init.normal_(rnn.weight_hh_l0, 0, 0.01)",
                "options with { Initialization = Initialization.Sigmoid }", Expect),
            _ => new(Hurts, "", "", Expect),
        };
    }

    private static AdviceHow Data(Advice advice) => advice.About switch
    {
        "inputs" => new(
            "large inputs push every unit to its ends, where no error passes; tiny ones are not seen beside the biases",
            "x = (x - x_train.mean((0, 1))) / x_train.std((0, 1))", "",
            "units that are no more saturated; usable learning rates of the usual size"),
        "leak" => new(
            "the network learns to copy, looks perfect in every fold, and fails where the column is not yet known",
            "x = x[:, :, [i for i in range(x.shape[2]) if i != LEAK]]", "",
            "a larger error, which is the honest one"),
        "labels" => new(
            "the network learns the training fold by heart, and nothing of it holds for any other sequence",
            "order = torch.randperm(len(x)); x, y = x[order], y[order]  # one order for both", "",
            "a validation loss below that of chance within the first epochs"),
        "order" => new(
            "no step follows from those before it, so the mean is the best that any training can find",
            "series = series[time.argsort()]  # before windows are cut", "",
            "a validation error below that of the mean within the first epochs"),
        "window" when advice.Asks => new(
            "what the next step depends on has left the window, so no training can find it",
            $"windows = series.unfold(0, {Value(advice)}, 1)",
            $"new SeriesOptions {{ Window = {Value(advice)} }}",
            "a validation error as far below today's as the linear forecast's is"),
        _ => new("", "", "", ""),
    };

    private static string Value(Advice advice) => advice.Value is { } value ? Format.Exact(value) : "1";

    private static string Module(NetworkShape shape) => shape.Layers[^1].Cell switch
    {
        CellKind.Lstm => "LSTM",
        CellKind.Gru => "GRU",
        _ => "RNN",
    };

    [GeneratedRegex(@"--init (?<value>[a-z-]+)")]
    private static partial Regex Chosen();

    [GeneratedRegex(@"--chrono (?<value>\d+)")]
    private static partial Regex Steps();

    [GeneratedRegex(@"--ring (?<value>[\d.:]+)")]
    private static partial Regex Ring();

    [GeneratedRegex(@"--leak (?<value>[\d.]+)")]
    private static partial Regex Leak();
}
