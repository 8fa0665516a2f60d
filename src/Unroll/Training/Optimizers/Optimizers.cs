using System.Numerics;

namespace Unroll.Training;

/// <summary>The optimizers by their names.</summary>
internal static class Optimizers
{
    /// <summary>The optimizer of that name.</summary>
    public static IOptimizer<T> Create<T>(OptimizerKind kind, double momentum, int parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => kind switch
        {
            OptimizerKind.Sgd => new SgdOptimizer<T>(),
            OptimizerKind.Momentum => new MomentumOptimizer<T>(parameters, momentum, nesterov: false),
            OptimizerKind.Nesterov => new MomentumOptimizer<T>(parameters, momentum, nesterov: true),
            OptimizerKind.Adam => new AdamOptimizer<T>(parameters),
            OptimizerKind.Sutskever => new SutskeverNesterovOptimizer<T>(parameters, momentum),
            OptimizerKind.Adagrad => new AdagradOptimizer<T>(parameters),
            OptimizerKind.Rmsprop => new RmspropOptimizer<T>(parameters),
            OptimizerKind.HessianFree =>
                throw new ArgumentException("Hessian-Free takes more than a gradient; it is a step of its own."),
            OptimizerKind.Ridge => throw new ArgumentException("Ridge regression takes no gradient; it is a step of its own."),
            _ => throw new ArgumentException($"The optimizer {kind} is not a known value."),
        };
}
