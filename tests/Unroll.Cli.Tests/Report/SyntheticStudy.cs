using Unroll.Studies;
using Unroll.Training;

namespace Unroll.Cli.Tests.Report;

/// <summary>Studies whose results are made up, so that a page of them costs no training.</summary>
internal static class SyntheticStudy
{
    private const int Checks = 200;
    private const int Curves = 16; // different ones; more would only take time

    /// <summary>Two methods, two lengths, an initialization that settles the activation, two seeds.</summary>
    public const string Small = """
        {"name": "small", "description": "made up", "grid": [
          {"task": "temporal-order", "init": "sigmoid", "activation": "sigmoid",
           "method": ["sgd", "sgd-c"], "length": [20, 100], "seed": "1..2"},
          {"task": "temporal-order", "init": ["basic-tanh", "smart-tanh"], "activation": "tanh",
           "method": ["sgd", "sgd-c"], "length": [20, 100], "seed": "1..2"}]}
        """;

    /// <summary>Two sets of music by two methods and another recipe, two seeds.</summary>
    public const string Music = """
        {"name": "music", "grid": [
          {"task": "music", "data": ["piano-midi", "nottingham"], "recipe": "paper", "method": ["sgd", "sgd-c"], "seed": "1..2"},
          {"task": "music", "data": ["piano-midi", "nottingham"], "recipe": "best", "seed": "1..2"}]}
        """;

    /// <summary>The result of a trial on music: the costs of three folds and two pieces.</summary>
    public static TrialResult Costs(Trial trial)
    {
        double cost = 7 + (trial.Position / 64.0);
        return Result(trial.Position, false) with
        {
            Outcome = TrainingOutcome.Finished,
            BestError = null,
            BestLoss = cost + 0.5,
            Tests =
            [
                new TrialTest("train", 1000, null, null, cost), new TrialTest("validation", 100, null, null, cost + 0.5),
                new TrialTest("test", 100, null, null, cost + 0.25),
                new TrialTest(TrialTest.Piece(0), 60, null, null, cost),
                new TrialTest(TrialTest.Piece(1), 40, null, null, cost + 0.625),
            ],
        };
    }

    /// <summary>Makes the store of a study in a folder; a trial without a result is not finished.</summary>
    public static List<Trial> Make(string folder, string definition, Func<Trial, TrialResult?> result)
    {
        StudyDefinition study = StudyReader.Read("the test", definition);
        List<Trial> trials = StudyGrid.Trials(study);
        Directory.CreateDirectory(folder);
        using StudyStore store = StudyStore.OpenToWrite(folder);
        store.SetTrials(study, trials);
        PackedCurve[] curves = [.. Enumerable.Range(0, Curves).Select(place => PackedCurve.Of(CurveAt(place)))];
        store.Finish(trials
            .Select(trial => (trial.Hash, Result: result(trial), Curve: curves[trial.Position % curves.Length]))
            .Where(one => one.Result is not null)
            .Select(one =>
                (one.Hash, one.Result!, one.Result!.Checks.Count > 0 ? PackedCurve.Of(one.Result.Checks) : one.Curve)));
        return trials;
    }

    /// <summary>A result that a trial of this place might have.</summary>
    public static TrialResult Result(int position, bool solved)
    {
        var random = new Random(position);
        return new TrialResult
        {
            Outcome = solved ? TrainingOutcome.Solved : TrainingOutcome.Unsolved,
            Updates = 20_000,
            FirstHit = solved ? 100 * random.Next(20, 200) : null,
            FirstHitSeconds = solved ? 10 * random.NextDouble() : null,
            Sustained = solved ? 20_000 : null,
            BestError = solved ? 0.01 * random.NextDouble() : 0.5 + (0.3 * random.NextDouble()),
            BestLoss = random.NextDouble(),
            BestUpdate = 19_900,
            Seconds = 10 + random.NextDouble(),
            TestSeconds = 0.5,
            Version = "0.1.0",
            Kernel = "vector256",
            Tests = solved ? [new TrialTest("x1", 10_000, 0.01 * random.NextDouble(), null, random.NextDouble())] : [],
        };
    }

    /// <summary>The checks of the trial at a place, where its result has none.</summary>
    public static CurvePoint[] CurveAt(int position) => Curve(position % Curves, position % 2 == 0);

    /// <summary>Noisy checks of a run that comes to an error of nothing, or stays where it is.</summary>
    public static CurvePoint[] Curve(int seed, bool solved)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(1, Checks).Select(i =>
        {
            double left = solved ? Math.Exp(-i / 40.0) : 1, noise = 0.9 + (0.2 * random.NextDouble());
            return new CurvePoint(
                100 * i, 0.05 * i * noise, 1.39 * left * noise, 1.38 * left * (0.9 + (0.2 * random.NextDouble())),
                Math.Round(7500 * left * noise) / 1e4,
                Math.Exp(4 * random.NextDouble()) * left, random.NextDouble(), 0.01 * random.NextDouble(),
                0.9 + (0.001 * i * noise), 1.1 + (0.001 * i * noise));
        })];
    }
}
