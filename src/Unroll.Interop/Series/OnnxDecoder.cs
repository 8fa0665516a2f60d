using Unroll.Tasks;

namespace Unroll.Interop;

/// <summary>The part of a graph behind the network: from its outputs to forecasts, numbers and labels in the data's
/// units.</summary>
internal sealed class OnnxDecoder(OnnxGraph graph, SeriesPlan plan)
{
    /// <summary>Adds a forecast (B, horizon, targets), or numbers.</summary>
    /// <param name="y">The network's outputs.</param>
    /// <param name="window">What the windows were scaled by.</param>
    public void Numbers(string y, OnnxWindow? window)
    {
        if (plan.Codec.Kind == SeriesKind.Forecast)
        {
            Forecast(y, window);
            return;
        }

        bool tags = plan.Codec.Kind == SeriesKind.Tag;
        string own = graph.Node("Squeeze", "own_number", [y, graph.Axes("number_axis", tags ? 2 : 1)]);
        SplitNumber center = SplitNumber.Of(plan.Codec.TargetScale.Center);
        string value = Undone(own, graph.Constant("target_scale", [(float)plan.Codec.TargetScale.Scale]),
            graph.Constant("target_rest", [center.Low]), graph.Constant("target_center", [center.High]), "prediction");
        object[] sizes = tags ? ["T", "B"] : ["B"];
        graph.Output(value, OnnxType.Float, "the number, in the data's units", sizes);
    }

    /// <summary>Adds the most probable class and its label.</summary>
    /// <param name="y">The network's outputs before softmax.</param>
    /// <param name="sizes">(T, B), or (B).</param>
    public void Labels(string y, params object[] sizes)
    {
        string best = graph.Node("ArgMax", "class", [y], OnnxAttribute.Of("axis", -1), OnnxAttribute.Of("keepdims", 0));
        graph.Output(best, OnnxType.Int64, "the most probable class", sizes);
        string names = graph.Constant("label_names", plan.Codec.Labels);
        string label = graph.Node("Gather", "label", [names, best], OnnxAttribute.Of("axis", 0));
        graph.Output(label, OnnxType.Text, "its name", sizes);
    }

    private void Forecast(string y, OnnxWindow? window)
    {
        int horizon = plan.Codec.Options.Horizon, targets = plan.Targets.Length;
        string value;
        if (plan.Shares)
        {
            string channels = graph.Node("Reshape", "by_channel_out", [y, graph.Axes("channels_out", -1, targets, horizon)]);
            value = graph.Node("Transpose", "by_step", [channels], OnnxAttribute.Of("perm", [0L, 2, 1]));
        }
        else
        {
            value = graph.Node("Reshape", "by_step", [y, graph.Axes("steps_out", -1, horizon, targets)]);
        }

        long[] places = [.. plan.Targets.Select(c => (long)Array.IndexOf(plan.Numbers, c))];
        if (window?.Scale is { } scale) value = graph.Node("Mul", "unwindowed", [value, OfTargets(scale)]);
        if (window is not null) value = graph.Node("Add", "unwindowed", [value, OfTargets(window.Center)]);
        bool[] logarithms = plan.Logarithms(plan.Targets);
        bool any = logarithms.Any(one => one);
        SplitNumber[] centers = plan.CentersByValue(plan.Targets);
        string scaled = graph.Node("Mul", "scaled_back", [value, Row("target_scales", plan.Scales(plan.Targets))]);
        string near = graph.Node("Add", "scaled_back", [scaled, Row("target_rests", [.. centers.Select(one => one.Low)])]);
        string center = Row("target_centers", [.. centers.Select(one => one.High)]);
        value = graph.Node("Add", any ? "undone" : "forecast", [near, center]);
        if (any)
        {
            string exponential = graph.Node("Mul", "exponential", [graph.Node("Exp", "factor", [near]), center]);
            value = graph.Node("Where", "forecast", [graph.Flags("exp_columns", logarithms), exponential, value]);
        }

        graph.Output(value, OnnxType.Float, "the next steps, in the data's units: " + string.Join(", ", plan.Codec.Targets),
            "B", horizon, targets);

        // (1, B, N) to (B, 1, targets).
        string OfTargets(string what)
        {
            string own = graph.Node("Gather", "of_targets", [what, graph.Constant("target_places", places, places.Length)],
                OnnxAttribute.Of("axis", 2));
            return graph.Node("Transpose", "of_rows", [own], OnnxAttribute.Of("perm", [1L, 0, 2]));
        }

        string Row(string name, float[] values) => graph.Constant(name, values, values.Length);
    }

    /// <summary>value scale + rest + center, in this order, so that no digit of the center is lost.</summary>
    private string Undone(string value, string scale, string rest, string center, string name) => graph.Node("Add", name,
        [graph.Node("Add", "scaled_back", [graph.Node("Mul", "scaled_back", [value, scale]), rest]), center]);
}
