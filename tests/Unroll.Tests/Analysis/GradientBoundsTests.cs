using Unroll.Analysis;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Analysis;

public static class GradientBoundsTests
{
    private static readonly NetworkShape s_tanh = new(1, 2, 1);

    [Fact]
    public static void A_network_of_radius_zero_can_explode()
    {
        GradientBounds bounds = Of([2, 2, -2, -2], Activation.Tanh);
        Assert.Equal(0, bounds.SpectralRadius);
        Assert.Equal(4, bounds.LargestSingularValue, 12);
        Assert.True(bounds.CanExplode);
        Assert.False(bounds.MustVanish);
        Assert.Equal(4, bounds.Eta, 12);

        // With unit 1 saturated (and unit 0 not) the Jacobian W diag(sigma') has the eigenvalue 2.
        Assert.Equal(2, Spectrum.SpectralRadius([2, 0, -2, 0], 2), 12);
        Assert.True(Of([2, 2, -2, -2], Activation.Identity).MustVanish);
        Assert.False(Of([2, 2, -2, -2], Activation.Identity).CanExplode);
    }

    [Theory]
    [InlineData(Activation.Tanh, 0.99, true, false)]
    [InlineData(Activation.Tanh, 1.01, false, true)]
    [InlineData(Activation.Sigmoid, 3.99, true, false)]
    [InlineData(Activation.Sigmoid, 4.01, false, true)]
    [InlineData(Activation.Relu, 1.01, false, true)]
    [InlineData(Activation.Identity, 0.99, true, false)]
    [InlineData(Activation.Identity, 1.01, false, true)]
    public static void The_bound_is_one_over_gamma(Activation activation, double weight, bool vanishes, bool explodes)
    {
        GradientBounds bounds = Of([weight, 0, 0, 0.1], activation);
        Assert.Equal((vanishes, explodes), (bounds.MustVanish, bounds.CanExplode));
        Assert.Equal(weight * activation.Gamma(), bounds.Eta, 12);
    }

    [Fact]
    public static void An_orthogonal_matrix_is_on_the_border_to_rounding_and_no_further()
    {
        foreach (int n in (int[])[1, 2, 17, 50, 120])
        {
            var shape = new NetworkShape(3, n, 2);
            var stored = new Network<float>(shape);
            Initializer.Initialize(stored, Initialization.Orthogonal, 7);
            Network<double> network = stored.Convert<double>();
            Assert.Equal((false, false, null), Verdict(network)); // float, computed in double
            Assert.Equal((false, false, null), Verdict(stored));
            foreach ((double factor, bool vanishes, bool explodes) in
                ((double, bool, bool)[])[(1.001, false, true), (0.999, true, false)])
            {
                Network<double> scaled = stored.Convert<double>();
                foreach (ref double weight in scaled.RecurrentWeights) weight *= factor;
                (bool MustVanish, bool CanExplode, int? By) verdict = Verdict(scaled);
                Assert.Equal((vanishes, explodes, vanishes), (verdict.MustVanish, verdict.CanExplode, verdict.By is not null));
            }
        }

        // In double an excess of a millionth cannot be rounding; in float it can.
        var two = new Network<double>(new NetworkShape(1, 2, 1));
        (two.RecurrentWeights[0], two.RecurrentWeights[3]) = (1 + 1e-6, 0.3);
        Assert.True(GradientBounds.Of(two).CanExplode);
        (two.RecurrentWeights[0], two.RecurrentWeights[3]) = (1 + 4e-16, 0.3);
        Assert.False(GradientBounds.Of(two).CanExplode);
        (two.RecurrentWeights[0], two.RecurrentWeights[3]) = (1 + 3e-15, 0.3);
        Assert.False(GradientBounds.Of(two).CanExplode); // a few roundings, even of so small a matrix
        (two.RecurrentWeights[0], two.RecurrentWeights[3]) = (1 + 1e-13, 0.3);
        Assert.True(GradientBounds.Of(two).CanExplode);
        (two.RecurrentWeights[0], two.RecurrentWeights[3]) = (1 + 1.1920928955078125e-7, 0.25);
        Assert.False(GradientBounds.Of(two).CanExplode);

        static (bool MustVanish, bool CanExplode, int? By) Verdict<T>(Network<T> network)
            where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
        {
            GradientBounds bounds = GradientBounds.Of(network);
            return (bounds.MustVanish, bounds.CanExplode, bounds.VanishedBy);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 10)]
    [InlineData(0.9, 66)]
    [InlineData(1, null)]
    [InlineData(1.1, null)]
    public static void Eta_alone_says_by_when_a_signal_must_have_vanished(double weight, int? by) =>
        Assert.Equal(by, Of([weight, 0, 0, 0], Activation.Tanh).VanishedBy);

