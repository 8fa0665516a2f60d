using Unroll.Data;

namespace Unroll.Interop;

/// <summary>By what to undo a network's outputs of one column a row: (1, rows, numbers) each; null where it is 0 and 1.</summary>
internal sealed record OnnxWindow(string Center, string? Scale);

/// <summary>The part of a graph in front of the network: from columns in the data's units to the network's inputs.</summary>
internal sealed class OnnxEncoder(OnnxGraph graph, SeriesPlan plan)
{
    private string _columns = "", _times = "", _within = "";
    private readonly List<string> _notes = [];

    /// <summary>What the windows were scaled by; null where they are not.</summary>
    public OnnxWindow? Window { get; private set; }

    /// <summary>The last values of numbers after each row's last step; null where missing ones are not filled by them.</summary>
    public string? Held { get; private set; }

    /// <summary>Declares the inputs, and gives the network's sequence; the graph then has the network's own numbers of
    /// steps.</summary>
    public string Encode()
    {
        int count = plan.Encoder.Columns.Count;
        _columns = graph.Input("x", OnnxType.Float, Describe(), "T", "B", count);
        if (plan.HasCalendar)
            _times = graph.Input("time", OnnxType.Int64, "seconds since 1970-01-01 00:00 of the data's own clock", "T", "B");
        graph.Input(graph.Lengths, OnnxType.Int32, "steps of each row, 1..T", "B");
        _within = graph.Mask(_columns);
        string numbers = plan.Numbers.Length == 0 ? "" : Numbers();
        string calendar = plan.HasCalendar ? new OnnxCalendar(graph).Inputs(_times, plan.Encoder.Options.Calendar) : "";
        string sequence = plan.Shares ? Channels(numbers, calendar) : Together(numbers, calendar);
        return plan.Segment > 1 ? Segments(sequence) : sequence;
    }

    private string Describe()
    {
        IEnumerable<string> columns = plan.Encoder.Columns.Select((column, c) => column.Kind == ColumnKind.Number ? column.Name
            : Invariant($"{column.Name} (0..{column.Labels.Count - 1}, -1 for none)"));
        return "in the data's units: " + string.Join(", ", columns);
    }

    /// <summary>(T, B, N): numbers, or number and 1 where it is missing.</summary>
    private string Numbers()
    {
        int n = plan.Numbers.Length;
        string raw = n == plan.Encoder.Columns.Count ? _columns : Gather(_columns, "numbers", plan.Numbers, 2);
        string missing = graph.Node("IsNaN", "missing", [raw]), value = raw;
        SplitNumber[] centers = plan.Centers(plan.Numbers);
        bool[] logarithms = plan.Logarithms(plan.Numbers);
        value = graph.Node("Sub", "from_center", [value, Row("center", centers.Select(one => one.High))]);
        if (centers.Any(one => one.Low != 0))
            value = graph.Node("Sub", "from_center", [value, Row("center_rest", centers.Select(one => one.Low))]);
        if (logarithms.Any(one => one)) value = Logarithm(raw, value, logarithms);
        value = graph.Node("Div", "scaled", [value, Row("scale", plan.Scales(plan.Numbers))]);
        MissingPolicy policy = plan.Encoder.Options.Missing;
        if (policy == MissingPolicy.Forward) value = Filled(value, missing);
        else if (policy != MissingPolicy.Error)
            value = graph.Node("Where", "filled", [missing, graph.Constant("nothing", [0f]), value]);
        if (plan.HasWindowScale) value = Windowed(value);
        if (policy != MissingPolicy.Mask) return value;
        string mask = graph.Node("Cast", "mask_number", [missing], OnnxAttribute.Of("to", (long)OnnxType.Float));
        string pair = graph.Node(
            "Concat", "pairs", [Unsqueeze(value, 3), Unsqueeze(mask, 3)], OnnxAttribute.Of("axis", 3));
        return graph.Node("Reshape", "numbers_and_masks", [pair, graph.Axes("two_each", 0, 0, 2 * n)]);
    }

