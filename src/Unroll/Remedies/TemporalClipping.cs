using System.Numerics;

namespace Unroll.Remedies;

/// <summary>
/// Clipping of the temporal components (Mikolov, 2012; section 3.1): each error signal dE/ds_t, of a sequence's own cost, is
/// clipped when it is complete and before it flows on to step t - 1. What comes of it is no gradient of anything: its direction
/// differs from the true one, which clipping the whole gradient (Algorithm 1) keeps.
/// </summary>
/// <param name="Threshold">The threshold, positive and finite.</param>
/// <param name="Mode">By the norm of a layer's signal (of a cell with more state than h that of all its parts together), or by element.</param>
public sealed record TemporalClipping(double Threshold, ClipMode Mode = ClipMode.Norm)
{
    /// <exception cref="ArgumentException">The threshold or the mode is none.</exception>
    internal void Validate()
    {
        if (!(Threshold > 0 && double.IsFinite(Threshold)))
            throw new ArgumentException(
                Invariant($"The threshold of temporal clipping is {Threshold}; it must be positive and finite."));
        if (Mode is not (ClipMode.Norm or ClipMode.Value))
            throw new ArgumentException($"Temporal clipping is by Norm or by Value, not by {Mode}.");
    }

    /// <summary>Clips one row's signal, which is 1 / <paramref name="rows"/> of that of the sequence's own cost.</summary>
    /// <param name="h">dE/dh_t.</param>
    /// <param name="c">dE/dc_t of an LSTM, that of a second part of the state; otherwise empty.</param>
    /// <param name="last">That of a third part; otherwise empty.</param>
    /// <param name="rows">B.</param>
    internal void Apply<T>(Span<T> h, Span<T> c, Span<T> last, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double bound = Threshold / rows;
        if (Mode == ClipMode.Value)
        {
            GradientClipping.Clamp(h, bound);
            GradientClipping.Clamp(c, bound);
            GradientClipping.Clamp(last, bound);
            return;
        }

        double norm = GradientClipping.Norm<T>(h);
        if (!c.IsEmpty) norm = double.Hypot(norm, GradientClipping.Norm<T>(c));
        if (!last.IsEmpty) norm = double.Hypot(norm, GradientClipping.Norm<T>(last));
        if (!(norm > bound) || !double.IsFinite(norm)) return; // what is not finite is for the guard to see
        GradientClipping.Scale(h, bound / norm);
        GradientClipping.Scale(c, bound / norm);
        GradientClipping.Scale(last, bound / norm);
    }
}
