using System.Numerics;

namespace Unroll.Cells;

/// <summary>
/// The memory layout of the rows that a fast cell works on; lengths are in elements and are multiples of every register width.
/// </summary>
/// <param name="Units">H.</param>
/// <param name="Width">The computed part of a block: H rounded up to whole registers.</param>
/// <param name="State">Elements from a row of states, or of their signals, to the next.</param>
/// <param name="Gates">Elements from a row of kept numbers to the next.</param>
/// <param name="Signals">Elements from a row of dE/dx to the next.</param>
/// <param name="Before">Elements from h to c in the states before and after.</param>
/// <param name="Back">Elements from the h part to the c part of state signals.</param>
/// <param name="Activation">sigma of a plain or leaky layer.</param>
/// <param name="Vector">V rows, (State) apart: the cell's own vectors as kernels use them, such as the leaks.</param>
internal readonly unsafe record struct RowLayout<T>(
    int Units, int Width, int State, int Gates, int Signals, nint Before, nint Back, Activation Activation,
    AlignedPointer<T> Vector)
    where T : unmanaged;

/// <summary>A pointer that a record can hold.</summary>
internal readonly unsafe record struct AlignedPointer<T>(nint Address)
    where T : unmanaged
{
    public T* Pointer => (T*)Address;
}

/// <summary>
/// A cell's equations on whole registers, for n rows of one step. They compute what <see cref="ICell"/> defines, in place where
/// possible. Padding lanes of states and signals are zero and stay so.
/// </summary>
internal unsafe interface ILanes<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Replaces pre-activations by the numbers that are kept, and writes the new state.</summary>
    /// <param name="at">The memory layout.</param>
    /// <param name="gates">Pre-activations; for a cell in place they are <paramref name="after"/> itself.</param>
    /// <param name="before">s_{t-1}.</param>
    /// <param name="after">s_t.</param>
    /// <param name="rows">n.</param>
    static abstract void Step(in RowLayout<T> at, T* gates, T* before, T* after, int rows);

    /// <summary>
    /// Computes from dE/ds_t the signals dE/dx, and the part of dE/ds_{t-1} that does not pass through x: added for h, written
    /// for c.
    /// </summary>
    /// <param name="at">The memory layout.</param>
    /// <param name="gates">What the step kept.</param>
    /// <param name="before">s_{t-1}.</param>
    /// <param name="after">s_t.</param>
    /// <param name="signal">dE/ds_t.</param>
    /// <param name="pre">Receives dE/dx.</param>
    /// <param name="back">dE/ds_{t-1}.</param>
    /// <param name="rows">n.</param>
    static abstract void Pull(in RowLayout<T> at, T* gates, T* before, T* after, T* signal, T* pre, T* back, int rows);

    /// <summary>The Jacobian-vector product of a step: R{s_t} from R{x} and R{s_{t-1}}.</summary>
    /// <param name="at">Where things lie.</param>
    /// <param name="gates">What the step kept.</param>
    /// <param name="before">s_{t-1}.</param>
    /// <param name="after">s_t.</param>
    /// <param name="pre">R{x}, laid out as pre-activations.</param>
    /// <param name="beforeR">R{s_{t-1}}.</param>
    /// <param name="afterR">Receives R{s_t}.</param>
    /// <param name="vectorR">V rows, (State) apart: R{} of the cell's own vectors as kernels use them.</param>
    /// <param name="rows">n.</param>
    static abstract void Push(
        in RowLayout<T> at, T* gates, T* before, T* after, T* pre, T* beforeR, T* afterR, T* vectorR, int rows);

    /// <summary>Writes the h part of what <see cref="Pull"/> adds (zero for most cells).</summary>
    static abstract void Direct(in RowLayout<T> at, T* gates, T* signal, T* flow, int rows);

    /// <summary>Adds one row's part of the gradients of the cell's own vectors, before their slopes; V rows, (State) apart.</summary>
    static abstract void AddVector(in RowLayout<T> at, T* gates, T* before, T* signal, T* pre, T* sum);
}

/// <summary>Creates something from a cell's <see cref="ILanes{T}"/>, such as the layer of a kernel.</summary>
internal interface ILanesVisitor<T, TResult>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    TResult Visit<TLanes>()
        where TLanes : ILanes<T>;
}
