using System.Text.Json;
using Unroll.Studies;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Tests.Studies;

/// <summary>Studies that end at once.</summary>
internal static class TestStudies
{
    /// <summary>Options of a trial that takes milliseconds.</summary>
    public const string Tiny =
        "\"state-noise\": 0, \"rescue\": \"none\", \"length\": 10, \"hidden\": 6, \"optimizer\": \"adam\", \"curriculum\": "
            + "\"none\", \"validation\": 40, \"check-every\": 10, \"updates\": 65, \"batch\": 20, \"stop\": \"sustained\"";

    /// <summary>Eight trials in four cells: with the larger rate they are solved, with the smaller one they are not.</summary>
    public static string Eight(string more = "", string seeds = "1..2") =>
        $$"""{"name": "eight", "grid": {{{Tiny}}, "lr": [0.02, 0.00001], "method": ["sgd-c", "sgd-cr"], "seed": "{{seeds}}"},"""
            + $$""" "test": {"lengths": ["x1", "x2"], "sequences": 50}{{more}}}""";

    /// <summary>Two trials of a second or so and two that end at once.</summary>
    public static readonly string Long =
        $$"""{"name": "long", "grid": {{{Longer}}, "lr": 0.001, "seed": "1..2"}, "test": {"sequences": 50} }""";

    private static string Longer => Tiny.Replace("65", "[30, 4000]")
        .Replace("\"check-every\": 10", "\"check-every\": 25").Replace("sustained", "budget");

    /// <summary>Writes the text as a study file into a folder.</summary>
    public static string Write(this TempFolder folder, string text, string name = "study.json")
    {
        File.WriteAllText(folder.At(name), text);
        return folder.At(name);
    }

    /// <summary>The trials of a grid written without its braces.</summary>
    public static List<Trial> Trials(string grid, string more = "") =>
        StudyGrid.Trials(StudyReader.Read("s.json", $$"""{"grid": {{{grid}}}{{more}}}"""));

    /// <summary>What a study's folder says of its trials, but for what depends on the clock.</summary>
    public static string[] Results(string folder)
    {
        using StudyStore store = StudyStore.OpenToRead(folder);
        return
        [
            .. store.Trials().Select(trial =>
                $"{trial.Position} {trial.Hash} {trial.Name}: {trial.Result?.Numbers() ?? "not finished"}; "
                + string.Join(' ', store.Checks(trial.Hash).Select(check => check with { Seconds = 0 }))),
        ];
    }

    /// <summary>A trial that exists on paper only.</summary>
    public static Trial Trial(int position, string cell, int seed, double cost = 1) => new(
        position, [new("cell", cell), new(TrialOptions.Seed, $"{seed}")],
        new TrainSettings("addition", 10, TaskVariant.Code, "best",
            new TrainingOptions
            {
                Hidden = 1,
                BatchSize = 1,
                ValidationSequences = 1,
                Seed = (ulong)seed,
                WeightNoise = cell.Aggregate(1, (sum, c) => (sum * 31) + c),
                MaximumUpdates = (long)(cost * 1000),
            }))
    { Replicate = seed - 1 };

    /// <summary>A result of a trial that exists on paper only.</summary>
    public static TrialResult Result(bool solved) => new()
    {
        Outcome = solved ? TrainingOutcome.Solved : TrainingOutcome.Unsolved,
        Updates = 10,
        FirstHit = solved ? 10 : null,
        Version = "0",
        Kernel = "none",
    };

    /// <summary>Runs a study file in one job after the other, so that lines come in order.</summary>
    public static CliResult Run(string file, string folder, params string[] more) =>
        Cli.Run(["study", "run", file, "--out", folder, "--jobs", "1", .. more]);

    /// <summary>Runs a command whose output is looked at line by line while it runs.</summary>
    /// <param name="line">Called with every line and with what interrupts the run.</param>
    /// <param name="args">The command.</param>
    public static CliResult RunWatched(Action<string, Action> line, params string[] args) =>
        RunWatched(line, new Dictionary<string, string>(), args);

    public static CliResult RunWatched(Action<string, Action> line, IReadOnlyDictionary<string, string> environment,
        params string[] args)
    {
        Action interrupt = () => { };
        using var output = new WatchedWriter(text => line(text, interrupt)) { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = UnrollCommand.Run(args, new CommandHost(TextReader.Null, output, error)
        {
            Variable = environment.GetValueOrDefault,
            OnInterrupt = callback =>
            {
                interrupt = callback;
                return new MemoryStream();
            },
        });
        return new CliResult(code, output.ToString(), error.ToString());
    }

    /// <summary>The keys of a JSON object in order.</summary>
    public static string[] Keys(this JsonElement json) => [.. json.EnumerateObject().Select(property => property.Name)];

    private sealed class WatchedWriter(Action<string> line) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            line(value ?? "");
        }
    }
}
