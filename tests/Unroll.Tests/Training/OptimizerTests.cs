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

    public static TheoryData<OptimizerKind> Kinds => [.. Runs.GradientOptimizers];

    [Theory]
    [MemberData(nameof(Kinds))]
    public static void Steps_are_those_of_the_formula(OptimizerKind kind)
    {
        Check<double>(kind, 1e-14);
        Check<float>(kind, 2e-6);
    }

    /// <summary>Large networks are moved in pieces: every parameter as if it were alone.</summary>
    [Fact]
    public static void Adam_moves_each_of_many_parameters_as_one_alone()
    {
        const int Many = 5_003;
        var random = new Random(7);
        float[] theta = [.. Enumerable.Range(0, Many).Select(_ => (float)random.NextDouble())];
        float[] g = [.. Enumerable.Range(0, Many).Select(_ => (float)(random.NextDouble() - 0.5))];
        int[] chosen = [0, 1, 2047, 2048, 4095, 4096, Many - 1];
        float[][] alone = [.. chosen.Select(i => new[] { theta[i] })];
        var all = new AdamOptimizer<float>(Many);
        AdamOptimizer<float>[] each = [.. chosen.Select(_ => new AdamOptimizer<float>(1))];
        for (int n = 1; n <= 3; n++)
        {
            var step = new OptimizerStep(n, 0.01);
            all.Step(theta, g, step);
            for (int i = 0; i < chosen.Length; i++) each[i].Step(alone[i], [g[chosen[i]]], step);
        }

        Assert.Equal(alone.Select(one => one[0]), chosen.Select(i => theta[i]));
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Momentum, "first")]
    [InlineData(OptimizerKind.Nesterov, "first")]
    [InlineData(OptimizerKind.Adam, "first", "second")]
    [InlineData(OptimizerKind.Sutskever, "first")]
    [InlineData(OptimizerKind.Adagrad, "squares")]
    [InlineData(OptimizerKind.Rmsprop, "squares")]
    public static void State_is_only_what_the_kind_needs(OptimizerKind kind, params string[] names)
    {
        IOptimizer<float> optimizer = Optimizers.Create<float>(kind, 0.9, 5);
        Assert.Equal(names, optimizer.State.Select(state => state.Name));
        Assert.All(optimizer.State, state => Assert.Equal(5, state.Values.Length));
        Assert.Equal(OptionsText.Name(kind), optimizer.Name);
        Assert.Equal(TrainingOptions.HasMomentum(kind), names is ["first"]);
    }

    /// <summary>The schedule of Sutskever et al., written as in their paper: with powers and logarithms of 2.</summary>
    [Fact]
    public static void Sutskevers_momentum_grows_every_250_steps_to_the_one_given()
    {
        var optimizer = new SutskeverNesterovOptimizer<double>(1, 0.9);
        foreach (long t in (long[])[1, 2, 249, 250, 251, 499, 500, 750, 999, 1_000, 1_249, 1_250, 100_000])
        {
            double expected = Math.Min(1 - Math.Pow(2, -1 - Math.Log2((t / 250) + 1)), 0.9);
            optimizer.State[0].Values[0] = 2;
            double[] theta = [10];
            optimizer.LookAhead(theta, new OptimizerStep(t, 0.5));
            Assert.Equal(10 + (2 * expected), theta[0], 1e-12);
            optimizer.Step(theta, [0], new OptimizerStep(t, 0.5));
            Assert.Equal(2 * expected, optimizer.State[0].Values[0], 1e-12);
        }
    }

    /// <summary>
    /// On half of a x^2 both forms of Nesterov's method visit the same points, one of them looking ahead (constant momentum).
    /// </summary>
    [Fact]
    public static void Both_forms_of_Nesterovs_method_are_one()
    {
        var ahead = new SutskeverNesterovOptimizer<double>(1, 0.5); // the schedule begins at .5 and may not grow
        var plain = new MomentumOptimizer<double>(1, 0.5, nesterov: true);
        double[] theta = [3], moved = [3];
        for (long n = 1; n <= 60; n++)
        {
            double[] at = [.. theta];
            ahead.LookAhead(at, new OptimizerStep(n, 0.2));
            Assert.Equal(moved[0], at[0], 1e-13);
            ahead.Step(theta, [1.7 * at[0]], new OptimizerStep(n, 0.2));
            plain.Step(moved, [1.7 * moved[0]], new OptimizerStep(n, 0.2));
        }

        Assert.InRange(Math.Abs(theta[0]), 0, 1e-6);
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
        OptimizerKind.Sutskever => (ref double theta, ref double v, ref double _, double g, double rate, int _) =>
        {
            v = (0.5 * v) - (rate * g); // fewer than 250 steps
            theta += v;
        }
        ,
        OptimizerKind.Nesterov => (ref double theta, ref double v, ref double _, double g, double rate, int _) =>
        {
            v = (Mu * v) - (rate * g);
            theta += (Mu * v) - (rate * g);
        }
        ,
        OptimizerKind.Adagrad => (ref double theta, ref double s, ref double _, double g, double rate, int _) =>
        {
            s += g * g;
            theta -= g == 0 ? 0 : rate * g / (Math.Sqrt(s) + 1e-10);
        }
        ,
        OptimizerKind.Rmsprop => (ref double theta, ref double s, ref double _, double g, double rate, int _) =>
        {
            s = (0.9 * s) + (0.1 * g * g);
            theta -= rate * g / (Math.Sqrt(s) + 1e-8);
        }
        ,
        OptimizerKind.Adam => (ref double theta, ref double m, ref double s, double g, double rate, int n) =>
        {
            m = (0.9 * m) + (0.1 * g);
            s = (0.999 * s) + (0.001 * g * g);
            double unbiasedMean = m / (1 - Math.Pow(0.9, n)), unbiasedSquare = s / (1 - Math.Pow(0.999, n));
            theta -= rate * unbiasedMean / (Math.Sqrt(unbiasedSquare) + 1e-8);
        }
        ,
        _ => throw new ArgumentException($"Say here what {kind} does."),
    };

    private static void Check<T>(OptimizerKind kind, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Count = 37, Steps = 25;
        Rule rule = Of(kind);
        RandomSource random = new RandomKey(7, RandomStream.Training, 0).Shared();
        IOptimizer<T> optimizer = Optimizers.Create<T>(kind, Mu, Count);
        var parameters = new T[Count];
        var gradient = new T[Count];
        double[] expected = new double[Count], v = new double[Count], s = new double[Count];
        for (int i = 0; i < Count; i++)
            expected[i] = double.CreateTruncating(parameters[i] = T.CreateTruncating(random.NextNormal()));
        double[] start = [.. expected];
        for (int n = 1; n <= Steps; n++)
        {
            double rate = 0.1 / n;
            for (int i = 0; i < Count; i++)
            {
                gradient[i] = T.CreateTruncating(i == 5 ? 0 : random.NextNormal() * Math.Pow(10, (i % 7) - 3));
                rule(ref expected[i], ref v[i], ref s[i], double.CreateTruncating(gradient[i]), rate, n);
            }

            optimizer.Step(parameters, gradient, new OptimizerStep(n, rate));
        }

        for (int i = 0; i < Count; i++)
        {
            // Relative to the distance moved: the largest gradients are a million times the smallest.
            double went = Math.Abs(expected[i]) + Math.Abs(expected[i] - start[i]);
            Assert.True(Math.Abs(double.CreateTruncating(parameters[i]) - expected[i]) <= bound * went,
                $"{kind} {typeof(T).Name} [{i}]: {parameters[i]}, not {expected[i]}.");
        }

        Assert.Equal(start[5], double.CreateTruncating(parameters[5]));
        double[][] states = [v, s];
        for (int i = 0; i < optimizer.State.Count; i++)
            Compare.Close(Compare.Doubles<T>(optimizer.State[i].Values), states[i], Math.Max(bound, 1e-14) * Math.Pow(10, i + 1),
                $"{kind} {optimizer.State[i].Name}");
    }
}
