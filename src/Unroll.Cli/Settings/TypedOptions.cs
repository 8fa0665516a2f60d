using Unroll.Remedies;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Settings;

/// <summary>Options as a user types them.</summary>
internal static class TypedOptions
{
    /// <summary>The options of <c>unroll train</c> that would give these values.</summary>
    public static IEnumerable<string> Of(TrainingOptions options)
    {
        foreach ((string name, string value) in OptionsText.ToProperties(options))
        {
            switch (name)
            {
                case "biases":
                    if (value == "false") yield return "--no-bias";
                    break;
                case "learned-initial-state":
                    if (value == "true") yield return "--learn-initial-state";
                    break;
                case "train-leak":
                    if (value == "true") yield return "--train-leak";
                    break;
                case "cell" when value == "plain":
                case "layers" or "leak" or "forget-bias" when value == "1":
                case "dropout" or "input-dropout" or "output-dropout" when value == "0":
                case "stack" or "chrono" or "init-block" when value == "none":
                case "hidden" or "activation" when options.Stack is not null:
                case "activation" when !OptionsRules.HasActivation(options.Cell):
                case "lr" or "lr-schedule" when options.Optimizer == OptimizerKind.HessianFree:
                case "damping" or "structural-damping" or "cg-iterations" or "gradient-batches"
                    when options.Optimizer != OptimizerKind.HessianFree:
                case "averaging" or "weight-noise" or "state-noise" or "weight-decay" or "gradient-noise" when value == "0":
                case "epochs" or "patience" or "clip-temporal" or "l1" or "l2" or "rescue" when value == "none":
                case "gradient-noise-decay" when options.GradientNoise == 0:
                case "plateau-checks" when options.RateSchedule != RateSchedule.Plateau:
                case "clip-rule": // with --clip
                case "validation" or "curriculum" or "stop" or "updates" when options.MaximumEpochs is not null:
                case "frozen" when value.Length == 0:
                case "minutes" or "select-length" when value == "none":
                case "cost" when value == "task":
                case "momentum" when !Optimizers.HasMomentum(options.Optimizer):
                case "clip" when options.ClipMode == ClipMode.None:
                case "omega-form" or "omega-schedule" when options.Omega == 0:
                    break;
                case "clip":
                    yield return $"--clip {ClipOption.Text(options)}";
                    break;
                case "lr-schedule" when options.RateSchedule == RateSchedule.HalveOnRise:
                    yield return "--lr-schedule halve";
                    break;
                case "lr-schedule" when options.RateSchedule == RateSchedule.HalveOnTrainingRise:
                    yield return "--lr-schedule halve-training";
                    break;
                default:
                    yield return $"--{name} {value}";
                    break;
            }
        }
    }
}
