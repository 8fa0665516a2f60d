using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>
/// The recurrent layers among the tensors of a state dict, from the input to the head: those of one module, or of several that
/// stand one above
/// the other, behind any prefixes.
/// </summary>
/// <param name="Layers">The layers.</param>
/// <param name="Note">What was guessed about their order, or null.</param>
internal sealed partial record RecurrentStack(IReadOnlyList<RecurrentLayer> Layers, string? Note)
{
    private static readonly string Supported =
        $"supported are nn.RNN, nn.LSTM, nn.GRU and their cells, up to {NetworkShape.MaximumLayers} layers in one direction, "
            + "with a linear head";

    /// <summary>All tensors of the layers.</summary>
    public IEnumerable<TorchTensor> Tensors => Layers.SelectMany(layer => layer.Tensors);

    /// <summary>Whether a name is that of a recurrent layer's tensor, parametrized or not.</summary>
    public static bool IsPartOfOne(string name) => Part().IsMatch(name);

    /// <summary>Finds the layers.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="tensors">The tensors, parametrizations resolved.</param>
    /// <exception cref="UserError">There are none, a tensor of one is missing or does not fit, or it is a kind that is not
    /// read.</exception>
    public static RecurrentStack Find(string file, IReadOnlyList<TorchTensor> tensors)
    {
        (TorchTensor Tensor, Match Match)[] parts = [.. tensors.Select(tensor =>
            (tensor, Name().Match(tensor.Name))).Where(one => one.Item2.Success)];
        Module[] modules =
        [
            .. parts.GroupBy(part => (part.Match.Groups["prefix"].Value, part.Match.Groups["layer"].Success))
                .Select(group => Module.Of(group.Key.Value, group.Key.Success, [.. group.Select(part => part.Tensor)], Refused)),
        ];
        if (modules.Length == 0)
            throw Refused(
                "has no tensor that ends in weight_ih_l0 (a module of layers) or weight_ih (a cell): it has "
                    + $"{Names(tensors)}{TorchKinds.Shard(file)}");
        (Module[] ordered, string? note) = Ordered(modules);
        RecurrentLayer[] layers = [.. ordered.SelectMany(module => module.Layers)];
        if (layers.Length > NetworkShape.MaximumLayers) throw Refused(
            $"has {layers.Length} recurrent layers, up to {layers[^1].Ih.Shown}");
        return new RecurrentStack(layers, note);

        UserError Refused(string what) =>
            new($"{file} {what}{(what.Contains(" and no ", StringComparison.Ordinal) ? TorchKinds.Shard(file) : "")}; "
                + $"{Supported}.");

        (Module[] Modules, string? Note) Ordered(Module[] modules)
        {
            if (modules.Length == 1) return (modules, null);
            Module[][] chains = [.. Chains(modules).Take(2)];
            string names = string.Join(", ", modules.Select(module => module.First.Shown));
            if (modules.Length > NetworkShape.MaximumLayers || chains.Length == 0)
                throw Refused(
                    $"has several recurrent layers: {names}, whose widths do not let them stand one above the other (--ignore "
                        + "NAME leaves one out)");
            string above = $"PyTorch: {chains[0].Length} modules one above the other";
            return chains.Length == 1 ? (chains[0], $"{above}, in the order of their widths")
                : (chains[0], $"{above}, in the order of their names, which is a guess");
        }
    }

    /// <summary>The names of some tensors, for a message.</summary>
    public static string Names(IReadOnlyList<TorchTensor> tensors) => tensors.Count switch
    {
        0 => "no tensors",
        <= 8 => string.Join(", ", tensors.Select(tensor => SafeTensorsHeader.Quote(tensor.Name))),
        _ => $"{Names([.. tensors.Take(8)])} and {tensors.Count - 8} more",
    };

    /// <summary>All orders in which each module's inputs are the units of the one before; the one by names first, if it is
    /// one.</summary>
    private static IEnumerable<Module[]> Chains(Module[] modules)
    {
        Module[] sorted = [.. modules.OrderBy(module => Natural().Replace(module.Prefix, number =>
            number.Value.PadLeft(10, '0')), StringComparer.Ordinal)];
        if (modules.Length > NetworkShape.MaximumLayers) return [];
        return Extend([]);

        IEnumerable<Module[]> Extend(Module[] begun) => begun.Length == sorted.Length ? [begun]
            : sorted.Where(module => !begun.Contains(module) && (begun.Length == 0
                || module.Layers[0].Inputs == begun[^1].Layers[^1].Hidden))
                .SelectMany(module => Extend([.. begun, module]));
    }

    /// <summary>The layers of one module.</summary>
    private sealed record Module(string Prefix, IReadOnlyList<RecurrentLayer> Layers)
    {
        public TorchTensor First => Layers[0].Ih;

        public static Module Of(string prefix, bool numbered, TorchTensor[] tensors, Func<string, UserError> refused)
        {
            if (tensors.FirstOrDefault(tensor =>
                tensor.Name.EndsWith("_reverse",
                    StringComparison.Ordinal)) is { } reverse) throw refused($"is bidirectional: it has {reverse.Shown}");
            if (tensors.FirstOrDefault(tensor =>
                tensor.Name.AsSpan(prefix.Length).StartsWith("weight_hr", StringComparison.Ordinal)) is { } projection)
                throw refused($"is an LSTM with projection (proj_size): it has {projection.Shown}");
            var byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
            int count = 1 + (numbered
                ? tensors.Max(tensor => int.Parse(tensor.Name.AsSpan(tensor.Name.LastIndexOf('l') + 1),
                    CultureInfo.InvariantCulture)) : 0);
            bool biases = tensors.Any(tensor => tensor.Name.AsSpan(prefix.Length).StartsWith("bias", StringComparison.Ordinal));
            var layers = new List<RecurrentLayer>();
            for (int k = 0; k < count; k++)
            {
                string ending = numbered ? string.Create(CultureInfo.InvariantCulture, $"_l{k}") : "";
                layers.Add(RecurrentLayer.Of(
                    Tensor("weight_ih"), Tensor("weight_hh"), biases ? [Tensor("bias_ih"), Tensor("bias_hh")]
                        : [], layers.LastOrDefault(), refused));

                TorchTensor Tensor(string part) =>
                    byName.GetValueOrDefault($"{prefix}{part}{ending}") ?? throw Missing($"{prefix}{part}{ending}", ending);
            }

            return new Module(prefix, layers);

            UserError Missing(string name, string ending)
            {
                TorchTensor beside = tensors.FirstOrDefault(tensor =>
                    tensor.Name.EndsWith(ending, StringComparison.Ordinal)) ?? tensors[^1];
                return refused($"has {beside.Shown} and no {SafeTensorsHeader.Quote(name)[1..^1]}");
            }
        }
    }

    [GeneratedRegex(@"^(?<prefix>(?:.*\.)?)(?:weight_(?:ih|hh|hr)|bias_(?:ih|hh))(?:_l(?<layer>\d{1,4}))?(?:_reverse)?\z",
        RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex(@"\d{1,9}", RegexOptions.CultureInvariant)]
    private static partial Regex Natural();

    [GeneratedRegex(
        @"(?:^|\.)(?:weight|bias)_(?:ih|hh|hr)(?:_l\d+)?(?:_reverse)?(?:_orig|_mask|_[guv]|\.original\d*|\.\d+\.\w+)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
