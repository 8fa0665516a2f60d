namespace Unroll.Tasks;

/// <summary>
/// <see cref="Narma"/> with feedback: the second input is the output of the step before, y_t. While training it is the true one,
/// or as <see cref="Training.TeacherForcing"/> says; a network that is evaluated reads its own behind the steps that are not
/// predicted.
/// </summary>
public sealed class NarmaFeedback : SignalTask, IFeedbackTask
{
    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 50, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public NarmaFeedback(LengthRange length, TaskVariant variant = TaskVariant.Code)
        : base("narma-feedback", length, variant, Narma.ShortestLength)
    {
    }

    /// <summary>2: u_t and y_t.</summary>
    public override int Inputs => 2;

    /// <summary>1.</summary>
    public int FeedbackColumn => 1;

    /// <summary>True.</summary>
    public bool RunsFree => true;

    private protected override double Bound => Narma.Variance / 4;

    private protected override string Question => "predict the next output of the system, with the last one fed back";

    /// <inheritdoc/>
    public override ILengthTask WithLength(LengthRange length) => new NarmaFeedback(length, Variant);

    private protected override void Fill(Batch batch, int row, int steps, RandomSource random)
    {
        Narma.Generate(batch, row, steps, random);
        for (int t = 1; t < steps; t++) batch.Dense(t, row)[1] = batch.Values(t - 1, row)[0];
    }
}
