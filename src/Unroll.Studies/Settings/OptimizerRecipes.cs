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

    /// <summary>As <see cref="Recipe"/>, on somebody's own sequences, whose budget is in epochs. All sums of a readout are there
    /// after one; units that hardly leak would miss what is a few steps back, so their leak is a middle one.</summary>
    public static TrainingOptions OnSeries(TrainingOptions recipe, TrainingOptions given, string task)
    {
        TrainingOptions own = Recipe(recipe, given, task);
        if (ReferenceEquals(own, recipe)) return recipe;
        bool isRidge = own.Optimizer == OptimizerKind.Ridge;
        return own with
        {
            InputNoise = 0,
            OutputDropout = 0,
            Leak = isRidge ? 0.5 : own.Leak,
            BatchSize = recipe.BatchSize,
            MaximumUpdates = recipe.MaximumUpdates,
            MaximumEpochs = isRidge ? 1 : recipe.MaximumEpochs,
            CheckEvery = recipe.CheckEvery,
            ValidationSequences = recipe.ValidationSequences,
            Stop = recipe.Stop,
        };
    }
}
