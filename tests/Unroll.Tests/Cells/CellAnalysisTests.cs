using Unroll.Analysis;
using Unroll.Cells;
using Unroll.Dynamics;
using Unroll.Geometry;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Cells;

/// <summary>All analyses on every cell and stack, compared with finite differences and with passes that have one cost.</summary>
public static class CellAnalysisTests
{
    public static TheoryData<int> Stacks() => [.. Enumerable.Range(0, CellShapes.Stacks(3).Count())];

    [Theory]
    [MemberData(nameof(Stacks))]
    public static void Jacobians_are_derivatives_of_the_whole_state(int stack)
    {
        NetworkShape shape = Shape(stack, OutputHead.SoftmaxEvery);
        Network<double> network = Specimen.Network<double>(shape, 3);
        Batch batch = Specimen.Batch(shape, 2, 5, 4);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        int s = shape.StateWidth;
        var map = new ScalarNetwork(network);
        double[] next = new double[s], u = new double[shape.Inputs];
        for (int t = 2; t <= 5; t++)
        {
            Unroll.Inputs.InputVector.Read(batch, t - 1, 1, u);
            double[] state = unrolled.WholeState(t - 1, 1);
            map.Step(u, state, next);
            Compare.Close(next, unrolled.WholeState(t, 1), 1e-12, "the next state");
            Compare.Close(map.Jacobian(u, state), Differences((x, y) => map.Step(u, x, y), state), 1e-8, "Jacobian");
            if (!shape.IsOnPreActivations)
                Compare.Close(JacobianProducts.Jacobian(unrolled, 1, t), map.Jacobian(u, state), 1e-12, "Jacobian of a pass");
        }

        // The product of Jacobians gives the effect of a small change of an early state on a late state.
        double[] singular = JacobianProducts.LogSingularValues(unrolled, 0, 5, 3);
        Assert.Equal(shape.IsOnPreActivations ? shape.Hidden : s, singular.Length);
        Assert.True(
            JacobianProducts.LyapunovExponents(unrolled, 0, 5)[0] >= JacobianProducts.LyapunovExponents(unrolled, 0, 5)[^1]);

        var autonomous = new AutonomousNetwork(network);
        double[] start = unrolled.WholeState(5, 0);
        Compare.Close(
            autonomous.Jacobian(start), Differences((x, y) => autonomous.Apply(x, y), start), 1e-8, "Jacobian without input");
        Assert.Equal(s, autonomous.Eigenvalues(start).Length);
        double[] jacobian = map.Jacobian([], new double[s]); // for a plain layer without the slopes: W_rec itself
        if (!shape.IsOnPreActivations)
        {
            double expected = Spectrum.LargestSingularValue(jacobian, s, s);
            Assert.Equal(expected, Spectrum.LargestSingularValue(network), expected * 1e-9);
            Assert.Equal(Spectrum.SpectralRadius(jacobian, s), Spectrum.SpectralRadius(network));
            var meter = new SpectrumMeter<double>(network);
            Assert.Equal((Spectrum.SpectralRadius(network), Spectrum.LargestSingularValue(network)), meter.Measure());
            Network<double> other = Specimen.Network<double>(shape, 99);
            other.Parameters.CopyTo(network.Parameters); // the same object measures what its network has become
            Assert.Equal((Spectrum.SpectralRadius(other), Spectrum.LargestSingularValue(other)), meter.Measure());
        }

        Assert.Equal(shape.IsOnPreActivations, GradientBounds.Of(network).Hold);
        Assert.InRange(ActivationSlopes.SaturatedShare(unrolled), 0, 1);
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public static void A_fixed_point_is_found_and_rests(int stack)
    {
        NetworkShape shape = Shape(stack, OutputHead.SoftmaxLast);
        if (shape.Layers.Count(layer => layer.LayerNorm) > 1) return; // no weights are small behind it: these two go around
        Network<double> network = Specimen.Network<double>(shape, 12, gain: 0.5);
        var map = new AutonomousNetwork(network);
        NetworkFixedPoint point = FixedPointSearch.Find(map, [new double[shape.StateWidth]])[0];
        Assert.True(point.IsFixed);
        var next = new double[shape.StateWidth];
        map.Apply(point.State, next);
        Compare.Close(next, point.State, 1e-9, "the state after a step");
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public static void Geometry_has_the_gradient_and_its_derivative(int stack)
    {
        foreach (OutputHead head in (OutputHead[])[OutputHead.SoftmaxLast, OutputHead.BernoulliEvery, OutputHead.LinearEvery])
        {
            NetworkShape shape = Shape(stack, head) with { LearnedInitialState = stack % 2 == 0 };
            Network<double> network = Specimen.Network<double>(shape, 5);
            Batch batch = Specimen.Batch(shape, 3, 5, 6, 5, 2, 4);
            var geometry = new ErrorGeometry(network, batch, CostReduction.Mean);
            using var unrolled = new UnrolledNetwork<double>(network);
            Compare.Close(geometry.Error, unrolled.Forward(batch, CostReduction.Mean), 1e-12, "error");
            unrolled.Backward();
            Compare.Close(geometry.Gradient, unrolled.Gradient, 1e-11, "gradient");
            int n = shape.ParameterCount;
            var random = new Random(7);
            double[] v = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
            double[] product = new double[n], expected = new double[n];
            geometry.HessianTimes(v, product);
            double[] above = Gradient(network, batch, v, 1e-5), below = Gradient(network, batch, v, -1e-5);
            for (int i = 0; i < n; i++) expected[i] = (above[i] - below[i]) / 2e-5;
            double bound = shape.Layers.Any(layer => layer.LayerNorm) ? 2e-6 : 1e-7; // of a difference of a more curved gradient
            Compare.Close(product, expected, bound, $"H v, {shape.Layers}, {head}");

            // v G v is the curvature of the cost along dy/dtheta v; with squared errors 2 |dy/dtheta v|^2, weighted by the
            // reduction.
            geometry.GaussNewtonTimes(v, product);
            double along = 0;
            for (int i = 0; i < n; i++) along += v[i] * product[i];
            Assert.True(along >= 0);
            if (head != OutputHead.LinearEvery) continue;
            Compare.Close(along, SquaredChange(network, batch, v), 1e-6, "v G v");
        }
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public static void Signals_of_a_cost_are_those_of_a_pass_that_has_no_other(int stack)
    {
        NetworkShape shape = Shape(stack, OutputHead.SoftmaxEvery);
        if (shape.IsOnPreActivations) return;
        Network<double> network = Specimen.Network<double>(shape, 9);
        Batch batch = Specimen.Batch(shape, 3, 6, 10, 6, 3, 5);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        TemporalComponents all = TemporalComponents.Measure(unrolled, CostSteps.Every);
        for (int index = 0; index < all.Count; index++)
        {
            (int t, int row) = all.Cost(index);
            Batch alone = Specimen.Rows(batch, row);
            for (int step = 0; step < 6; step++)
            {
                if (step != t - 1) alone.SetClass(step, 0, -1);
            }

            using var pass = new UnrolledNetwork<double>(network);
            pass.Forward(alone, CostReduction.Sum);
            pass.Backward();
            for (int k = 1; k <= t; k++) Compare.Close(all.Signal(index, k), pass.WholeSignalNorm(k, 0), 1e-9, $"dE_{t}/ds_{k}");
            if (t > 1) continue;
            double squares = 0;
            foreach (ParameterBlock block in shape.Blocks())
            {
                bool bias = block.Name.StartsWith("bias", StringComparison.Ordinal);
                bool other = block.Role is ParameterRole.CellVector or ParameterRole.NormalizationGain;
                if (block.Layer < 0 || (other && !bias)) continue;
                squares += Math.Pow(GradientClipping.Norm<double>(pass.Gradient.Slice(block.Offset, block.Length)), 2);
            }

            Compare.Close(all.Component(index, 1), Math.Sqrt(squares), 1e-9, "component of one step");
        }
    }

    private static NetworkShape Shape(int stack, OutputHead head) =>
        new(4, CellShapes.Stacks(3).ElementAt(stack), 3) { Head = head, Encoding = (InputEncoding)(stack % 3) };

    private static double[] Differences(Action<double[], double[]> map, double[] at)
    {
        int s = at.Length;
        var jacobian = new double[s * s];
        double[] x = [.. at], above = new double[s], below = new double[s];
        for (int i = 0; i < s; i++)
        {
            x[i] = at[i] + 1e-5;
            map(x, above);
            x[i] = at[i] - 1e-5;
            map(x, below);
            x[i] = at[i];
            for (int j = 0; j < s; j++) jacobian[(j * s) + i] = (above[j] - below[j]) / 2e-5;
        }

        return jacobian;
    }

    private static double[] Gradient(Network<double> network, Batch batch, double[] v, double step)
    {
        Network<double> moved = network.Convert<double>();
        for (int i = 0; i < v.Length; i++) moved.Parameters[i] += step * v[i];
        using var unrolled = new UnrolledNetwork<double>(moved);
        unrolled.Forward(batch, CostReduction.Mean);
        unrolled.Backward();
        return unrolled.Gradient.ToArray();
    }

    private static double SquaredChange(Network<double> network, Batch batch, double[] v)
    {
        double total = 0;
        Network<double> up = network.Convert<double>(), down = network.Convert<double>();
        for (int i = 0; i < v.Length; i++)
            (up.Parameters[i], down.Parameters[i]) = (up.Parameters[i] + (1e-5 * v[i]), down.Parameters[i] - (1e-5 * v[i]));
        using var above = new UnrolledNetwork<double>(up);
        using var below = new UnrolledNetwork<double>(down);
        above.Forward(batch, CostReduction.Mean);
        below.Forward(batch, CostReduction.Mean);
        for (int r = 0; r < batch.Rows; r++)
        {
            int[] predicted = [.. Enumerable.Range(0, batch.Lengths[r]).Where(t => batch.IsPredicted(t, r))];
            foreach (int t in predicted)
            {
                for (int o = 0; o < batch.Outputs; o++)
                {
                    double change = (above.Output(t, r)[o] - below.Output(t, r)[o]) / 2e-5;
                    total += 2 * change * change / predicted.Length / batch.Rows;
                }
            }
        }

        return total;
    }
}
