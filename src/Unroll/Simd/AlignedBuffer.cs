using System.Numerics;
using System.Runtime.InteropServices;

namespace Unroll.Kernels;

/// <summary>
/// Zeroed numbers at a fixed address aligned to 64 bytes (a cache line, an AVX-512 register): speed and bits do not depend on
/// where the garbage collector puts an array. The memory lives as long as this object.
/// </summary>
internal sealed unsafe class AlignedBuffer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Alignment = 64;
    private T[] _array = [];
    private int _skipped;

    /// <summary>The first element; valid until the next <see cref="Ensure"/>.</summary>
    public T* Pointer { get; private set; }

    /// <summary>Elements available from <see cref="Pointer"/>.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// The numbers as a managed span, which stays valid after this object is gone and after a later <see cref="Ensure"/>.
    /// </summary>
    public Span<T> Span => _array.AsSpan(_skipped, Length);

    /// <summary>Grows to at least this length. After growing all elements are zero and the old contents are lost.</summary>
    public AlignedBuffer<T> Ensure(long length)
    {
        if (length <= Length && Length > 0) return this;
        int padded = length <= Array.MaxLength - 128 ? (int)length + (2 * Alignment / sizeof(T)) : throw new OutOfMemoryException(
            Invariant($"A buffer cannot hold {length} numbers."));
        _array = GC.AllocateArray<T>(padded, pinned: true);
        nint address = (nint)Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        _skipped = (int)((Alignment - (address % Alignment)) % Alignment) / sizeof(T);
        Pointer = (T*)address + _skipped;
        Length = (int)length;
        return this;
    }

    public void Clear() => Span.Clear();
}
