using Unroll.Dynamics;

namespace Unroll.Tests.Dynamics;

public sealed class FixedPointDiagramTests
{
    [Theory]
    [InlineData(5, -4, 0, Activation.Sigmoid)]
    [InlineData(4.01, -3, -1, Activation.Sigmoid)]
    [InlineData(20, -30, 5, Activation.Sigmoid)]
    [InlineData(-9, 0, 12, Activation.Sigmoid)]
    [InlineData(1.25, -1, 1, Activation.Tanh)]
    [InlineData(5, -6, 6, Activation.Tanh)]
    [InlineData(-1.7, -3, 3, Activation.Tanh)]
    [InlineData(3, -4, 4, Activation.Sigmoid)]
    public void Continuation_in_b_finds_the_closed_form_points(double w, double from, double to, Activation activation) =>
        Compare(FixedPointDiagram.Trace(new OneUnitMap(w, 0, activation), UnitParameter.Bias, from, to),
            Bifurcations.InBias(w, activation), from, to);

    [Theory]
    [InlineData(-2.5, 1, 8, Activation.Sigmoid)]
    [InlineData(-2.0001, 3, 5, Activation.Sigmoid)]
    [InlineData(-6, -10, 20, Activation.Sigmoid)]
    [InlineData(-1, -20, 9, Activation.Sigmoid)]
    [InlineData(0.3, -4, 4, Activation.Tanh)]
    [InlineData(-0.01, 0.5, 2, Activation.Tanh)]
    [InlineData(0, -3, 3, Activation.Tanh)]
    public void Continuation_in_w_finds_the_closed_form_points(double b, double from, double to, Activation activation) =>
        Compare(FixedPointDiagram.Trace(new OneUnitMap(0, b, activation), UnitParameter.Weight, from, to),
            Bifurcations.InWeight(b, activation), from, to);

    [Theory]
    [InlineData(5, 0, UnitParameter.Bias, -4, 0, Activation.Sigmoid)]
    [InlineData(0, -2.5, UnitParameter.Weight, -8, 8, Activation.Sigmoid)]
    [InlineData(0, 0, UnitParameter.Weight, -3, 3, Activation.Tanh)]
    public void Branches_hold_every_fixed_point_with_its_stability_and_join_at_the_bifurcations(
        double w, double b, UnitParameter along, double from, double to, Activation activation)
    {
        FixedPointDiagram diagram = FixedPointDiagram.Trace(new OneUnitMap(w, b, activation), along, from, to, 200);
        OneUnitMap At(double p) => along == UnitParameter.Bias
            ? new OneUnitMap(w, p, activation)
            : new OneUnitMap(p, b, activation);
        foreach (DiagramBranch branch in diagram.Branches)
        {
            Assert.All(branch.Points, point => Assert.Equal(point.X, At(point.Parameter).Apply(point.X), 1e-12));
            Assert.All(branch.Points.Skip(1).SkipLast(1),
                point => Assert.Equal(branch.Stability == Stability.Stable, Math.Abs(point.Multiplier) < 1 + 1e-9));
        }

        // At the parameters of a separate grid, every fixed point is between two neighbours on a branch.
        for (int i = 1; i < 40; i++)
        {
            double p = from + ((to - from) * (i + 0.123) / 40.2);
            foreach (FixedPoint point in At(p).FixedPoints().Where(point => point.Stability != Stability.Neutral))
            {
                Assert.True(
                    diagram.Branches.Any(branch => branch.Points.Zip(branch.Points.Skip(1)).Any(pair =>
                        (pair.First.Parameter - p) * (pair.Second.Parameter - p) <= 0
                        && Math.Abs(Between(pair.First, pair.Second, p) - point.X) < 0.01)),
                    $"{p}: {point}");
            }
        }
    }

    [Fact]
    public void Bad_ranges_are_refused()
    {
        var map = new OneUnitMap(5, 0);
        Assert.Throws<ArgumentException>(() => FixedPointDiagram.Trace(map, UnitParameter.Bias, 1, 1));
        Assert.Throws<ArgumentException>(() => FixedPointDiagram.Trace(map, UnitParameter.Bias, double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedPointDiagram.Trace(map, UnitParameter.Bias, 0, 1, 9));
        Assert.Throws<ArgumentException>(
            () => FixedPointDiagram.Trace(new OneUnitMap(5, 0, Activation.Identity), UnitParameter.Bias, 0, 1));
    }

    private static void Compare(FixedPointDiagram diagram, IReadOnlyList<Bifurcation> closed, double from, double to)
    {
        Bifurcation[] expected =
            [.. closed.Where(one => one.Parameter > from && one.Parameter < to).OrderByDescending(one => one.Parameter)];
        Assert.Equal(expected.Select(one => one.Kind), diagram.Bifurcations.Select(one => one.Kind));
        foreach ((Bifurcation one, Bifurcation two) in expected.Zip(diagram.Bifurcations))
        {
            Assert.Equal(one.Parameter, two.Parameter, 1e-10);

            // Of the tangency F(x) = x, F'(x) = ±1.
            Assert.Equal(one.X, two.X, 1e-9);
        }
    }

    /// <summary>The state at a parameter on the line through two points.</summary>
    private static double Between(DiagramPoint a, DiagramPoint b, double parameter) =>
        a.X + ((b.X - a.X) * (parameter - a.Parameter) / (b.Parameter - a.Parameter));
}
