using Unroll.Studies.Statistics;

namespace Unroll.Studies.Tests.Statistics;

/// <summary>The paired t test against numbers worked out by hand and from tables.</summary>
public class PairsComparedTests
{
    [Fact]
    public void Difference_interval_and_p_are_those_of_the_paired_t_test()
    {
        // Mean 0.2, standard deviation 0.1, standard error 0.1 / sqrt 3; t with 2 degrees of freedom: 4.302653 at 97.5%.
        var compared = new PairsCompared([0.1, 0.2, 0.3]);
        double error = 0.1 / Math.Sqrt(3);
        Assert.Equal((3, 0.2), (compared.Pairs, Math.Round(compared.Difference, 12)));
        Assert.Equal(0.2 - (4.302653 * error), compared.Interval!.Value.Low, 1e-6);
        Assert.Equal(0.2 + (4.302653 * error), compared.Interval.Value.High, 1e-6);

        // With 2 degrees of freedom the distribution has a closed form: P(|T| > t) = 1 - t / sqrt(2 + t^2).
        double t = 0.2 / error;
        Assert.Equal(1 - (t / Math.Sqrt(2 + (t * t))), compared.PValue!.Value, 1e-9);
    }

    [Fact]
    public void One_pair_has_a_difference_and_no_interval()
    {
        var compared = new PairsCompared([-0.5]);
        Assert.Equal((1, -0.5, null, null), (compared.Pairs, compared.Difference, compared.Interval, compared.PValue));
        Assert.Throws<ArgumentException>(() => new PairsCompared([]));
    }

    [Fact]
    public void Pairs_that_all_agree_leave_no_doubt()
    {
        Assert.Equal((new Interval(0, 0), 1.0),
            (new PairsCompared([0, 0]).Interval!.Value, new PairsCompared([0, 0]).PValue!.Value));
        Assert.Equal((new Interval(2, 2), 0.0),
            (new PairsCompared([2, 2, 2]).Interval!.Value, new PairsCompared([2, 2, 2]).PValue!.Value));
    }
}
