using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>What the choice of <c>--optimizer hessian-free</c> changes in a recipe.</summary>
internal static class HessianFreeOptionTable
{
    /// <summary>The recipe's options, or those of Hessian-Free in their place where it was chosen.</summary>
    public static TrainingOptions Recipe(TrainingOptions recipe, TrainingOptions given) =>
        given.Optimizer == OptimizerKind.HessianFree && recipe.Optimizer != OptimizerKind.HessianFree
            ? HessianFreeRecipe.Of(recipe) : recipe;
}
