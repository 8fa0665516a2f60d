namespace Unroll.Interop;

/// <summary>The operators of ONNX, opset 14, that graphs of ours have; those that move elements are in a file of their
/// own.</summary>
internal static partial class GraphOperators
{
    /// <summary>Runs a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="given">Its inputs; null for one that is left out.</param>
    /// <returns>Its outputs.</returns>
    /// <exception cref="FormatException">It is no operator of these, or its inputs do not fit.</exception>
    public static GraphValue[] Run(OnnxNode node, GraphValue[] given)
    {
        switch (node.Type)
        {
            case "RNN" or "LSTM" or "GRU":
                return GraphRecurrent.Run(node, given);
            case "Split":
                return Split(given[0], given[1].Wholes(), Axis(node, given[0], 0));
            case "TopK":
                return Sorted(node, given[0]);
        }

        GraphValue x = given[0];
        return [node.Type switch
        {
            "Identity" => x,
            "Tanh" or "Sigmoid" or "Relu" => Each(x, x.Type, one => GraphRecurrent.Activated(node.Type, one)),
            "Sin" => Each(x, x.Type, Math.Sin),
            "Cos" => Each(x, x.Type, Math.Cos),
            "Exp" => Each(x, x.Type, Math.Exp),
            "Log" => Each(x, x.Type, Math.Log),
            "Sqrt" => Each(x, x.Type, Math.Sqrt),
            "IsNaN" => Each(x, OnnxType.Bool, one => double.IsNaN(one) ? 1 : 0),
            "Cast" => Cast(x, (OnnxType)node.Whole("to", 0)),
            "Add" => Both(given, x.Type, (a, b) => a + b),
            "Sub" => Both(given, x.Type, (a, b) => a - b),
            "Mul" => Both(given, x.Type, (a, b) => a * b),
            "Div" => Both(given, x.Type, IsWhole(x) ? (a, b) => Math.Truncate(a / b) : (a, b) => a / b),
            "Mod" when IsWhole(x) => Both(given, x.Type, (a, b) => a - (b * Math.Floor(a / b))),
            "Max" => Both(given, x.Type, (a, b) => double.IsNaN(a) || a > b ? a : b),
            "And" => Both(given, OnnxType.Bool, (a, b) => a != 0 && b != 0 ? 1 : 0),
            "Less" => Both(given, OnnxType.Bool, (a, b) => a < b ? 1 : 0),
            "Greater" => Both(given, OnnxType.Bool, (a, b) => a > b ? 1 : 0),
            "GreaterOrEqual" => Both(given, OnnxType.Bool, (a, b) => a >= b ? 1 : 0),
            "Equal" => Both(given, OnnxType.Bool, (a, b) => a == b ? 1 : 0),
            "Where" => Where(given),
            "MatMul" => Product(x, given[1]),
            "Softmax" => Softmax(x),
            "ArgMax" => Largest(node, x),
            "ReduceSum" => Reduced(x, given[1].Wholes(), node, 0, (a, b) => a + b),
            "ReduceMax" => Reduced(
                x, [.. node.Wholes("axes")!.Select(one => (int)one)], node, double.NegativeInfinity, Math.Max),
            "CumSum" => Summed(x, given[1].Wholes()[0]),
            _ => Moved(node, given)
                ?? throw new FormatException($"has an operator {node.Type}, which graphs of ours do not have"),
        }];
    }

    private static bool IsWhole(GraphValue value) => value.Type is OnnxType.Int32 or OnnxType.Int64;

    /// <summary>An attribute that is an axis, counted from the end where it is below 0.</summary>
    private static int Axis(OnnxNode node, GraphValue x, long otherwise)
    {
        int axis = (int)node.Whole("axis", otherwise);
        return axis < 0 ? axis + x.Sizes.Length : axis;
    }

    private static GraphValue Each(GraphValue x, OnnxType type, Func<double, double> of)
    {
        var numbers = new double[x.Count];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = GraphValue.Rounded(type, of(x.Numbers[i]));
        return new GraphValue(type, x.Sizes, numbers);
    }

    private static GraphValue Cast(GraphValue x, OnnxType to) => Each(x, to, to switch
    {
        OnnxType.Bool => one => one != 0 ? 1 : 0,
        OnnxType.Int32 or OnnxType.Int64 => Math.Truncate,
        _ => one => one,
    });

