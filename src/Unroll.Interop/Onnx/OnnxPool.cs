namespace Unroll.Interop;

/// <summary>What a head reads of all states of a row: their mean, or the largest value of each unit, from what was so far
/// on.</summary>
internal sealed class OnnxPool(OnnxGraph graph, NetworkShape shape)
{
    /// <summary>(B, H) of the states (T, B, H).</summary>
    /// <param name="sequence">The states of the last layer.</param>
    /// <param name="rows">What the number of rows is called.</param>
    /// <param name="after">Receives the name of (B, H + 1): sums or largest values so far, and the number of steps.</param>
    public string Read(string sequence, string rows, out string after)
    {
        int h = shape.Hidden;
        string before = graph.Input("read0",
            "what the head has read before the first step, where that is not nothing: what the last call gave",
            new float[h + 1], 0, rows, h + 1);

        // One row where none is given; from here on there are as many as sequences.
        string sizes = graph.Node("Concat", "read_all",
            [graph.Node("Shape", "read_rows", [graph.Lengths]), graph.Axes("read_width", h + 1)], OnnxAttribute.Of("axis", 0));
        before = graph.Node("Expand", "read_before", [before, sizes]);
        string values = graph.Unique("read_values"), steps = graph.Unique("read_steps");
        graph.Node("Split", [before, graph.Axes("read_sizes", h, 1)], [values, steps], OnnxAttribute.Of("axis", 1));
        string lengths = graph.Node("Unsqueeze", "own_steps",
            [graph.Node("Cast", "own_lengths", [graph.Lengths], OnnxAttribute.Of("to", (long)OnnxType.Float)),
                graph.Axes("behind", 1)]);
        string count = graph.Node("Add", "steps_so_far", [lengths, steps]);
        string within = graph.Mask(sequence);
        string read, kept;
        if (shape.Read == StateReading.Mean)
        {
            string own = graph.Node("Where", "states_within", [within, sequence, graph.Constant("nothing", [0f])]);
            string sum = graph.Node(
                "ReduceSum", "states_sum", [own, graph.Axes("steps_axis", 0)], OnnxAttribute.Of("keepdims", 0));
            kept = graph.Node("Add", "sum_so_far", [sum, values]);
            read = graph.Node("Div", "mean", [kept, count]);
        }
        else
        {
            string least = graph.Constant("least", [float.MinValue]);
            string own = graph.Node("Where", "states_within", [within, sequence, least]);
            string most = graph.Node("ReduceMax", "states_most", [own], OnnxAttribute.Of("axes", [0L]),
                OnnxAttribute.Of("keepdims", 0));
            string any = graph.Node("Greater", "any_before", [steps, graph.Constant("nothing", [0f])]);
            read = kept = graph.Node("Max", "largest", [most, graph.Node("Where", "most_before", [any, values, least])]);
        }

        after = graph.Node("Concat", "readn", [kept, count], OnnxAttribute.Of("axis", 1));
        return read;
    }
}
