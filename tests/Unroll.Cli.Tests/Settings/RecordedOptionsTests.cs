using System.Security.Cryptography;
using System.Text;
using Unroll.Cli.Settings;
using Unroll.Studies;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Tests;
using Unroll.Training;

namespace Unroll.Cli.Tests.Settings;

/// <summary>
/// What every recipe comes to in files, hashes of trials, checkpoints and command lines is what it was when it was recorded.
/// </summary>
public static class RecordedOptionsTests
{
    private static readonly string Record = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests", "Settings",
        "recorded-options.txt");

    [Fact]
    public static void Recipes_have_the_properties_and_hashes_that_were_recorded()
    {
        string[] now = [.. Lines()];
        if (Environment.GetEnvironmentVariable("UNROLL_RECORD_OPTIONS") == "1") File.WriteAllLines(Record, now);
        Assert.Equal(File.ReadAllLines(Record), now);
    }

    private static IEnumerable<string> Lines()
    {
        foreach (string task in TaskCatalogue.Names)
        {
            foreach (string recipe in Recipes.NamesFor(task))
            {
                foreach (CellKind cell in Enum.GetValues<CellKind>())
                {
                    foreach ((string name, Method method) in Method.All)
                    {
                        if (cell is CellKind.Lru or CellKind.Dense && method.Regularizes) continue; // no weights for Omega
                        var values = new Dictionary<string, string>
                        {
                            ["task"] = task,
                            ["recipe"] = recipe,
                            ["cell"] = OptionsText.Name(cell),
                            ["method"] = name,
                        };
                        yield return Line(
                            $"{task} {recipe} {values["cell"]} {name}", TrialOptions.Resolve(values),
                            checkpoint: recipe == "best" && name == "sgd-cr");
                    }
                }
            }
        }

        foreach ((string what, string text) in (IEnumerable<(string, string)>)
            [("leaky", "cell=leaky leak=0.3 train-leak=true"),
                ("stack", "stack=plain:10:sigmoid,gru:5 l1=weight_hh_l0:0.1 rescue=best"),
             ("normalized", "cell=gru layers=2 layer-norm=true"),
             ("noise", "dropout=0.1 layers=2 state-noise=0.1 gradient-noise=0.1 clip=auto:p50:3 lr-schedule=plateau "
                 + "plateau-checks=3"),
             ("bias noise", "bias-noise=0.05 state-noise=0"),
             ("selection", "select-length=300 select-by=cost"),
             ("others", "frozen=weight_hh_l0 select-length=300,400 minutes=5 precision=double init-block=weight_hh_l0:identity "
                 + "cost=mean omega=0")])
        {
            yield return Line(what, TrialOptions.Resolve(text.Split(' ').Select(one => one.Split('=', 2))
                .ToDictionary(one => one[0], one => one[1])));
        }
    }

    private static string Line(string what, TrainSettings settings, bool checkpoint = true)
    {
        string Digest(IEnumerable<KeyValuePair<string, string>> properties) => Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes(string.Join('\n', properties.Select(one => $"{one.Key}={one.Value}")))))[..12];
        string typed = string.Join(' ', TypedOptions.Of(settings.Options).Order(StringComparer.Ordinal));
        return $"{what}: {new Trial(0, [], settings).Hash} {Digest(OptionsText.ToProperties(settings.Options))} "
            + $"{(checkpoint ? Digest(Checkpoint(settings)) : "-")} "
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(typed)))[..12];
    }

    private static IEnumerable<KeyValuePair<string, string>> Checkpoint(TrainSettings settings)
    {
        using var trainer = new Trainer(settings.CreateTask(null!), settings.Options);
        return [.. trainer.Capture().Properties.OrderBy(one => one.Key, StringComparer.Ordinal)];
    }
}