    private static GraphValue Both(GraphValue[] given, OnnxType type, Func<double, double, double> of)
    {
        (GraphValue a, GraphValue b) = (given[0], given[1]);
        if (a.Type != b.Type) throw new FormatException($"has an operator on numbers of {a.Type} and of {b.Type}");
        int[] sizes = GraphValue.Stretched(a.Sizes, b.Sizes), one = a.Places(sizes), two = b.Places(sizes);
        var numbers = new double[one.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = GraphValue.Rounded(type, of(a.Numbers[one[i]], b.Numbers[two[i]]));
        return new GraphValue(type, sizes, numbers);
    }

    private static GraphValue Where(GraphValue[] given)
    {
        (GraphValue which, GraphValue a, GraphValue b) = (given[0], given[1], given[2]);
        if (a.Type != b.Type || which.Type != OnnxType.Bool)
            throw new FormatException($"chooses between {a.Type} and {b.Type} by {which.Type}");
        int[] sizes = GraphValue.Stretched(which.Sizes, GraphValue.Stretched(a.Sizes, b.Sizes));
        int[] first = which.Places(sizes), one = a.Places(sizes), two = b.Places(sizes);
        var numbers = new double[first.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = which.Numbers[first[i]] != 0 ? a.Numbers[one[i]] : b.Numbers[two[i]];
        return new GraphValue(a.Type, sizes, numbers);
    }

    /// <summary>(..., K) by (K, N).</summary>
    private static GraphValue Product(GraphValue a, GraphValue b)
    {
        int inner = a.Sizes[^1], wide = b.Sizes[1], rows = a.Count / Math.Max(1, inner);
        if (b.Sizes.Length != 2 || b.Sizes[0] != inner)
            throw new FormatException($"multiplies [{GraphValue.Show(a.Sizes)}] by [{GraphValue.Show(b.Sizes)}]");
        var numbers = new double[rows * wide];
        for (int row = 0; row < rows; row++)
        {
            Span<double> to = numbers.AsSpan(row * wide, wide);
            for (int k = 0; k < inner; k++)
            {
                double x = a.Numbers[(row * inner) + k];
                for (int j = 0; j < wide; j++) to[j] += x * b.Numbers[(k * wide) + j];
            }

            for (int j = 0; j < wide; j++) to[j] = GraphValue.Rounded(a.Type, to[j]);
        }

        return new GraphValue(a.Type, [.. a.Sizes[..^1], wide], numbers);
    }

    /// <summary>Over the last axis, as graphs of ours have it.</summary>
    private static GraphValue Softmax(GraphValue x)
    {
        var numbers = new double[x.Count];
        int width = x.Sizes[^1];
        for (int at = 0; at < numbers.Length; at += width)
        {
            ReadOnlySpan<double> row = x.Numbers.AsSpan(at, width);
            double most = double.NegativeInfinity, sum = 0;
            foreach (double one in row) most = Math.Max(most, one);
            for (int j = 0; j < width; j++) sum += numbers[at + j] = Math.Exp(row[j] - most);
            for (int j = 0; j < width; j++) numbers[at + j] = GraphValue.Rounded(x.Type, numbers[at + j] / sum);
        }

        return new GraphValue(x.Type, x.Sizes, numbers);
    }

    /// <summary>The place of the largest number of the last axis, the first of several.</summary>
    private static GraphValue Largest(OnnxNode node, GraphValue x)
    {
        if (Axis(node, x, 0) != x.Sizes.Length - 1 || node.Whole("keepdims", 1) != 0)
            throw new FormatException("has an ArgMax that graphs of ours do not have");
        int width = x.Sizes[^1];
        var numbers = new double[x.Count / width];
        for (int i = 0; i < numbers.Length; i++)
        {
            ReadOnlySpan<double> row = x.Numbers.AsSpan(i * width, width);
            for (int j = 1; j < width; j++) numbers[i] = row[j] > row[(int)numbers[i]] ? j : numbers[i];
        }

        return new GraphValue(OnnxType.Int64, x.Sizes[..^1], numbers);
    }

    private static GraphValue Reduced(
        GraphValue x, int[] axes, OnnxNode node, double start, Func<double, double, double> of)
    {
        int[] kept = [.. x.Sizes.Select((size, d) => axes.Contains(d) || axes.Contains(d - x.Sizes.Length) ? 1 : size)];
        var sum = new double[GraphValue.CountOf(kept)];
        Array.Fill(sum, start);
        int[] places = new GraphValue(x.Type, kept, sum).Places(x.Sizes);
        for (int i = 0; i < places.Length; i++) sum[places[i]] = of(sum[places[i]], x.Numbers[i]);
        for (int i = 0; i < sum.Length; i++) sum[i] = GraphValue.Rounded(x.Type, sum[i]);
        int[] sizes = node.Whole("keepdims", 1) == 1 ? kept
            : [.. kept.Where((_, d) => !axes.Contains(d) && !axes.Contains(d - kept.Length))];
        return new GraphValue(x.Type, sizes, sum);
    }

    private static GraphValue Summed(GraphValue x, int axis)
    {
        int step = GraphValue.CountOf(x.Sizes[(axis + 1)..]);
        double[] numbers = [.. x.Numbers];
        for (int i = step; i < numbers.Length; i++)
        {
            if (i / step % x.Sizes[axis] != 0) numbers[i] = GraphValue.Rounded(x.Type, numbers[i] + numbers[i - step]);
        }

        return new GraphValue(x.Type, x.Sizes, numbers);
    }
}
