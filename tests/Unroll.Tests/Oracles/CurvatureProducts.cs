using Unroll.Analysis;
using Unroll.Geometry;
using Unroll.Kernels;

namespace Unroll.Tests.Oracles;

/// <summary>Products with the two curvatures against the scalar passes, and those against differences of gradients.</summary>
internal static class CurvatureProducts
{
    /// <summary>Compares G v by a kernel with the scalar pass and, for the first kernel, H v with central differences.</summary>
    public static void Check(Network<double> network, Batch batch, string kernel, string what)
    {
        double[] v = [.. Enumerable.Range(0, network.Shape.ParameterCount).Select(i => Math.Sin(i))];
        var expected = new double[v.Length];
        var geometry = new ErrorGeometry(network, batch, CostReduction.Sum);
        geometry.GaussNewtonTimes(v, 0.3, expected);
        using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.BeginCurvature();
        var actual = new double[v.Length];
        unrolled.CurvatureTimes(v, 0.3, actual);
        Compare.Close(actual, expected, 1e-10, $"G v, {what}");
        if (kernel != KernelFactory.Available()[0]) return; // no kernel takes part in H v
        geometry.HessianTimes(v, expected);
        double[] above = Gradient(1e-5), below = Gradient(-1e-5);
        Compare.Close(expected, [.. above.Zip(below, (a, b) => (a - b) / 2e-5)], 1e-6, $"H v, {what}");

        double[] Gradient(double step)
        {
            Network<double> moved = network.Convert<double>();
            for (int i = 0; i < v.Length; i++) moved.Parameters[i] += step * v[i];
            return new ErrorGeometry(moved, batch, CostReduction.Sum).Gradient.ToArray();
        }
    }
}
