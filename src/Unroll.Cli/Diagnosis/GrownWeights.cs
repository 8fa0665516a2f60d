using Unroll.Analysis;
using Unroll.Numerics;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// Whether training made the weights large whose units are saturated. Other weights to begin with are no remedy then: the rate
/// made these of the ones that the run began with, and would again.
/// </summary>
internal static class GrownWeights
{
    /// <summary>So many times the size of the start's is more than learning needs.</summary>
    private const double Grown = 2;

    /// <summary>The rate that is tried next is this share of the run's.</summary>
    private const double Less = 0.1;

    private const double Saturated = 0.5;

    /// <summary>The advice; null where units are not saturated, the run is not known, or its weights have not grown.</summary>
    /// <param name="subject">What is diagnosed.</param>
    /// <param name="diagnosis">What was measured.</param>
    public static Advice? Of(DiagnosisSubject subject, GradientDiagnosis diagnosis)
    {
        if (!(diagnosis.Saturated > Saturated) || Advice.IsSolved(diagnosis)) return null;
        if (RemedyTrials.Recorded(subject.Model) is not { } options
            || options.Optimizer is OptimizerKind.Ridge or OptimizerKind.HessianFree) return null;
        try
        {
            using var trainer = new Trainer(subject.Task, options with { Precision = Precision.Double });
            double began = Size(trainer.LastNetwork<double>()), now = Size(subject.Network);
            if (!(began > 0) || !(now > Grown * began)) return null;
            return LowerRate(options,
                $"{Format.Percent(diagnosis.Saturated)} of the units are saturated and pass nothing back; training at rate "
                    + $"{Format.Exact(options.LearningRate)} made recurrent weights {Format.Number(now / began)} times as large "
                    + $"as those of --init {OptionsText.Name(options.Initialization)}", "section 2.3");
        }
        catch (ArgumentException)
        {
            return null; // the model is no longer of the options beside it
        }
    }

    /// <summary>A tenth of a run's rate.</summary>
    public static Advice LowerRate(TrainingOptions run, string because, string section)
    {
        double rate = ClipAdvice.TwoDigits(Less * run.LearningRate);
        return new Advice("lr", $"--lr {Format.Exact(rate)}, a tenth of the run's", because, section, rate);
    }

    /// <summary>The norm of all recurrent weights.</summary>
    private static double Size(Network<double> network)
    {
        double sum = 0;
        foreach (ParameterBlock block in network.Blocks)
        {
            if (block.Role != ParameterRole.RecurrentWeights) continue;
            foreach (double weight in network.Parameter(block.Name)) sum += weight * weight;
        }

        return Math.Sqrt(sum);
    }
}
