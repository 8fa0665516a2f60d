using System.Collections.Immutable;
using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll;

/// <summary>
/// A recurrent network: for one plain layer h_t = sigma(W_rec h_{t-1} + W_in u_t + b) (section 1.1, equation 2 in its activation
/// form), with an output head y_t = W_out h_t + b_out. It holds the parameters in one flat, unpadded buffer;
/// <see cref="UnrolledNetwork{T}"/> runs it.
/// </summary>
/// <typeparam name="T"><see cref="float"/> for training or <see cref="double"/> for checks.</typeparam>
public sealed class Network<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _parameters;

    /// <summary>
    /// Creates a network whose parameters are all zero; see <see cref="Initialization"/> for the paper's starting points.
    /// </summary>
    /// <exception cref="ArgumentException">The shape is invalid, or <typeparamref name="T"/> is neither float nor
    /// double.</exception>
    public Network(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
            throw new ArgumentException($"A network computes in float or double, not in {typeof(T).Name}.");
        shape.Validate();
        Shape = shape;
        Blocks = shape.Blocks();
        _parameters = new T[shape.ParameterCount];
    }

    /// <summary>Sizes and options.</summary>
    public NetworkShape Shape { get; }

    /// <summary>The named parameters in buffer order.</summary>
    public ImmutableArray<ParameterBlock> Blocks { get; }

    /// <summary>All parameters, flat, in the order of <see cref="Blocks"/>.</summary>
    public Span<T> Parameters => _parameters;

    /// <summary>W_in, (H, I), row-major.</summary>
    public Span<T> InputWeights => Parameter(ParameterBlock.InputWeights);

    /// <summary>W_rec, (H, H), row-major: row j, column i is the weight from unit i to unit j.</summary>
    public Span<T> RecurrentWeights => Parameter(ParameterBlock.RecurrentWeights);

    /// <summary>b, (H); empty without biases.</summary>
    public Span<T> HiddenBias => Parameter(ParameterBlock.HiddenBias);

    /// <summary>W_out, (O, H), row-major.</summary>
    public Span<T> OutputWeights => Parameter(ParameterBlock.OutputWeights);

    /// <summary>b_out, (O); empty without biases.</summary>
    public Span<T> OutputBias => Parameter(ParameterBlock.OutputBias);

    /// <summary>h_0 when it is learned, (H); otherwise empty.</summary>
    public Span<T> InitialState => Parameter(ParameterBlock.InitialState);

    /// <summary>The named parameter, or an empty span when the shape lacks it.</summary>
    public Span<T> Parameter(string name) => Slice(_parameters, name);

    /// <summary>
    /// The named part of any buffer of the parameters' layout, such as a gradient; empty when the shape lacks it.
    /// </summary>
    /// <param name="flat">As long as <see cref="Parameters"/>.</param>
    /// <param name="name">The parameter's name.</param>
    public Span<T> Slice(Span<T> flat, string name)
    {
        foreach (ParameterBlock block in Blocks)
        {
            if (block.Name == name) return flat.Slice(block.Offset, block.Length);
        }

        return default;
    }

    /// <summary>A copy of this network in another precision (or the same).</summary>
    public Network<TOther> Convert<TOther>()
        where TOther : unmanaged, IBinaryFloatingPointIeee754<TOther>
    {
        var copy = new Network<TOther>(Shape);
        TensorPrimitives.ConvertTruncating<T, TOther>(_parameters, copy._parameters);
        return copy;
    }

    /// <summary>The array behind <see cref="Parameters"/>.</summary>
    internal T[] Shared => _parameters;
}
