using System.Collections.Immutable;
using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>
/// Weights that a state dict holds as the parameters they are computed from: orthogonal, weight_norm and spectral_norm, the
/// latter two in their new and their old form, and pruned ones. Each becomes the weight that PyTorch would compute.
/// </summary>
internal sealed class Parametrizations
{
    private const string Folder = "parametrizations.";

    private readonly string _file;
    private readonly OrthogonalMap? _map;
    private readonly Dictionary<string, TorchTensor> _tensors;
    private readonly List<string> _notes;

    private Parametrizations(string file, IEnumerable<TorchTensor> tensors, OrthogonalMap? map, List<string> notes) =>
        (_file, _tensors, _map, _notes) = (file, tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal), map, notes);

    /// <summary>The tensors with each weight in the place of what it is computed from.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="tensors">What it holds.</param>
    /// <param name="map">The orthogonal map; null for the default of PyTorch.</param>
    /// <param name="notes">Receives what was computed how.</param>
    /// <exception cref="UserError">A parametrization is not known.</exception>
    public static IReadOnlyList<TorchTensor> Resolve(string file, IReadOnlyList<TorchTensor> tensors, OrthogonalMap? map,
        List<string> notes)
    {
        var all = new Parametrizations(file, tensors, map, notes);
        all.ResolveNew();
        all.ResolveOld();
        if (notes.Count > 0)
            notes.Add("PyTorch: norms and curvature are those of the weights, not of the parameters that they are computed from");
        return [.. all._tensors.Values];
    }

    private void ResolveNew()
    {
        var groups = new Dictionary<string, Dictionary<string, TorchTensor>>(StringComparer.Ordinal);
        foreach (TorchTensor tensor in _tensors.Values.ToArray())
        {
            int folder = tensor.Name.IndexOf(Folder, StringComparison.Ordinal);
            if (folder < 0 || (folder > 0 && tensor.Name[folder - 1] != '.')) continue;
            string rest = tensor.Name[(folder + Folder.Length)..];
            int dot = rest.IndexOf('.');
            if (dot < 0) continue;
            string weight = tensor.Name[..folder] + rest[..dot];
            if (!groups.TryGetValue(weight, out Dictionary<string, TorchTensor>? parts))
                groups[weight] = parts = new(StringComparer.Ordinal);
            parts[rest[(dot + 1)..]] = tensor;
            _tensors.Remove(tensor.Name);
        }

        foreach ((string weight, Dictionary<string, TorchTensor> parts) in groups)
        {
            string[] keys = [.. parts.Keys.Order(StringComparer.Ordinal)];
            TorchTensor made = keys switch
            {
                ["0.base", "original"] => Orthogonal(weight, parts["original"], parts["0.base"]),
                ["original"] when _map is not null => Orthogonal(weight, parts["original"], null),
                ["original0", "original1"] => WeightNorm(weight, parts["original0"], parts["original1"]),
                ["0._u", "0._v", "original"] => SpectralNorm(weight, parts["original"], parts["0._u"], parts["0._v"]),
                _ => throw Unknown(weight, parts.Values),
            };
            if (!_tensors.TryAdd(weight, made))
                throw new UserError($"{_file} has {made.Shown} both as a weight and as a parametrization.");
        }
    }

    private void ResolveOld()
    {
        foreach (string name in _tensors.Keys.ToArray())
        {
            if (Stem(name, "_g") is { } normed && Take(normed, "_g", "_v") is [var g, var v]) Add(WeightNorm(normed, g, v));
            else if (Stem(name, "_orig") is not { } stem) continue;
            else if (Take(stem, "_orig", "_mask") is [var whole, var mask]) Add(Pruned(stem, whole, mask));
            else if (Take(stem, "_orig", "_u", "_v") is [var original, var left, var right])
                Add(SpectralNorm(stem, original, left, right));
        }

        void Add(TorchTensor tensor) => _tensors[tensor.Name] = tensor;

        string? Stem(string name, string ending) => name.EndsWith(ending, StringComparison.Ordinal)
            && !_tensors.ContainsKey(name[..^ending.Length]) ? name[..^ending.Length] : null;

        TorchTensor[]? Take(string stem, params string[] endings)
        {
            if (!endings.All(ending => _tensors.ContainsKey(stem + ending))) return null;
            TorchTensor[] taken = [.. endings.Select(ending => _tensors[stem + ending])];
            foreach (TorchTensor one in taken) _tensors.Remove(one.Name);
            return taken;
        }
    }

    private TorchTensor Orthogonal(string weight, TorchTensor original, TorchTensor? from)
    {
        (int rows, int columns) = Matrix(weight, original);
        int n = Math.Max(rows, columns);
        if (from is not null && !from.Shape.AsSpan().SequenceEqual([n, n])) throw Unknown(weight, [original, from]);
        OrthogonalMap map = _map ?? (rows == columns ? OrthogonalMap.MatrixExp : OrthogonalMap.Householder);
        string name = Training.OptionsText.Name(map).Replace('-', '_');
        _notes.Add($"PyTorch: {Shown(weight)} is orthogonal by "
            + $"{name}{(_map is null ? ", PyTorch's default, as the file does not say (--orthogonal-map)" : "")}");
        return Made(weight, original, () =>
            OrthogonalWeight.Of(Numbers(original), from is null ? null : Numbers(from), rows, columns, map));
    }

    /// <summary>v g / ||v||, the norm over all dimensions but the one that g has.</summary>
    private TorchTensor WeightNorm(string weight, TorchTensor g, TorchTensor v)
    {
        (int rows, int columns) = Matrix(weight, v);
        long lengths = SafeTensor.Count(g.Shape.AsSpan());
        bool byRow = g.Shape.AsSpan().SequenceEqual([rows, 1]), byColumn = !byRow && g.Shape.AsSpan().SequenceEqual([1, columns]);
        if (!byRow && !byColumn && lengths != 1) throw Unknown(weight, [g, v]);
        _notes.Add($"PyTorch: {Shown(weight)} is computed by weight_norm");
        return Made(weight, v, () =>
        {
            double[] direction = Numbers(v), length = Numbers(g), squares = new double[length.Length];
            for (int i = 0; i < direction.Length; i++) squares[Place(i)] += direction[i] * direction[i];
            return [.. direction.Select((value, i) => value * (length[Place(i)] / Math.Sqrt(squares[Place(i)])))];
        });

        int Place(int i) => lengths == 1 ? 0 : byRow ? i / columns : i % columns;
    }

    /// <summary>W / (u W v), with the vectors of the last pass of training, as in evaluation.</summary>
    private TorchTensor SpectralNorm(string weight, TorchTensor original, TorchTensor u, TorchTensor v)
    {
        (int rows, int columns) = Matrix(weight, original);
        if (!u.Shape.AsSpan().SequenceEqual([rows]) || !v.Shape.AsSpan().SequenceEqual([columns]))
            throw Unknown(weight, [original, u, v]);
        _notes.Add($"PyTorch: {Shown(weight)} is computed by spectral_norm");
        return Made(weight, original, () =>
        {
            double[] whole = Numbers(original),
                product = Matrices.Product(Matrices.Product(Numbers(u), whole, 1, rows, columns), Numbers(v), 1, columns, 1);
            return [.. whole.Select(value => value / product[0])];
        });
    }

    private TorchTensor Pruned(string weight, TorchTensor original, TorchTensor mask)
    {
        if (!original.Shape.AsSpan().SequenceEqual(mask.Shape.AsSpan())) throw Unknown(weight, [original, mask]);
        _notes.Add($"PyTorch: {Shown(weight)} is pruned by its mask");
        return Made(weight, original, () =>
        {
            double[] kept = Numbers(mask);
            return [.. Numbers(original).Select((value, i) => value * kept[i])];
        });
    }

    private (int Rows, int Columns) Matrix(string weight, TorchTensor tensor) =>
        tensor.IsMatrix && tensor.Shape.All(size => size is >= 1 and <= NetworkShape.MaximumSize)
        ? ((int)tensor.Shape[0], (int)tensor.Shape[1]) : throw Unknown(weight, [tensor]);

    private static TorchTensor Made(string weight, TorchTensor like, Func<double[]> read) => new(weight, "F64", like.Shape, read);

    private double[] Numbers(TorchTensor tensor) => tensor.IsReal ? tensor.Read()
        : throw new InvalidFileException(_file, $"holds {tensor.Shown} as {tensor.Type} where F64, F32, F16 or BF16 is expected");

    private static string Shown(string name) => SafeTensorsHeader.Quote(name)[1..^1];

    private UserError Unknown(string weight, IEnumerable<TorchTensor> parts)
    {
        int dot = weight.LastIndexOf('.');
        string module = dot < 0 ? "model" : $"model.{Shown(weight[..dot])}";
        return new UserError(
            $"{_file} has {Shown(weight)} in a parametrization that is not known "
                + $"({string.Join(", ", parts.Select(part => $"{part.Shown} {part.Sizes}"))}); "
            + $"make it a weight before saving: torch.nn.utils.parametrize.remove_parametrizations({module}, "
                + $"\"{Shown(weight[(dot + 1)..])}\").");
    }
}
