using Unroll.Geometry;
using Unroll.Numerics;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Geometry;

public sealed class ErrorGeometryTests
{
    public static TheoryData<OutputHead, Activation> Cases()
    {
        var data = new TheoryData<OutputHead, Activation>();
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            foreach (Activation activation in Enum.GetValues<Activation>()) data.Add(head, activation);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Error_and_gradient_are_those_of_training_and_products_are_the_gradients_differences(
        OutputHead head, Activation activation)
    {
        ulong seed = 1;
        foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>())
        {
            for (int options = 0; options < 16; options++)
            {
                var shape = new NetworkShape(3, 5, 2)
                {
                    Head = head,
                    Activation = activation,
                    Encoding = encoding,
                    Biases = (options & 1) == 0,
                    LearnedInitialState = (options & 2) != 0,
                };
                CostReduction reduction = (options & 4) == 0 ? CostReduction.Sum : CostReduction.Mean;
                Batch batch = Specimen.Batch(shape, 3, 6, ++seed, (options & 8) == 0 ? [] : [6, 1, 4]);
                Network<double> network = Specimen.Network<double>(shape, seed);
                string what = $"{encoding}, options {options:b4}";

                using var unrolled = new UnrolledNetwork<double>(network, kernel: "reference");
                unrolled.Forward(batch, reduction);
                Specimen.MoveFromKinks(unrolled, batch);
                var geometry = new ErrorGeometry(network, batch, reduction);
                Compare.Close(geometry.Error, unrolled.Forward(batch, reduction), 1e-13, $"error, {what}");
                unrolled.Backward();
                Compare.Close(geometry.Gradient, unrolled.Gradient, 1e-12, $"gradient, {what}");

                double[] v = Direction(network.Parameters.Length, seed), product = new double[v.Length];
                geometry.HessianTimes(v, product);
                Compare.Close(product, Difference(network, batch, reduction, v), 2e-8, $"H v, {what}");
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 17)]
    [InlineData(16, 50)]
    public void Products_are_linear_symmetric_and_repeat_to_the_bit(int hidden, int steps)
    {
        var shape = new NetworkShape(4, hidden, 3);
        Network<double> network = Specimen.Network<double>(shape, 5, gain: 1.3);
        Batch batch = Specimen.Batch(shape, 2, steps, 6);
        var geometry = new ErrorGeometry(network, batch, CostReduction.Sum);
        int n = shape.ParameterCount;
        double[] u = Direction(n, 1), v = Direction(n, 2), hu = new double[n], hv = new double[n], again = new double[n];
        geometry.HessianTimes(u, hu);
        geometry.HessianTimes(v, hv);
        Compare.Close(Dot(u, hv), Dot(v, hu), 1e-9, "u H v");
        geometry.HessianTimes(u, again);
        Compare.SameBits<double>(again, hu, "H u again");
        double[] sum = [.. u.Zip(v, (a, b) => (2 * a) - b)], expected = [.. hu.Zip(hv, (a, b) => (2 * a) - b)];
        geometry.HessianTimes(sum, again);
        Compare.Close(again, expected, 1e-11, "H (2u - v)");
        Compare.Close(geometry.CurvatureAlong(u), Dot(u, hu) / Dot(u, u), 1e-12, "curvature along u");
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    public void Leading_pairs_are_those_of_the_whole_matrix(Activation activation)
    {
        var shape = new NetworkShape(2, 3, 2) { Activation = activation };
        Network<double> network = Specimen.Network<double>(shape, 9);
        var geometry = new ErrorGeometry(network, Specimen.Batch(shape, 4, 5, 10), CostReduction.Sum);
        int n = shape.ParameterCount;
        double[] expected = [.. WholeHessian.Eigenvalues(geometry).OrderByDescending(Math.Abs)];
        IReadOnlyList<CurvaturePair> pairs = geometry.LeadingCurvature(4, n, 1e-10);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(expected[i], pairs[i].Value, 1e-9);
            Assert.True(pairs[i].Residual < 1e-8, $"{pairs[i].Residual}");
            Assert.Equal(1, Dot(pairs[i].Direction, pairs[i].Direction), 1e-12);
            for (int j = 0; j < i; j++) Assert.Equal(0, Dot(pairs[i].Direction, pairs[j].Direction), 1e-8);
        }

        Compare.SameBits<double>(geometry.LeadingCurvature(4, n, 1e-10)[2].Direction, pairs[2].Direction, "the same again");
    }

    [Fact]
    public void The_largest_curvature_is_found_beside_larger_negative_ones()
    {
        int negative = 0;
        for (ulong seed = 1; seed <= 6; seed++)
        {
            var shape = new NetworkShape(2, 3, 2) { Head = OutputHead.SoftmaxLast };
            var geometry = new ErrorGeometry(Specimen.Network<double>(shape, seed, gain: 2), Specimen.Batch(shape, 4, 6, seed),
                CostReduction.Sum);
            double[] values = WholeHessian.Eigenvalues(geometry);
            negative += -values.Min() > values.Max() ? 1 : 0;
            Assert.Equal(values.Max(), geometry.LargestCurvature(shape.ParameterCount, 1e-10), 1e-9);
        }

        Assert.True(negative > 0);
    }

    [Theory]
    [InlineData(OutputHead.SoftmaxLast, 3)]
    [InlineData(OutputHead.SoftmaxEvery, 3)]
    [InlineData(OutputHead.BernoulliEvery, 1)]
    public void On_a_plateau_the_gradient_keeps_its_digits(OutputHead head, int outputs)
    {
        // The right output has all but about exp(-50) of the probability: 1 - p is 0 in doubles, and dE/db of the right output is
        // -(1 - p).
        var shape = new NetworkShape(2, 1, outputs) { Head = head };
        Network<double> network = Specimen.Network<double>(shape, 1);
        Batch batch = Specimen.Batch(shape, 1, 1, 1);
        network.OutputWeights.Clear();
        network.OutputBias.Clear();
        int right = head.Cost() == HeadCost.Bernoulli ? 0 : batch.Class(0, 0);
        if (head.Cost() == HeadCost.Bernoulli) batch.SetTargetBits(0, 0, [1]);
        network.OutputBias[right] = 50;
        ReadOnlySpan<double> gradient = new ErrorGeometry(network, batch, CostReduction.Sum).Gradient;
        ParameterBlock bias = network.Blocks.First(block => block.Name == ParameterBlock.OutputBias);
        for (int o = 0; o < outputs; o++)
        {
            double exact = o == right ? -Math.Max(1, outputs - 1) * Math.Exp(-50) : Math.Exp(-50);
            Compare.Close(gradient[bias.Offset + o] / exact, 1, 1e-12, $"output {o}");
        }
    }

    [Theory]
    [InlineData(Activation.Tanh, 20)]
    [InlineData(Activation.Tanh, -9)]
    [InlineData(Activation.Sigmoid, 45)]
    [InlineData(Activation.Sigmoid, -45)]
    public void Units_that_are_saturated_to_the_last_bit_keep_their_slope(Activation activation, double x)
    {
        // E = (h - 1/4)^2 for h = sigma(x) with x = b: 1 - h^2 and h (1 - h) are 0 in doubles where the slope is 4e-18 or 3e-20.
        var network = new Network<double>(
            new NetworkShape(1, 1, 1) { Head = OutputHead.LinearLast, Activation = activation, Encoding = InputEncoding.Dense });
        (network.OutputWeights[0], network.HiddenBias[0]) = (1, x);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 1);
        batch.Values(0, 0)[0] = 0.25;
        var geometry = new ErrorGeometry(network, batch, CostReduction.Sum);
        double[] direction = ErrorSurface.Parameter(network.Shape, ParameterBlock.HiddenBias, 0, 0),
            product = new double[direction.Length];
        int bias = Array.IndexOf(direction, 1);
        geometry.HessianTimes(direction, product);
        double gap = activation == Activation.Tanh ? Math.Exp(-2 * Math.Abs(x)) : Math.Exp(-Math.Abs(x)),
            h = activation == Activation.Tanh ? Math.Tanh(x) : 1 / (1 + Math.Exp(-x));
        double slope = (activation == Activation.Tanh ? 4 : 1) * gap / ((1 + gap) * (1 + gap)),
            curvature = (activation == Activation.Tanh ? -2 * h : 1 - (2 * h)) * slope;
        Compare.Close(geometry.Gradient[bias] / (2 * (h - 0.25) * slope), 1, 1e-12, "dE/db");
        Compare.Close(product[bias] / (2 * ((slope * slope) + ((h - 0.25) * curvature))), 1, 1e-12, "d2E/db2");
    }

