namespace Unroll.Interop;

/// <summary>What computes a value.</summary>
/// <param name="Node">The operator.</param>
/// <param name="Output">Which of its outputs.</param>
/// <param name="Axes">The axes of the value (<see cref="OnnxAxes"/>); null where they are not known.</param>
internal sealed record OnnxSource(OnnxNode Node, int Output, string? Axes);

/// <summary>
/// Where the numbers of a graph of another program come from, behind operators that only move them. What would choose or join
/// some of them is refused, but for the choice of the last step, or of the last states of the last layer.
/// </summary>
internal sealed class OnnxPath(OnnxFile file)
{
    private const long Far = 1 << 30; // as an end: behind every step

    private static readonly HashSet<string> Moving = new(StringComparer.Ordinal)
    {
        "Transpose", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Cast", "Flatten", "Dropout",
    };

    private readonly Dictionary<string, OnnxNode> _from = file.Nodes.SelectMany(node => node.Outputs.Select(name => (name, node)))
        .Where(pair => pair.name.Length > 0).DistinctBy(pair => pair.name).ToDictionary(pair => pair.name, pair => pair.node);

    private readonly Dictionary<string, OnnxNode?> _moved = []; // what computes a value, as it was found

    /// <summary>Whether a node only moves numbers.</summary>
    public static bool Moves(OnnxNode node) => node.Domain.Length == 0 && Moving.Contains(node.Type);

    /// <summary>What computes a value; null for an input of the graph.</summary>
    /// <exception cref="FormatException">Some of the numbers are chosen or joined on the way.</exception>
    public OnnxSource? Source(string name) => Find(name, ofLast: false);

    /// <summary>The same, where one step of all may be chosen, which must be the last; of last states those of the last
    /// layer.</summary>
    /// <exception cref="FormatException">Others are chosen.</exception>
    public OnnxSource? SourceOfLast(string name) => Find(name, ofLast: true);

    /// <summary>The same, but what chooses or joins numbers is what computes the value.</summary>
    public OnnxNode? Moved(string name)
    {
        var passed = new List<string>();
        OnnxNode? found = null;
        for (int i = 0; i <= file.Nodes.Count && !_moved.TryGetValue(name, out found); i++)
        {
            passed.Add(name);
            if (!_from.TryGetValue(name, out found)) break;
            if (!Moves(found)) break;
            (name, found) = (found.Input(0), null);
        }

        foreach (string one in passed) _moved[one] = found;
        return found;
    }

    private OnnxSource? Find(string name, bool ofLast)
    {
        long? index = null; // of the part that is chosen of what stands before
        var behind = new Stack<OnnxNode>(); // what stands between it and the value
        for (int i = 0; i <= file.Nodes.Count; i++)
        {
            if (!_from.TryGetValue(name, out OnnxNode? node)) return null;
            int input = 0;
            switch (node.Domain.Length > 0 ? "" : node.Type)
            {
                case "Slice" when IsWhole(node):
                case var _ when Moves(node):
                    break;
                case "Gather" or "Slice" when ofLast && index is null:
                    index = node.Type == "Gather" ? file.Constants.GetValueOrDefault(node.Input(1))?.Alone : FirstOfLast(node);
                    if (index is not -1 && !(index >= 0 && IsState(node.Input(0))))
                        throw Refused(node, "which chooses another step than the last, or one that is computed");
                    break;
                case "Concat" when ofLast && index is { } chosen && node.Inputs.All(IsState):
                    input = (int)(chosen < 0 ? node.Inputs.Length + chosen : Math.Min(chosen, node.Inputs.Length - 1));
                    break;
                case "Gather" or "Slice" or "Split" or "Concat" or "GatherND" or "Expand":
                    throw Refused(node, "which chooses or joins some of what the network reads");
                default:
                    int output = Array.IndexOf(node.Outputs, name);
                    return new OnnxSource(node, output, IsLayer(node) ? Axes(node, output, behind) : null);
            }

            behind.Push(node);
            name = node.Input(input);
        }

        throw new FormatException("has nodes in a circle");
    }

    /// <summary>Follows the axes of a layer's states; what chooses must choose a step, or a layer of last states.</summary>
    private string? Axes(OnnxNode layer, int output, Stack<OnnxNode> behind)
    {
        string? axes = OnnxAxes.Of(layer, output);
        foreach (OnnxNode node in behind)
        {
            if (node.Type is "Gather" or "Concat" || (node.Type == "Slice" && !IsWhole(node)))
            {
                char? chosen = OnnxAxes.Chosen(axes, node.Type == "Slice" ? AxisOf(node) : node.Whole("axis", 0));
                if (chosen is not ('D' or '1') && (chosen != 'T' || node.Type == "Concat"))
                    throw Refused(node, chosen is null ? "behind a change of shape that is not followed"
                        : $"which chooses or joins {(chosen == 'H' ? "units" : chosen == 'B' ? "sequences" : "steps")}");
            }

            axes = OnnxAxes.Behind(axes, node, file.Constants, Entries);
        }

        return axes;
    }

    /// <summary>How many sizes are joined, each a constant's or one alone.</summary>
    private int? Entries(string name) => _from.TryGetValue(name, out OnnxNode? node) && node.Type == "Concat"
        ? node.Inputs.Sum(input => file.Constants.GetValueOrDefault(input)?.Whole?.Length ?? 1) : null;

    /// <summary>The axis of a slice of one; null for another.</summary>
    private long? AxisOf(OnnxNode node) =>
        (node.Wholes("axes") ?? (node.Input(3).Length == 0 ? [0] : file.Constants.GetValueOrDefault(node.Input(3))?.Whole))
        is [var axis] ? axis : null;

    private static bool IsLayer(OnnxNode node) => node.Domain.Length == 0 && node.Type is "RNN" or "LSTM" or "GRU";

    /// <summary>Whether a value is made of an operator's last states, and not of those of all steps.</summary>
    private bool IsState(string name)
    {
        for (int i = 0; i <= file.Nodes.Count && _from.TryGetValue(name, out OnnxNode? node); i++)
        {
            if (node.Type is "RNN" or "LSTM" or "GRU") return Array.IndexOf(node.Outputs, name) > 0;
            if (!Moves(node) && node.Type != "Concat") return false;
            name = node.Input(0);
        }

        return false;
    }

    private bool IsWhole(OnnxNode node) => Bounds(node) is { } bounds && bounds.Starts.All(start => start == 0)
        && bounds.Ends.All(end => end >= Far);

    /// <summary>Where a slice that ends with the last begins; null for another.</summary>
    private long? FirstOfLast(OnnxNode node) =>
        Bounds(node) is { Starts: [var start], Ends: [var end] } && end >= Far ? start : null;

    /// <summary>The bounds of a slice of single steps: inputs of the operator, or attributes before its version 10.</summary>
    private (long[] Starts, long[] Ends)? Bounds(OnnxNode node)
    {
        long[]? starts = node.Wholes("starts") ?? Whole(1), ends = node.Wholes("ends") ?? Whole(2);
        bool inOrder = node.Input(4).Length == 0 || Whole(4) is { } steps && steps.All(step => step == 1);
        return starts is null || ends is null || !inOrder ? null : (starts, ends);

        long[]? Whole(int input) => file.Constants.GetValueOrDefault(node.Input(input))?.Whole;
    }

    private static FormatException Refused(OnnxNode node, string why) => new($"has the operator {node.Type}, {why}");
}
