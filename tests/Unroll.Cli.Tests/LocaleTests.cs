using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Unroll.Cli.Tests.Studies;

namespace Unroll.Cli.Tests;

/// <summary>
/// What is printed is the same in every country, also in a process whose environment overrides invariant globalization
/// (that needs the ICU libraries).
/// </summary>
public partial class LocaleTests
{
    private static readonly Dictionary<string,
        string> Invariant = new() { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1", ["LC_ALL"] = "C", ["LANG"] = "C" };

    [Theory]
    [InlineData("de_DE")]
    [InlineData("tr_TR")]
    [InlineData("ar_SA")]
    public void Every_number_of_train_a_study_and_a_figure(string locale)
    {
        var local = new Dictionary<string, string>
        {
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0",
            ["LC_ALL"] = $"{locale}.UTF-8",
            ["LANG"] = $"{locale}.UTF-8"
        };
        using var folder = new TempFolder();
        CliResult first = Run(local, "tasks");
        Assert.SkipWhen(first.Code != ExitCode.Success && (first.Error + first.Out).Contains("ICU"), "needs the ICU libraries");
        Assert.Equal(ExitCode.Success, first.Code);

        // A model of more than 1,000 parameters, losses below 1, negative numbers: what separators and signs would change.
        string[] train = ["train", "--length", "10", "--hidden", "40", "--curriculum", "none", "--validation", "1200",
            "--check-every", "10", "--updates", "20", "--batch", "5", "--stop", "budget"];
        string trained = Same(local, folder, folder => [.. train, "--out", folder]);
        Assert.Contains("0.", trained);
        foreach (string file in (string[])["model.safetensors", "best.safetensors"])
            Assert.Equal(File.ReadAllBytes(folder.At($"local/{file}")), File.ReadAllBytes(folder.At($"plain/{file}")));
        Assert.Equal(Masked(File.ReadAllText(folder.At("plain/metrics.jsonl"))),
            Masked(File.ReadAllText(folder.At("local/metrics.jsonl"))));

        string study = folder.Write(TestStudies.Eight());
        Assert.Equal(ExitCode.Success, Run(local, "study", "run", study, "--out", folder.At("study"), "--jobs", "1").Code);
        foreach (string view in (string[])["status", "show", "export"])
            Same(local, folder, _ => ["study", view, folder.At("study")]);

        string[] texts = [.. ((string[])["local", "plain"]).Select(name =>
        {
            string to = folder.At($"figures-{name}");
            Assert.Equal(ExitCode.Success,
                Run(name == "local" ? local : Invariant, "reproduce", "fig3", "--scale", "smoke", "--out", to).Code);
            string svg = Assert.Single(Directory.GetFiles(to, "*.svg", SearchOption.AllDirectories));
            return string.Join('\n', XDocument.Load(svg).Descendants().Where(element => element.Name.LocalName == "text")
                .Select(element => element.Value.Trim()));
        })];
        Assert.Equal(texts[1], texts[0]);
        Assert.Matches("(?m)^[-\u2212]?[0-9]+\\.[0-9]+$", texts[0]);
    }

    /// <summary>Numbers inside a process with separators and signs of its own, whatever libraries there are.</summary>
    [Fact]
    public void Numbers_of_the_library_and_the_command_whatever_the_threads_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (odd.NumberFormat.NumberDecimalSeparator, odd.NumberFormat.NumberGroupSeparator,
            odd.NumberFormat.NegativeSign) = (",", "_", "~");
        using var folder = new TempFolder();
        string study = folder.Write(TestStudies.Eight());
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", study, "--out", folder.At("study"), "--jobs", "1").Code);
        string[][] commands =
        [
            ["tasks"], ["tasks", "show", "addition", "--length", "20", "--seed", "1"],
            ["train", "--updates", "20", "--json", .. Cli.Small], ["train", "--updates", "20", .. Cli.Small],
            ["study", "status", folder.At("study")], ["study", "show", folder.At("study")],
            ["study", "export", folder.At("study")], ["reproduce", "--help"], ["train", "--help"],
        ];
        foreach (string[] command in commands)
        {
            CliResult plain = Cli.Run(command), other;
            try
            {
                CultureInfo.CurrentCulture = odd;
                other = Cli.Run(command);
            }
            finally
            {
                CultureInfo.CurrentCulture = before;
            }

            Assert.Equal(Masked(plain.Out), Masked(other.Out));
            Assert.Equal((plain.Code, plain.Error), (other.Code, other.Error));
        }
    }

    private static string Same(IReadOnlyDictionary<string, string> local, TempFolder folder, Func<string, string[]> command)
    {
        CliResult there = Run(local, command(folder.At("local"))), plain = Run(Invariant, command(folder.At("plain")));
        Assert.Equal(Masked(plain.Out), Masked(there.Out).Replace(folder.At("local"), folder.At("plain")));
        Assert.Equal((plain.Code, plain.Error), (there.Code, there.Error));
        return there.Out;
    }

    private static CliResult Run(IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        using Process process = Cli.Start(environment, args);
        process.StandardInput.Close();
        return process.Finish();
    }

    /// <summary>Without what depends on the clock, where it is written as it should be: 1,750/s, 0.4 s, 12 min.</summary>
    private static string Masked(string text) => Clock().Replace(text, "#");

    [GeneratedRegex(
        "(?<![0-9.,_])[0-9]{1,3}(,[0-9]{3})*(\\.[0-9]{1,2})?(?=/s| s\\b| "
            + "min\\b)|(?<=\"(seconds|updates_per_second|test_seconds)\":)[0-9]+(\\.[0-9]+)?(E[-+][0-9]+)?",
            RegexOptions.CultureInvariant)]
    private static partial Regex Clock();
}
