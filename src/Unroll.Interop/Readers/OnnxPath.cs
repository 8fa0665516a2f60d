namespace Unroll.Interop;

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

    /// <summary>Whether a node only moves numbers.</summary>
    public static bool Moves(OnnxNode node) => node.Domain.Length == 0 && Moving.Contains(node.Type);

    /// <summary>What computes a value; null for an input of the graph.</summary>
    /// <exception cref="FormatException">Some of the numbers are chosen or joined on the way.</exception>
    public OnnxNode? Source(string name) => Find(name, ofLast: false);

    /// <summary>The same, where one step of all may be chosen, which must be the last; of last states those of the last
    /// layer.</summary>
    /// <exception cref="FormatException">Others are chosen.</exception>
    public OnnxNode? SourceOfLast(string name) => Find(name, ofLast: true);

    /// <summary>The same, but what chooses or joins numbers is what computes the value.</summary>
    public OnnxNode? Moved(string name)
    {
        for (int i = 0; i <= file.Nodes.Count && _from.TryGetValue(name, out OnnxNode? node); i++)
        {
            if (!Moves(node)) return node;
            name = node.Input(0);
        }

        return null;
    }

    private OnnxNode? Find(string name, bool ofLast)
    {
        long? index = null; // of the part that is chosen of what stands before
        for (int i = 0; i <= file.Nodes.Count; i++)
        {
            if (!_from.TryGetValue(name, out OnnxNode? node)) return null;
            int input = 0;
            if (node.Domain.Length > 0) return node;
            switch (node.Type)
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
                    return node;
            }

            name = node.Input(input);
        }

        throw new FormatException("has nodes in a circle");
    }

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
