using Unroll.Analysis;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// What the Jacobians of single sequences say, beside the error signals of a whole diagnosis: whether states that start close
/// part, and how a step treats the error's own direction among all others. Of some sequences of the first batch: all singular
/// values of a step take long to compute.
/// </summary>
/// <param name="Exponent">The largest finite-time Lyapunov exponent from the first step to the last, in nats a step, over the
/// sequences.</param>
/// <param name="Ratio">||dE/dx_{k+1} J|| / ||dE/dx_{k+1}||, J = dx_{k+1}/dx_k: what Omega asks to be 1; over some steps of the
/// sequences.</param>
/// <param name="Rank">The share of J's singular values below the ratio, 0..1, over the same steps.</param>
/// <param name="Largest">J's largest singular value, over the same steps.</param>
/// <param name="Radius">The spectral radius of ds_t/ds_{t-1}, s the carried state of all layers, over steps of the sequences; of
/// networks that are not one plain layer, whose W_rec says it.</param>
/// <param name="Stretch">The largest singular value of the same Jacobians.</param>
internal sealed record JacobianFacts(Quantiles Exponent, Quantiles Ratio, Quantiles Rank, Quantiles Largest, Quantiles Radius,
    Quantiles Stretch)
{
    /// <summary>Whether the error's direction is in the last of several layers.</summary>
    public bool LastOfSeveral { get; private init; }

    private const int MostSequences = 20, MostSteps = 80, MostSpectra = 40, MostWidth = 1000;

    /// <summary>
    /// An exponential function takes as long as so many multiplications; a step has one a pre-activation and direction.
    /// </summary>
    private const int UnitWork = 20;

    /// <summary>One sequence may take so many times as much, where the cells are not plain.</summary>
    private const int Patience = 5;

    /// <summary>Directions that are followed for the largest exponent: of a single one the start would still show.</summary>
    private const int Directions = 8;

    /// <summary>
    /// About so many multiplications may either of the two take, less than a second; of a network so large that one would take
    /// more, it is left out.
    /// </summary>
    private const double MostWork = 1e9;

    /// <summary>The same of the spectra of steps' Jacobians, whose radius takes about thirty squarings.</summary>
    private const double MostSpectraWork = 2e9, Squarings = 30;

    /// <summary>A radius is shown to a few digits.</summary>
    private const double RadiusTolerance = 1e-9;

    /// <summary>Measures a network on the first batch that its diagnosis was made of.</summary>
    /// <param name="subject">The network and its task.</param>
    /// <param name="options">How much was measured.</param>
    /// <param name="onProgress">Called with the share that is done, 0 to 1, or null.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static JacobianFacts Measure(
        DiagnosisSubject subject, DiagnosisOptions options, Action<double>? onProgress, CancellationToken cancellation)
    {
        Batch batch = Batch.For(subject.Task);
        subject.Task.Fill(batch, subject.Task.WholeSet ?? options.Rows, GradientDiagnosis.BatchKey(options.Seed, 0));
        using var unrolled = new UnrolledNetwork<double>(subject.Network, options.Threads);
        unrolled.Forward(batch, subject.Reduction);
        unrolled.Backward();
        int width = subject.Network.Shape.StateWidth, directions = Math.Min(width, Directions);
        bool plain = subject.Network.Shape.IsOnPreActivations;
        double follow = (plain ? 3.0 * width * width * directions
            : ProductWork(subject.Network.Shape) * directions) * batch.Steps, decompose = (plain ? 30 : 100) * Math.Pow(width, 3);
        int sequences = (int)Math.Clamp((plain ? MostWork : MostWork / 6) / follow, !plain && follow < Patience * MostWork ? 1
            : 0, Math.Min(batch.Rows, MostSequences)), samples = (int)Math.Clamp(MostWork / decompose, 0, MostSteps);
        var exponents = new List<double>();
        foreach (int row in Spread(batch.Rows, sequences).Where(row => batch.Lengths[row] > 1))
        {
            cancellation.ThrowIfCancellationRequested();
            exponents.Add(JacobianProducts.LyapunovExponents(unrolled, row, batch.Lengths[row], 1, directions)[0]);
            onProgress?.Invoke(exponents.Count / (2.0 * sequences));
        }

        int rows = Math.Min(batch.Rows, MostSequences);
        var errors = new List<OmegaDirection>();
        foreach ((int place, int row) in Spread(batch.Rows, Math.Min(rows, samples)).Index()
            .Where(one => batch.Lengths[one.Item] > 1))
        {
            // As many steps of each sequence, at other places in each.
            foreach (double share in Enumerable.Range(0, Math.Max(1, samples / rows))
                .Select(i => (i + ((place + 0.5) / rows)) / Math.Max(1, samples / rows)))
            {
                cancellation.ThrowIfCancellationRequested();
                OmegaDirection direction = OmegaAnalysis.Direction(unrolled, row, 1 + (int)(share * (batch.Lengths[row] - 1)));
                if (double.IsFinite(direction.Ratio))
                    errors.Add(direction); // without an error signal there is no direction of it
            }
        }

        (Quantiles radius, Quantiles stretch) = plain ? (default, default)
            : Spectra(unrolled, width, share => onProgress?.Invoke((1 + share) / 2), cancellation);
        return new JacobianFacts(
            Quantiles.Of([.. exponents]), Quantiles.Of([.. errors.Select(one => one.Ratio)]),
            Quantiles.Of([.. errors.Select(one => one.Rank)]),
            Quantiles.Of([.. errors.Select(one => one.SingularValues[0])]), radius, stretch)
        {
            LastOfSeveral = subject.Network.Shape.Layers.Count > 1,
        };
    }

    /// <summary>
    /// The multiplications of one step's Jacobian times a vector: those of the weights, and making it orthogonal.
    /// </summary>
    private static double ProductWork(NetworkShape shape)
    {
        double work = 2.0 * Directions * shape.StateWidth;
        for (int k = 0; k < shape.Layers.Count; k++)
        {
            LayerShape layer = shape.Layers[k];
            work += (double)UnitWork * layer.Definition.Layout.Blocks * layer.Hidden;
            work += (double)layer.Definition.Layout.Gates * layer.Hidden * (layer.Hidden + (k > 0 ? shape.InputsOf(k) : 0));
        }

        return work;
    }

    /// <summary>The spectra of single steps' Jacobians, at other places of each sequence.</summary>
    private static (Quantiles Radius, Quantiles Stretch) Spectra(UnrolledNetwork<double> unrolled, int width,
        Action<double> onStep, CancellationToken cancellation)
    {
        int steps = width > MostWidth ? 0 : (int)Math.Clamp(MostSpectraWork / (Squarings * Math.Pow(width, 3)), 2, MostSpectra);
        List<double> radius = [], stretch = [];
        var jacobians = new StepJacobians<double>(unrolled);
        foreach (int place in Enumerable.Range(0, steps))
        {
            int row = place % unrolled.Rows, length = unrolled.LengthOf(row);
            if (length < 2) continue;
            cancellation.ThrowIfCancellationRequested();
            double[] jacobian = jacobians.Of(row, 2 + (int)((place + 0.5) / steps * (length - 1)));
            if (jacobian.Any(x => !double.IsFinite(x))) continue;
            radius.Add(Spectrum.SpectralRadius(jacobian, width, RadiusTolerance));
            stretch.Add(Spectrum.LargestSingularValueByLanczos(jacobian, width));
            onStep((place + 1.0) / steps);
        }

        return (Quantiles.Of([.. radius]), Quantiles.Of([.. stretch]));
    }

    /// <summary>So many of some places, evenly spread from the first on.</summary>
    private static IEnumerable<int> Spread(int places, int count) =>
        Enumerable.Range(0, count).Select(i => (int)((long)i * places / count));
}
