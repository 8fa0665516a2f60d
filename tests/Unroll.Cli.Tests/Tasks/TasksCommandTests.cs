using System.Text.Json;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Tests.Tasks;

public class TasksCommandTests
{
    [Fact]
    public void Tasks_are_listed_for_people_and_programs()
    {
        CliResult list = Cli.Run("tasks"), json = Cli.Run("tasks", "--json");
        Assert.Equal((ExitCode.Success, ExitCode.Success), (list.Code, json.Code));
        foreach (string name in (string[])["temporal-order", "temporal-order-3bit", "addition", "multiplication", "permutation",
            "memorization", "memorization-20bit"])
        {
            Assert.Contains(name, list.OutLines);
            JsonElement task = Assert.Single(json.Json, line => line.GetProperty("name").GetString() == name);
            Assert.InRange(task.GetProperty("shortest_length").GetInt32(), 1, 50);
            Assert.NotEqual("", task.GetProperty("best_recipe").GetString());
        }
    }

    [Theory]
    [InlineData("sine-25", "sine")]
    [InlineData("SINE-25.0", "sine")]
    [InlineData("sine-040", "sine-40")]
    [InlineData("sine-1.25e1", "sine-12.5")]
    [InlineData("figure-eight-40", "figure-eight")]
    [InlineData("figure-eight-25", "figure-eight-25")]
    public void A_period_may_be_written_in_any_way_and_names_one_task(string typed, string name)
    {
        Assert.Equal(name, TaskCatalogue.Resolve(typed));
        CliResult shown = Cli.Run("tasks", "show", typed, "--length", "20", "--json");
        Assert.Equal(ExitCode.Success, shown.Code);
        Assert.Equal(Cli.Run("tasks", "show", name, "--length", "20", "--json").Out, shown.Out);
    }

    [Fact]
    public void An_example_is_shown_and_depends_on_the_seed_alone()
    {
        foreach (string name in TaskCatalogue.Names)
        {
            int shortest = name.StartsWith("narma", StringComparison.Ordinal) ? 50 : 20; // no shorter one says anything there
            string length = $"{shortest}";
            CliResult first = Cli.Run("tasks", "show", name, "--length", length, "--seed", "1");
            Assert.Equal(ExitCode.Success, first.Code);
            Assert.Contains("target", first.Out);
            Assert.Equal(first.Out, Cli.Run("tasks", "show", name, "--length", length, "--seed", "1").Out);
            Assert.NotEqual(first.Out, Cli.Run("tasks", "show", name, "--length", length, "--seed", "2").Out);
            JsonElement json = Assert.Single(Cli.Run("tasks", "show", name, "--length", length, "--seed", "1", "--json").Json);
            Assert.Equal(json.GetProperty("length").GetInt32(), json.GetProperty("input").GetArrayLength());
            Assert.InRange(json.GetProperty("length").GetInt32(), shortest, 2 * shortest);
        }

        JsonElement sum = Cli.Run("tasks", "show", "addition", "--length", "20", "--json").Json[0];
        double[] marked = [.. sum.GetProperty("input").EnumerateArray().Where(step =>
            step.EnumerateArray().Any(v => v.GetDouble() == 1)).Select(step => step.EnumerateArray().Min(v => v.GetDouble()))];
        Assert.Equal(marked.Sum() / 2, sum.GetProperty("target")[0].GetDouble(), 12);
    }
}
