using System.Numerics;
using Unroll.Remedies;

namespace Unroll.Training;

/// <summary>What is done about a gradient that is not finite: stop, skip the update, or the authors' rescue.</summary>
/// <param name="policy">What to do.</param>
/// <param name="frozen">The blocks that are not trained, and so are not rescued either.</param>
internal sealed class FiniteGuardStep<T>(NonFinitePolicy policy, IReadOnlyList<ParameterBlock> frozen) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double RescueAbove = 1e10;
    private const double RescueFactor = 0.02;
    private readonly string[] _frozen = [.. frozen.Select(block => block.Name)];

    public void Apply(UpdateInProgress<T> update)
    {
        double norm = update.Clip.NormBefore;
        if (!double.IsFinite(norm) && NonFiniteData.Describe(update.Batch, typeof(T) == typeof(float)) is { } cause)
        {
            (update.NonFinite, update.Ended) = (true, true); // whatever the policy, because no learning rate helps
            update.Failure = Invariant($"The gradient of update {update.Number} is not finite because {cause}.");
            return;
        }

        if (policy == NonFinitePolicy.Rescue && !(norm <= RescueAbove))
        {
            update.NonFinite = true;
            Rescue(update);
        }
        else if (!double.IsFinite(norm))
        {
            (update.NonFinite, update.Ended) = (true, true);
            if (policy == NonFinitePolicy.Stop) update.Failure = Describe(update);
        }
    }

    /// <summary>Sets the gradient to 0.02 W_rec, which shrinks the recurrent weights and leaves the others unchanged.</summary>
    private void Rescue(UpdateInProgress<T> update)
    {
        Span<T> gradient = update.Gradient, parameters = update.Network.Parameters;
        gradient.Clear();
        foreach (ParameterBlock block in update.Network.Blocks)
        {
            if (block.Role != ParameterRole.RecurrentWeights || _frozen.AsSpan().Contains(block.Name)) continue;
            for (int i = block.Offset; i < block.Offset
                + block.Length; i++) gradient[i] = T.CreateTruncating(RescueFactor) * parameters[i];
        }
    }

    private static string Describe(UpdateInProgress<T> update)
    {
        string parameter = "all parameters together";
        foreach (ParameterBlock block in update.Network.Blocks)
        {
            bool finite = true;
            foreach (T value in update.Gradient.Slice(block.Offset, block.Length)) finite &= T.IsFinite(value);
            if (finite) continue;
            parameter = block.Name;
            break;
        }

        string where = update.Unrolled.FirstNonFiniteStep() is { } step
            ? Invariant($"first at time step {step} of {update.Unrolled.Steps}")
            : "although every state and error signal is finite";
        return Invariant(
            $"The gradient of update {update.Number} is not finite: in {parameter}, {where}; lower the learning rate, clip ")
            + "by norm, or have such updates skipped or rescued (OnNonFinite; --on-nonfinite of the command).";
    }
}
