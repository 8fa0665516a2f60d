using Unroll.Training;

namespace Unroll.Cli.Settings;

/// <summary>Whether a model and a task go together.</summary>
internal static class ModelFit
{
    /// <summary>Refuses a model whose inputs or outputs are not those of the task.</summary>
    public static void Require(string path, NetworkShape shape, ITask task)
    {
        if (shape.Encoding == task.Encoding && shape.Inputs == task.Inputs && shape.Head == task.Head
            && shape.Outputs == task.Outputs)
            return;
        throw new UserError(
            $"{path} does not fit {task.Name}: it has {shape.Inputs} {OptionsText.Name(shape.Encoding)} inputs and "
                + $"{shape.Outputs} {OptionsText.Name(shape.Head)} outputs, "
            + $"the task {task.Inputs} {OptionsText.Name(task.Encoding)} inputs and {task.Outputs} {OptionsText.Name(task.Head)} "
                + "outputs.");
    }
}
