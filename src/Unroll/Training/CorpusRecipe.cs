namespace Unroll.Training;

/// <summary>
/// The recipes for a kind of corpus. Another kind is a class like <see cref="MusicRecipe"/> in a file of its own.
/// </summary>
internal abstract class CorpusRecipe
{
    /// <summary>The name of the kind's task.</summary>
    public abstract string Task { get; }

    /// <summary>What the recipes for all kinds share.</summary>
    protected static TrainingOptions Common { get; } = new()
    {
        RateSchedule = RateSchedule.HalveOnRise,
        CheckEvery = 0,
        Stop = StopRule.Budget,
    };

    /// <summary>The steps of a training window.</summary>
    public abstract int Window(bool best);

    /// <summary>The published values, which depend on the method.</summary>
    public abstract TrainingOptions Paper(string data, int ahead, bool clips, bool regularizes);

    /// <summary>The values that were measured to be best.</summary>
    public abstract TrainingOptions Best(string data);

    /// <summary>The best learning rate of a gated cell.</summary>
    /// <param name="cell">LSTM or GRU.</param>
    /// <param name="plain">The rate of the plain network.</param>
    public abstract double GatedRate(CellKind cell, double plain);
}
