using Unroll.Analysis;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// What the Jacobians of single sequences say, beside the error signals of a whole diagnosis: whether states that start close part, and how a
/// step treats the error's own direction among all others. Of some sequences of the first batch: all singular values of a step are dear.
/// </summary>
/// <param name="Exponent">The largest finite-time Lyapunov exponent from the first step to the last, in nats a step, over the sequences.</param>
/// <param name="Ratio">||dE/dx_{k+1} J|| / ||dE/dx_{k+1}||, J = dx_{k+1}/dx_k: what Omega asks to be 1; over some steps of the sequences.</param>
/// <param name="Rank">The share of J's singular values below the ratio, 0..1, over the same steps.</param>
/// <param name="Largest">J's largest singular value, over the same steps.</param>
internal sealed record JacobianFacts(Quantiles Exponent, Quantiles Ratio, Quantiles Rank, Quantiles Largest)
{
    private const int MostSequences = 20, MostSteps = 80;

    /// <summary>Directions that are followed for the largest exponent: of a single one the start would still show.</summary>
    private const int Directions = 8;

    /// <summary>About so many multiplications may either of the two take, less than a second; of a network so large that one would take more, it is left out.</summary>
    private const double MostWork = 1e9;

    /// <summary>Measures a network on the first batch that its diagnosis was made of.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static JacobianFacts Measure(DiagnosisSubject subject, DiagnosisOptions options, CancellationToken cancellation)
    {
        Batch batch = Batch.For(subject.Task);
        subject.Task.Fill(batch, subject.Task.WholeSet ?? options.Rows, GradientDiagnosis.BatchKey(options.Seed, 0));
        using var unrolled = new UnrolledNetwork<double>(subject.Network, options.Threads);
        unrolled.Forward(batch, subject.Reduction);
        unrolled.Backward();
        int hidden = subject.Network.Shape.Hidden, directions = Math.Min(hidden, Directions);
        double follow = 3.0 * hidden * hidden * directions * batch.Steps, decompose = 30 * Math.Pow(hidden, 3);
        int sequences = (int)Math.Clamp(MostWork / follow, 0, Math.Min(batch.Rows, MostSequences)), samples = (int)Math.Clamp(MostWork / decompose, 0, MostSteps);
        var exponents = new List<double>();
        foreach (int row in Spread(batch.Rows, sequences).Where(row => batch.Lengths[row] > 1))
        {
            cancellation.ThrowIfCancellationRequested();
            exponents.Add(JacobianProducts.LyapunovExponents(unrolled, row, batch.Lengths[row], 1, directions)[0]);
        }

        int rows = Math.Min(batch.Rows, MostSequences);
        var errors = new List<OmegaDirection>();
        foreach ((int place, int row) in Spread(batch.Rows, Math.Min(rows, samples)).Index().Where(one => batch.Lengths[one.Item] > 1))
        {
            // As many steps of each sequence, at other places in each.
            foreach (double share in Enumerable.Range(0, Math.Max(1, samples / rows)).Select(i => (i + ((place + 0.5) / rows)) / Math.Max(1, samples / rows)))
            {
                cancellation.ThrowIfCancellationRequested();
                OmegaDirection direction = OmegaAnalysis.Direction(unrolled, row, 1 + (int)(share * (batch.Lengths[row] - 1)));
                if (double.IsFinite(direction.Ratio)) errors.Add(direction); // without an error signal there is no direction of it
            }
        }

        return new JacobianFacts(
            Quantiles.Of([.. exponents]), Quantiles.Of([.. errors.Select(one => one.Ratio)]), Quantiles.Of([.. errors.Select(one => one.Rank)]), Quantiles.Of([.. errors.Select(one => one.SingularValues[0])]));
    }

    /// <summary>So many of some places, evenly spread from the first on.</summary>
    private static IEnumerable<int> Spread(int places, int count) => Enumerable.Range(0, count).Select(i => (int)((long)i * places / count));
}