    [Fact]
    public static void The_measured_rate_never_exceeds_eta()
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            var shape = new NetworkShape(3, 16, 2) { Activation = activation };
            Network<double> network = Specimen.Network<double>(shape, 11);
            using var unrolled = new UnrolledNetwork<double>(network);
            unrolled.Forward(Specimen.Batch(shape, 4, 30, 2), CostReduction.Sum);
            unrolled.Backward();
            TemporalComponents components = TemporalComponents.Measure(unrolled, CostSteps.Every);
            double eta = GradientBounds.Of(network).Eta;
            for (int k = 2; k <= 30; k++) Assert.True(components.Signal(0, k - 1) <= eta * components.Signal(0, k) * (1 + 1e-12));
            Assert.True(DecayRate.Fit([.. components.ByLag().Select(lag => lag.Median)]).Rate <= eta);
        }
    }

    [Fact]
    public static void A_line_is_found_and_what_has_no_logarithm_left_out()
    {
        double[] curve = [.. Enumerable.Range(0, 50).Select(lag => 3 * Math.Pow(0.9, lag))];
        (curve[7], curve[20]) = (0, double.PositiveInfinity);
        DecayRate rate = DecayRate.Fit(curve);
        Assert.Equal((0.9, 3.0, 0.0, 48),
            (Math.Round(rate.Rate, 10), Math.Round(rate.Scale, 10), Math.Round(rate.Residual, 10), rate.Points));
        Assert.True(double.IsNaN(DecayRate.Fit([1.0]).Rate));
        Assert.Equal(3 * 0.9 * 0.9, DecayRate.Fit(curve, 2).Scale * 0.81, 10);
    }

    [Fact]
    public static void Saturated_units_are_those_with_a_tenth_of_the_slope()
    {
        var shape = new NetworkShape(1, 4, 2) { Encoding = InputEncoding.Dense };
        var network = new Network<double>(shape);
        double edge = Math.Atanh(Math.Sqrt(0.9));
        foreach ((int unit, double bias) in ((int, double)[])[(0, 0), (1, edge + 0.01), (2, edge - 0.01), (3, -5)])
            network.HiddenBias[unit] = bias;
        var batch = Batch.For(shape);
        batch.Resize(2, 5);
        batch.Lengths[1] = 2; // later steps do not count
        for (int r = 0; r < 2; r++) batch.SetClass(0, r, 0);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.Equal(0.5, ActivationSlopes.SaturatedShare(unrolled));
    }

    [Fact]
    public static void Quantiles_interpolate_and_infinities_and_nothing_are_borne()
    {
        Quantiles q = Quantiles.Of([4, 1, 3, 2, 5]);
        Assert.Equal((5, 1.0, 1.4, 3.0, 4.6, 5.0, 3.0),
            (q.Count, q.Minimum, Math.Round(q.Lower, 12), q.Median, Math.Round(q.Upper, 12), q.Maximum, q.Mean));
        Assert.Equal(double.PositiveInfinity, Quantiles.Of([double.PositiveInfinity, double.PositiveInfinity, 1]).Median);
        Assert.True(double.IsNaN(Quantiles.Of([1, double.NaN]).Median));
        Assert.Equal(0, Quantiles.Of([]).Count);
    }

    [Fact]
    public static void A_run_shows_when_the_bounds_were_passed_and_when_gradients_exploded()
    {
        TrainingProgress[] checks = [Check(100, 0.95, 0.99, 1), Check(200, 0.98, 1.1, 2), Check(300, 1.01, 1.2, 3),
            Check(400, 1.02, 1.3, 21), Check(500, 1.5, 2, double.PositiveInfinity)];
        Assert.Equal(new BoundCrossings(300, 200, 400, 10), BoundCrossings.Of(checks, s_tanh));
        Assert.Equal(new BoundCrossings(null, null, 500, 50),
            BoundCrossings.Of(checks, new NetworkShape(1, 2, 1) { Activation = Activation.Sigmoid }, 50));
        Assert.Equal(new BoundCrossings(null, null, null, 10), BoundCrossings.Of([], s_tanh));

        // Zero is not an explosion relative to zero.
        TrainingProgress[] still = [Check(100, 0.9, 0.9, 0), Check(200, 0.9, 0.9, 0), Check(300, 0.9, 0.9, 1)];
        Assert.Equal(new BoundCrossings(null, null, 300, 10), BoundCrossings.Of(still, s_tanh));

        // The bounds are for one plain layer.
        foreach (LayerList layers in (LayerList[])[[new LayerShape(2), new LayerShape(2)],
            [new LayerShape(2) { Cell = CellKind.Lstm }], [new LayerShape(2) { Cell = CellKind.Leaky, Leak = 0.5 }]])
            Assert.Equal(new BoundCrossings(null, null, 400, 10), BoundCrossings.Of(checks, new NetworkShape(1, layers, 1)));

        static TrainingProgress Check(long update, double radius, double singular, double norm) =>
            new(update, 1, "nats", 1, null, null, norm, 0, null, null, radius, singular, 0.1, null, 0, 1, 1, null);
    }

    private static GradientBounds Of(double[] weights, Activation activation)
    {
        var network = new Network<double>(new NetworkShape(1, 2, 1) { Activation = activation });
        weights.CopyTo(network.RecurrentWeights);
        return GradientBounds.Of(network);
    }
}
