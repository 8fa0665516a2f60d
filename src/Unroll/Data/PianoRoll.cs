namespace Unroll.Data;

/// <summary>A piece of music as the 88 keys of a piano, down or up at each step (section 4.2).</summary>
public sealed class PianoRoll
{
    /// <summary>The keys of a piano.</summary>
    public const int Keys = 88;

    /// <summary>The MIDI note of key 0, the A of 27.5 Hz.</summary>
    public const int LowestNote = 21;

    /// <summary>64-bit words that hold one step.</summary>
    public const int WordsPerStep = (Keys + 63) / 64;

    /// <summary>The most steps of one piece.</summary>
    public const int MaximumSteps = 1 << 24;

    private readonly ulong[] _words;

    /// <summary>A silent piece.</summary>
    /// <param name="name">What messages and tables call it, such as its file.</param>
    /// <param name="steps">Its length in steps, 0..2^24.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
    public PianoRoll(string name, int steps)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, MaximumSteps);
        (Name, Steps) = (name, steps);
        _words = new ulong[steps * WordsPerStep];
    }

    /// <summary>What messages and tables call it.</summary>
    public string Name { get; }

    /// <summary>Its length in steps.</summary>
    public int Steps { get; }

    /// <summary>Whether a key (0..87) is down at a step.</summary>
    public bool this[int step, int key]
    {
        get
        {
            Check(key);
            return (_words[(step * WordsPerStep) + (key >> 6)] >> (key & 63) & 1) != 0;
        }

        set
        {
            Check(key);
            ulong bit = 1UL << (key & 63);
            ref ulong word = ref _words[(step * WordsPerStep) + (key >> 6)];
            word = value ? word | bit : word & ~bit;
        }
    }

    /// <summary>The keys at a step: key k is bit k % 64 of word k / 64.</summary>
    public ReadOnlySpan<ulong> Words(int step) => _words.AsSpan(step * WordsPerStep, WordsPerStep);

    private static void Check(int key)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(key, Keys);
    }
}