    [Fact]
    public void On_a_plateau_products_keep_their_digits()
    {
        // The cost is nearly 0: the right class has all but exp(-30) of the probability, or all but exp(-500).
        foreach (double margin in (double[])[30, 500])
        {
            var shape = new NetworkShape(2, 1, 2) { Head = OutputHead.SoftmaxLast };
            Network<double> network = Specimen.Network<double>(shape, 1);
            Batch batch = Specimen.Batch(shape, 1, 3, 1);
            int right = batch.Class(2, 0);
            network.OutputWeights.Clear();
            network.OutputBias[right] = margin;
            network.OutputBias[1 - right] = 0;
            var geometry = new ErrorGeometry(network, batch, CostReduction.Sum);
            double[] direction = ErrorSurface.Parameter(shape, ParameterBlock.OutputBias, 0, right),
                product = new double[direction.Length];
            geometry.HessianTimes(direction, product);

            // d2E/db2 = p (1 - p).
            double exact = Math.Exp(-margin) / Math.Pow(1 + Math.Exp(-margin), 2);
            Compare.Close(product[Array.IndexOf(direction, 1)] / exact, 1, 1e-12, $"margin {margin}");

            Compare.Close(geometry.LargestCurvature(40, 1e-9) / exact, WholeHessian.Eigenvalues(geometry).Max() / exact, 1e-9,
                $"largest, margin {margin}");
        }
    }

