using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>One of the runs between which validation decides.</summary>
/// <param name="Name">What it is called where there are several.</param>
/// <param name="Settings">Its settings.</param>
internal sealed record RefitTrial(string Name, TrainSettings Settings)
{
    /// <summary>The two of which it is the mean, and which were tried before it; null for one of its own.</summary>
    public (RefitTrial First, RefitTrial Second)? MeanOf { get; init; }

    /// <summary>By what its cost is multiplied before it is compared: above 1 for what is chosen only where it is clearly
    /// better.</summary>
    public double Handicap { get; init; } = 1;
}

/// <summary>The runs between which validation decides before a network is trained again on all data.</summary>
/// <param name="All">At least one.</param>
internal sealed record RefitTrials(IReadOnlyList<RefitTrial> All)
{
    /// <summary>Whether they differ in how data are read, so that their costs have units of their own.</summary>
    public bool AreReadings { get; private init; }

    /// <summary>Whether there is nothing to choose but the number of epochs.</summary>
    public bool AreAlone => All.Count == 1 && !AreReadings;

    /// <summary>One run.</summary>
    public static RefitTrials One(TrainSettings settings) => new([new RefitTrial("", settings)]);

    /// <summary>A run for each noise of the inputs.</summary>
    public static RefitTrials OfNoises(TrainSettings settings, IEnumerable<double> noises) => new([.. noises.Select(noise =>
        new RefitTrial($"input noise {Format.Exact(noise)}",
            settings with { Options = settings.Options with { InputNoise = noise } }))]);

    /// <summary>A run for each way to read the data.</summary>
    public static RefitTrials OfReadings(IEnumerable<RefitTrial> readings) => new([.. readings]) { AreReadings = true };

    /// <summary>Which was chosen of which.</summary>
    public string Words(RefitTrial chosen) => AreReadings
        ? $"{chosen.Name}{(All.Count > 1 ? $" of {Format.Count(All.Count)} ways to read them" : "")}"
        : $"{chosen.Name} of {string.Join(", ", All.Select(one => Format.Exact(one.Settings.Options.InputNoise)))}";
}
