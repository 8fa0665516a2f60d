namespace Unroll.Training;

public sealed partial record TrainingOptions
{
    /// <summary>The budget in updates, at least 1.</summary>
    public long MaximumUpdates { get; init; } = 5_000_000;

    /// <summary>
    /// The budget in epochs of a corpus, at least 1, or null for none; the budget that is reached first ends the run.
    /// </summary>
    public int? MaximumEpochs { get; init; }

    /// <summary>The budget in minutes of wall-clock time, or null for none.</summary>
    public double? MaximumMinutes { get; init; }

    /// <summary>Updates from one check to the next, at least 1; for a corpus 0 means one epoch.</summary>
    public int CheckEvery { get; init; } = 2_000;

    /// <summary>
    /// Fresh sequences evaluated at a check, at least 1; a task that is one whole set is evaluated on all of it.
    /// </summary>
    public int ValidationSequences { get; init; } = 10_000;

    /// <summary>
    /// Lengths, usually longer than those trained on. Among checks with at most 1% wrong on the task's own lengths, the best
    /// model is the one with the lowest worst error or cost at these lengths (a tenth as many sequences are drawn at each). When
    /// empty, the task's own lengths decide.
    /// </summary>
    public IReadOnlyList<int> SelectionLengths { get; init; } = [];

    /// <summary>What models are compared by at <see cref="SelectionLengths"/>.</summary>
    public SelectionMeasure SelectionMeasure { get; init; }

    /// <summary>
    /// Early stopping: the run ends after this many checks in a row without a better validation cost, at least 1; null for never.
    /// For a task without a success rule.
    /// </summary>
    public int? Patience { get; init; }

    /// <summary>When the run ends before its budget.</summary>
    public StopRule Stop { get; init; } = StopRule.First;

    /// <summary>The floating-point type.</summary>
    public Precision Precision { get; init; } = Precision.Float;

    /// <summary>Worker threads, at least 1. Their number changes the speed but no bit of the result.</summary>
    public int Threads { get; init; } = 1;

    private static IEnumerable<TrainingOption> OfBudget =>
    [
        new WholeOption(
            "updates", OptionGroup.Budget, "The budget in updates.", 1, 1_000_000_000_000, o => o.MaximumUpdates,
            (o, v) => o with { MaximumUpdates = v!.Value })
        {
            IsUsual = true, IsLong = true, MayChange = true,
        },
        new WholeOption(
            "epochs", OptionGroup.Budget, "For music and text: the budget in epochs.", 1, 1_000_000, o => o.MaximumEpochs,
            (o, v) => o with { MaximumEpochs = (int?)v })
        {
            Word = "none", Before = "none", Off = "none", MayChange = true,
        },
        new NumberOption(
            "minutes", OptionGroup.Budget, "M", "The budget in minutes.", NumberRange.Positive, o => o.MaximumMinutes,
            (o, v) => o with { MaximumMinutes = v })
        {
            Maximum = 10_000_000, Word = "none", Off = "none", MayChange = true,
        },
        new WholeOption(
            "check-every", OptionGroup.Budget, "Updates from one check to the next; for music and text also: epoch.",
            1, 1_000_000_000, o => o.CheckEvery == 0 ? null : o.CheckEvery, (o, v) => o with { CheckEvery = (int)(v ?? 0) })
        {
            Word = "epoch", TypesWord = true,
        },
        new WholeOption(
            "validation", OptionGroup.Budget, "Fresh sequences evaluated at a check (not for memorization of 5 bits).",
            1, 10_000_000, o => o.ValidationSequences, (o, v) => o with { ValidationSequences = (int)v! }),
        new TextOption(
            "select-length", OptionGroup.Budget,
            "Choose the best model by its error at this length, or the worst at several (longer than the training lengths, for "
            + "generalization); or none.",
            o => OptionTexts.Lengths(o.SelectionLengths),
            (o, text) => OptionTexts.ReadLengths(text) is { } lengths ? o with { SelectionLengths = lengths } : null,
            "lengths separated by commas, or none")
        {
            Value = "T,T,...", Off = "none", IsWhole = true, HasCommas = true,
        },
        new ChoiceOption<SelectionMeasure>(
            "select-by", OptionGroup.Budget,
            "What --select-length compares: the share wrong; or the cost, which tells models apart of which none errs.",
            o => o.SelectionMeasure, (o, v) => o with { SelectionMeasure = v })
        {
            Before = "error", Off = "error",
            NoEffect = o => o.SelectionLengths.Count > 0 ? null : "without --select-length; add it, or leave --select-by out",
        },
        new WholeOption(
            "patience", OptionGroup.Budget,
            "For music and text: end after N checks in a row without a better validation loss; or none.",
            1, 1_000_000, o => o.Patience, (o, v) => o with { Patience = (int?)v })
        {
            Word = "none", TypesWord = true, Before = "none", Off = "none",
        },
        new ChoiceOption<StopRule>(
            "stop", OptionGroup.Budget,
            "When it ends early: at the first check with at most 1% wrong; after 3 in a row; without any error; never.",
            o => o.Stop, (o, v) => o with { Stop = v }),
        new ChoiceOption<Precision>(
            "precision", OptionGroup.Network, "The floating-point type.", o => o.Precision, (o, v) => o with { Precision = v }),
        new WholeOption(
            "threads", OptionGroup.Budget, "Worker threads; they change no bit of the result.", 1, 256, o => o.Threads,
            (o, v) => o with { Threads = (int)v! })
        {
            MayChange = true, ChangesBits = false,
        },
    ];
}
