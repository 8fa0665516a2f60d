namespace Unroll.Benchmarks;

/// <summary>What an update found; both sides must agree on it before anything is timed.</summary>
internal readonly record struct UpdateReport(double Cost, double GradientNorm);

/// <summary>One side of the comparison: forward, backward, Omega, clip by norm, SGD step, always from the same weights.</summary>
internal interface IUpdate : IDisposable
{
    string Name { get; }

    /// <summary>Makes one update. This is what is timed.</summary>
    UpdateReport Run();

    /// <summary>Puts the first weights back, untimed, so that every repetition does the same work.</summary>
    void Restore();
}

/// <summary>The hyperparameters, the same on both sides.</summary>
internal static class Recipe
{
    public const float LearningRate = 0.001f;
    public const float ClipThreshold = 1;
    public const float Alpha = 2;
}
