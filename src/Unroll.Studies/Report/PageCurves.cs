using System.Text.Json;

namespace Unroll.Studies.Report;

/// <summary>
/// The curves of a study's page, as the store packs them, in base64: <c>[trial, points, data]</c> each. When they would make
/// the page too large, they have fewer points, fewer digits and only the columns that the page draws.
/// </summary>
internal sealed class PageCurves
{
    /// <summary>The letters of base64 that all curves may have together; the page is to stay below 30 MB.</summary>
    private const long Room = 22_000_000;

    /// <summary>
    /// Bytes that a thinned point takes at most, deflated: seven columns of 21 bits, of which the leading ones repeat, and the
    /// update.
    /// </summary>
    private const int BytesAPoint = 18;

    /// <summary>With fewer points a curve says nothing, and none is written.</summary>
    private const int Fewest = 8;

    /// <summary>Bits of a 32-bit float's 23 that thinned numbers keep: four digits.</summary>
    private const int KeptBits = 12;

    private readonly StudyStore _store;
    private readonly Dictionary<string, int> _finished;

    private PageCurves(StudyStore store, Dictionary<string, int> finished, int? points) =>
        (_store, _finished, Points) = (store, finished, points);

    /// <summary>The most points of a curve in the page; null for all that the store has, 0 for no curve.</summary>
    public int? Points { get; }

    /// <summary>Looks at how much there is.</summary>
    public static PageCurves Of(StudyStore store, List<StoredTrial> trials)
    {
        var finished = new Dictionary<string, int>();
        for (int i = 0; i < trials.Count; i++)
        {
            if (trials[i].Result is not null) finished.Add(trials[i].Hash, i);
        }

        if (store.CurveBytes() * 4 / 3 <= Room || finished.Count == 0) return new PageCurves(store, finished, null);
        int points = (int)Math.Min(Curve.Most, Room * 3 / 4 / finished.Count / BytesAPoint);
        return new PageCurves(store, finished, points < Fewest ? 0 : points);
    }

    /// <summary>Writes them, in no order.</summary>
    /// <param name="json">Takes them.</param>
    /// <param name="report">Hears after each how many of how many are written.</param>
    public void Write(Utf8JsonWriter json, Action<int, int>? report)
    {
        json.WriteStartArray();
        if (Points != 0)
        {
            int done = 0;
            _store.ReadCurves((hash, curve) =>
            {
                // What was finished after the trials were read is not in the page yet.
                if (!_finished.TryGetValue(hash, out int trial)) return;
                if (Points is { } points) curve = Thin(hash, curve, points);
                json.WriteStartArray();
                json.WriteNumberValue(trial);
                json.WriteNumberValue(curve.Points);
                json.WriteBase64StringValue(curve.Data);
                json.WriteEndArray();
                if (json.BytesPending > 1 << 16) json.Flush();
                report?.Invoke(++done, _finished.Count);
            });
        }

        json.WriteEndArray();
    }

    private static PackedCurve Thin(string hash, PackedCurve curve, int points)
    {
        try
        {
            List<CurvePoint> checks = Curve.Unpack(curve.Data, curve.Points);
            return PackedCurve.Of([.. Keep(checks, points).Select(i => Shorten(checks[i]))]);
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"The study's store is damaged: it has {error.Message} for the trial {hash}.", error);
        }
    }

    /// <summary>
    /// The places of so many checks at most: evenly spaced ones to the last, and the first with at most 1% wrong.
    /// </summary>
    private static IEnumerable<int> Keep(List<CurvePoint> checks, int points)
    {
        if (checks.Count <= points) return Enumerable.Range(0, checks.Count);
        int even = points - 1, first = Curve.FirstHit(checks);
        IEnumerable<int> kept = Enumerable.Range(1, even).Select(k => (int)((long)k * checks.Count / even) - 1);
        return (first < 0 ? kept : kept.Append(first)).Distinct().Order();
    }

    private static CurvePoint Shorten(CurvePoint point) => point with
    {
        Seconds = double.NaN,
        Loss = Shorten(point.Loss),
        ValidationLoss = Shorten(point.ValidationLoss),
        Error = Shorten(point.Error),
        GradientNorm = Shorten(point.GradientNorm),
        ClipRate = Shorten(point.ClipRate),
        Omega = Shorten(point.Omega),
        SpectralRadius = Shorten(point.SpectralRadius),
        LargestSingularValue = double.NaN,
    };

    /// <summary>The nearest number with few bits; deflate finds the zeros of the others.</summary>
    private static double Shorten(double value)
    {
        if (!float.IsFinite((float)value)) return value;
        const int Dropped = 23 - KeptBits;
        int bits = BitConverter.SingleToInt32Bits((float)value);
        float rounded = BitConverter.Int32BitsToSingle((bits + (1 << (Dropped - 1))) & -(1 << Dropped));
        return float.IsFinite(rounded) ? rounded : value;
    }
}
