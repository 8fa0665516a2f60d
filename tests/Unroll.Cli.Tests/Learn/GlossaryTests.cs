using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cells;
using Unroll.Cli.Learn;
using Unroll.Cli.Tests.Diagnosis;
using Unroll.Remedies;
using Unroll.Studies.Settings;
using Unroll.Tests;
using Unroll.Training;

namespace Unroll.Cli.Tests.Learn;

public partial class GlossaryTests
{
    [Fact]
    public void The_page_is_the_table()
    {
        string path = Path.Combine(RepositoryRoot.Path, "docs", "glossary.md");
        if (Environment.GetEnvironmentVariable("UNROLL_RECORD_GLOSSARY") == "1") File.WriteAllText(path, Glossary.ToMarkdown());
        Assert.Equal(Glossary.ToMarkdown(), File.ReadAllText(path).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void No_two_terms_have_one_name_and_each_leads_to_a_page_that_is_there()
    {
        string[] names = [.. Glossary.All.Select(term => term.Name.ToLowerInvariant())];
        Assert.Equal(names.Distinct(), names);
        Assert.All(Glossary.All, term =>
        {
            Assert.Same(term, Glossary.Find(term.Name));
            Assert.All(term.Also, also => Assert.NotNull(Glossary.Find(also)));
            Assert.EndsWith(".", term.Meaning);
            Assert.True(term.See is null || File.Exists(Path.Combine(RepositoryRoot.Path, "docs", term.See)), term.Name);
        });
    }

    [Fact]
    public void Every_heading_and_key_of_a_diagnosis_has_an_entry()
    {
        using var folder = new TempFolder();
        string plain = Models.Rotation(folder, 0.8);
        RequireAll(Headings(Cli.Run("diagnose", plain, "--batches", "2", "--batch", "2").Out));
        JsonElement json = Assert.Single(Cli.Run("diagnose", plain, "--batches", "2", "--batch", "2", "--json").Json);
        RequireAll(json.EnumerateObject().Select(one => one.Name).Except(["event", "notes", "batches", "loss_unit", "gamma"]));
        IEnumerable<JsonElement> advice = json.GetProperty("advice").EnumerateArray();
        RequireAll(advice.SelectMany(one => one.EnumerateObject().Select(p => p.Name)).Except(["text"]));
        string[] stack = ["--cell", "lstm", "--layers", "2", "--out", folder.At("lstm")];
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "20", .. Cli.Small, .. stack]).Code);
        RequireAll(Headings(Cli.Run("diagnose", folder.At("lstm/model.safetensors"), "--batches", "2", "--batch", "2").Out));
    }

    [Fact]
    public void Every_heading_and_key_of_a_run_has_an_entry()
    {
        using var folder = new TempFolder();
        CliResult run = Cli.Run(["train", "--updates", "40", .. Cli.Small, "--out", folder.At("run")]);
        RequireAll(Headings(run.Out.Split("update ")[0]));
        JsonElement line = JsonDocument.Parse(File.ReadLines(folder.At("run/metrics.jsonl")).First()).RootElement;
        RequireAll(line.EnumerateObject().Select(one => one.Name));
        RequireAll(["epoch", "strict", "select", "|g|", "clipped", "damping", "kept", "went back", "not finite", "below 1 since",
            "rescues"]);
    }

    [Fact]
    public void Every_value_of_an_option_that_is_a_word_of_the_field_has_an_entry()
    {
        RequireAll(Enum.GetValues<CellKind>().Select(OptionsText.Name));
        RequireAll(Enum.GetValues<Activation>().Select(OptionsText.Name));
        RequireAll(Enum.GetValues<OptimizerKind>().Select(OptionsText.Name).Select(name => name == "sgd" ? "SGD" : name));
        RequireAll(Enum.GetValues<StateReading>().Select(OptionsText.Name));
        RequireAll(Enum.GetValues<Analysis.GradientVerdict>().Select(one => $"{one}"));
        RequireAll(Enum.GetValues<TrainingOutcome>().Where(one => one != TrainingOutcome.NonFinite).Select(one => $"{one}"));
        RequireAll(TaskCatalogue.Names);
        RequireAll(Recipes.Names);
        RequireAll(["MAE", "RMSE", "MAE/sd", "MSE/sd2", "MASE", "sMAPE", "R2", "naive", "seasonal naive", "ridge on the window",
            "majority class", "balanced accuracy", "macro F1", "log loss"]);
    }

    [Theory]
    [InlineData("kept", "kept")]
    [InlineData("omega_kept", "kept")]
    [InlineData("Spectral-Radius", "spectral radius")]
    [InlineData("--chrono", "chrono")]
    [InlineData("--cg-iterations", "Hessian-Free")]
    [InlineData("--gradient-batches", "--gradient-batches")]
    public void A_term_is_found_by_each_of_its_forms(string word, string name)
    {
        bool option = word.StartsWith("--", StringComparison.Ordinal);
        CliResult run = Cli.Run(["explain", .. option ? (string[])["--", word] : [word]]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(name, run.OutLines[0]);
    }

    [Fact]
    public void A_term_of_two_words_needs_no_quotes_and_an_option_no_separator()
    {
        Assert.StartsWith("spectral radius\n", Cli.Run("explain", "spectral", "radius").Out);
        Assert.StartsWith("chrono\n", Cli.Run("explain", "--chrono").Out);
    }

    [Theory]
    [InlineData("vanihsing", "vanishing")]
    [InlineData("spectral radios", "spectral radius")]
    [InlineData("zebra", null)]
    [InlineData("\e[31m", null)]
    public void The_nearest_term_is_suggested(string word, string? near)
    {
        string refusal = Cli.Run("explain", word).RefusedWith();
        if (near is null) Assert.DoesNotContain("did you mean", refusal);
        else Assert.Contains($"did you mean {near}", refusal);
        Assert.Contains("unroll explain lists all", refusal);
        Assert.DoesNotContain('\e', refusal);
    }

    [Fact]
    public void The_list_has_all_in_80_columns()
    {
        string list = Cli.Run("explain").Out;
        string flat = Regex.Replace(list, @"\s+", " ");
        Assert.All(Glossary.All, term => Assert.Contains(term.Name, flat));
        Assert.All(list.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.All(Glossary.All.SelectMany(term => Cli.Run("explain", term.Name).OutLines),
            line => Assert.True(line.Length <= 80, line));
        Assert.Contains("unroll explain TERM", Cli.Run("help").Out);
    }

    /// <summary>The words in front of the texts of a report; those of what follows in the next line are blank.</summary>
    private static IEnumerable<string> Headings(string report) =>
        report.Split('\n').Select(line => Heading().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value).Distinct();

    private static void RequireAll(IEnumerable<string> words)
    {
        string[] all = [.. words];
        Assert.NotEmpty(all);
        string[] missing = [.. all.Where(word => Glossary.Find(word) is null)];
        Assert.True(missing.Length == 0, $"The glossary lacks: {string.Join(", ", missing)}");
    }

    [GeneratedRegex(@"^ {0,2}([A-Za-z][A-Za-z-]+)(?= {2,}\S)(?=.{9,11}(?<= )\S)")]
    private static partial Regex Heading();
}
