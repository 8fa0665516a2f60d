using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>The options of <c>--optimizer hessian-free</c>, and what that choice changes in a recipe.</summary>
internal static class HessianFreeOptionTable
{
    public static IReadOnlyList<TrainOption> All { get; } =
    [
        new("--damping", "LAMBDA", "For --optimizer hessian-free: the first damping of a predicted output.", "damping",
            Number("--damping", false, (o, v) => o with { HessianFree = o.HessianFree with { Damping = v } })),
        new("--structural-damping", "MU",
            "For --optimizer hessian-free: the weight beside it of what damps moves of the hidden states; 0 for none.",
            "structural-damping",
            Number(
                "--structural-damping", true,
                (o, v) => o with { HessianFree = o.HessianFree with { StructuralDamping = v } })),
        new("--cg-iterations", "N", "For --optimizer hessian-free: the most iterations of conjugate gradients an update.",
            "cg-iterations",
            Whole("--cg-iterations", 10_000, (o, v) => o with { HessianFree = o.HessianFree with { Iterations = v } })),
        new("--gradient-batches", "N", "For --optimizer hessian-free: the minibatches of --batch sequences that make a gradient.",
            "gradient-batches",
            Whole("--gradient-batches", 1_000, (o, v) => o with { HessianFree = o.HessianFree with { GradientBatches = v } })),
    ];

    /// <summary>The recipe's options, or those of Hessian-Free in their place where it was chosen.</summary>
    public static TrainingOptions Recipe(TrainingOptions recipe, TrainingOptions given) =>
        given.Optimizer == OptimizerKind.HessianFree && recipe.Optimizer != OptimizerKind.HessianFree
            ? HessianFreeRecipe.Of(recipe) : recipe;

    /// <summary>Throws a <see cref="UserError"/> for an option that changes nothing.</summary>
    public static void CheckUnused(TrainingOptions options, Func<string, bool> given)
    {
        bool chosen = options.Optimizer == OptimizerKind.HessianFree;
        foreach (TrainOption option in All)
        {
            if (!chosen && given(option.Name))
                throw new UserError($"{option.Name} has no effect without --optimizer hessian-free; add it, or leave "
                    + $"{option.Name} out.");
        }

        if (chosen && (given("--lr") || given("--lr-schedule")))
            throw new UserError("--lr and --lr-schedule have no effect with --optimizer hessian-free, which finds the length of "
                + "its steps itself; leave them out.");
    }

    private static Func<string, Func<TrainingOptions, TrainingOptions>> Number(
        string option, bool zeroAllowed, Func<TrainingOptions, double, TrainingOptions> set) => text =>
        {
            double value = Values.Number(option, text, zeroAllowed);
            return o => set(o, value);
        };

    private static Func<string, Func<TrainingOptions, TrainingOptions>> Whole(
        string option, int maximum, Func<TrainingOptions, int, TrainingOptions> set) => text =>
        {
            int value = (int)Values.Whole(option, text, 1, maximum);
            return o => set(o, value);
        };
}
