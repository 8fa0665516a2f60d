using Unroll.Cli.Tests.Fuzz;
using Unroll.Cli.Tests.Studies;
using Unroll.Files;

namespace Unroll.Cli.Tests;

/// <summary>Whatever a file says or is called: nothing of it commands the terminal, and a sentence stays one.</summary>
public sealed class HostileNamesTests : IDisposable
{
    private const string Evil = "\u001b[31mevil\u001b]0;title\a\u009b1m\u202e\nunroll: all is well\r\u2028";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train")]
    [InlineData("train addition --hidden")]
    [InlineData("train addition --lr")]
    [InlineData("train addition --method")]
    [InlineData("train text --data")]
    [InlineData("train music --data")]
    [InlineData("train --resume")]
    [InlineData("evaluate")]
    [InlineData("predict")]
    [InlineData("sample")]
    [InlineData("diagnose")]
    [InlineData("data show")]
    [InlineData("data get")]
    [InlineData("study run")]
    [InlineData("study show")]
    [InlineData("study merge all")]
    [InlineData("study run addition --set")]
    [InlineData("reproduce")]
    [InlineData("tasks")]
    [InlineData("bench --threads")]
    [InlineData("")]
    public void Words_of_the_command_line_are_quoted_safely(string command) =>
        Refused(Cli.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), Evil]));

    [Fact]
    public void Files_of_such_names_are_named_safely()
    {
        string file = _folder.At("\u001b[31m\u202e\nx");
        File.WriteAllText(file, "{\"grid\": {\"task\": \"nothing\"}}");
        foreach (string[] args in (string[][])[["evaluate", file], ["diagnose", file], ["sample", file], ["study", "run", file],
            ["study", "show", file], ["study", "merge", _folder.At("all"), file], ["data", "show", file]])
        {
            CliResult result = Cli.Run(args);
            Printed(result);
            if (args[0] != "data") Assert.Contains("\\u001B[31m\\u202E\\u000Ax", Refused(result)); // it may be a text
        }
    }

    [Fact]
    public void Texts_of_a_store_are_shown_safely()
    {
        string study = _folder.At("study");
        StoreMutation.Make(study);
        string evil = string.Join(" || ", Evil.Select(c => $"char({(int)c})"));
        StoreSql.Forge(study,
            $"UPDATE trial SET name = name || ' x=' || {evil}, cell = cell || {evil}, kernel = {evil} || hash, version = {evil}, "
                + $"message = {evil}, options = json_set(options, '$.variant', {evil}, '$.\"' || {evil} || '\"', 'x'); UPDATE "
                    + $"test SET length = {evil}");
        foreach (string[] args in (string[][])[["status", study], ["show", study], ["show", study, "--json"],
            ["show", study, "--compare", "x"], ["export", study], ["report", study],
            ["export", study, "--checks", _folder.At("checks.csv")]])
        {
            CliResult result = Cli.Run(["study", .. args]);
            Printed(result);
            Assert.DoesNotContain(result.OutLines, line => line.StartsWith("unroll: all", StringComparison.Ordinal));
            if (args[^1] == "--json") Assert.NotEmpty(result.Json);
        }

        string trial = Cli.Run("study", "export", study).OutLines[1].Split(',')[0];
        CliResult one = Cli.Run("study", "show", study, trial);
        Printed(one);
        Assert.Contains("\\u001B[31mevil\\u001B]0;title\\u0007\\u009B1m\\u202E\\u000Aunroll: all is well", one.Out);
        StoreSql.Forge(study, $"UPDATE trial SET outcome = {evil} WHERE outcome IS NOT NULL");
        Refused(Cli.Run("study", "show", study));
        StoreSql.Forge(study, $"UPDATE study SET value = {evil} WHERE key = 'definition'");
        Refused(Cli.Run("study", "show", study));
    }

    [Fact]
    public void A_run_s_record_and_a_checkpoint_are_quoted_safely()
    {
        string run = _folder.At("run");
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", run, .. Cli.Small]).Code);
        string record = File.ReadAllText(Path.Combine(run, RunFolder.RunName)),
            evil = System.Text.Json.JsonSerializer.Serialize(Evil);
        foreach (string field in (string[])["command", "task", "length", "variant", "recipe", "version", "instruction_set", "lr",
            "init"])
        {
            File.WriteAllText(Path.Combine(run, RunFolder.RunName),
                System.Text.RegularExpressions.Regex.Replace(record, $"\"{field}\": \"[^\"]*\"", _ => $"\"{field}\": {evil}"));
            CliResult resumed = Cli.Run("train", "--resume", run, "--updates", "2");
            Printed(resumed);
            Assert.DoesNotContain(resumed.OutLines.Concat(resumed.Error.Split('\n')), line =>
                line.StartsWith("unroll: all", StringComparison.Ordinal));
        }

        File.WriteAllText(Path.Combine(run, RunFolder.RunName), record);
        string checkpoint = Path.Combine(run, RunFolder.CheckpointName);
        Checkpoint good = CheckpointFile.Read(checkpoint);
        foreach (string key in good.Properties.Keys)
        {
            CheckpointFile.Write(checkpoint,
                good with
                {
                    Properties = good.Properties.ToDictionary(one => one.Key, one => one.Key == key ? Evil
                : one.Value)
                });
            Printed(Cli.Run("train", "--resume", run, "--updates", "2"));
        }
    }

    [Fact]
    public void A_model_s_words_are_quoted_safely()
    {
        string model = _folder.At("model");
        var shape = new NetworkShape(6, 3, 4);
        foreach (string property in (string[])["task", "length", "variant", "data", "alphabet"])
        {
            var properties = new Dictionary<string, string> { ["task"] = "temporal-order", ["length"] = "20", [property] = Evil };
            ModelFile.Save(model, new Network<float>(shape), new ModelInfo(shape) { Properties = properties });
            foreach (string verb in (string[])["evaluate", "predict", "sample", "diagnose"])
                Printed(Cli.RunWith("[0]\n", verb, model));
        }

        ModelFile.Save(model, new Network<float>(shape), new ModelInfo(shape)
        {
            Properties = new Dictionary<string,
            string>
            { ["task"] = "text", ["data"] = Evil }
        });
        Assert.Contains("has control characters", Refused(Cli.Run("evaluate", model)));
    }

    [Fact]
    public void A_study_file_is_quoted_safely()
    {
        string evil = System.Text.Json.JsonSerializer.Serialize(Evil), file = _folder.At("study.json");
        foreach (string text in (string[])[
            $"{{\"name\": {evil}, \"grid\": {{\"seed\": 1}}}}", $"{{{evil}: 1, \"grid\": {{\"seed\": 1}}}}",
                $"{{\"grid\": {{{evil}: 1}}}}", $"{{\"grid\": {{\"task\": {evil}}}}}",
                $"{{\"grid\": {{\"task\": \"text\", \"data\": {evil}}}}}",
            $"{{\"grid\": {{\"lr\": {evil}}}}}", $"{{\"grid\": {{\"lr\": {{\"from\": 1, \"to\": 2, \"scale\": {evil}}}}}}}",
                $"{{\"grid\": {{\"seed\": 1}}, \"test\": {{\"lengths\": [{evil}]}}}}", $"{{\"grid\": {Evil}}}"])
        {
            File.WriteAllText(file, text);
            Refused(Cli.Run("study", "run", file, "--out", _folder.At("out")));
        }
    }

    private static string Refused(CliResult result)
    {
        Printed(result);
        return result.RefusedWith();
    }

    private static void Printed(CliResult result)
    {
        Assert.True(result.Code != ExitCode.Defect, result.Error);
        Assert.True(Printable.Lines(result.Out + result.Error) == result.Out + result.Error, result.Out + result.Error);
    }
}
