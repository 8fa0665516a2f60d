using Unroll.Geometry;
using Unroll.Numerics;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

public static class ConjugateGradientsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public static void It_solves_a_system_in_as_many_iterations_as_there_are_unknowns(int n)
    {
        RandomSource random = new RandomKey(3, RandomStream.Test, n).Shared();
        double[] a = new double[n * n], solution = new double[n], b = new double[n], x = new double[n];
        for (int k = 0; k < 2 * n; k++)
        {
            var column = new double[n];
            for (int i = 0; i < n; i++) column[i] = random.NextNormal();
            Vectors.AddOuter(a, column, column);
        }

        for (int i = 0; i < n; i++) a[(i * n) + i] += n; // well conditioned: it ends by having arrived
        for (int i = 0; i < n; i++) (solution[i], x[i]) = (random.NextNormal(), random.NextNormal());
        Vectors.AddProduct(b, a, solution);
        var solver = new ConjugateGradients(n);
        int made = solver.Minimize((v, r) => Times(a, v, r), b, x, 10 * n, 10, (_, _) => { });
        Assert.InRange(made, 1, n + 20);
        Compare.Close(x, solution, 1e-4, "the solution");
        Assert.Equal(made + 1, solver.Model.Count);
    }

    /// <summary>In double, on the matrices it is for: with and without damping, from any start.</summary>
    [Theory]
    [InlineData(OutputHead.SoftmaxLast, 1e-4)]
    [InlineData(OutputHead.LinearEvery, 1e-2)]
    [InlineData(OutputHead.BernoulliEvery, 1)]
    public static void The_model_never_rises_and_is_what_it_says(OutputHead head, double damping)
    {
        var shape = new NetworkShape(3, 12, 2) { Head = head };
        Network<double> network = Specimen.Network<double>(shape, 3, gain: 1.2);
        Batch batch = Specimen.Batch(shape, 10, 20, 4);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Mean);
        unrolled.Backward();
        double[] b = [.. unrolled.Gradient.ToArray().Select(g => -g)];
        unrolled.BeginCurvature();
        void Multiply(ReadOnlySpan<double> v, Span<double> result)
        {
            unrolled.CurvatureTimes(v, 0.03 * damping, result);
            Vectors.Add(result, damping, v);
        }

        var solver = new ConjugateGradients(b.Length);
        double[] x = new double[b.Length];
        for (int round = 0; round < 2; round++)
        {
            int shown = 0, last = 0;
            int made = solver.Minimize(Multiply, b, x, 300, 10, (at, value) =>
            {
                shown++;
                double[] product = new double[b.Length];
                Multiply(at, product);
                Compare.Close(value, (Vectors.Dot(at, product) / 2) - Vectors.Dot(at, b), 1e-9, "the model");
            });
            Assert.Equal((made + 9) / 10, shown);
            for (int i = 1; i <= made; i++)
                Assert.True(solver.Model[i] <= solver.Model[i - 1] + (1e-14 * Math.Abs(solver.Model[i])), $"iteration {i} rose");
            Assert.True(solver.Model[made] < 0);

            // It ended at the first iteration whose last max(10, i / 10) ones brought less than 5e-4 each, or at the limit.
            for (int i = 11; i <= made; i++)
            {
                int over = Math.Max(10, i / 10);
                bool slow = (solver.Model[i] - solver.Model[i - over]) / solver.Model[i] < over * 5e-4;
                if (slow && last == 0) last = i;
            }

            Assert.Equal(last == 0 ? 300 : last, made);
            for (int i = 0; i < x.Length; i++) x[i] *= 0.9; // a start near the end
        }
    }

    [Fact]
    public static void A_direction_without_curvature_or_an_overflow_ends_it()
    {
        double[] x = [1, 2];
        var solver = new ConjugateGradients(2);
        int shown = 0;
        Assert.Equal(0, solver.Minimize((_, r) => r.Clear(), [1, 1], x, 5, 10, (_, _) => shown++));
        Assert.Equal(0, solver.Minimize((_, r) => r.Fill(double.NaN), [1, 1], x, 5, 10, (_, _) => shown++));
        Assert.Equal(2, shown);
        Assert.Equal([1, 2], x);
    }

    private static void Times(double[] a, ReadOnlySpan<double> v, Span<double> result)
    {
        result.Clear();
        Vectors.AddProduct(result, a, v);
    }
}
