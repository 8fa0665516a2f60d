using System.Text.Json;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Tests.Evaluate;

public class EvaluateTests
{
    [Theory]
    [InlineData("float")]
    [InlineData("double")]
    public void The_table_has_a_row_a_length_and_agrees_with_the_library(string precision)
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved,
            Cli.Run(["train", "addition", "--updates", "5", "--precision", precision, "--out", folder.At("run"),
                .. Cli.Small]).Code);
        string model = folder.At("run/best.safetensors");
        CliResult table = Cli.Run("evaluate", model, "--length", "20,30..40", "--sequences", "150", "--seed", "3");
        Assert.Equal(ExitCode.Success, table.Code);
        Assert.Contains("strict", table.Out);
        Assert.StartsWith("20 ", table.OutLines[2]);
        Assert.StartsWith("30..40 ", table.OutLines[3]);

        JsonElement[] json = Cli.Run("evaluate", model, "--task", "addition", "--length", "20,30..40", "--sequences", "150",
            "--seed", "3", "--threads", "2", "--json").Json;
        Assert.Equal(["20", "30..40"], json.Select(line => line.GetProperty("length").GetString()));
        ILengthTask task = SyntheticTasks.Create("addition", new LengthRange(30, 40));
        EvaluationResult expected = precision == "float"
            ? Evaluator.Evaluate(ModelFile.Load<float>(model), task, 150, 3, cancellation: TestContext.Current.CancellationToken)
            : Evaluator.Evaluate(ModelFile.Load<double>(model), task, 150, 3,
                cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(expected.Error, json[1].GetProperty("error").GetDouble());
        Assert.Equal(expected.StrictError, json[1].GetProperty("strict_error").GetDouble());
        Assert.Equal(expected.Loss, json[1].GetProperty("loss").GetDouble());
        Assert.Equal(150, json[1].GetProperty("sequences").GetInt64());
    }

    [Fact]
    public void Task_length_and_variant_come_from_the_model()
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved,
            Cli.Run(["train", "--variant", "text", "--updates", "1", "--out", folder.At("run"), .. Cli.Small]).Code);
        string model = folder.At("run/model.safetensors");
        CliResult kept = Cli.Run("evaluate", model, "--sequences", "300", "--json");
        Assert.Equal("20", Assert.Single(kept.Json).GetProperty("length").GetString());
        Assert.Equal(kept.Out, Cli.Run("evaluate", model, "--sequences", "300", "--json", "--variant", "text").Out);
        Assert.NotEqual(kept.Out, Cli.Run("evaluate", model, "--sequences", "300", "--json", "--variant", "code").Out);
    }
}
