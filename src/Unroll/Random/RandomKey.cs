namespace Unroll;

/// <summary>The named, independent streams of random numbers; changing how one is used shifts no other.</summary>
public enum RandomStream
{
    /// <summary>Initial parameters.</summary>
    Initialization = 1,

    /// <summary>Training sequences; the index is the update.</summary>
    Training = 2,

    /// <summary>Validation sequences; the index is the check and its batch.</summary>
    Validation = 3,

    /// <summary>Test sequences of <c>evaluate</c>.</summary>
    Test = 4,

    /// <summary>Noise added to weights during training; the index is the update.</summary>
    WeightNoise = 5,

    /// <summary>Points drawn by the random search of a study; the index is the attempt.</summary>
    Study = 6,

    /// <summary>The order in which a corpus is seen; the index is the epoch.</summary>
    Order = 7,

    /// <summary>Symbols drawn from a network's predictions; the index is the step.</summary>
    Sampling = 8,

    /// <summary>Noise on pre-activations during training; the index is the update.</summary>
    StateNoise = 9,

    /// <summary>Noise added to gradients during training; the index is the update.</summary>
    GradientNoise = 10,

    /// <summary>What dropout leaves out during training; the index is the update.</summary>
    Dropout = 11,

    /// <summary>The order in which sequences are dealt out to folds; the index is 0.</summary>
    Folds = 12,

    /// <summary>Further training sequences of an update of Hessian-Free; the index is the update and its minibatch.</summary>
    Minibatch = 13,

    /// <summary>Draws with replacement behind the interval of a score; the index is 0 and the row the draw.</summary>
    Bootstrap = 14,

    /// <summary>Noise on the inputs during training; the index is the update.</summary>
    InputNoise = 15,

    /// <summary>Which inputs are a network's own outputs during training; the index is the update.</summary>
    TeacherForcing = 16,

    /// <summary>Noise on the biases of each sequence during training; the index is the update.</summary>
    BiasNoise = 17,
}

/// <summary>
/// Names one set of random draws: (seed, stream, index). Generators are counter-based, so a key is all there is to a
/// position in the stream: nothing to save for a resume, and the same draws on any thread.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Stream">Which named stream.</param>
/// <param name="Index">Which element of the stream, such as the update; 0..2^48-1.</param>
public readonly record struct RandomKey(ulong Seed, RandomStream Stream, long Index)
{
    /// <summary>The draws shared by the whole batch, such as its length.</summary>
    public RandomSource Shared() => new(this, -1);

    /// <summary>The draws that belong to one row of the batch, whatever the batch around it.</summary>
    /// <param name="row">The row, at least 0.</param>
    public RandomSource Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        return new(this, row);
    }
}
