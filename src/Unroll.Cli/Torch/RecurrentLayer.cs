using System.Text.RegularExpressions;
using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>
/// The recurrent layer among the tensors of a state dict: an <c>nn.RNN</c> of one layer (<c>weight_ih_l0</c>, ...) or an <c>nn.RNNCell</c>
/// (<c>weight_ih</c>, ...) behind any prefix.
/// </summary>
/// <param name="Ih">W_in, (H, I).</param>
/// <param name="Hh">W_rec, (H, H).</param>
/// <param name="Biases">One, two or none; the layer adds their sum.</param>
internal sealed partial record RecurrentLayer(TorchTensor Ih, TorchTensor Hh, IReadOnlyList<TorchTensor> Biases)
{
    private const string Supported = "supported is one nn.RNN of one layer or nn.RNNCell (tanh or relu) with a linear head";

    /// <summary>H.</summary>
    public int Hidden => (int)Hh.Shape[1];

    /// <summary>I.</summary>
    public int Inputs => (int)Ih.Shape[1];

    /// <summary>All its tensors.</summary>
    public IEnumerable<TorchTensor> Tensors => [Ih, Hh, .. Biases];

    /// <summary>Whether a name is that of a recurrent layer's tensor, parametrized or not.</summary>
    public static bool IsPartOfOne(string name) => Part().IsMatch(name);

    /// <summary>Finds the only one.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="tensors">The tensors, parametrizations resolved.</param>
    /// <exception cref="UserError">There is none, there are several, or it is another kind.</exception>
    public static RecurrentLayer Find(string file, IReadOnlyList<TorchTensor> tensors)
    {
        var byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        (TorchTensor Tensor, Match Match)[] layers = [.. tensors.Select(tensor => (tensor, First().Match(tensor.Name))).Where(one => one.Item2.Success)];
        if (layers.Length == 0) throw Refused($"has no tensor that ends in weight_ih_l0 (nn.RNN) or weight_ih (nn.RNNCell): it has {Names(tensors)}{TorchKinds.Shard(file)}");
        if (layers.Length > 1) throw Refused($"has several recurrent layers: {string.Join(", ", layers.Select(one => one.Tensor.Shown))}");
        (TorchTensor ih, Match match) = layers[0];
        string prefix = match.Groups[1].Value, ending = match.Groups[2].Value;
        foreach (TorchTensor tensor in tensors)
        {
            if (!tensor.Name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            string own = tensor.Name[prefix.Length..];
            if (own.EndsWith("_reverse", StringComparison.Ordinal) && IsPartOfOne(own)) throw Refused($"is bidirectional: it has {tensor.Shown}");
            if (own.StartsWith("weight_ih_l", StringComparison.Ordinal) && tensor != ih) throw Refused($"has more than one layer: it has {tensor.Shown}");
        }

        TorchTensor? hh = byName.GetValueOrDefault($"{prefix}weight_hh{ending}");
        if (hh is null) throw Refused($"has {ih.Shown} and no {SafeTensorsHeader.Quote($"{prefix}weight_hh{ending}")[1..^1]}");
        if (byName.TryGetValue($"{prefix}weight_hr{ending}", out TorchTensor? projection)) throw Refused($"is an LSTM with projection: it has {projection.Shown}");
        foreach (TorchTensor matrix in (TorchTensor[])[ih, hh])
        {
            if (!matrix.IsMatrix) throw Refused($"has {matrix.Shown} in shape {matrix.Sizes} where a matrix is expected");
        }

        long hidden = hh.Shape[1];
        string? gated = hh.Shape[0] == 4 * hidden ? "an LSTM (four gates)" : hh.Shape[0] == 3 * hidden ? "a GRU (three gates)" : null;
        if (gated is not null && hh.Shape[0] == ih.Shape[0]) throw Refused($"is {gated}: {hh.Shown} is {hh.Sizes}");
        if (hh.Shape[0] != hidden || ih.Shape[0] != hidden || hidden is < 1 or > NetworkShape.MaximumSize || ih.Shape[1] is < 1 or > NetworkShape.MaximumSize)
            throw Refused($"has {ih.Shown} in shape {ih.Sizes} and {hh.Shown} in shape {hh.Sizes}, which is no plain recurrent layer");
        string[] biases = [$"{prefix}bias_ih{ending}", $"{prefix}bias_hh{ending}"];
        return new RecurrentLayer(ih, hh, [.. biases.Where(byName.ContainsKey).Select(name => byName[name])]);

        UserError Refused(string what) => new($"{file} {what}; {Supported}.");
    }

    /// <summary>The names of some tensors, for a message.</summary>
    public static string Names(IReadOnlyList<TorchTensor> tensors) => tensors.Count switch
    {
        0 => "no tensors",
        <= 8 => string.Join(", ", tensors.Select(tensor => SafeTensorsHeader.Quote(tensor.Name))),
        _ => $"{Names([.. tensors.Take(8)])} and {tensors.Count - 8} more",
    };

    [GeneratedRegex(@"^((?:.*\.)?)weight_ih(_l0|)\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex First();

    [GeneratedRegex(@"(?:^|\.)(?:weight|bias)_(?:ih|hh|hr)(?:_l\d+)?(?:_reverse)?(?:_orig|_mask|_[guv]|\.original\d*|\.\d+\.\w+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
