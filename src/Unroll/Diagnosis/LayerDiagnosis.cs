using System.Collections.Immutable;
using Unroll.Remedies;

namespace Unroll.Analysis;

/// <summary>What a diagnosis found in one layer, over all batches.</summary>
/// <param name="Index">The layer, 0 next to the input.</param>
/// <param name="Shape">The layer's units.</param>
/// <param name="ByLag">||dE_t/ds_{t-lag}|| of the layer's state (h, and c of an LSTM) over all sequences, at lag 0, 1, ...; with
/// respect to x for one plain layer.</param>
/// <param name="Measured">The rate a step, fitted to the medians of <paramref name="ByLag"/>.</param>
/// <param name="Omega">The layer's Omega (the authors' form) and the share of entries kept, the mean over the batches.</param>
/// <param name="Saturation">The saturation of each nonlinearity, the mean over the batches.</param>
public sealed record LayerDiagnosis(
    int Index, LayerShape Shape, ImmutableArray<Quantiles> ByLag, DecayRate Measured, OmegaStatistics Omega,
        ImmutableArray<GateSaturation> Saturation);
