using System.Text.Json;
using Unroll.Remedies;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Tests.Train;

public class TrainTests
{
    private static readonly string[] ProgressKeys =
    [
        "event", "update", "loss", "loss_unit", "error", "gradient_norm", "clip_rate", "omega", "omega_kept", "spectral_radius",
        "updates_per_second", "seconds", "validation_loss", "strict_error", "selection_error", "largest_singular_value",
        "learning_rate",
        "longest_length", "non_finite", "rescues",
    ];

    [Fact]
    public void Json_lines_have_exactly_the_documented_keys()
    {
        using var folder = new TempFolder();
        CliResult run = Cli.Run(["train", "--updates", "45", "--json", "--out", folder.At("run"), .. Cli.Small]);
        Assert.Equal(ExitCode.Unsolved, run.Code);
        Assert.Equal("", run.Error);
        JsonElement[] lines = run.Json;
        Assert.Equal([20L, 40, 45, 45], lines.Select(line => line.GetProperty("update").GetInt64()));
        Assert.All(lines[..3], line => Assert.Equal(ProgressKeys, line.EnumerateObject().Select(p => p.Name)));
        Assert.All(lines[..3], line => Assert.Equal("progress", line.GetProperty("event").GetString()));
        JsonElement result = lines[3];
        Assert.Equal([.. ProgressKeys, "solved", "best_error", "model"], result.EnumerateObject().Select(p => p.Name));
        Assert.Equal("result", result.GetProperty("event").GetString());
        Assert.False(result.GetProperty("solved").GetBoolean());
        Assert.Equal("nats", result.GetProperty("loss_unit").GetString());
        Assert.True(File.Exists(result.GetProperty("model").GetString()));
        Assert.Equal(lines[..3].Min(line => line.GetProperty("error").GetDouble()), result.GetProperty("best_error").GetDouble());

        // The folder keeps the very same progress lines.
        Assert.Equal(run.OutLines[..3], File.ReadAllLines(folder.At("run/metrics.jsonl")));
    }

