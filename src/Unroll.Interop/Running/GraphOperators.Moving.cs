namespace Unroll.Interop;

internal static partial class GraphOperators
{
    /// <summary>A step of a sequence: what lies at an index of the first axis.</summary>
    public static GraphValue Step(GraphValue x, int index)
    {
        int size = x.Count / x.Sizes[0];
        return new GraphValue(x.Type, x.Sizes[1..], x.Numbers[(index * size)..((index + 1) * size)]);
    }

    /// <summary>Steps one behind the other, as a sequence.</summary>
    public static GraphValue Stack(List<GraphValue> steps) =>
        new(steps[0].Type, [steps.Count, .. steps[0].Sizes], [.. steps.SelectMany(one => one.Numbers)]);

    /// <summary>An operator that puts elements elsewhere; null for another.</summary>
    private static GraphValue? Moved(OnnxNode node, GraphValue[] given)
    {
        GraphValue x = given[0];
        switch (node.Type)
        {
            case "Shape":
                return GraphValue.Of(x.Sizes);
            case "Range":
                double first = x.Numbers[0], step = given[2].Numbers[0];
                int count = Math.Max(0, (int)Math.Ceiling((given[1].Numbers[0] - first) / step));
                return new GraphValue(x.Type, [count], [.. Enumerable.Range(0, count).Select(i => first + (i * step))]);
            case "Unsqueeze":
                return x.As(Wider(x.Sizes, given[1].Wholes()));
            case "Squeeze":
                int[] axes = given[1].Wholes();
                return x.As([.. x.Sizes.Where((_, d) => !axes.Contains(d))]);
            case "Reshape":
                return x.As(Reshaped(x, given[1].Wholes()));
            case "Expand":
                int[] sizes = GraphValue.Stretched(x.Sizes, given[1].Wholes());
                return x.At(x.Places(sizes), sizes);
            case "Transpose":
                return Transposed(x, [.. node.Wholes("perm")!.Select(one => (int)one)]);
            case "Concat":
                return Joined(given, Axis(node, x, 0));
            case "Gather":
                return Gathered(x, given[1], Axis(node, x, 0));
            case "GatherElements":
                return GatheredEach(x, given[1], Axis(node, x, 0));
            case "OneHot":
                int depth = given[1].Wholes()[0];
                var numbers = new double[x.Count * depth];
                for (int i = 0; i < x.Count; i++)
                {
                    for (int k = 0; k < depth; k++) numbers[(i * depth) + k] = given[2].Numbers[x.Numbers[i] == k ? 1 : 0];
                }

                return new GraphValue(given[2].Type, [.. x.Sizes, depth], numbers);
            default:
                return null;
        }
    }

    private static int[] Wider(int[] sizes, int[] axes)
    {
        int count = sizes.Length + axes.Length, own = 0;
        return [.. Enumerable.Range(0, count).Select(d => axes.Contains(d) || axes.Contains(d - count) ? 1 : sizes[own++])];
    }

    private static int[] Reshaped(GraphValue x, int[] sizes)
    {
        // 0 is the size that it had, -1 what is left.
        int[] own = [.. sizes.Select((size, d) => size == 0 ? x.Sizes[d] : size)];
        int open = Array.IndexOf(own, -1);
        if (open < 0) return own;
        own[open] = 1;
        own[open] = x.Count / Math.Max(1, GraphValue.CountOf(own));
        return own;
    }

    private static GraphValue Transposed(GraphValue x, int[] order)
    {
        var steps = new int[x.Sizes.Length];
        for (int d = steps.Length - 1, step = 1; d >= 0; step *= x.Sizes[d--]) steps[d] = step;
        int[] sizes = [.. order.Select(d => x.Sizes[d])];
        return x.At(GraphValue.Walk(sizes, [.. order.Select(d => steps[d])]), sizes);
    }

    private static GraphValue Joined(GraphValue[] given, int axis)
    {
        int[] sizes = [.. given[0].Sizes];
        sizes[axis] = given.Sum(one => one.Sizes[axis]);
        var numbers = new double[GraphValue.CountOf(sizes)];
        int outer = GraphValue.CountOf(sizes.AsSpan(0, axis)), wide = numbers.Length / Math.Max(1, outer), at = 0;
        foreach (GraphValue one in given)
        {
            int own = one.Count / Math.Max(1, outer);
            for (int i = 0; i < outer; i++) one.Numbers.AsSpan(i * own, own).CopyTo(numbers.AsSpan((i * wide) + at));
            at += own;
        }

        return new GraphValue(given[0].Type, sizes, numbers);
    }

    private static GraphValue[] Split(GraphValue x, int[] parts, int axis)
    {
        int inner = GraphValue.CountOf(x.Sizes.AsSpan(axis + 1)), outer = GraphValue.CountOf(x.Sizes.AsSpan(0, axis)), at = 0;
        var made = new List<GraphValue>();
        foreach (int part in parts)
        {
            int[] sizes = [.. x.Sizes];
            sizes[axis] = part;
            int from = at;
            int[] places = [.. Enumerable.Range(0, outer).SelectMany(o => Enumerable.Range(
                (((o * x.Sizes[axis]) + from) * inner), part * inner))];
            made.Add(x.At(places, sizes));
            at += part;
        }

        return [.. made];
    }

    private static GraphValue Gathered(GraphValue x, GraphValue indices, int axis)
    {
        int inner = GraphValue.CountOf(x.Sizes.AsSpan(axis + 1)), outer = GraphValue.CountOf(x.Sizes.AsSpan(0, axis));
        int size = x.Sizes[axis];
        int[] own = [.. indices.Wholes().Select(one => one < 0 ? one + size : one)];
        int[] places = [.. Enumerable.Range(0, outer).SelectMany(o => own.SelectMany(
            index => Enumerable.Range(((o * size) + index) * inner, inner)))];
        return x.At(places, [.. x.Sizes[..axis], .. indices.Sizes, .. x.Sizes[(axis + 1)..]]);
    }

    private static GraphValue GatheredEach(GraphValue x, GraphValue indices, int axis)
    {
        int inner = GraphValue.CountOf(x.Sizes.AsSpan(axis + 1)), size = x.Sizes[axis];

        // Where an element is but for its place on the axis; then the place that it names.
        var steps = new int[x.Sizes.Length];
        for (int d = steps.Length - 1, step = 1; d >= 0; step *= x.Sizes[d--]) steps[d] = d == axis ? 0 : step;
        int[] places = GraphValue.Walk(indices.Sizes, steps);
        for (int i = 0; i < places.Length; i++)
        {
            int index = (int)indices.Numbers[i];
            places[i] += (index < 0 ? index + size : index) * inner;
        }

        return x.At(places, indices.Sizes);
    }

    /// <summary>The numbers of the last axis in their order, and where each was.</summary>
    private static GraphValue[] Sorted(OnnxNode node, GraphValue x)
    {
        int width = x.Sizes[^1];
        bool down = node.Whole("largest", 1) == 1;
        int[] places = [.. Enumerable.Range(0, x.Count / Math.Max(1, width)).SelectMany(row => Enumerable.Range(0, width)
            .OrderBy(k => (down ? -1 : 1) * x.Numbers[(row * width) + k]).Select(k => (row * width) + k))];
        return [x.At(places, x.Sizes), new GraphValue(OnnxType.Int64, x.Sizes, [.. places.Select(one => (double)(one % width))])];
    }
}
