using System.Collections.Immutable;
using Unroll.Cli.Settings;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Kinds;

/// <summary>
/// What the command does with one kind of data besides training: it shows the data, and writes what a model has learned. Another
/// kind's is a class in a file of its own and its place in <see cref="All"/>; without one its data is only trained on.
/// </summary>
internal abstract class CorpusView
{
    private static ImmutableArray<CorpusView> All { get; } = [new MusicView(), new TextView()];

    /// <summary>The kinds that models can write, in words.</summary>
    public static string Words { get; } = string.Join(" and ", All.Select(view => view.Kind.Name));

    /// <summary>The kind.</summary>
    public abstract CorpusKind Kind { get; }

    /// <summary>The view of a kind; null where there is none.</summary>
    public static CorpusView? Of(CorpusKind? kind) => All.FirstOrDefault(view => view.Kind == kind);

    /// <summary>Says what is in data, and shows how it begins.</summary>
    /// <param name="source">Reads the data.</param>
    /// <param name="settings">Which data, and how it is read.</param>
    /// <param name="json">Whether as JSON.</param>
    /// <param name="host">Where to.</param>
    public abstract void Show(DataSource source, CorpusSettings settings, bool json, CommandHost host);

    /// <summary>Writes what a model has learned. Returns the exit code.</summary>
    /// <exception cref="ArgumentException">The prompt does not fit the model.</exception>
    /// <exception cref="ArithmeticException">The network has exploded.</exception>
    public abstract int Sample(SampleRequest request, CommandHost host, CancellationToken cancellation);
}

/// <summary>What is to be drawn from a model; null where nothing was given.</summary>
/// <param name="Model">The model.</param>
/// <param name="Path">Its file.</param>
/// <param name="Json">Whether the result is told as JSON.</param>
internal sealed record SampleRequest(ModelSource Model, string Path, bool Json)
{
    /// <summary>What it begins with: a text, or a file.</summary>
    public string? Prompt { get; init; }

    /// <summary>The file to write.</summary>
    public string? Target { get; init; }

    /// <summary>The temperature.</summary>
    public double Temperature { get; init; }

    /// <summary>Steps after the prompt.</summary>
    public int? Length { get; init; }

    /// <summary>The seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>Beats a minute.</summary>
    public double? Tempo { get; init; }

    /// <summary>Beats a step.</summary>
    public double? Step { get; init; }
}