    [Fact]
    public void Without_omega_its_numbers_are_null()
    {
        JsonElement line = Cli.Run(["train", "--updates", "1", "--json", "--method", "sgd-c", .. Cli.Small]).Json[0];
        Assert.Equal(JsonValueKind.Null, line.GetProperty("omega").ValueKind);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("omega_kept").ValueKind);
        Assert.Equal(JsonValueKind.Number, line.GetProperty("clip_rate").ValueKind);
    }

    [Fact]
    public void A_solved_task_ends_with_0()
    {
        CliResult run = Cli.Run("train", "--length", "10", "--hidden", "20", "--validation", "200", "--check-every", "100",
            "--updates", "3000", "--curriculum", "none", "--json");
        Assert.Equal(ExitCode.Success, run.Code);
        JsonElement result = run.Json[^1];
        Assert.True(result.GetProperty("solved").GetBoolean());
        Assert.InRange(result.GetProperty("best_error").GetDouble(), 0, 0.01);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("model").ValueKind);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_ends_with_4_and_says_where()
    {
        string[] args = ["train", "--json", "--activation", "identity", "--method", "sgd", "--lr", "1e30", "--updates", "50",
            .. Cli.Small];
        CliResult run = Cli.Run(args);
        Assert.Equal(ExitCode.NonFinite, run.Code);
        Assert.Contains("is not finite", run.Error);
        Assert.Contains("update", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.False(run.Json[^1].GetProperty("solved").GetBoolean());
    }

    [Fact]
    public void The_header_shows_every_option_and_that_nothing_is_written()
    {
        CliResult run = Cli.Run(["train", "--updates", "1", "--recipe", "icml", .. Cli.Small]);
        Assert.Equal(ExitCode.Unsolved, run.Code);
        foreach (string part in (string[])["temporal-order, length 20", "icml", "6 one-hot inputs, 10 tanh units, 4 classes",
            "smart-tanh", "sum over the predicted steps", "SGD-CR",
            "clipped at 1", "weight 4", "rate 0.01", "5 sequences", "seed 1", "no curriculum", "at most 1 update",
            "every 20 updates", "1 thread", "--out DIR"])
            Assert.Contains(part, run.Out.ReplaceLineEndings(" ").Replace("           ", ""));
        Assert.Contains("not solved in 1 update", run.Out);
        Assert.DoesNotContain('\e', run.Out);
    }

    [Fact]
    public void The_help_shows_the_defaults_of_every_task()
    {
        CliResult help = Cli.Run("train", "--help", "all");
        Assert.Equal(ExitCode.Success, help.Code);
        foreach (string task in TaskCatalogue.Names) Assert.Contains($"  {task} on lengths ", help.Out);
        Assert.Contains("--lr 0.01", help.Out);
        Assert.Contains(string.Join('|', Recipes.Names), help.Out);
        foreach (TrainOption option in TrainOptionTable.All) Assert.Contains(option.Name, help.Out);
        Assert.Contains("Exit codes", help.Out);
    }

    [Fact]
    public void With_no_task_it_is_temporal_order_on_50_to_200_with_both_remedies()
    {
        TrainSettings settings = new TrainRequest().Resolve();
        Assert.Equal(("temporal-order", new LengthRange(50, 200), "best"), (settings.Task, settings.Length, settings.Recipe));
        Assert.Equal("sgd-cr", Method.Of(settings.Options).Name);
        Assert.Equal(OptionsText.ToProperties(Recipes.Get("temporal-order", "best")), OptionsText.ToProperties(settings.Options));
    }

    [Theory]
    [InlineData("sgd", ClipMode.None, false)]
    [InlineData("sgd-c", ClipMode.Norm, false)]
    [InlineData("sgd-r", ClipMode.None, true)]
    [InlineData("sgd-cr", ClipMode.Norm, true)]
    public void A_method_says_which_remedies_are_in_force_and_the_recipe_gives_their_numbers(string name,
        ClipMode clip, bool omega)
    {
        Method method = Values.Choice("--method", name, Method.All);
        foreach (string task in TaskCatalogue.Names)
        {
            foreach (string recipe in Recipes.Names.Where(name =>
                name != "long" || task is "temporal-order" or "addition" or "multiplication"))
            {
                TrainingOptions given = Recipes.Get(task, recipe), options = new TrainRequest
                {
                    Task = task,
                    Recipe = recipe,
                    Method = method,
                }.Resolve().Options;
                Assert.Equal(clip, options.ClipMode);
                Assert.Equal(omega, options.Omega > 0);
                Assert.Equal(given.ClipThreshold, options.ClipThreshold);
                Assert.Equal(given.LearningRate, options.LearningRate);
            }
        }
    }

    [Fact]
    public void Every_option_of_the_record_can_be_given_and_changes_its_property_alone()
    {
        var values = new Dictionary<string, string>
        {
            ["--stop"] = "zero",
            ["--cost"] = "mean",
            ["--hidden"] = "7",
            ["--cell"] = "lstm",
            ["--layers"] = "8",
            ["--stack"] = "lstm:20,gru:50", // the top layer's size is the default's
            ["--leak"] = "0.5",
            ["--train-leak"] = "",
            ["--layer-norm"] = "",
            ["--dropout"] = "0.1",
            ["--input-dropout"] = "0.2",
            ["--output-dropout"] = "0.3",
            ["--read"] = "mean",
            ["--forget-bias"] = "-1.5",
            ["--chrono"] = "200",
            ["--ring"] = "0.5:0.99:1.5",
            ["--start-period"] = "12.5",
            ["--start-margin"] = "-0.01",
            ["--teacher-forcing"] = "1,0.25,500",
            ["--init-block"] = "weight_hh_l1:orthogonal,weight:identity",
            ["--activation"] = "relu",
            ["--init"] = "identity",
            ["--no-bias"] = "",
            ["--learn-initial-state"] = "",
            ["--frozen"] = "weight",
            ["--optimizer"] = "nesterov",
            ["--lr"] = "0.5",
            ["--lr-schedule"] = "halve",
            ["--momentum"] = "0.5",
            ["--averaging"] = "0.75",
            ["--weight-noise"] = "0.05",
            ["--weight-decay"] = "0.25",
            ["--input-noise"] = "0.1",
            ["--state-noise"] = "0.1",
            ["--bias-noise"] = "0.1",
            ["--l1"] = "weight_hh_l0:0.01,weight:2",
            ["--l2"] = "bias:0.5",
            ["--gradient-noise"] = "0.1",
            ["--gradient-noise-decay"] = "0",
            ["--damping"] = "1",
            ["--structural-damping"] = "0",
            ["--cg-iterations"] = "7",
            ["--gradient-batches"] = "7",
            ["--clip-temporal"] = "2,value",
            ["--plateau-checks"] = "3",
            ["--warmup"] = "400",
            ["--spectral-radius"] = "1.25",
            ["--density"] = "0.2",
            ["--input-scale"] = "1,0.5",
            ["--input-density"] = "0.3",
            ["--bias-scale"] = "0.4",
            ["--ridge"] = "0.001",
            ["--washout"] = "30",
            ["--rescue"] = "best",
            ["--clip"] = "3",
            ["--clip-mode"] = "value",
            ["--omega"] = "0.5",
            ["--omega-form"] = "paper",
            ["--omega-schedule"] = "inverse",
            ["--on-nonfinite"] = "rescue",
            ["--batch"] = "3",
            ["--curriculum"] = "30,2,0.5,7",
            ["--seed"] = "18446744073709551615",
            ["--updates"] = "77",
            ["--epochs"] = "4",
            ["--patience"] = "6",
            ["--minutes"] = "1.5",
            ["--check-every"] = "9",
            ["--validation"] = "11",
            ["--select-length"] = "300",
            ["--select-by"] = "cost",
            ["--threads"] = "2",
            ["--precision"] = "double",
        };
        TrainingOptions defaults = new();
        foreach (TrainOption option in TrainOptionTable.All)
        {
            TrainingOptions changed = option.Parse(values[option.Name])(defaults);
            string[] different = [.. OptionsText.ToProperties(changed).Except(OptionsText.ToProperties(defaults))
                .Select(p => p.Key)];
            Assert.Equal([option.Property], different);
        }

        // Nothing in the record is left without an option; --clip has two of them.
        Assert.Equal(
            OptionsText.ToProperties(defaults).Select(p => p.Key).Where(key => key != "clip-rule").Order(),
            TrainOptionTable.All.Select(option => option.Property).Order());
    }

    [Fact]
    public void Bits_choose_the_memorization_task()
    {
        CliResult run = Cli.Run("train", "memorization", "--bits", "20", "--length", "5", "--updates", "1", "--hidden", "5",
            "--validation", "10");
        Assert.Equal(ExitCode.Unsolved, run.Code);
        Assert.Contains("memorization-20bit, length 5", run.Out);
    }
}
