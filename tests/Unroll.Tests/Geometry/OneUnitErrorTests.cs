using Unroll.Geometry;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Geometry;

public sealed class OneUnitErrorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(50)]
    public void A_linear_unit_has_the_closed_forms_of_section_2_3(int t)
    {
        foreach (double w in (double[])[0.9, 1.1, 1.5, -1.2])
        {
            UnitSensitivity x = new OneUnitError(0.5, t, 0, Activation.Identity).State(w, 0);
            Compare.Close(x.X, 0.5 * Math.Pow(w, t), 1e-10, "x_t");
            Compare.Close(x.ByW, t * 0.5 * Math.Pow(w, t - 1), 1e-10, "dx_t/dw");
            Compare.Close(x.ByWW, t * (t - 1) * 0.5 * Math.Pow(w, t - 2), 1e-10, "d2x_t/dw2");
            Compare.Close(x.ByB, (Math.Pow(w, t) - 1) / (w - 1), 1e-10, "dx_t/db");
            Assert.Equal(0, x.ByBB);
        }
    }

    [Theory]
    [InlineData(Activation.Sigmoid, 5.2, -2.3)]
    [InlineData(Activation.Sigmoid, 4.9, -2.45)]
    [InlineData(Activation.Sigmoid, -3, 1)]
    [InlineData(Activation.Tanh, 1.3, 0.15)]
    [InlineData(Activation.Identity, 1.05, -0.02)]
    public void Derivatives_are_those_of_finite_differences(Activation activation, double w, double b)
    {
        var error = new OneUnitError(0.5, 30, 0.7, activation);
        UnitErrorPoint at = error.At(w, b);
        const double Step = 1e-6;
        double Difference(Func<UnitErrorPoint, double> f, double dw, double db) => (
            f(error.At(w + (dw * Step), b + (db * Step))) - f(error.At(w - (dw * Step), b - (db * Step)))) / (2 * Step);
        Compare.Close([at.ByW, at.ByB], [Difference(p => p.Error, 1, 0), Difference(p => p.Error, 0, 1)], 1e-7, "gradient");
        Compare.Close(
            [at.ByWW, at.ByWB, at.ByWB, at.ByBB],
            [
                Difference(p => p.ByW, 1, 0), Difference(p => p.ByW, 0, 1),
                Difference(p => p.ByB, 1, 0), Difference(p => p.ByB, 0, 1),
            ],
            1e-6, "Hessian");

        (double value, double dw, double db) = at.LeadingCurvature();
        Compare.Close([(at.ByWW * dw) + (at.ByWB * db), (at.ByWB * dw) + (at.ByBB * db)], [value * dw, value * db], 1e-12, "H v");
        Assert.True(Math.Abs(value) >= Math.Abs(at.ByWW + at.ByBB - value));
    }

    [Fact]
    public void The_papers_surface_has_its_wall_where_the_initial_state_is_a_boundary()
    {
        var error = new OneUnitError();
        Assert.Null(error.Wall(4.25)); // 1 / sigma'(0.5) = 4.255
        double wall = error.Wall(5)!.Value;
        Assert.Equal(0.5, (5 / (1 + Math.Exp(-0.5))) + wall, 1e-14);

        // Slightly to either side the unit ends in different states, and between them the error is steep.
        var late = new OneUnitError(0.5, 400);
        Assert.True(Math.Abs(late.State(5, wall + 1e-6).X - late.State(5, wall - 1e-6).X) > 2);
        double steepest = Enumerable.Range(-50, 101).Max(i => error.At(5, wall + (1e-3 * i)).GradientNorm);
        Assert.True(steepest > 10, $"{steepest}");
        Assert.True(error.At(5, wall + 0.6).GradientNorm < 0.2);
    }

    [Fact]
    public void A_clipped_step_has_the_length_of_the_threshold_and_an_exploding_path_ends()
    {
        var error = new OneUnitError();
        IReadOnlyList<UnitDescentStep> path = error.Descend(5.2, -2.3, 0.05, 0.3, 200);
        Assert.Equal(201, path.Count);
        for (int i = 1; i < path.Count; i++)
        {
            double length = Math.Sqrt(
                Math.Pow(path[i].At.W - path[i - 1].At.W, 2) + Math.Pow(path[i].At.B - path[i - 1].At.B, 2));
            Assert.Equal(0.05 * (path[i - 1].IsClipped ? 0.3 : path[i - 1].At.GradientNorm), length, 1e-12);
            Assert.Equal(path[i - 1].At.GradientNorm >= 0.3, path[i - 1].IsClipped);
        }

        Assert.True(new OneUnitError(0.5, 50, 0, Activation.Identity).Descend(1.5, 0, 1, null, 100).Count < 100);
    }

    [Fact]
    public void Bad_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneUnitError(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneUnitError(0.5, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneUnitError(0.5, 50, double.PositiveInfinity));
        Assert.Throws<ArgumentException>(() => new OneUnitError(0.5, 50, 0.7, Activation.Relu));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneUnitError().Descend(5, -2, 0, null, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneUnitError().Descend(5, -2, 1, -1, 1));
    }
}
