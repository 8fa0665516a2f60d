using System.Numerics;

namespace Unroll.Training;

/// <summary>An array that a step of an update keeps, by its name in checkpoints.</summary>
internal readonly record struct KeptState(string Name, Array Values);

/// <summary>
/// One step of an update: a part of the work between a batch and the moved parameters. <see cref="UpdatePipeline{T}"/> has the
/// order.
/// </summary>
internal interface IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>What must be saved for a resume: the arrays themselves, whose lengths never change.</summary>
    IReadOnlyList<KeptState> State => [];

    /// <summary>Applies the step. It allocates nothing, except in Hessian-Free.</summary>
    void Apply(UpdateInProgress<T> update);

    /// <summary>Called where a budget ends between two checks, before the last one: does what waited for a check. A run that is
    /// resumed goes on as if it had not been called.</summary>
    void Conclude(UpdateInProgress<T> update)
    {
    }

    /// <summary>Called after the state was written from outside.</summary>
    void Restored()
    {
    }

    /// <summary>Called after the parameters were set to earlier ones: discards state from the updates since then.</summary>
    void WentBack(ReadOnlySpan<T> parameters)
    {
    }
}

/// <summary>The data that the steps of one update share.</summary>
internal sealed class UpdateInProgress<T>(UnrolledNetwork<T> unrolled)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The network in training, unrolled over the batch.</summary>
    public UnrolledNetwork<T> Unrolled => unrolled;

    /// <summary>Its parameters and their blocks.</summary>
    public Network<T> Network => unrolled.Network;

    /// <summary>The gradient; valid after the backward pass.</summary>
    public Span<T> Gradient => unrolled.Gradient;

    /// <summary>The batch.</summary>
    public Batch Batch { get; private set; } = null!;

    /// <summary>The task at the lengths of this update; only optimizers that draw more sequences need it.</summary>
    public ITask? Training { get; private set; }

    /// <summary>Ends an update that takes long before it has changed anything.</summary>
    public CancellationToken Cancellation { get; private set; }

    /// <summary>Omega's weight.</summary>
    public double Alpha { get; private set; }

    /// <summary>The learning rate.</summary>
    public double Rate { get; private set; }

    /// <summary>The update: 1, 2, 3, ...</summary>
    public long Number { get; private set; }

    /// <summary>The batch's cost; of a corpus the sum over its <see cref="Steps"/>, in the task's unit.</summary>
    public double Loss { get; set; }

    /// <summary>The predicted steps of a corpus; 0 for other tasks.</summary>
    public long Steps { get; set; }

    public Remedies.ClipReport Clip { get; set; }

    public Remedies.OmegaStatistics Omega { get; set; }

    /// <summary>Whether the gradient was not finite, or too large to be used.</summary>
    public bool NonFinite { get; set; }

    /// <summary>Why the run must end; null while nothing failed.</summary>
    public string? Failure { get; set; }

    /// <summary>Whether the remaining steps are skipped.</summary>
    public bool Ended { get; set; }

    public void Begin(Batch batch, double alpha, double rate, long number, FreshSequences fresh = default)
    {
        (Training, Cancellation) = (fresh.Task, fresh.Cancellation);
        (Batch, Alpha, Rate, Number) = (batch, alpha, rate, number);
        (Loss, Steps, Clip, Omega) = (0, 0, default, default);
        (NonFinite, Failure, Ended) = (false, null, false);
    }
}

/// <summary>Where an update that needs more sequences than its batch has takes them, and what ends it while it does.</summary>
/// <param name="Task">The task at the lengths of this update; null where no step draws sequences.</param>
/// <param name="Cancellation">Ends an update that takes long before it has changed anything.</param>
internal readonly record struct FreshSequences(ITask? Task, CancellationToken Cancellation);
