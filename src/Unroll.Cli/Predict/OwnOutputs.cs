using System.Numerics;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Predict;

/// <summary>Which steps a model reads its own outputs at.</summary>
/// <param name="More">Steps behind each sequence.</param>
/// <param name="Column">The first input that outputs are fed back to.</param>
/// <param name="LeftOut">The last inputs that a step may leave out; 0 where a step has all of them.</param>
internal sealed record OwnOutputs(int More, int Column, int LeftOut)
{
    /// <summary>Whether there are such steps, or may be.</summary>
    public bool Any => More > 0 || LeftOut > 0;

    /// <summary>What a model allows, or a refusal.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="info">What the file says.</param>
    /// <param name="more">The steps that it is to go on; 0 for none.</param>
    public static OwnOutputs Of(string path, ModelInfo info, int more)
    {
        NetworkShape shape = info.Shape;
        IFeedbackTask? task = info.Task is { } name && TaskCatalogue.IsSynthetic(name)
            ? TaskCatalogue.Create(name, Recipes.DefaultLength(name), TaskVariant.Code) as IFeedbackTask : null;
        int column = task?.FeedbackColumn ?? 0;
        bool feedsBack = OutputFeedback<float>.Refusal(shape, column) is null;
        if (feedsBack && task is not null && column > 0 && column + shape.Outputs == shape.Inputs)
        {
            return more == 0 ? new OwnOutputs(0, column, shape.Outputs) : throw new UserError(
                $"--free gives no inputs, and {path} has {column} that are not fed back; write the steps to go on by with "
                + $"{Counted.Of(column, "number")} each, and leave --free out.");
        }

        if (more == 0) return new OwnOutputs(0, 0, 0);
        return feedsBack && shape.Inputs == shape.Outputs ? new OwnOutputs(more, column, 0) : throw new UserError(
            $"--free is for models whose inputs are the values that they predict; {path} has {shape.Inputs} "
            + $"{OptionsText.Name(shape.Encoding)} inputs and {shape.Outputs} {OptionsText.Name(shape.Head)} outputs, which "
            + "cannot be fed back.");
    }

    /// <summary>Runs the steps at which rows read their own outputs: those left out, and those behind the sequences.</summary>
    public void Run<T>(OutputFeedback<T> feedback, Batch batch, ReadOnlySpan<InputSequence> sequences)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int r = 0; r < sequences.Length; r++)
        {
            // An input is the network's own where the step before it is predicted.
            for (int t = 1; t < sequences[r].Length; t++)
            {
                if (!sequences[r].IsOwn(t, batch.Inputs)) batch.SkipTarget(t - 1, r);
            }

            batch.Lengths[r] = sequences[r].Length + More;
        }

        feedback.Run(batch);
    }
}
