using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>The state dict in what torch.save wrote: the file itself, or what a checkpoint keeps under a key.</summary>
/// <param name="Tensors">Names and tensors, in their order.</param>
/// <param name="Key">Where it was, such as <c>model_state_dict</c>; null when the file is one.</param>
internal sealed record TorchStateDict(IReadOnlyList<KeyValuePair<string, TorchView>> Tensors, string? Key)
{
    private const int MostDepth = 8, MostNodes = 10_000, LongestKey = 200;

    private sealed record Node(string Path, PickleDictionary Dictionary, Node? Parent);

    /// <summary>Finds it.</summary>
    /// <param name="root">What the file holds.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="key">Where it is, or null to look for the only one with a recurrent layer.</param>
    /// <exception cref="UserError">There is no state dict, or there are several.</exception>
    public static TorchStateDict Find(object root, string file, string? key)
    {
        if (root is not PickleDictionary top)
        {
            string what = root switch
            {
                TorchView => "a single tensor",
                List<object> or PickleTuple => "a list",
                _ => "a single value",
            };
            throw new UserError($"{file} holds {what} where a state dict is expected; save model.state_dict().");
        }

        List<Node> nodes = Nodes(top);
        if (key is not null)
        {
            Node named = nodes.Find(node => node.Path == key)
                ?? throw new UserError($"{file} has no state dict '{key}' for --state-dict; {Has(nodes)}.");
            return new TorchStateDict([.. All(named, nodes)], key);
        }

        Node[] recurrent = [.. nodes.Where(node => Direct(node).Any(tensor => RecurrentStack.IsPartOfOne(tensor.Key)))];
        bool oneByOne = recurrent.Length > 0 && recurrent[0].Parent is not null
            && recurrent.All(node => node.Parent == recurrent[0].Parent
                && Direct(node).All(tensor => RecurrentStack.IsPartOfOne(tensor.Key)));
        if (recurrent.Length > 1 && !oneByOne)
            throw new UserError(
                $"{file} has several state dicts with a recurrent layer, {string.Join(", ", recurrent.Select(Shown))}; give one "
                    + "by --state-dict NAME.");
        if (recurrent.Length == 0) return new TorchStateDict([.. All(nodes[0], nodes)], null);
        Node found = recurrent[0];
        if (found.Parent is null) return new TorchStateDict([.. Direct(found)], null);

        // Modules saved one by one, {"rnn": rnn.state_dict(), "fc": fc.state_dict()}, make one network together.
        if (oneByOne)
        {
            string within = found.Parent.Path;
            IEnumerable<Node> modules = nodes.Where(node =>
                node.Parent == found.Parent && !Name(node).Contains("optim", StringComparison.OrdinalIgnoreCase));
            return new TorchStateDict(
                [.. modules.SelectMany(node => Direct(node).Select(tensor => new KeyValuePair<string,
                    TorchView>($"{Name(node)}.{tensor.Key}", tensor.Value)))], within.Length == 0 ? null : within);
        }

        return new TorchStateDict([.. Direct(found)], found.Path);
    }

    private static string Has(List<Node> nodes) =>
        nodes.Count == 1 ? "it has none under a key"
        : $"it has {string.Join(", ", nodes.Skip(1).Take(8).Select(Shown))}"
            + (nodes.Count > 9 ? $" and {nodes.Count - 9} more" : "");

    private static string Shown(Node node) =>
        node.Path.Length == 0 ? "the file itself" : SafeTensorsHeader.Quote(node.Path)[1..^1];

    private static string Name(Node node) =>
        node.Path[(node.Parent is { Path.Length: > 0 } parent ? parent.Path.Length + 1 : 0)..];

    private static IEnumerable<KeyValuePair<string, TorchView>> Direct(Node node) =>
        node.Dictionary.Named().Where(item => item.Value is TorchView)
        .Select(item => new KeyValuePair<string, TorchView>(item.Key, (TorchView)item.Value));

    /// <summary>The tensors at a place and below it.</summary>
    private static IEnumerable<KeyValuePair<string, TorchView>> All(Node top, List<Node> nodes)
    {
        string start = top.Path.Length == 0 ? "" : $"{top.Path}.";
        return nodes.Where(node => node == top || node.Path.StartsWith(start, StringComparison.Ordinal))
            .DistinctBy(node => node.Path)
            .SelectMany(node => Direct(node).Select(tensor => new KeyValuePair<string,
                TorchView>(node == top ? tensor.Key : $"{node.Path[start.Length..]}.{tensor.Key}", tensor.Value)))
            .DistinctBy(tensor => tensor.Key);
    }

    /// <summary>All dictionaries, each once, the outermost first.</summary>
    private static List<Node> Nodes(PickleDictionary top)
    {
        var nodes = new List<Node> { new("", top, null) };
        var seen = new HashSet<PickleDictionary> { top };
        int first = 0;
        for (int depth = 0; depth < MostDepth; depth++)
        {
            int end = nodes.Count;
            for (; first < end; first++)
            {
                Node node = nodes[first];
                foreach ((string name, object value) in node.Dictionary.Named())
                {
                    if (value is not PickleDictionary inner || name.Length > LongestKey || nodes.Count >= MostNodes
                        || !seen.Add(inner))
                        continue;
                    nodes.Add(new Node(node.Path.Length == 0 ? name : $"{node.Path}.{name}", inner, node));
                }
            }
        }

        return nodes;
    }
}
