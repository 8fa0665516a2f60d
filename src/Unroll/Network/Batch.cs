using System.Diagnostics.CodeAnalysis;
using Unroll.Numerics;

namespace Unroll;

/// <summary>
/// B sequences of up to T steps, with their targets: a task fills a batch and a network reads it. The buffers grow when needed
/// and are reused, so a training loop allocates nothing. Steps at or beyond a sequence's own length are ignored. Arrays are
/// step-major: (T, B, ...).
/// </summary>
public sealed class Batch
{
    /// <summary>The most numbers that <see cref="Resize"/> takes in one array.</summary>
    internal const int MaximumNumbers = 1 << 30;

    private readonly int _inputWords;
    private readonly int _targetWords;
    private readonly HeadCost _cost;
    private int[] _lengths = [];
    private bool[] _carry = [];
    private int[] _symbols = [];
    private double[] _dense = [];
    private ulong[] _bits = [];
    private int[] _classes = [];
    private double[] _values = [];
    private ulong[] _targetBits = [];
    private bool[] _skipped = [];
    private double[] _weights = []; // of targets; empty until one is not 1

    /// <summary>Creates an empty batch for inputs and targets of the given kinds and widths.</summary>
    /// <param name="encoding">How inputs are stored.</param>
    /// <param name="inputs">I, the width of an input.</param>
    /// <param name="head">Which kind of target there is, and at which steps.</param>
    /// <param name="outputs">O, the width of an output.</param>
    public Batch(InputEncoding encoding, int inputs, OutputHead head, int outputs)
    {
        new NetworkShape(inputs, 1, outputs) { Encoding = encoding, Head = head }.Validate();
        Encoding = encoding;
        Inputs = inputs;
        Head = head;
        Outputs = outputs;
        EveryStep = head.IsEveryStep();
        _cost = head.Cost();
        _inputWords = encoding == InputEncoding.MultiHot ? (inputs + 63) / 64 : 0;
        _targetWords = head.Cost() == HeadCost.Bernoulli ? (outputs + 63) / 64 : 0;
    }

    /// <summary>An empty batch for a network of this shape.</summary>
    public static Batch For(NetworkShape shape) => new(shape.Encoding, shape.Inputs, shape.Head, shape.Outputs);

    /// <summary>An empty batch for a task.</summary>
    public static Batch For(ITask task) => new(task.Encoding, task.Inputs, task.Head, task.Outputs);

    /// <summary>How inputs are stored.</summary>
    public InputEncoding Encoding { get; }

    /// <summary>I, the width of an input.</summary>
    public int Inputs { get; }

    /// <summary>The kind of target.</summary>
    public OutputHead Head { get; }

    /// <summary>O, the width of an output.</summary>
    public int Outputs { get; }

    /// <summary>Whether there are targets at every step rather than at each sequence's last one.</summary>
    public bool EveryStep { get; }

    /// <summary>B, the number of sequences.</summary>
    public int Rows { get; private set; }

    /// <summary>T, the number of steps stored; each sequence uses the first <see cref="Lengths"/>[row] of them.</summary>
    public int Steps { get; private set; }

    /// <summary>(B): each sequence's own length in 1..T. Set to T by <see cref="Resize"/>.</summary>
    public Span<int> Lengths => _lengths.AsSpan(0, Rows);

    /// <summary>
    /// (B): true when the row starts from the state that the network holds for it (the end of its previous window, or
    /// one written there) instead of from h_0. Set to false by <see cref="Resize"/>.
    /// </summary>
    public Span<bool> Carry => _carry.AsSpan(0, Rows);

    /// <summary>
    /// Makes room for <paramref name="rows"/> sequences of <paramref name="steps"/> steps and clears everything: inputs are
    /// zero vectors, nothing is a target, lengths are <paramref name="steps"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the batch would exceed 2^30 numbers.</exception>
    public void Resize(int rows, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        long entries = (long)rows * steps;
        int inputWidth = Encoding == InputEncoding.Dense ? Inputs : 1;
        if (entries > MaximumNumbers || entries * Math.Max(inputWidth, EveryStep ? Outputs : 1) > MaximumNumbers
            || (long)rows * Outputs > MaximumNumbers)
            throw new ArgumentOutOfRangeException(nameof(steps),
                Invariant($"{rows} sequences of {steps} steps are too large for one batch."));
        Rows = rows;
        Steps = steps;
        Clear(ref _lengths, rows, steps);
        Clear(ref _carry, rows, false);
        int n = (int)entries;
        if (Encoding == InputEncoding.OneHot) Clear(ref _symbols, n, -1);
        if (Encoding == InputEncoding.Dense) Clear(ref _dense, n * Inputs, 0.0);
        if (Encoding == InputEncoding.MultiHot) Clear(ref _bits, n * _inputWords, 0UL);
        int targets = EveryStep ? n : rows;
        if (_cost == HeadCost.Softmax) Clear(ref _classes, targets, -1);
        if (_cost.HasValues()) Clear(ref _values, targets * Outputs, 0.0);
        if (_cost == HeadCost.Bernoulli) Clear(ref _targetBits, targets * _targetWords, 0UL);
        if (EveryStep && _cost != HeadCost.Softmax) Clear(ref _skipped, n, false);
        if (_weights.Length > 0) Clear(ref _weights, targets, 1.0);
    }

