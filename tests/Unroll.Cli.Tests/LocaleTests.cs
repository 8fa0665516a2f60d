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
    private static readonly string[] s_views = ["status", "show", "export"];

    /// <summary>
    /// What this process says, whose globalization is invariant, a process of each country says too. It trains and draws once.
    /// </summary>
    [Fact]
    public void Every_number_of_train_a_study_and_a_figure()
    {
        using var folder = new TempFolder();
        string study = folder.Write(TestStudies.Eight());
        Said? plain = null;
        foreach (string locale in (string[])["de_DE", "tr_TR", "ar_SA"])
        {
            var local = new Dictionary<string, string>
            {
                ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0",
                ["LC_ALL"] = $"{locale}.UTF-8",
                ["LANG"] = $"{locale}.UTF-8",
            };
            CliResult first = Run(local, "tasks");
            Assert.SkipWhen(
                first.Code != ExitCode.Success && (first.Error + first.Out).Contains("ICU"), "needs the ICU libraries");
            Assert.Equal(ExitCode.Success, first.Code);
            plain ??= Say(Cli.Run, folder.At("plain"));
            Said said = Say(args => Run(local, args), folder.At(locale));
            Assert.Equal(plain.Trained, said.Trained);
            Assert.Equal(plain.Models, said.Models);
            Assert.Equal(plain.Figure, said.Figure);

            string store = folder.At($"{locale}/study");
            Assert.Equal(ExitCode.Success, Run(local, "study", "run", study, "--out", store, "--jobs", "1").Code);
            foreach (string view in s_views)
            {
                CliResult there = Run(local, "study", view, store), here = Cli.Run("study", view, store);
                Assert.Equal(Masked(here.Out), Masked(there.Out));
                Assert.Equal((here.Code, here.Error), (there.Code, there.Error));
            }
        }

        Assert.Contains("0.", plain!.Trained[0]);
        Assert.Matches("(?m)^[-\u2212]?[0-9]+\\.[0-9]+$", plain.Figure);
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

    private sealed record Said(string[] Trained, byte[][] Models, string Figure);

    /// <summary>What a training and a figure say, without clocks and folders.</summary>
    private static Said Say(Func<string[], CliResult> command, string folder)
    {
        string At(string name) => Path.Combine(folder, name);

        // A model of more than 1,000 parameters, losses below 1, negative numbers: what separators and signs would change.
        CliResult trained = command(["train", "--length", "10", "--hidden", "40", "--curriculum", "none", "--validation", "1200",
            "--check-every", "10", "--updates", "20", "--batch", "5", "--stop", "budget", "--out", At("run")]);
        Assert.Equal((ExitCode.Unsolved, ""), (trained.Code, trained.Error));
        Assert.Equal(ExitCode.Success, command(["reproduce", "fig3", "--scale", "smoke", "--out", At("figures")]).Code);
        string svg = Assert.Single(Directory.GetFiles(At("figures"), "*.svg", SearchOption.AllDirectories));
        return new Said(
            [.. ((string[])[trained.Out, File.ReadAllText(At("run/metrics.jsonl"))])
                .Select(text => Masked(text).Replace(folder, "FOLDER", StringComparison.Ordinal))],
            [File.ReadAllBytes(At("run/model.safetensors")), File.ReadAllBytes(At("run/best.safetensors"))],
            string.Join('\n', XDocument.Load(svg).Descendants().Where(element => element.Name.LocalName == "text")
                .Select(element => element.Value.Trim())));
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
