using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>
/// What the choice of <c>--optimizer hessian-free</c> changes in a recipe, and which options belong to it alone.
/// </summary>
internal static class HessianFreeOptionTable
{
    private static readonly string[] Own = ["--damping", "--structural-damping", "--cg-iterations", "--gradient-batches"];

    /// <summary>The recipe's options, or those of Hessian-Free in their place where it was chosen.</summary>
    public static TrainingOptions Recipe(TrainingOptions recipe, TrainingOptions given) =>
        given.Optimizer == OptimizerKind.HessianFree && recipe.Optimizer != OptimizerKind.HessianFree
            ? HessianFreeRecipe.Of(recipe) : recipe;

    /// <summary>Throws a <see cref="UserError"/> for an option that changes nothing.</summary>
    public static void CheckUnused(TrainingOptions options, Func<string, bool> given)
    {
        bool chosen = options.Optimizer == OptimizerKind.HessianFree;
        foreach (string option in Own)
        {
            if (!chosen && given(option))
                throw new UserError($"{option} has no effect without --optimizer hessian-free; add it, or leave {option} out.");
        }

        if (chosen && (given("--lr") || given("--lr-schedule")))
            throw new UserError("--lr and --lr-schedule have no effect with --optimizer hessian-free, which finds the length of "
                + "its steps itself; leave them out.");
    }
}
