using System.Numerics;
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// The noise on pre-activations or on biases of one pass. A pool of normal numbers is drawn for the pass; a step adds to the
/// units of a gate the sum of two runs of the pool, at random places and with random signs. The sum is normal again.
/// </summary>
/// <remarks>
/// Drawing a separate number for every pre-activation would cost more than the rest of an update of a small network. The numbers
/// of one pass are uncorrelated, because of their signs, but they are not independent: the standard deviation within one update
/// is that of the pool, which varies by 1.6% around the requested one.
/// </remarks>
internal sealed unsafe class NoisePool<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The places at which a run may begin.</summary>
    public const int Places = 2048;

    private const int LayerShift = 24, GateShift = 27; // above the bits of the row
    private const int LongestVector = 64, Group = RandomSource.NumbersInGroup;

    private readonly AlignedBuffer<T> _values = new(); // the pool, and the negated pool
    private readonly int _length;
    private ulong _key;
    private (RandomKey Key, double Deviation) _drawn;

    /// <param name="units">The most units of a layer.</param>
    public NoisePool(int units) => _length = (Places + units + LongestVector + Group - 1) / Group * Group;

    /// <summary>Draws the pool of a pass, unless it is already drawn.</summary>
    /// <param name="key">The run's seed, the stream of this noise, and the update.</param>
    /// <param name="deviation">The standard deviation; none is drawn at 0.</param>
    public void Prepare(RandomKey key, double deviation)
    {
        if (deviation <= 0 || _drawn == (key, deviation)) return;
        T* values = _values.Ensure(2L * _length).Pointer;
        RandomSource numbers = key.Row(0), places = key.Row(1);
        Span<double> normals = stackalloc double[Group];
        double scale = deviation / Math.Sqrt(2);
        for (int i = 0; i < _length; i += Group)
        {
            numbers.FillNormalGroups(normals);
            for (int j = 0; j < Group; j++)
            {
                T value = T.CreateTruncating(scale * normals[j]);
                (values[i + j], values[_length + i + j]) = (value, -value);
            }
        }

        _key = ((ulong)places.NextUInt32() << 32) | places.NextUInt32();
        _drawn = (key, deviation);
    }

    /// <summary>The two runs of a gate at a step, 0..T-1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At(int layer, int gate, int row, int step, out T* first, out T* second)
    {
        uint where = (uint)row | ((uint)layer << LayerShift) | ((uint)gate << GateShift);

        // SplitMix64 (Steele, Lea, Flood, 2014): a pure function of key and place, like Philox, at a tenth of the cost of Philox.
        ulong z = _key + ((((ulong)step << 32) | where) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        uint bits = (uint)(z >> 32);
        first = Run(bits & 0xFFFF);
        second = Run(bits >> 16);
    }

    /// <summary>Adds the noise of a gate's units at a step.</summary>
    public void AddTo(Span<double> noise, int layer, int gate, int row, int step)
    {
        At(layer, gate, row, step, out T* first, out T* second);
        for (int j = 0; j < noise.Length; j++) noise[j] += double.CreateTruncating(first[j] + second[j]);
    }

    /// <summary>A place, and which of the two signs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T* Run(uint bits) => _values.Pointer + (bits & (Places - 1)) + ((bits >> 15) * (uint)_length);
}
