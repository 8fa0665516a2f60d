using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Data;
using Unroll.Files;

namespace Unroll.Tasks;

/// <summary>
/// The next step of a piece of music (section 4.2): step t has the keys of step t - 1 as its input (none at t = 0) and those of
/// step t as its target. For training pieces are cut into windows, which are drawn in a new order in every epoch; each begins
/// from h_0, with the keys before it as its first input.
/// </summary>
public sealed class MusicTask : ICorpusTask
{
    /// <summary>The name of the task.</summary>
    public const string TaskName = "music";

    private readonly (int Piece, int Start, int Steps)[] _windows;
    private Ordered? _ordered; // of the last call: trainers that share a task may take turns

    private sealed record Ordered(ulong Seed, long Epoch, int[] Windows);

    /// <summary>A task on pieces of music.</summary>
    /// <param name="corpus">The pieces.</param>
    /// <param name="window">Steps of a training window, 1..65536; the paper's are 200.</param>
    /// <exception cref="ArgumentException">The window is out of its range, or there is nothing to train on.</exception>
    public MusicTask(MusicCorpus corpus, int window = 200)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        if (window is < 1 or > 65_536) throw new ArgumentException(
            Invariant($"The window has {window} steps; it must have 1..65536."));
        (Corpus, Window) = (corpus, window);
        _windows = [.. Cut(corpus.Train, window)];
        if (_windows.Length == 0) throw new ArgumentException($"The training fold of {corpus.Name} is empty.");
        Properties = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["window"] = window.ToString(CultureInfo.InvariantCulture),
            ["corpus"] = Fingerprint(),
        };
    }

    /// <summary>The pieces.</summary>
    public MusicCorpus Corpus { get; }

    /// <inheritdoc/>
    public int Window { get; }

    /// <inheritdoc/>
    public string Name => TaskName;

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.MultiHot;

    /// <inheritdoc/>
    public int Inputs => PianoRoll.Keys;

    /// <inheritdoc/>
    public OutputHead Head => OutputHead.BernoulliEvery;

    /// <inheritdoc/>
    public int Outputs => PianoRoll.Keys;

    /// <inheritdoc/>
    public string LossUnit => "nats a step";

    /// <inheritdoc/>
    public double NatsPerUnit => 1;

    /// <inheritdoc/>
    public CostReduction Reduction => CostReduction.Mean;

    /// <inheritdoc/>
    public bool HasSuccessRule => false;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <inheritdoc/>
    public int Streams(Fold fold) => Corpus.Of(fold).Count;

    /// <inheritdoc/>
    public int StreamSteps(Fold fold, int stream) => Corpus.Of(fold)[stream].Steps;

    /// <inheritdoc/>
    public string StreamName(Fold fold, int stream) => Corpus.Of(fold)[stream].Name;

    /// <inheritdoc/>
    public long UpdatesPerEpoch(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return (_windows.Length + rows - 1) / rows;
    }

    /// <inheritdoc/>
    /// <remarks>The last update of an epoch has fewer rows when the windows do not fill it.</remarks>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        long updates = UpdatesPerEpoch(rows);
        int[] order = Order(key, key.Index / updates);
        int first = (int)(key.Index % updates) * rows, count = Math.Min(rows, _windows.Length - first);
        int longest = 0;
        for (int row = 0; row < count; row++) longest = Math.Max(longest, _windows[order[first + row]].Steps);
        batch.Resize(count, longest);
        for (int row = 0; row < count; row++)
        {
            (int piece, int start, int steps) = _windows[order[first + row]];
            batch.Lengths[row] = steps;
            FillStream(batch, row, Fold.Train, piece, start, steps);
        }
    }

    /// <inheritdoc/>
    public void FillStream(Batch batch, int row, Fold fold, int stream, int start, int steps)
    {
        ArgumentNullException.ThrowIfNull(batch);
        PianoRoll piece = Corpus.Of(fold)[stream];
        for (int i = 0; i < steps; i++)
        {
            int t = start + i;
            if (t > 0) batch.SetBits(i, row, piece.Words(t - 1));
            batch.SetTargetBits(i, row, piece.Words(t));
        }
    }

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) => correct.Clear();

    private static IEnumerable<(int Piece, int Start, int Steps)> Cut(IReadOnlyList<PianoRoll> pieces, int window)
    {
        for (int p = 0; p < pieces.Count; p++)
        {
            for (int start = 0; start < pieces[p].Steps; start += window)
                yield return (p, start, Math.Min(window, pieces[p].Steps - start));
        }
    }

    /// <summary>The order of the windows in an epoch (Fisher and Yates), a function of the seed and the epoch alone.</summary>
    private int[] Order(RandomKey key, long epoch)
    {
        if (_ordered is { } known && (known.Seed, known.Epoch) == (key.Seed, epoch)) return known.Windows;
        var order = new int[_windows.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        RandomSource random = new RandomKey(key.Seed, RandomStream.Order, epoch).Shared();
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        _ordered = new Ordered(key.Seed, epoch, order);
        return order;
    }

    private string Fingerprint()
    {
        var crc = new Crc64();
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            foreach (PianoRoll piece in Corpus.Of(fold))
            {
                crc.Append(piece.Steps);
                for (int t = 0; t < piece.Steps; t++) crc.Append(MemoryMarshal.AsBytes(piece.Words(t)));
            }
        }

        return crc.Value.ToString("x16", CultureInfo.InvariantCulture);
    }
}