    /// <summary>The value before a missing one in its place, from what was held before the first step on.</summary>
    private string Filled(string value, string missing)
    {
        int n = plan.Numbers.Length;
        string held = graph.Input("last0", "scaled numbers before the first step: zeros, or what the last call gave",
            new float[n], 0, "B", n);
        string rows = Rows(), start = graph.Node("Expand", "last_start",
            [held, graph.Node("Concat", "last_sizes", [rows, graph.Axes("last_width", n)], OnnxAttribute.Of("axis", 0))]);
        OnnxGraph step = graph.Inside("fill_");
        string before = step.Input("before", OnnxType.Float, "", "B", n), given = step.Input("given", OnnxType.Float, "", "B", n);
        string gone = step.Input("gone", OnnxType.Bool, "", "B", n), within = step.Input("within", OnnxType.Bool, "", "B", 1);
        string after = step.Node("Where", "after", [gone, before, given]);
        string kept = step.Node("Where", "kept", [within, after, before]);
        step.Output(kept, OnnxType.Float, "", "B", n);
        step.Output(step.Node("Identity", "out", [after]), OnnxType.Float, "", "B", n);
        string all = graph.Unique("filled");
        Held = graph.Unique("lastn");
        graph.Node("Scan", [start, value, missing, _within], [Held, all],
            OnnxAttribute.Of("num_scan_inputs", 3), OnnxAttribute.Of("body", step.ToMessage("fill")));
        return all;
    }

    private string Windowed(string value)
    {
        string zero = graph.Constant("nothing", [0f]);
        string lengths = graph.Node("Cast", "steps_float", [graph.Lengths], OnnxAttribute.Of("to", (long)OnnxType.Float));
        string count = graph.Node("Unsqueeze", "steps_row", [lengths, graph.Axes("around", 0, 2)]);
        if (plan.Encoder.Options.Window == WindowScaling.Last)
        {
            // The last step is the one within, behind which none is: the count of those up to it is the length.
            string number = graph.Node("Cast", "within_number", [_within], OnnxAttribute.Of("to", (long)OnnxType.Float));
            string place = graph.Node("CumSum", "place", [number, graph.Constant("axis_of_steps", [0L])]);
            string last = graph.Node("And", "is_last", [_within, graph.Node("Equal", "is_end", [place, count])]);
            Window = new OnnxWindow(NotKnown(Sum("window_last", graph.Node("Where", "last_only", [last, value, zero])), 0), null);
            return graph.Node("Sub", "windowed", [value, Window.Center]);
        }

        string mean = NotKnown(graph.Node("Div", "window_mean", [Sum("window_sum", Where(value)), count]), 0);
        string around = graph.Node("Sub", "windowed", [value, mean]);
        if (plan.Encoder.Options.Window == WindowScaling.Mean)
        {
            Window = new OnnxWindow(mean, null);
            return around;
        }

        string squares = Sum("window_squares", Where(graph.Node("Mul", "square", [around, around])));
        string variance = graph.Node("Add", "window_variance",
            [graph.Node("Div", "variance", [squares, count]), graph.Constant("epsilon", [(float)WindowScales.Epsilon])]);
        Window = new OnnxWindow(mean, NotKnown(graph.Node("Sqrt", "window_deviation", [variance]), 1));
        return graph.Node("Div", "windowed", [around, Window.Scale!]);

        string Where(string what) => graph.Node("Where", "within_only", [_within, what, zero]);

        // No window scales what is known ahead.
        string NotKnown(string what, float otherwise) => !plan.HasKnown ? what : graph.Node("Where", "not_known",
            [graph.Flags("known_columns", plan.Knowns(plan.Numbers)), graph.Constant("unscaled", [otherwise]), what]);
    }

    /// <summary>All columns in their order, then the calendar.</summary>
    private string Together(string numbers, string calendar)
    {
        // Numbers, then categories one by one, then the calendar; then in the order of the columns.
        var parts = new List<string>();
        var order = new long[plan.Encoder.Inputs];
        var widths = plan.Encoder.Columns.Select(column => column.Kind == ColumnKind.Number ? plan.NumberWidth
            : column.Labels.Count).ToArray();
        int at = 0;
        if (numbers.Length > 0) parts.Add(numbers);
        foreach (int c in (int[])[.. plan.Numbers, .. plan.Categories])
        {
            int place = widths.Take(c).Sum();
            for (int i = 0; i < widths[c]; i++) order[place + i] = at++;
        }

        for (; at < order.Length; at++) order[at] = at;
        parts.AddRange(plan.Categories.Select(Category));
        if (calendar.Length > 0) parts.Add(calendar);
        string all = parts.Count == 1 ? parts[0] : graph.Node("Concat", "inputs", [.. parts], OnnxAttribute.Of("axis", 2));
        return order.Select((one, i) => one == i).All(same => same) ? all
            : graph.Node("Gather", "inputs", [all, graph.Constant("order", order, order.Length)], OnnxAttribute.Of("axis", 2));
    }

