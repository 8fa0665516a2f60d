using System.Numerics;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Optimizers against their formulas, one number at a time in double.</summary>
public static class OptimizerTests
{
    private const double Mu = 0.85;

    /// <summary>One parameter and its state; <paramref name="n"/> counts the steps from 1.</summary>
    private delegate void Rule(ref double theta, ref double v, ref double s, double g, double rate, int n);

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Momentum)]
    [InlineData(OptimizerKind.Nesterov)]
    [InlineData(OptimizerKind.Adam)]
    public static void Steps_are_those_of_the_formula(OptimizerKind kind)
    {
        Check<double>(kind, 1e-14);
        Check<float>(kind, 2e-6);
    }

    [Fact]
    public static void State_is_only_what_the_kind_needs()
    {
        Assert.Equal((0, 0), Sizes(OptimizerKind.Sgd));
        Assert.Equal((5, 0), Sizes(OptimizerKind.Momentum));
        Assert.Equal((5, 0), Sizes(OptimizerKind.Nesterov));
        Assert.Equal((5, 5), Sizes(OptimizerKind.Adam));

        static (int, int) Sizes(OptimizerKind kind)
        {
            var optimizer = new Optimizer<float>(kind, 0.9, 5);
            return (optimizer.First.Length, optimizer.Second.Length);
        }
    }

    private static Rule Of(OptimizerKind kind) => kind switch
    {
        OptimizerKind.Sgd => (ref double theta, ref double _, ref double _, double g, double rate, int _) => theta -= rate * g,
        OptimizerKind.Momentum => (ref double theta, ref double v, ref double _, double g, double rate, int _) =>
        {
            v = (Mu * v) - (rate * g);
            theta += v;
        }
        ,
        OptimizerKind.Nesterov => (ref double theta, ref double v, ref double _, double g, double rate, int _) =>
        {
            v = (Mu * v) - (rate * g);
            theta += (Mu * v) - (rate * g);
        }
        ,
        _ => (ref double theta, ref double m, ref double s, double g, double rate, int n) =>
        {
            m = (0.9 * m) + (0.1 * g);
            s = (0.999 * s) + (0.001 * g * g);
            double unbiasedMean = m / (1 - Math.Pow(0.9, n)), unbiasedSquare = s / (1 - Math.Pow(0.999, n));
            theta -= rate * unbiasedMean / (Math.Sqrt(unbiasedSquare) + 1e-8);
        }
        ,
    };

    private static void Check<T>(OptimizerKind kind, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Count = 37, Steps = 25;
        Rule rule = Of(kind);
        RandomSource random = new RandomKey(7, RandomStream.Training, 0).Shared();
        var optimizer = new Optimizer<T>(kind, Mu, Count);
        var parameters = new T[Count];
        var gradient = new T[Count];
        double[] expected = new double[Count], v = new double[Count], s = new double[Count];
        for (int i = 0; i < Count; i++) expected[i] = double.CreateTruncating(parameters[i] = T.CreateTruncating(random.NextNormal()));
        double[] start = [.. expected];
        for (int n = 1; n <= Steps; n++)
        {
            double rate = 0.1 / n;
            for (int i = 0; i < Count; i++)
            {
                gradient[i] = T.CreateTruncating(i == 5 ? 0 : random.NextNormal() * Math.Pow(10, (i % 7) - 3));
                rule(ref expected[i], ref v[i], ref s[i], double.CreateTruncating(gradient[i]), rate, n);
            }

            optimizer.Step(parameters, gradient, rate);
            Assert.Equal(n, optimizer.Steps);
        }

        for (int i = 0; i < Count; i++)
        {
            // Relative to how far it went: the largest gradients are a million times the smallest.
            double went = Math.Abs(expected[i]) + Math.Abs(expected[i] - start[i]);
            Assert.True(Math.Abs(double.CreateTruncating(parameters[i]) - expected[i]) <= bound * went, $"{kind} {typeof(T).Name} [{i}]: {parameters[i]}, not {expected[i]}.");
        }

        Assert.Equal(start[5], double.CreateTruncating(parameters[5]));
        if (kind != OptimizerKind.Sgd) Compare.Close(Compare.Doubles<T>(optimizer.First), v, Math.Max(bound, 1e-14) * 10, $"{kind} first");
        if (kind == OptimizerKind.Adam) Compare.Close(Compare.Doubles<T>(optimizer.Second), s, Math.Max(bound, 1e-14) * 100, $"{kind} second");
    }
}