    [Theory]
    [InlineData(new[] { 3.0, 3, 3, 1 }, 3)]
    [InlineData(new[] { -5.0, 4, 0, 0, 0 }, 2)]
    [InlineData(new[] { 0.0, 0, 0 }, 2)]
    [InlineData(new[] { 2.0 }, 1)]
    public void Lanczos_finds_repeated_zero_and_negative_eigenvalues(double[] diagonal, int count)
    {
        IReadOnlyList<CurvaturePair> pairs = Lanczos.Leading(
            (v, result) =>
            {
                for (int i = 0; i < v.Length; i++) result[i] = diagonal[i] * v[i];
            },
            diagonal.Length, count, 50, 1e-12);
        Assert.Equal(diagonal.OrderByDescending(Math.Abs).Take(count), pairs.Select(pair => Math.Round(pair.Value, 10)));
    }

    [Theory]
    [InlineData(OutputHead.SoftmaxEvery)]
    [InlineData(OutputHead.LinearLast)]
    [InlineData(OutputHead.BernoulliEvery)]
    public void Directional_derivatives_by_step_are_those_of_the_cost_of_each_step(OutputHead head)
    {
        var shape = new NetworkShape(3, 4, 2) { Head = head, Encoding = InputEncoding.Dense };
        Network<double> network = Specimen.Network<double>(shape, 3);
        Batch batch = Specimen.Batch(shape, 1, 7, 4);
        double[] v = Direction(network.Parameters.Length, 8);
        double[] byStep = new ErrorGeometry(network, batch, CostReduction.Sum).DirectionalByStep(v);
        double before = 0;
        for (int t = 1; t <= 7; t++)
        {
            // The sum up to t minus the sum up to t - 1, or the cost of a sequence that ends at t.
            batch.Lengths[0] = t;
            double all = Dot(new ErrorGeometry(network, batch, CostReduction.Sum).Gradient.ToArray(), v);
            Assert.Equal(shape.PredictsEveryStep ? all - before : all, byStep[t - 1], 1e-12);
            before = all;
        }
    }

