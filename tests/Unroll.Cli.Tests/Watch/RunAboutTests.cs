using System.Text;
using Unroll.Cli.Watch;

namespace Unroll.Cli.Tests.Watch;

/// <summary>What the record of a run says, of any version and of anybody.</summary>
public class RunAboutTests
{
    [Fact]
    public void Options_say_whether_they_are_given_or_of_the_recipe_the_method_or_the_program()
    {
        using var folder = new TempFolder();
        string run = Runs.Trained(folder, "run", "--method", "sgd-c", "--lr", "0.5");
        RunAbout about = RunAbout.Read(Path.Combine(run, "run.json"));
        Assert.Null(about.Problem);
        Assert.Equal("temporal-order", about.Task);
        Assert.Equal(("0.5", "given"), Of("lr"));
        Assert.Equal(("10", "given"), Of("hidden"));
        Assert.Equal(("orthogonal", "recipe best"), Of("init"));
        Assert.Equal(("0", "method sgd-c"), Of("omega"));
        Assert.Equal(("0.9", "default"), Of("momentum"));
        Assert.Contains(("method", "SGD-C"), about.Facts);

        (string, string) Of(string name) => about.Options.Where(one => one.Name == name).Select(one => (one.Value, one.Source))
            .Single();
    }

    [Fact]
    public void A_record_of_another_version_is_shown_without_sources()
    {
        RunAbout about = Parse("""
            {"format": 99, "command": "train", "version": "9.9", "task": "telepathy", "recipe": "magic",
             "options": {"lr": "0.1", "magic": "on", "odd": 3}, "network": [], "machine": null}
            """);
        Assert.Null(about.Problem);
        Assert.Equal("telepathy", about.Task);
        Assert.Equal([("lr", "0.1", ""), ("magic", "on", "")], about.Options.Select(one => (one.Name, one.Value, one.Source)));
        Assert.Equal(0.1, about.Number("lr"));
        Assert.True(double.IsNaN(about.Number("magic")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}""")]
    public void What_is_no_record_is_said(string text) => Assert.NotNull(Parse(text).Problem);

    [Fact]
    public void Texts_are_short_and_printable()
    {
        string wide = new('x', 100_000);
        string options = string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"o{i}\":\"{wide[..300]}\""));
        RunAbout about = Parse($$"""{"task":"a\u001b[2Jb\n{{wide}}","options":{ {{options}} } }""");
        Assert.True(about.Task.Length < 300);
        Assert.DoesNotContain('\u001b', about.Task);
        Assert.InRange(about.Options.Count, 1, 200);
        Assert.All(about.Options, one => Assert.True(one.Value.Length <= 200));
    }

    [Fact]
    public void An_altered_record_is_shown_and_said()
    {
        using var folder = new TempFolder();
        string run = Runs.Trained(folder, "run"), file = Path.Combine(run, "run.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"20\"", "\"21\"", StringComparison.Ordinal));
        Assert.Contains("altered", RunAbout.Read(file).Problem);
    }

    private static RunAbout Parse(string text) => RunAbout.Parse(Encoding.UTF8.GetBytes(text), "run.json");
}