    /// <summary>(T, rows times channels, own inputs): each channel is a row of its own.</summary>
    private string Channels(string numbers, string calendar)
    {
        int channels = plan.Targets.Length, width = plan.NumberWidth, own = plan.Codec.StepInputs;
        int[] places = [.. plan.Targets.Select(c => Array.IndexOf(plan.Numbers, c))];
        string each = graph.Node(
            "Reshape", "channels", [numbers, graph.Axes("by_channel", 0, 0, plan.Numbers.Length, width)]);
        if (!places.Select((one, i) => one == i).All(same => same) || places.Length < plan.Numbers.Length)
            each = Gather(each, "channels", places, 2);
        string[] others = [.. Common(numbers), .. calendar.Length > 0 ? (string[])[calendar] : []];
        if (others.Length > 0)
        {
            string all = others.Length == 1 ? others[0]
                : graph.Node("Concat", "common", others, OnnxAttribute.Of("axis", 2));
            string common = graph.Node(
                "Expand", "common_each", [Unsqueeze(all, 2), graph.Axes("for_each", 1, 1, channels, 1)]);
            each = graph.Node("Concat", "channel_inputs", [each, common], OnnxAttribute.Of("axis", 3));
        }

        string lengths = graph.Node("Expand", "lengths_each",
            [graph.Node("Unsqueeze", "lengths_column", [graph.Lengths, graph.Axes("behind", 1)]),
                graph.Axes("each_row", 1, channels)]);
        graph.Measure(graph.Node("Reshape", "channel_lengths", [lengths, graph.Axes("flat", -1)]));
        return graph.Node("Reshape", "channel_rows", [each, graph.Axes("rows_of_channels", 0, -1, own)]);
    }

    /// <summary>What every channel reads, in the order of columns: categories and numbers that are known ahead.</summary>
    private IEnumerable<string> Common(string numbers)
    {
        int[] all = [.. Enumerable.Range(0, plan.Encoder.Columns.Count)];
        bool[] known = plan.Knowns(all);
        foreach (int c in all)
        {
            int at = Array.IndexOf(plan.Numbers, c) * plan.NumberWidth;
            if (plan.Encoder.Columns[c].Kind == ColumnKind.Category) yield return Category(c);
            else if (known[c]) yield return Gather(numbers, "known", [.. Enumerable.Range(at, plan.NumberWidth)], 2);
        }
    }

