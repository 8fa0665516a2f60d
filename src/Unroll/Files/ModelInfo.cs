using System.Collections.Immutable;
using Unroll.Training;

namespace Unroll.Files;

/// <summary>
/// What a model file says besides the weights. It has no time, host or thread count: the same seed gives the same bytes.
/// </summary>
/// <param name="Shape">The network's sizes and options.</param>
public sealed record ModelInfo(NetworkShape Shape)
{
    /// <summary>The property that names the task, see <see cref="Task"/>.</summary>
    public const string TaskKey = "task";

    /// <summary>The property that gives the training length, see <see cref="Length"/>.</summary>
    public const string LengthKey = "length";

    /// <summary>The property that gives the task's variant, see <see cref="Variant"/>.</summary>
    public const string VariantKey = "variant";

    /// <summary>The floating-point type of the weights in the file; saving sets it from the network.</summary>
    public Precision Precision { get; init; }

    /// <summary>The seed of the training run.</summary>
    public ulong Seed { get; init; }

    /// <summary>Updates made, at least 0.</summary>
    public long Update { get; init; }

    /// <summary>How per-step costs were combined in training.</summary>
    public CostReduction Reduction { get; init; }

    /// <summary>The version of the library that wrote the file; empty for one made by another tool. Saving sets it.</summary>
    public string Version { get; init; } = "";

    /// <summary>Anything else worth keeping, such as the task, its length and variant.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The task it was trained on, or null when the file does not say.</summary>
    public string? Task => Properties.GetValueOrDefault(TaskKey);

    /// <summary>The training length, such as <c>200</c> or <c>50..200</c>, or null.</summary>
    public string? Length => Properties.GetValueOrDefault(LengthKey);

    /// <summary>The task's variant, such as <c>code</c> or <c>text</c>, or null.</summary>
    public string? Variant => Properties.GetValueOrDefault(VariantKey);
}
