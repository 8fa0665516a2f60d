using System.Globalization;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>
/// A test of a trial's best model: on fresh sequences of a length; or, of a corpus, on a fold or on one piece of the test fold,
/// with its predicted steps for sequences and its cost a step for loss.
/// </summary>
public sealed record TrialTest(string Length, long Sequences, double? Error, double? StrictError, double Loss)
{
    /// <summary>The beginning of the names of pieces of the test fold.</summary>
    internal const string PieceOf = "test/";

    /// <summary>The name under which the cost of a piece of the test fold is kept.</summary>
    internal static string Piece(int index) => Invariant($"{PieceOf}{index}");
}

/// <summary>How a trial ended. All but the seconds and what it ran on repeats bit for bit.</summary>
public sealed record TrialResult
{
    /// <summary>How the training ended.</summary>
    public required TrainingOutcome Outcome { get; init; }

    /// <summary>Updates made.</summary>
    public required long Updates { get; init; }

    /// <summary>The update of the first check with at most 1% wrong, or null.</summary>
    public long? FirstHit { get; init; }

    /// <summary>The update of the third check in a row with at most 1% wrong, or null.</summary>
    public long? Sustained { get; init; }

    /// <summary>The least share wrong at any check.</summary>
    public double? BestError { get; init; }

    /// <summary>The validation loss of the best model's check.</summary>
    public double? BestLoss { get; init; }

    /// <summary>The update whose model was kept.</summary>
    public long BestUpdate { get; init; }

    /// <summary>Seconds of training and checks, in all sessions.</summary>
    public double Seconds { get; init; }

    /// <summary>The seconds up to the first hit, or null.</summary>
    public double? FirstHitSeconds { get; init; }

    /// <summary>Seconds of the tests.</summary>
    public double TestSeconds { get; init; }

    /// <summary>What was not finite, or null.</summary>
    public string? Message { get; init; }

    /// <summary>The version that made it.</summary>
    public required string Version { get; init; }

    /// <summary>The instruction set, which fixes the bits together with the options.</summary>
    public required string Kernel { get; init; }

    /// <summary>The checks, thinned.</summary>
    public IReadOnlyList<CurvePoint> Checks { get; init; } = [];

    /// <summary>The tests.</summary>
    public IReadOnlyList<TrialTest> Tests { get; init; } = [];

    /// <summary>Whether the paper's criterion was met at some check.</summary>
    public bool Solved => FirstHit is not null;

    /// <summary>What must be the same when the same trial is run again, as text.</summary>
    internal string Numbers() => string.Join(", ", Facts());

    /// <summary>The first of <see cref="Numbers"/> in which two results differ, of each; empty when they are the same.</summary>
    internal static (string First, string Second) Difference(TrialResult first, TrialResult second)
    {
        string[] one = [.. first.Facts()], other = [.. second.Facts()];
        int at = Enumerable.Range(0, Math.Max(one.Length, other.Length))
            .FirstOrDefault(i => one.ElementAtOrDefault(i) != other.ElementAtOrDefault(i), -1);
        return at < 0 ? ("", "") : (one.ElementAtOrDefault(at) ?? "no further test",
            other.ElementAtOrDefault(at) ?? "no further test");
    }

    private IEnumerable<string> Facts() =>
    [
        $"{Outcome}", Counted.Of(Updates, "update"), $"first hit {FirstHit?.ToString(CultureInfo.InvariantCulture) ?? "none"}",
        $"sustained {Sustained?.ToString(CultureInfo.InvariantCulture) ?? "none"}",
        Fact($"best error {BestError?.ToString("R", CultureInfo.InvariantCulture) ?? "none"}"),
        Fact($"best loss {BestLoss?.ToString("R", CultureInfo.InvariantCulture) ?? "none"}"), Fact($"at update {BestUpdate}"),
        .. Tests.Select(test => Fact($"test {test.Length}: {test.Error:R} {test.StrictError:R} {test.Loss:R}")),
    ];

    private static string Fact(FormattableString text) => FormattableString.Invariant(text);
}