    /// <summary>
    /// (segments, rows, inputs): stretches of steps are one step of the network; the first one of a row begins with zeros where
    /// they do not fill it, so that its last is full.
    /// </summary>
    private string Segments(string sequence)
    {
        int segment = plan.Segment, own = plan.Codec.StepInputs;
        string size = graph.Constant("segment", [(long)segment]), less = graph.Constant("segment_less", [segment - 1L]);
        string shape = graph.Node("Shape", "data_shape", [sequence]);
        string steps = graph.Node("Gather", "data_steps", [shape, graph.Constant("first_size", [0L])], OnnxAttribute.Of("axis",
            0));
        string segments = Div(steps);
        string lengths = graph.Node("Cast", "data_lengths", [graph.Lengths], OnnxAttribute.Of("to", (long)OnnxType.Int64));
        string counts = Div(lengths);
        string empty = graph.Node("Sub", "empty", [graph.Node("Mul", "whole_steps", [counts, size]), lengths]);

        // (segments times segment, rows): the step that stands at each place, below 0 for none.
        string places = graph.Node("Range", "places", [graph.Constant("zero_step", [0L]),
            graph.Node("Mul", "all_places", [segments, size]), graph.Constant("one_step", [1L])]);
        string step = graph.Node("Sub", "step_of", [graph.Node("Unsqueeze", "place_column", [places, graph.Axes("behind", 1)]),
            graph.Node("Unsqueeze", "empty_row", [empty, graph.Axes("front", 0)])]);
        string none = graph.Constant("no_step", [0L]);
        string within = graph.Node("And", "is_step", [graph.Node("GreaterOrEqual", "from_first", [step, none]),
            graph.Node("Less", "to_last", [step, steps])]);
        string index = Unsqueeze(graph.Node("Where", "step_index", [within, step, none]), 2);
        string wide = graph.Node("Expand", "step_each", [index, graph.Axes("each_input", 1, 1, own)]);
        string moved = graph.Node("GatherElements", "moved", [sequence, wide], OnnxAttribute.Of("axis", 0));
        string filled = graph.Node(
            "Where", "placed", [Unsqueeze(within, 2), moved, graph.Constant("nothing", [0f])]);
        string rows = graph.Node("Gather", "rows_count", [shape, graph.Axes("second_size", 1)], OnnxAttribute.Of("axis", 0));
        string sizes = graph.Node("Concat", "by_segment",
            [graph.Axes("any", -1), graph.Axes("segment_size", segment), rows, graph.Axes("own", own)],
            OnnxAttribute.Of("axis", 0));
        string cut = graph.Node("Reshape", "stretches", [filled, sizes]);
        string turned = graph.Node("Transpose", "stretches_of_rows", [cut], OnnxAttribute.Of("perm", [0L, 2, 1, 3]));
        graph.Measure(
            graph.Node("Cast", "segment_lengths", [counts], OnnxAttribute.Of("to", (long)OnnxType.Int32)));
        return graph.Node("Reshape", "segments", [turned, graph.Axes("one_each", 0, 0, segment * own)]);

        string Div(string what) => graph.Node("Div", "count", [graph.Node("Add", "more", [what, less]), size]);
    }

    /// <summary>(T, B, labels): 1 at the label.</summary>
    private string Category(int column)
    {
        int labels = plan.Encoder.Columns[column].Labels.Count;
        string codes = Gather(_columns, "codes", [column], 2);
        string index = graph.Constant("label_index", [.. Enumerable.Range(0, labels).Select(k => (float)k)], labels);
        string equal = graph.Node("Equal", "is_label", [codes, index]);
        return graph.Node("Cast", "labels_of", [equal], OnnxAttribute.Of("to", (long)OnnxType.Float));
    }

    /// <summary>
    /// In the place of some columns the distance of their logarithms from their centers, in 64 bits: logarithms of what is far
    /// from 1 are near one another.
    /// </summary>
    private string Logarithm(string raw, string others, bool[] columns)
    {
        string wide = graph.Node("Cast", "wide", [raw], OnnxAttribute.Of("to", (long)OnnxType.Double));
        double[] centers = [.. plan.Numbers.Select(c => plan.Encoder.Scales[c].Center)];
        string far = graph.Node("Sub", "log_from_center",
            [graph.Node("Log", "log", [wide]), graph.Constant("log_center", centers, centers.Length)]);
        string near = graph.Node("Cast", "log_distance", [far], OnnxAttribute.Of("to", (long)OnnxType.Float));
        return columns.All(one => one) ? near
            : graph.Node("Where", "from_center", [graph.Flags("log_columns", columns), near, others]);
    }

    /// <summary>(1): the number of rows.</summary>
    private string Rows() =>
        graph.Node("Gather", "rows", [graph.Node("Shape", "x_sizes", [_columns]), graph.Axes("second_size", 1)],
            OnnxAttribute.Of("axis", 0));

    private string Row(string name, IEnumerable<float> values)
    {
        float[] all = [.. values];
        return graph.Constant(name, all, all.Length);
    }

    private string Sum(string name, string what) => graph.Node("ReduceSum", name, [what, graph.Axes("steps_axis", 0)]);

    private string Gather(string from, string name, int[] places, int axis) =>
        graph.Node("Gather", name, [from, graph.Constant($"{name}_places", [.. places.Select(one => (long)one)], places.Length)],
            OnnxAttribute.Of("axis", axis));

    private string Unsqueeze(string what, int axis) => graph.Node("Unsqueeze", "wider", [what, graph.Axes("axis", axis)]);
}
