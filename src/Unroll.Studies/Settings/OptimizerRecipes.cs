using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>What the choice of an optimizer that is a method of its own changes in a recipe.</summary>
internal static class OptimizerRecipes
{
    /// <summary>The recipe's options, or those of the method in their place where it was chosen.</summary>
    public static TrainingOptions Recipe(TrainingOptions recipe, TrainingOptions given, string task) =>
        given.Optimizer == recipe.Optimizer ? recipe
            : given.Optimizer switch
            {
                OptimizerKind.HessianFree => HessianFreeRecipe.Of(recipe),
                OptimizerKind.Ridge => ReservoirRecipe.Of(recipe, task),
                _ => recipe,
            };
}
