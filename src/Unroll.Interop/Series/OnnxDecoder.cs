using Unroll.Tasks;

namespace Unroll.Interop;

/// <summary>The part of a graph behind the network: from its outputs to forecasts, numbers and labels in the data's
/// units.</summary>
internal sealed class OnnxDecoder(OnnxGraph graph, SeriesPlan plan)
{
    /// <summary>Adds a forecast (B, horizon, targets), or numbers; of quantiles each number is so many, along one more
    /// axis.</summary>
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
        bool single = plan.Levels == 1;
        string own = single ? graph.Node("Squeeze", "own_number", [y, graph.Axes("number_axis", tags ? 2 : 1)]) : y;
        SplitNumber center = SplitNumber.Of(plan.Codec.TargetScale.Center);
        string value = Undone(own, graph.Constant("target_scale", [(float)plan.Codec.TargetScale.Scale]),
            graph.Constant("target_rest", [center.Low]), graph.Constant("target_center", [center.High]), "prediction");
        object[] sizes = [.. tags ? (object[])["T", "B"] : ["B"], .. single ? (object[])[] : [plan.Levels]];
        graph.Output(value, OnnxType.Float, $"{(single ? "the number" : Quantiles())}, in the data's units", sizes);
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
        // A quantile of a target is scaled as the target is: up to the last line the quantiles stand as so many targets.
        int horizon = plan.Codec.Options.Horizon, levels = plan.Levels;
        int[] targets = plan.TargetsByLevel;
        string value = y;
        if (plan.Shares)
        {
            string channels = graph.Node("Reshape", "by_channel_out",
                [y, graph.Axes("channels_out", -1, plan.Targets.Length, horizon, levels)]);
            value = graph.Node("Transpose", "by_step_out", [channels], OnnxAttribute.Of("perm", [0L, 2, 1, 3]));
        }

        value = graph.Node("Reshape", "by_step", [value, graph.Axes("steps_out", -1, horizon, targets.Length)]);
        long[] places = [.. targets.Select(c => (long)Array.IndexOf(plan.Numbers, c))];
        if (window?.Scale is { } scale) value = graph.Node("Mul", "unwindowed", [value, OfTargets(scale)]);
        if (window is not null) value = graph.Node("Add", "unwindowed", [value, OfTargets(window.Center)]);
        bool[] logarithms = plan.Logarithms(targets);
        bool any = logarithms.Any(one => one);
        SplitNumber[] centers = plan.CentersByValue(targets);
        string scaled = graph.Node("Mul", "scaled_back", [value, Row("target_scales", plan.Scales(targets))]);
        string near = graph.Node("Add", "scaled_back", [scaled, Row("target_rests", [.. centers.Select(one => one.Low)])]);
        string center = Row("target_centers", [.. centers.Select(one => one.High)]);
        string last = levels == 1 ? "forecast" : "side_by_side";
        value = graph.Node("Add", any ? "undone" : last, [near, center]);
        if (any)
        {
            string exponential = graph.Node("Mul", "exponential", [graph.Node("Exp", "factor", [near]), center]);
            value = graph.Node("Where", last, [graph.Flags("exp_columns", logarithms), exponential, value]);
        }

        string said = "the next steps, in the data's units: " + string.Join(", ", plan.Codec.Targets);
        if (levels == 1)
        {
            graph.Output(value, OnnxType.Float, said, "B", horizon, plan.Targets.Length);
            return;
        }

        value = graph.Node("Reshape", "forecast",
            [value, graph.Axes("quantiles_out", -1, horizon, plan.Targets.Length, levels)]);
        graph.Output(value, OnnxType.Float, $"{said}, each by {Quantiles()}", "B", horizon, plan.Targets.Length, levels);

        // (1, B, N) to (B, 1, targets).
        string OfTargets(string what)
        {
            string own = graph.Node("Gather", "of_targets", [what, graph.Constant("target_places", places, places.Length)],
                OnnxAttribute.Of("axis", 2));
            return graph.Node("Transpose", "of_rows", [own], OnnxAttribute.Of("perm", [1L, 0, 2]));
        }

        string Row(string name, float[] values) => graph.Constant(name, values, values.Length);
    }

    private string Quantiles() =>
        "its quantiles " + string.Join(", ", plan.Codec.Quantiles!.Select(level => Invariant($"{level}")));

    /// <summary>value scale + rest + center, in this order, so that no digit of the center is lost.</summary>
    private string Undone(string value, string scale, string rest, string center, string name) => graph.Node("Add", name,
        [graph.Node("Add", "scaled_back", [graph.Node("Mul", "scaled_back", [value, scale]), rest]), center]);
}
