using Unroll.Tasks;

namespace Unroll.Training;

/// <content>Where outputs can be fed back.</content>
internal static partial class OptionsRules
{
    /// <summary>The refusal of teacher forcing.</summary>
    /// <param name="task">The name of a task without outputs that feed back.</param>
    /// <param name="option">What was asked for.</param>
    public static string NoFeedback(string task, string option = "Teacher forcing") =>
        $"{option} is for tasks whose inputs are the targets of the step before; "
            + (task == ForecastTask.TaskName ? "a forecast that is fed back learns with the true steps always."
                : $"{task} has no output that can be fed back.");

    private static void CheckFeedback(ITask task, TrainingOptions o, NetworkShape shape)
    {
        o.TeacherForcing.Validate();
        if (task is IFeedbackTask { FeedbackColumn: int column } && OutputFeedback<float>.Refusal(shape, column) is { } refusal)
            throw new ArgumentException(refusal);
        if (!o.TeacherForcing.IsPartial) return;
        Require(task is IFeedbackTask, NoFeedback(task.Name));
        Require(o.Optimizer != OptimizerKind.HessianFree,
            "Hessian-Free compares costs of one network within an update, which its own outputs as inputs would change; leave "
            + "teacher forcing at 1.");
        Require(o.Optimizer != OptimizerKind.Ridge,
            "Ridge regression solves the readout at once, so there are no outputs to feed back before; leave teacher forcing "
            + "at 1.");
    }
}