    [Fact]
    public void A_linear_unit_explodes_with_its_weight_and_the_fit_says_so()
    {
        // h_t = w^t h_0 with h_0 = 1: dE_t/dw = 2 (h_t - target) t w^(t-1).
        var network = new Network<double>(new NetworkShape(1, 1, 1)
        {
            Head = OutputHead.LinearLast,
            Activation = Activation.Identity,
            Biases = false,
            LearnedInitialState = true
        });
        (network.RecurrentWeights[0], network.OutputWeights[0], network.InitialState[0]) = (1.2, 1, 1);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 200);
        double[] direction = ErrorSurface.Parameter(network.Shape, ParameterBlock.RecurrentWeights, 0, 0);
        double[] byStep = new ErrorGeometry(network, batch, CostReduction.Sum).DirectionalByStep(direction);
        for (int t = 1; t <= 200; t++)
            Compare.Close(byStep[t - 1], 2 * Math.Pow(1.2, t) * t * Math.Pow(1.2, t - 1), 1e-10, $"t = {t}");
        ExponentialBound fit = ExponentialBound.Fit(byStep.AsSpan(100), 101)!;
        Assert.Equal(1.44, fit.Alpha, 0.02);
        Assert.True(fit.Tightness > 0.999);
        for (int t = 101; t <= 200; t++) Assert.True(byStep[t - 1] >= fit.C * Math.Pow(fit.Alpha, t) * (1 - 1e-9));
    }

    [Fact]
    public void An_exact_exponential_is_fitted_exactly_and_too_little_is_not_fitted()
    {
        ExponentialBound fit = ExponentialBound.Fit(
            [.. Enumerable.Range(3, 20).Select(t => -0.25 * Math.Pow(0.7, t)), 0, double.NaN], 3)!;
        Assert.Equal(0.7, fit.Alpha, 1e-12);
        Assert.Equal(0.25, fit.C, 1e-12);
        Assert.Equal(20, fit.Steps);
        Assert.Null(ExponentialBound.Fit([1, 0, 2]));
    }

    [Fact]
    public void A_surface_is_the_error_of_the_moved_network()
    {
        var shape = new NetworkShape(3, 7, 4);
        Network<double> network = Specimen.Network<double>(shape, 2);
        Batch batch = Specimen.Batch(shape, 3, 9, 3);
        double[] u = ErrorSurface.Parameter(shape, ParameterBlock.RecurrentWeights, 2, 5), v = Direction(shape.ParameterCount, 4),
            kept = network.Parameters.ToArray();
        ErrorSurface surface = ErrorSurface.Evaluate(network, batch, CostReduction.Sum, u, [-0.5, 0, 0.5], v,
            [0, 0.1], threads: 2);
        Assert.Equal(kept, network.Parameters.ToArray());
        Assert.Equal(surface.Errors[0][1], new ErrorGeometry(network, batch, CostReduction.Sum).Error, 1e-10);
        network.RecurrentWeights[(2 * 7) + 5] += 0.5;
        for (int i = 0; i < v.Length; i++) network.Parameters[i] += 0.1 * v[i];
        Assert.Equal(surface.Errors[1][2], new ErrorGeometry(network, batch, CostReduction.Sum).Error, 1e-10);
    }

    [Fact]
    public void A_probe_says_what_its_parts_say()
    {
        var shape = new NetworkShape(3, 6, 4);
        Network<double> network = Specimen.Network<double>(shape, 21, gain: 1.5);
        Batch batch = Specimen.Batch(shape, 3, 12, 3);
        GeometryPoint point = GeometryProbe.Measure(network, batch, CostReduction.Sum, steps: 300, tolerance: 1e-8);
        var geometry = new ErrorGeometry(network, batch, CostReduction.Sum);
        CurvaturePair leading = geometry.LeadingCurvature(1, 300, 1e-10)[0];
        Assert.Equal(leading.Value, point.LeadingCurvature, 1e-6 * Math.Abs(leading.Value));
        Assert.Equal(Math.Abs(Dot(geometry.Gradient.ToArray(), leading.Direction)) / geometry.GradientNorm,
            Math.Cos(point.Angle * Math.PI / 180), 1e-6);
        Assert.Equal(geometry.CurvatureAlong(geometry.Gradient), point.CurvatureAlongGradient, 1e-12);
        Assert.InRange(Math.Abs(point.CurvatureAlongGradient), 0, Math.Abs(point.LeadingCurvature));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var shape = new NetworkShape(3, 4, 2);
        Network<double> network = Specimen.Network<double>(shape, 1);
        Batch batch = Specimen.Batch(shape, 2, 3, 1);
        var geometry = new ErrorGeometry(network, batch, CostReduction.Sum);
        Assert.Throws<ArgumentException>(() => geometry.HessianTimes(new double[3], new double[3]));
        Assert.Contains("parameters", Assert.Throws<ArgumentException>(() => geometry.DirectionalByStep(new double[3])).Message,
            StringComparison.Ordinal);
        Assert.Contains("no parameter 'w'",
            Assert.Throws<ArgumentException>(() => ErrorSurface.Parameter(shape, "w", 0, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("(4, 0)", Assert.Throws<ArgumentException>(
            () => ErrorSurface.Parameter(shape, ParameterBlock.RecurrentWeights, 4, 0)).Message, StringComparison.Ordinal);
        batch.Carry[1] = true;
        Assert.Contains(
            "continues", Assert.Throws<ArgumentException>(() => new ErrorGeometry(network, batch, CostReduction.Sum)).Message,
            StringComparison.Ordinal);
        double[] axis = ErrorSurface.Parameter(shape, ParameterBlock.RecurrentWeights, 0, 0);
        Assert.Contains("continues", Assert.Throws<ArgumentException>(() => ErrorSurface.Evaluate(
            network, batch, CostReduction.Sum, axis, [0, 1], axis, [0])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ErrorGeometry(network, Batch.For(shape), CostReduction.Sum));
        Assert.Throws<ArgumentException>(
            () => new ErrorGeometry(network, Specimen.Batch(new NetworkShape(4, 4, 2), 1, 1, 1), CostReduction.Sum));
    }

    private static double[] Difference(Network<double> network, Batch batch, CostReduction reduction, double[] v)
    {
        double step = network.Shape.Activation == Activation.Relu ? 1e-6 : 1e-4;
        double[] Gradient(double distance)
        {
            Network<double> moved = network.Convert<double>();
            for (int i = 0; i < v.Length; i++) moved.Parameters[i] += distance * v[i];
            using var unrolled = new UnrolledNetwork<double>(moved, kernel: "reference");
            unrolled.Forward(batch, reduction);
            unrolled.Backward();
            return unrolled.Gradient.ToArray();
        }

        double[] near = [.. Gradient(step).Zip(Gradient(-step), (a, b) => (a - b) / (2 * step))],
            far = [.. Gradient(2 * step).Zip(Gradient(-2 * step), (a, b) => (a - b) / (4 * step))];
        return [.. near.Zip(far, (a, b) => ((4 * a) - b) / 3)];
    }

    private static double[] Direction(int n, ulong seed)
    {
        RandomSource random = new RandomKey(seed, RandomStream.Test, 0).Shared();
        var direction = new double[n];
        for (int i = 0; i < n; i++) direction[i] = random.NextNormal();
        return direction;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
