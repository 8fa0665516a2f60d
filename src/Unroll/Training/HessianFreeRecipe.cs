namespace Unroll.Training;

/// <summary>Options for Hessian-Free optimization in the place of a recipe's for gradient steps.</summary>
public static class HessianFreeRecipe
{
    /// <summary>
    /// A recipe's options with those of Martens and Sutskever (2011) where an optimizer has a say: the rest, such as the task's
    /// cost, the seed and the precision, stays. 100 units (a whole set's own number stays); for plain units 15 incoming weights a
    /// unit and a learned h_0; no clipping, no Omega, no curriculum; L2 of 2e-5 on the weights; checks every 5 updates, as an
    /// update takes hundreds of passes over a minibatch.
    /// </summary>
    /// <param name="recipe">The options of a recipe.</param>
    public static TrainingOptions Of(TrainingOptions recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        TrainingOptions own = RecipeWithoutSteps.Of(recipe) with
        {
            Optimizer = OptimizerKind.HessianFree,
            WeightDecay = 2e-5,
            Hidden = Math.Max(100, recipe.Hidden),
            CheckEvery = 5,
            ValidationSequences = 1_000,
            MaximumUpdates = 5_000,
        };
        return recipe.Cell != CellKind.Plain || recipe.Stack is not null ? own
            : own with { Initialization = Initialization.SparseIncoming, LearnedInitialState = true };
    }
}
