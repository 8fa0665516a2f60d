using System.Globalization;
using Unroll.Numerics;
using Unroll.Studies.Corpora;

namespace Unroll.Studies;

/// <summary>A stored trial that is run once more, and what differs.</summary>
/// <param name="trial">The trial.</param>
/// <param name="test">The tests of its study.</param>
/// <param name="study">The folder of a study that this process holds, for the run's files.</param>
/// <param name="kernel">The instruction set of this machine.</param>
/// <param name="corpora">Reads the data of trials that have some.</param>
internal sealed class TrialRepeat(Trial trial, StudyTest test, string study, string kernel, CorpusCache corpora)
{
    private readonly TrialRun _run = new(trial, test, study, kernel, corpora, double.PositiveInfinity);

    /// <summary>Updates made; may be read from another thread.</summary>
    public long Updates => _run.Updates;

    /// <summary>Runs it.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TrialResult Run(CancellationToken cancellation)
    {
        TrialResult? result = _run.Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        return result!;
    }

    /// <summary>
    /// The first thing in which two results of one trial differ: outcome, updates, errors, losses, tests, and every number of the
    /// kept checks but the seconds. Null when every bit is the same.
    /// </summary>
    /// <param name="before">What the store has, with its checks.</param>
    /// <param name="now">The new result.</param>
    /// <returns>What both say of it.</returns>
    public static (string Before, string Now)? Difference(TrialResult before, TrialResult now)
    {
        (string first, string second) = TrialResult.Difference(before, now);
        if (first != second) return (first, second);
        if (before.Checks.Count != now.Checks.Count)
            return (Counted.Of(before.Checks.Count, "check"), Counted.Of(now.Checks.Count, "check"));
        foreach ((CurvePoint one, CurvePoint other) in before.Checks.Zip(now.Checks))
        {
            foreach (((string name, double then), (_, double again)) in Numbers(one).Zip(Numbers(other)))
            {
                // A store keeps checks in 32 bits.
                if (BitConverter.SingleToInt32Bits((float)then) == BitConverter.SingleToInt32Bits((float)again)) continue;
                if (double.IsNaN(then) && double.IsNaN(again)) continue;
                return (Text(one, name, then), Text(other, name, again));
            }
        }

        return null;

        static string Text(CurvePoint check, string name, double value) =>
            Invariant($"{name} {((float)value).ToString("R", CultureInfo.InvariantCulture)} at update {check.Update}");
    }

    private static IEnumerable<(string Name, double Value)> Numbers(CurvePoint check) =>
    [
        ("update", check.Update), ("loss", check.Loss), ("validation loss", check.ValidationLoss), ("error", check.Error),
        ("gradient norm", check.GradientNorm), ("clip rate", check.ClipRate), ("Omega", check.Omega),
        ("spectral radius", check.SpectralRadius), ("largest singular value", check.LargestSingularValue),
    ];
}
