using System.Globalization;
using Unroll.Files;

namespace Unroll.Training;

/// <summary>
/// The counters of a run: all that a resume needs besides parameters and optimizer. Random streams need nothing saved.
/// </summary>
internal sealed record TrainerState
{
    /// <summary>The numbers that depend on the clock; all others are the same in every run.</summary>
    public const string SecondsName = "seconds", UpdateSecondsName = "update-seconds";

    public long Update { get; set; }

    public long NonFinite { get; set; }

    public int Longest { get; set; }

    public long CurriculumWrong { get; set; }

    public long CurriculumSeen { get; set; }

    /// <summary>The update of the last regular check, whose sums the next update clears; -1 before the first.</summary>
    public long CheckedAt { get; set; } = -1;

    public long Streak { get; set; }

    public long SolvedAt { get; set; } = -1;

    public long BestUpdate { get; set; } = -1;

    public double BestError { get; set; } = double.PositiveInfinity;

    /// <summary>
    /// The score of the best model: the error at the selection lengths, or the error at the task's own lengths (plus 1 while no
    /// selection was made).
    /// </summary>
    public double BestScore { get; set; } = double.PositiveInfinity;

    public double BestLoss { get; set; } = double.PositiveInfinity;

    /// <summary>Regular checks since the one that kept the best model, for early stopping.</summary>
    public long ChecksSinceBest { get; set; }

    /// <summary>Returns to the best model so far; each halves the rate.</summary>
    public long Rescues { get; set; }

    /// <summary>1 where the next update starts from the best model.</summary>
    public long RescueDue { get; set; }

    /// <summary>Checks since the lowest validation loss or the last halving, for <see cref="RateSchedule.Plateau"/>.</summary>
    public long PlateauChecks { get; set; }

    /// <summary>The lowest validation loss, for <see cref="RateSchedule.Plateau"/>.</summary>
    public double PlateauLoss { get; set; } = double.PositiveInfinity;

    /// <summary>
    /// The update of the check since which the spectral radius has been below 1, plus 1; 0 while it is not, or not watched.
    /// </summary>
    public long ContractingSince { get; set; }

    /// <summary>The rate of the last update; the initial rate before the first update.</summary>
    public double Rate { get; set; }

    public double RateFactor { get; set; } = 1;

    public double PreviousLoss { get; set; } = double.NaN;

    public double Seconds { get; set; }

    // Sums since the last check.
    public long Counted { get; set; }

    public long Clipped { get; set; }

    /// <summary>Predicted steps of a corpus, over which <see cref="Loss"/> is the sum; 0 for other tasks.</summary>
    public long Steps { get; set; }

    public double Loss { get; set; }

    public double Norm { get; set; }

    public double Omega { get; set; }

    public double Kept { get; set; }

    public double UpdateSeconds { get; set; }

    public void ClearSums() => (Counted, Clipped, Steps, Loss, Norm, Omega, Kept, UpdateSeconds) = (0, 0, 0, 0, 0, 0, 0, 0);

    public void Write(Dictionary<string, string> properties)
    {
        // Counters of later versions are left out at 0, as in checkpoints of earlier versions.
        foreach ((string name, long value) in Later())
        {
            if (value != 0) properties[name] = value.ToString(CultureInfo.InvariantCulture);
        }

        if (!double.IsPositiveInfinity(PlateauLoss)) properties["plateau-loss"] = ExactNumber.ToText(PlateauLoss);

        foreach ((string name, long value) in Wholes()) properties[name] = value.ToString(CultureInfo.InvariantCulture);
        foreach ((string name, double value) in Numbers()) properties[name] = ExactNumber.ToText(value);
    }

    public static TrainerState Read(Checkpoint checkpoint) => new()
    {
        Update = CheckpointValues.Whole(checkpoint, "update"),
        NonFinite = CheckpointValues.Whole(checkpoint, "non-finite"),
        Longest = (int)Math.Clamp(CheckpointValues.Whole(checkpoint, "longest"), int.MinValue, int.MaxValue),
        CurriculumWrong = CheckpointValues.Whole(checkpoint, "curriculum-wrong"),
        CurriculumSeen = CheckpointValues.Whole(checkpoint, "curriculum-seen"),
        CheckedAt = CheckpointValues.Whole(checkpoint, "checked-at"),
        Streak = CheckpointValues.Whole(checkpoint, "streak"),
        SolvedAt = CheckpointValues.Whole(checkpoint, "solved-at"),
        BestUpdate = CheckpointValues.Whole(checkpoint, "best-update"),
        Counted = CheckpointValues.Whole(checkpoint, "counted"),
        Clipped = CheckpointValues.Whole(checkpoint, "clipped"),
        Steps = WholeOr0(checkpoint, "steps"),
        ChecksSinceBest = WholeOr0(checkpoint, "checks-since-best"),
        Rescues = WholeOr0(checkpoint, "rescues"),
        RescueDue = WholeOr0(checkpoint, "rescue-due"),
        PlateauChecks = WholeOr0(checkpoint, "checks-on-plateau"),
        PlateauLoss = checkpoint.Properties.ContainsKey("plateau-loss") ? Number(checkpoint, "plateau-loss")
            : double.PositiveInfinity,
        ContractingSince = WholeOr0(checkpoint, "contracting-since"),
        BestError = Number(checkpoint, "best-error"),
        BestScore = Number(checkpoint, "best-score"),
        BestLoss = Number(checkpoint, "best-loss"),
        Rate = Number(checkpoint, "rate"),
        RateFactor = Number(checkpoint, "rate-factor"),
        PreviousLoss = Number(checkpoint, "previous-loss"),
        Seconds = Number(checkpoint, SecondsName),
        Loss = Number(checkpoint, "loss-sum"),
        Norm = Number(checkpoint, "norm-sum"),
        Omega = Number(checkpoint, "omega-sum"),
        Kept = Number(checkpoint, "kept-sum"),
        UpdateSeconds = Number(checkpoint, UpdateSecondsName),
    };

    private static long WholeOr0(Checkpoint checkpoint, string name) =>
        checkpoint.Properties.ContainsKey(name) ? CheckpointValues.Whole(checkpoint, name) : 0;

    private static double Number(Checkpoint checkpoint, string name) =>
        ExactNumber.TryParse(checkpoint.Properties.GetValueOrDefault(name), out double value)
            ? value : throw new ArgumentException($"The checkpoint lacks the number '{name}'.");

    private (string, long)[] Later() =>
    [
        ("steps", Steps), ("checks-since-best", ChecksSinceBest), ("rescues", Rescues), ("rescue-due", RescueDue),
        ("checks-on-plateau", PlateauChecks), ("contracting-since", ContractingSince),
    ];

    private (string, long)[] Wholes() =>
    [
        ("update", Update), ("non-finite", NonFinite), ("longest", Longest), ("curriculum-wrong", CurriculumWrong),
        ("curriculum-seen", CurriculumSeen), ("checked-at", CheckedAt), ("streak", Streak), ("solved-at", SolvedAt),
        ("best-update", BestUpdate), ("counted", Counted), ("clipped", Clipped),
    ];

    private (string, double)[] Numbers() =>
    [
        ("best-error", BestError), ("best-score", BestScore), ("best-loss", BestLoss), ("rate", Rate),
        ("rate-factor", RateFactor), ("previous-loss", PreviousLoss), (SecondsName, Seconds), ("loss-sum", Loss),
        ("norm-sum", Norm), ("omega-sum", Omega), ("kept-sum", Kept), (UpdateSecondsName, UpdateSeconds),
    ];
}
