using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>
/// The cost of the outputs y of one step, in double. This defines what every faster implementation computes, and all analyses use
/// it. The batch decides which steps are predicted. A new cost is a file with one of these and a line in <c>HeadTable</c>.
/// </summary>
internal interface IHeadCost
{
    /// <summary>Whether the cost bends: without a curvature there are no steps of Hessian-Free.</summary>
    bool HasCurvature => true;

    /// <summary>E_t in nats, or the squared error.</summary>
    /// <param name="y">(O): the outputs.</param>
    /// <param name="batch">The batch with the target.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="row">The sequence.</param>
    double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row);

    /// <summary>dE_t/dy, as training computes it.</summary>
    void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy);

    /// <summary>
    /// dE_t/dy to full accuracy even where a probability is nearly 1. Replaces y by what <see cref="CurvatureTimes"/> needs (the
    /// probabilities of a softmax).
    /// </summary>
    void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy);

    /// <summary>d2E_t/dy2 v.</summary>
    /// <param name="y">What <see cref="Linearize"/> wrote.</param>
    /// <param name="v">(O): v.</param>
    /// <param name="result">(O): the product.</param>
    void CurvatureTimes(ReadOnlySpan<double> y, ReadOnlySpan<double> v, Span<double> result);

    /// <summary>Whether the batch has a target for a step that could be predicted.</summary>
    bool HasTarget(Batch batch, int step, int row);

    /// <summary>Brings outputs that are read as predictions into order, where the cost knows of one.</summary>
    /// <param name="y">(O).</param>
    void Arrange<T>(Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
    }

    /// <summary>Passes the cost on registers to the visitor, as a type.</summary>
    TResult Lanes<TSimd, TVector, T, TResult>(IHeadVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}

/// <summary>
/// A cost on whole registers: what <see cref="IHeadCost"/> defines for one step. It is a struct, so that its lines are
/// compiled into the head; what a cost has besides, such as the levels of quantiles, are its fields.
/// </summary>
internal unsafe interface IHeadLanes<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// The value of a padding output. Under a softmax or sigmoid it must have probability zero, whatever the real outputs are.
    /// </summary>
    static abstract T Padding { get; }

    /// <summary>E_t, and dy = scale dE_t/dy.</summary>
    /// <param name="y">The outputs, padded to whole registers.</param>
    /// <param name="dy">Receives the slopes.</param>
    /// <param name="outputs">O in whole registers.</param>
    /// <param name="stride">The length of a row of outputs.</param>
    /// <param name="batch">The batch with the target.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="scale">The weight of the step by the reduction and the number of rows.</param>
    double Cost(T* y, T* dy, int outputs, int stride, Batch batch, int step, int row, T scale);
}

/// <summary>Creates something from a cost's <see cref="IHeadLanes{T}"/>, such as the head of a kernel.</summary>
internal interface IHeadVisitor<T, TResult>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    TResult Visit<THead>(THead head = default)
        where THead : struct, IHeadLanes<T>;
}