    /// <summary>The one-hot index at a step, -1 for a zero vector.</summary>
    public int Symbol(int step, int row) => Inside(_symbols, Entry(step, row), "symbols as inputs");

    /// <summary>Sets the one-hot index at a step; -1 for a zero vector.</summary>
    public void SetSymbol(int step, int row, int symbol)
    {
        if (symbol < -1 || symbol >= Inputs)
            throw new ArgumentOutOfRangeException(nameof(symbol),
                Invariant($"Symbol {symbol} at step {step} of row {row} must lie in 0..{Inputs - 1} (or be -1 for none)."));
        Inside(_symbols, Entry(step, row), "symbols as inputs") = symbol;
    }

    /// <summary>(I): the dense input at a step, to read or write.</summary>
    public Span<double> Dense(int step, int row)
    {
        int at = Entry(step, row) * Inputs;
        if (Encoding != InputEncoding.Dense) Lacks("dense inputs");
        return _dense.AsSpan(at, Inputs);
    }

    /// <summary>The multi-hot input at a step as 64-bit words, bit i of word i / 64 being input i.</summary>
    public ReadOnlySpan<ulong> Bits(int step, int row)
    {
        int at = Entry(step, row) * _inputWords;
        if (Encoding != InputEncoding.MultiHot) Lacks("bits as inputs");
        return _bits.AsSpan(at, _inputWords);
    }

