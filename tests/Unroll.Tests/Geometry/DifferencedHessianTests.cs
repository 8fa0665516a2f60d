using Unroll.Geometry;
using Unroll.Numerics;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Geometry;

/// <summary>
/// Differences of the kernels' gradients against exact Hessian products, which the diagnosis of plain layers uses.
/// </summary>
public static class DifferencedHessianTests
{
    public static TheoryData<string> Layers() => ["lstm", "gru", "leaky", "lstm+gru", "plain+plain"];

    [Theory]
    [MemberData(nameof(Layers))]
    public static void Products_and_the_largest_curvature_are_those_of_exact_passes(string kinds)
    {
        LayerList layers =
        [
            .. kinds.Split('+').Select(
                kind => new LayerShape(5) { Cell = Enum.Parse<CellKind>(kind, true), Leak = kind == "leaky" ? 0.3 : 1 }),
        ];
        var shape = new NetworkShape(3, layers, 2) { Head = OutputHead.SoftmaxEvery };
        Network<double> network = Specimen.Network<double>(shape, 3);
        Batch batch = Specimen.Batch(shape, 3, 9, 9, 4, 7);
        var exact = new ErrorGeometry(network, batch, CostReduction.Sum);
        using var differences = new DifferencedHessian(network, batch, CostReduction.Sum, 2);
        double[] v = [.. Enumerable.Range(0, shape.ParameterCount).Select(i => 30 * Math.Sin(i))], hv = new double[v.Length],
            dv = new double[v.Length];
        exact.HessianTimes(v, hv);
        differences.Times(v, dv);
        Compare.Close(dv, hv, 1e-7 * Vectors.Norm(hv), "H v");
        Assert.True(differences.IsSmoothAlong(v, 1e-3));
        double[] kept = network.Parameters.ToArray();
        double largest = ErrorGeometry.LargestCurvature(differences.Times, v.Length, 60, 1e-3, null, []);
        Assert.Equal(exact.LargestCurvature(), largest, 1e-5 * Math.Abs(largest));
        Assert.Equal(kept, network.Parameters.ToArray());
        differences.Times(new double[v.Length], dv);
        Assert.All(dv, x => Assert.Equal(0, x));
    }

    [Fact]
    public static void Units_with_kinks_are_not_for_differences()
    {
        Assert.True(
            DifferencedHessian.Suits(new NetworkShape(3, [new LayerShape(4) { Cell = CellKind.Lstm }, new LayerShape(4)], 2)));
        Assert.False(DifferencedHessian.Suits(
            new NetworkShape(3, [new LayerShape(4), new LayerShape(4) { Activation = Activation.Relu }], 2)));
        Assert.True(DifferencedHessian.Suits(new NetworkShape(3, [new LayerShape(4) { Cell = CellKind.Gru }], 2)));
    }
}
