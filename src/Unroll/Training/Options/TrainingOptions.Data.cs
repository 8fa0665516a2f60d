using System.Globalization;

namespace Unroll.Training;

public sealed partial record TrainingOptions
{
    /// <summary>How per-step costs are combined; null takes the task's own.</summary>
    public CostReduction? Reduction { get; init; }

    /// <summary>B, the number of sequences in an update, at least 1; a task that is one whole set uses all of it.</summary>
    public int BatchSize { get; init; } = 20;

    /// <summary>A curriculum on the length, or null for the task's own lengths from the start.</summary>
    public LengthCurriculum? Curriculum { get; init; }

    /// <summary>
    /// The share of steps at which the network reads the true value in the place of its own output of the step before, for tasks
    /// whose inputs are what was to be predicted.
    /// </summary>
    public TeacherForcing TeacherForcing { get; init; } = TeacherForcing.Full;

    /// <summary>The names of parameters that are not trained (see <see cref="ParameterBlock"/>).</summary>
    public IReadOnlyList<string> Frozen { get; init; } = [];

    /// <summary>The seed that, with these options, fixes every bit of the result.</summary>
    public ulong Seed { get; init; } = 1;

    private static IEnumerable<TrainingOption> OfData =>
    [
        new ChoiceOption<CostReduction>(
            "cost", OptionGroup.Data,
            "How the costs of a sequence's steps are combined; rates and thresholds belong to it. Default: the task's own.",
            o => o.Reduction, (o, v) => o with { Reduction = v })
        {
            None = "task", Clear = o => o with { Reduction = null }, Off = "task",
        },
        new WholeOption(
            "batch", OptionGroup.Data, "Sequences in an update (not for memorization of 5 bits, which takes all its patterns).",
            1, 65_536, o => o.BatchSize, (o, v) => o with { BatchSize = (int)v! }),
        new TextOption(
            "curriculum", OptionGroup.Data,
            "Begin at length START, and grow by GROWTH when at most THRESHOLD of the training sequences are wrong; or none.",
            o => o.Curriculum is { } c ? OptionTexts.Curriculum(c) : "none",
            (o, text) => text == "none" ? o with { Curriculum = null }
                : OptionTexts.ReadCurriculum(text) is { } curriculum ? o with { Curriculum = curriculum } : null,
            "START,GROWTH,THRESHOLD[,EVERY] or none")
        {
            Value = "START,GROWTH,THRESHOLD", HasCommas = true,
        },
        new TextOption(
            "teacher-forcing", OptionGroup.Data,
            "For tasks whose inputs are the targets of the step before: the share of steps at which they are, and not the "
            + "network's own outputs; or from START to END over the first UPDATES.",
            o => o.TeacherForcing.ToText(),
            (o, text) => TeacherForcing.Read(text) is { } forcing ? o with { TeacherForcing = forcing } : null,
            "a share within 0 and 1, or START,END,UPDATES such as 1,0.2,5000")
        {
            Value = "SHARE|START,END,UPDATES", Before = "1", Off = "1", HasCommas = true,
        },
        new TextOption(
            "frozen", OptionGroup.Network,
            "A parameter that is not trained, such as weight_hh_l0; may be repeated, or a list with commas.",
            o => string.Join(',', o.Frozen),
            (o, text) => o with { Frozen = text.Split(',', StringSplitOptions.RemoveEmptyEntries) }, "names separated by commas")
        {
            Value = "NAME", Off = "", HasCommas = true,
        },
        new TextOption(
            "seed", OptionGroup.Data, "With the other options it fixes every bit of the result.",
            o => o.Seed.ToString(CultureInfo.InvariantCulture),
            (o, text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
                ? o with { Seed = seed } : null,
            "a whole number of at least 0")
        {
            Value = "N", IsUsual = true,
        },
    ];
}