    /// <summary>Sets input <paramref name="index"/> to 1 at a step.</summary>
    public void SetBit(int step, int row, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Inputs);
        Inside(_bits, (Entry(step, row) * _inputWords) + (index >> 6), "bits as inputs") |= 1UL << (index & 63);
    }

    /// <summary>Sets all inputs at a step: bit i of word i / 64 is input i.</summary>
    /// <param name="step">The step.</param>
    /// <param name="row">The row.</param>
    /// <param name="words">ceil(I / 64) words, no bit beyond I set.</param>
    /// <exception cref="ArgumentException">There are more or fewer words, or a bit beyond the last input is set.</exception>
    public void SetBits(int step, int row, ReadOnlySpan<ulong> words)
    {
        CheckWords(words, _inputWords, Inputs);
        words.CopyTo(_bits.AsSpan(Entry(step, row) * _inputWords, _inputWords));
    }

    /// <summary>
    /// The target class of a row (its last step) or, for an every-step head, of a step; -1 where nothing is predicted.
    /// </summary>
    public int Class(int step, int row) => Inside(_classes, Target(step, row), "classes as targets");

    /// <summary>
    /// Sets the target class; -1 for a step where nothing is predicted. A last-step head ignores <paramref name="step"/>.
    /// </summary>
    public void SetClass(int step, int row, int label)
    {
        if (label < -1 || label >= Outputs)
            throw new ArgumentOutOfRangeException(nameof(label),
                Invariant($"Class {label} at step {step} of row {row} must lie in 0..{Outputs - 1} (or be -1 for none)."));
        Inside(_classes, Target(step, row), "classes as targets") = label;
    }

    /// <summary>(O): the real-valued target, to read or write. A last-step head ignores <paramref name="step"/>.</summary>
    public Span<double> Values(int step, int row)
    {
        int at = Target(step, row) * Outputs;
        if (at + Outputs > _values.Length) Lacks("numbers as targets");
        return _values.AsSpan(at, Outputs);
    }

    /// <summary>The bits to predict at a step, as 64-bit words.</summary>
    public ReadOnlySpan<ulong> TargetBits(int step, int row) =>
        _targetBits.AsSpan(Target(step, row) * _targetWords, _targetWords);

    /// <summary>Sets target bit <paramref name="index"/> to 1 at a step.</summary>
    public void SetTargetBit(int step, int row, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Outputs);
        Inside(_targetBits, (Target(step, row) * _targetWords) + (index >> 6), "bits as targets") |= 1UL << (index & 63);
    }

    /// <summary>Sets all bits to predict at a step: bit i of word i / 64 is output i.</summary>
    /// <param name="step">The step.</param>
    /// <param name="row">The row.</param>
    /// <param name="words">ceil(O / 64) words, no bit beyond O set.</param>
    /// <exception cref="ArgumentException">There are more or fewer words, or a bit beyond the last output is set.</exception>
    public void SetTargetBits(int step, int row, ReadOnlySpan<ulong> words)
    {
        CheckWords(words, _targetWords, Outputs);
        words.CopyTo(_targetBits.AsSpan(Target(step, row) * _targetWords, _targetWords));
    }

    /// <summary>Marks a step where nothing is predicted (linear and Bernoulli every-step heads).</summary>
    public void SkipTarget(int step, int row) =>
        Inside(_skipped, Entry(step, row), "steps that could be skipped so (SetClass takes -1 for one without a class)") = true;

    /// <summary>
    /// Sets how much the cost of a step (or of a row, for a last-step head) counts, as if it were there so many times: for
    /// classes that are rare, or samples that are trusted less. The mean over steps and rows is not changed. Default: 1.
    /// </summary>
    /// <param name="step">The step; a last-step head ignores it.</param>
    /// <param name="row">The row.</param>
    /// <param name="weight">At least 0, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The weight is negative or not finite, or there is no such target.
    /// </exception>
    public void SetTargetWeight(int step, int row, double weight)
    {
        if (!(weight >= 0 && double.IsFinite(weight)))
            throw new ArgumentOutOfRangeException(nameof(weight),
                Invariant($"The weight {weight} at step {step} of row {row} must be finite and at least 0."));
        int at = Target(step, row);
        if (_weights.Length == 0)
        {
            if (weight == 1) return;
            _weights = new double[EveryStep ? Rows * Steps : Rows];
            Array.Fill(_weights, 1);
        }

        _weights[at] = weight;
    }

    /// <summary>How much the cost of a step (or of a row, for a last-step head) counts.</summary>
    public double TargetWeight(int step, int row) => _weights.Length == 0 ? 1 : _weights[Target(step, row)];

    /// <summary>
    /// Whether the cost counts this step of this row: within its length, with a target, and the last step for a last-step head.
    /// </summary>
    public bool IsPredicted(int step, int row)
    {
        _ = Entry(step, row);
        if (step >= _lengths[row] || (!EveryStep && step != _lengths[row] - 1)) return false;
        return _cost == HeadCost.Softmax ? Class(step, row) >= 0 : !IsSkipped(step, row);
    }

    /// <summary>A number of an array that only batches of its kind have.</summary>
    private ref TItem Inside<TItem>(TItem[] items, int at, string what)
    {
        if ((uint)at >= (uint)items.Length) Lacks(what);
        return ref items[at];
    }

    [DoesNotReturn]
    private void Lacks(string what) => throw new InvalidOperationException($"The batch has no {what}: its inputs are "
        + $"{Encoding}, and its targets are those of the head {Head}.");

    /// <summary>Whether <see cref="SkipTarget"/> was called for the step; a head at the last step skips none.</summary>
    internal bool IsSkipped(int step, int row) => EveryStep && _skipped[Entry(step, row)];

    /// <summary>
    /// Makes this batch a window of a longer one, for truncated backpropagation: steps <paramref name="start"/> to
    /// <paramref name="start"/> + <paramref name="steps"/> - 1 of every row, or as many as there are. Gradients then stop at the
    /// window's first step. A row that ended before the window has one step without input or target.
    /// </summary>
    /// <param name="whole">A batch of the same kinds and widths with an every-step head.</param>
    /// <param name="start">The first step, 0..T-1 of <paramref name="whole"/>.</param>
    /// <param name="steps">The window's length, at least 1.</param>
    /// <param name="carry">True to start from the state at the end of the window before (false: from h_0). The first window keeps
    /// the flags of <paramref name="whole"/>.</param>
    /// <exception cref="ArgumentException">The batches differ in kind or width, or the head predicts at the last step
    /// only.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The start is outside the whole, or the length below 1.</exception>
    public void TakeWindow(Batch whole, int start, int steps, bool carry)
    {
        ArgumentNullException.ThrowIfNull(whole);
        if (whole == this || !EveryStep
            || (whole.Encoding, whole.Inputs, whole.Head, whole.Outputs) != (Encoding, Inputs, Head, Outputs))
            throw new ArgumentException(
                "A window is taken from another batch of the same inputs and outputs, with a head that predicts at every step.");
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(start, whole.Steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        Resize(whole.Rows, Math.Min(steps, whole.Steps - start));
        for (int row = 0; row < Rows; row++)
        {
            _lengths[row] = Math.Clamp(whole._lengths[row] - start, 1, Steps);
            _carry[row] = start == 0 ? whole._carry[row] : carry;
        }

        int first = start * Rows, count = Steps * Rows;
        Part(whole._symbols, _symbols, 1);
        Part(whole._dense, _dense, Inputs);
        Part(whole._bits, _bits, _inputWords);
        Part(whole._classes, _classes, 1);
        Part(whole._values, _values, Outputs);
        Part(whole._targetBits, _targetBits, _targetWords);
        Part(whole._skipped, _skipped, 1);
        if (whole._weights.Length > 0 && _weights.Length == 0) Clear(ref _weights, count, 1.0);
        Part(whole._weights, _weights, 1);
        for (int row = 0; row < Rows; row++)
        {
            if (whole._lengths[row] > start) continue;
            if (_symbols.Length > 0) _symbols[row] = -1;
            if (_dense.Length > 0) Dense(0, row).Clear();
            if (_bits.Length > 0) _bits.AsSpan(row * _inputWords, _inputWords).Clear();
            if (_classes.Length > 0) _classes[row] = -1;
            if (_skipped.Length > 0) _skipped[row] = true;
        }

        void Part<TItem>(TItem[] source, TItem[] target, int width)
        {
            if (source.Length > 0) Array.Copy(source, (long)first * width, target, 0, (long)count * width);
        }
    }

    /// <summary>Fills this batch with rows of another one, in the given order; a row may be repeated.</summary>
    internal void TakeRows(Batch whole, ReadOnlySpan<int> rows)
    {
        Resize(rows.Length, whole.Steps);
        if (whole._weights.Length > 0) Clear(ref _weights, EveryStep ? Rows * Steps : Rows, 1.0);
        for (int r = 0; r < rows.Length; r++)
        {
            int from = rows[r];
            (_lengths[r], _carry[r]) = (whole._lengths[from], whole._carry[from]);
            Part(whole._symbols, _symbols, 1);
            Part(whole._dense, _dense, Inputs);
            Part(whole._bits, _bits, _inputWords);
            Part(whole._classes, _classes, 1);
            Part(whole._values, _values, Outputs);
            Part(whole._targetBits, _targetBits, _targetWords);
            Part(whole._skipped, _skipped, 1);
            Part(whole._weights, _weights, 1);

            void Part<TItem>(TItem[] source, TItem[] target, int width)
            {
                // A last-step head has one target a row, other heads one a step.
                for (int t = 0; t < whole.Steps; t++)
                {
                    long here = ((long)t * whole.Rows) + from, there = ((long)t * Rows) + r;
                    if ((here + 1) * width > source.Length || (there + 1) * width > target.Length) break;
                    Array.Copy(source, here * width, target, there * width, width);
                }
            }
        }
    }

    private static void Clear<TItem>(ref TItem[] array, int length, TItem value)
    {
        if (array.Length < length) array = new TItem[length];
        array.AsSpan(0, length).Fill(value);
    }

    private static void CheckWords(ReadOnlySpan<ulong> words, int count, int width)
    {
        if (words.Length != count || (width % 64 != 0 && count > 0 && words[^1] >> (width % 64) != 0))
            throw new ArgumentException(
                Invariant($"{width} bits are {count} words of 64 with no bit beyond them, not these {words.Length}."),
                nameof(words));
    }

    private int Entry(int step, int row)
    {
        if ((uint)step >= (uint)Steps || (uint)row >= (uint)Rows) ThrowOutside(step, row);
        return (step * Rows) + row;
    }

    private int Target(int step, int row)
    {
        if (EveryStep) return Entry(step, row);
        if ((uint)row >= (uint)Rows) ThrowOutside(step, row);
        return row;
    }

    // The buffers may be larger than the batch, so the bounds check of an array would not find this. The throw is in a separate
    // method, which keeps the check cheap.
    [DoesNotReturn]
    private void ThrowOutside(int step, int row) => throw new ArgumentOutOfRangeException(
        (uint)row >= (uint)Rows ? nameof(row) : nameof(step),
            Invariant($"There is no step {step} of row {row} in a batch of {Counted.Of(Rows, "sequence")} of ")
                + Invariant($"{Counted.Of(Steps, "step")}."));
}
