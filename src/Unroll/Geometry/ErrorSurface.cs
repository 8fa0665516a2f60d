using Unroll.Numerics;
namespace Unroll.Geometry;

/// <summary>
/// The error of a real network over the plane that two directions of its parameters span (figure 6 for more than one unit):
/// E(theta + a u + b v) on a grid of a and b.
/// </summary>
/// <param name="First">The distances a along the first direction.</param>
/// <param name="Second">The distances b along the second.</param>
/// <param name="Errors">E, one row for each b with one column for each a; not finite where the network overflows.</param>
public sealed record ErrorSurface(IReadOnlyList<double> First, IReadOnlyList<double> Second, double[][] Errors)
{
    /// <summary>The direction in which one parameter changes: 1 for this parameter and 0 for all others.</summary>
    /// <param name="shape">The network's shape.</param>
    /// <param name="block">The parameter's name, such as <see cref="ParameterBlock.RecurrentWeights"/>.</param>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column; for a vector the element, with row 0.</param>
    /// <exception cref="ArgumentException">The network has no such parameter or element.</exception>
    public static double[] Parameter(NetworkShape shape, string block, int row, int column)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ParameterBlock[] blocks = [.. shape.Blocks()];
        ParameterBlock found = blocks.FirstOrDefault(one => one.Name == block)
            ?? throw new ArgumentException(
                $"The network has no parameter '{block}'; it has {string.Join(", ", blocks.Select(one => one.Name))}.",
                nameof(block));
        if (row < 0 || row >= found.Rows || column < 0 || column >= found.Columns)
            throw new ArgumentException(
                Invariant($"There is no element ({row}, {column}) in {block}, which is {found.Rows} x {found.Columns}."),
                nameof(row));
        var direction = new double[shape.ParameterCount];
        direction[found.Offset + (row * found.Columns) + column] = 1;
        return direction;
    }

    /// <summary>Evaluates the grid; the network is not changed.</summary>
    /// <param name="network">The network at the origin of the plane.</param>
    /// <param name="batch">The sequences and targets. No row may continue from an earlier state
    /// (<see cref="Batch.Carry"/>).</param>
    /// <param name="reduction">Sum or mean over the steps.</param>
    /// <param name="firstDirection">u, in the layout of <see cref="Network{T}.Parameters"/>; it is not scaled.</param>
    /// <param name="first">The values of a, at least one.</param>
    /// <param name="secondDirection">v.</param>
    /// <param name="second">The values of b, at least one.</param>
    /// <param name="threads">Worker threads, 1..256; their number changes the speed but no bit of the result.</param>
    /// <exception cref="ArgumentException">A direction has another length, an axis is empty, or the batch does not fit or has a
    /// row that continues from an earlier state.</exception>
    public static ErrorSurface Evaluate(
        Network<double> network, Batch batch, CostReduction reduction, ReadOnlySpan<double> firstDirection,
        IReadOnlyList<double> first, ReadOnlySpan<double> secondDirection, IReadOnlyList<double> second, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        int n = network.Parameters.Length;
        if (firstDirection.Length != n || secondDirection.Length != n)
            throw new ArgumentException(
                Invariant($"The directions have {firstDirection.Length} and {Counted.Of(secondDirection.Length, "number")}; ")
                    + Invariant($"the network has {Counted.Of(n, "parameter")}."));
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Carry.Contains(true))
            throw new ArgumentException(
                "A row of the batch continues from an earlier state; an error surface needs whole sequences.");
        if (first.Count == 0 || second.Count == 0) throw new ArgumentException("An axis of the surface has no values.");
        Network<double> moved = network.Convert<double>();
        using var unrolled = new UnrolledNetwork<double>(moved, threads);
        var errors = new double[second.Count][];
        for (int j = 0; j < second.Count; j++)
        {
            errors[j] = new double[first.Count];
            for (int i = 0; i < first.Count; i++)
            {
                network.Parameters.CopyTo(moved.Parameters);
                Vectors.Add(moved.Parameters, first[i], firstDirection);
                Vectors.Add(moved.Parameters, second[j], secondDirection);
                errors[j][i] = unrolled.Forward(batch, reduction);
            }
        }

        return new ErrorSurface([.. first], [.. second], errors);
    }
}
