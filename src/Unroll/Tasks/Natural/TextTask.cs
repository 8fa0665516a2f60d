using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Tasks;

/// <summary>
/// The next symbol of a text, or a later one (section 4.2): step t has symbol t - 1 as its input (none at t = 0) and symbol t - 1
/// + ahead as its target. For training the text is cut into B equal parts that are read side by side, a window at a time, with
/// the state carried over from one window to the next; a part begins from h_0 in each epoch.
/// </summary>
public sealed class TextTask : ICorpusTask
{
    /// <summary>The name of the task.</summary>
    public const string TaskName = "text";

    /// <summary>The property that holds the alphabet (<see cref="Data.Alphabet.ToString"/>).</summary>
    public const string AlphabetKey = "alphabet";

    /// <summary>The property that says how far ahead the predicted symbol is.</summary>
    public const string AheadKey = "ahead";

    /// <summary>A task on a text.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="window">Steps of a training window, 1..65536; the paper's are 200.</param>
    /// <param name="ahead">How far ahead the predicted symbol is, 1 (the next) or more.</param>
    /// <exception cref="ArgumentException">A number is out of its range, a fold is too short to predict anything, or there is
    /// only one symbol.</exception>
    public TextTask(TextCorpus corpus, int window = 200, int ahead = 1)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        (Corpus, Window, Ahead) = (corpus, window, ahead);
        if (window is < 1 or > 65_536) throw new ArgumentException(
            Invariant($"The window has {window} steps; it must have 1..65536."));
        if (ahead is < 1 or > 65_536) throw new ArgumentException(
            Invariant($"The predicted symbol is {ahead} ahead; it must be 1..65536."));
        if (corpus.Alphabet.Count < 2)
            throw new ArgumentException(
                $"{corpus.Name} has a single symbol, {corpus.Alphabet.Describe(0)}, so there is nothing to predict.");
        if (corpus.Train.Length < ahead) throw new ArgumentException(
            Invariant($"The training text of {corpus.Name} has {Counted.Of(corpus.Train.Length, "symbol")}; ")
                + Invariant($"to predict {ahead} ahead it needs at least {ahead}."));
        Properties = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [AlphabetKey] = corpus.Alphabet.ToString(),
            [AheadKey] = ahead.ToString(CultureInfo.InvariantCulture),
            ["window"] = window.ToString(CultureInfo.InvariantCulture),
            ["corpus"] = Fingerprint(),
        };
    }

    /// <summary>The text.</summary>
    public TextCorpus Corpus { get; }

    /// <summary>How far ahead the predicted symbol is; 1 is the next one.</summary>
    public int Ahead { get; }

    /// <inheritdoc/>
    public int Window { get; }

    /// <inheritdoc/>
    public string Name => TaskName;

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.OneHot;

    /// <inheritdoc/>
    public int Inputs => Corpus.Alphabet.Count;

    /// <inheritdoc/>
    public OutputHead Head => OutputHead.SoftmaxEvery;

    /// <inheritdoc/>
    public int Outputs => Corpus.Alphabet.Count;

    /// <inheritdoc/>
    public string LossUnit => "bits a character";

    /// <inheritdoc/>
    public double NatsPerUnit => Math.Log(2);

    /// <inheritdoc/>
    public CostReduction Reduction => CostReduction.Sum;

    /// <inheritdoc/>
    public bool HasSuccessRule => false;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <inheritdoc/>
    public int Streams(Fold fold) => 1;

    /// <inheritdoc/>
    public int StreamSteps(Fold fold, int stream) => Math.Max(0, Corpus.Of(fold).Length - Ahead + 1);

    /// <inheritdoc/>
    public string StreamName(Fold fold, int stream) => Corpus.Name;

    /// <inheritdoc/>
    public long UpdatesPerEpoch(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return (PartSteps(rows) + Window - 1) / Window;
    }

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int total = StreamSteps(Fold.Train, 0), part = PartSteps(rows);
        int start = (int)(key.Index % UpdatesPerEpoch(rows)) * Window;
        batch.Resize(rows, Math.Min(Window, part - start));
        for (int row = 0; row < rows; row++)
        {
            long first = ((long)row * part) + start;
            int steps = (int)Math.Clamp(Math.Min(total, ((long)row + 1) * part) - first, 0, batch.Steps);
            batch.Carry[row] = start > 0;
            batch.Lengths[row] = Math.Max(1, steps); // a part that has ended, or is empty, has one step without input or target
            if (steps > 0) FillStream(batch, row, Fold.Train, 0, (int)first, steps);
        }
    }

    /// <inheritdoc/>
    public void FillStream(Batch batch, int row, Fold fold, int stream, int start, int steps)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ReadOnlySpan<ushort> text = Corpus.Of(fold).Span;
        for (int i = 0; i < steps; i++)
        {
            int t = start + i;
            if (t > 0) batch.SetSymbol(i, row, text[t - 1]);
            batch.SetClass(i, row, text[t - 1 + Ahead]);
        }
    }

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) => correct.Clear();

    /// <summary>Steps of each of the parts that are read side by side; the last may be shorter.</summary>
    private int PartSteps(int rows) => (int)(((long)StreamSteps(Fold.Train, 0) + rows - 1) / rows);

    /// <summary>Distinguishes this text from others, so that a run is not resumed on another text.</summary>
    private string Fingerprint()
    {
        var crc = new Crc64();
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            crc.Append(Corpus.Of(fold).Length);
            crc.Append(MemoryMarshal.AsBytes(Corpus.Of(fold).Span));
        }

        return crc.Value.ToString("x16", CultureInfo.InvariantCulture);
    }
}
