using Unroll.Cli.Diagnosis;
using Unroll.Numerics;
using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>A start that a run had already is not advised to it.</summary>
public static class KnownStartTests
{
    private static readonly Advice s_start = new(
        "init", "--activation tanh --init orthogonal", "measured rate 0.9 a step", "2.1");
    private static readonly Advice s_clip = new("clip", "--clip 1", "norms", "3.2");
    private static readonly Advice s_rate = new("lr", "--lr 0.01, half of 2 / curvature", "above", "2.3");

    private static readonly TrainingOptions s_run = new()
    {
        Initialization = Initialization.Orthogonal,
        Activation = Activation.Tanh,
        LearningRate = 0.5,
    };

    [Fact]
    public static void A_lower_rate_is_advised_in_its_place()
    {
        IReadOnlyList<Advice> advice = KnownStart.Replace([s_start, s_clip], s_run);
        Assert.Equal(s_clip, advice[1]);
        Assert.Equal(("lr", "--lr 0.05, a tenth of the run's", 0.05), (advice[0].About, advice[0].Text, advice[0].Value));
        Assert.Equal("the run began with --init orthogonal already, and training led away from it; measured rate 0.9 a step",
            advice[0].Because);
        Assert.Equal([s_rate, s_clip], KnownStart.Replace([s_rate, s_start, s_clip], s_run));
    }

    [Fact]
    public static void Another_start_or_a_run_that_is_not_known_changes_nothing()
    {
        Advice[] all = [s_start, s_clip];
        foreach (TrainingOptions? run in (TrainingOptions?[])[null, s_run with { Activation = Activation.Sigmoid },
            s_run with { Initialization = Initialization.SmartTanh }, s_run with { Optimizer = OptimizerKind.HessianFree }])
            Assert.Same(all, KnownStart.Replace(all, run));
        Advice[] words = [new Advice("init", "give the head weights other than 0", "no cost", "2.1")];
        Assert.Same(words, KnownStart.Replace(words, s_run));
    }
}
