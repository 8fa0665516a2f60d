using Unroll.Cli.Settings;
using Unroll.Cli.Tests.Studies;
using Unroll.Cli.Train;
using Unroll.Studies;
using Unroll.Studies.Settings;
using Unroll.Training;
using TrialTests = Unroll.Cli.Tests.Studies.TrialTests;

namespace Unroll.Cli.Tests.Settings;

/// <summary>
/// Every option that is declared is in every place: command line, help, study, run header, record, checkpoint, identity.
/// </summary>
public class OptionWalkTests
{
    private const string Kernel = "reference";

    public static TheoryData<string> Keys => [.. TrainingOptions.Declared.Select(option => option.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void An_option_is_in_every_place(string key)
    {
        TrainingOption declared = TrainingOptions.Declared.Single(option => option.Key == key);
        TrainingOptions defaults = new(), changed = TrialTests.Changed[key];
        Assert.NotEqual(declared.Write(defaults), declared.Write(changed));
        Assert.Equal(declared.Write(changed), declared.Write(declared.Read(defaults, declared.Write(changed))));
        if (declared.Before is not null) Assert.Equal(declared.Before, declared.Write(defaults));

        // Files, and what tells runs apart.
        Assert.Contains(new(key, declared.Write(changed)), OptionsText.ToProperties(changed));
        Assert.Equal(declared.ChangesBits, Hash(changed) != Hash(defaults));
        Assert.Equal(declared.ChangesBits, OptionsText.Identity(changed).Any(option => option.Key == key));
        Assert.Equal(declared.ChangesBits && declared.Before is null,
            OptionsText.Identity(defaults).Any(option => option.Key == key));

        // Set by another option: nothing more.
        if (declared.Switch.Length == 0)
        {
            Assert.Equal("clip-rule", key);
            return;
        }

        TrainOption option = TrainOptionTable.All.Single(one => one.Property == key);
        Assert.Contains($"\n  {option.Name}", Cli.Run("train", "--help", OptionsText.Name(declared.Group)).Out);
        Assert.Equal(declared.IsUsual, Cli.Run("train", "--help").Out.Contains($"\n  {option.Name} "));
        Assert.Equal(declared.ChangesBits, TrialOptions.Names.Contains(option.Name[2..]));
        if (declared.ChangesBits)
        {
            Assert.Equal(option.IsFlag, TrialOptions.IsFlag(option.Name[2..]));
            Assert.Equal(declared.IsWhole, TrialOptions.IsWhole(option.Name[2..]));
            Assert.Equal(declared.HasCommas, TrialOptions.TakesCommas(option.Name[2..]));
        }

        // Typed as the changed options are, it makes them.
        string typed = option.IsFlag ? "" : key == "clip" ? ClipOption.Text(changed) : declared.Typed(changed);
        Assert.Equal(declared.Write(changed), declared.Write(option.Parse(typed)(defaults)));

        // The header has it and its value among the others where it is not in force; otherwise in its own words.
        string before = Header(defaults);
        Assert.Equal(!TypedOptions.IsInForce(declared, defaults), Unused(defaults).Contains(key));
        if (TypedOptions.IsInForce(declared, changed) && Fits(changed)) Assert.NotEqual(before, Header(changed));
    }

    [Fact]
    public void The_keys_of_all_options_are_different_and_are_those_of_the_files()
    {
        string[] keys = [.. TrainingOptions.Declared.Select(option => option.Key)];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys, OptionsText.ToProperties(new TrainingOptions()).Select(option => option.Key));
        // One property holds the options of Hessian-Free, one those of a reservoir, one those of a start near a bifurcation.
        int properties = typeof(TrainingOptions).GetProperties().Length - 3
            + typeof(HessianFreeOptions).GetProperties().Length + typeof(ReservoirOptions).GetProperties().Length
            + typeof(BoundaryStart).GetProperties().Length;
        Assert.Equal(properties, keys.Length);
        Assert.Equal(["updates", "epochs", "minutes", "threads"],
            TrainingOptions.Declared.Where(option => option.MayChange).Select(option => option.Key));
        Assert.Equal("threads", Assert.Single(TrainingOptions.Declared, option => !option.ChangesBits).Key);
    }

    /// <summary>Whether the synthetic task takes such options; others are of corpora, layers or cells.</summary>
    private static bool Fits(TrainingOptions options)
    {
        try
        {
            OptionsRules.Check(Settings(options).Sketch(), options);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string Hash(TrainingOptions options) => new Trial(0, [], Settings(options)).Hash;

    private static TrainSettings Settings(TrainingOptions options) =>
        new("temporal-order", 20, Unroll.Tasks.TaskVariant.Code, "best", options);

    private static string Header(TrainingOptions options) =>
        string.Join('\n', Lines(options).Select(line => $"{line.Heading}: {line.Text}"));

    private static IEnumerable<string> Unused(TrainingOptions options) =>
        Lines(options).Single(line => line.Heading == "Others").Text.Split(", ").Select(one => one.Split(' ')[0]);

    private static (string Heading, string Text)[] Lines(TrainingOptions options)
    {
        TrainSettings settings = Settings(options);
        using var trainer = new Trainer(settings.Sketch(), options);
        return [.. RunHeader.Lines(settings, trainer, Kernel, null)];
    }
}
