using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Unroll.Cli.Learn;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Docs;

/// <summary>
/// Every command of the tutorial runs and prints what its page shows; numbers aside, which hang on the processor.
/// </summary>
public partial class TutorialTests
{
    private const string Folder = "docs/tutorial";

    public static TheoryData<string> Files => [.. TutorialCommand.Pages.Select(page => page.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_command_of_a_page_prints_what_the_page_shows(string file)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("samples"));
        File.Copy(Path.Combine(RepositoryRoot.Path, "samples", "readings.csv"), folder.At("samples/readings.csv"));
        string page = Pages.Read($"{Folder}/{file}"), output = "";
        int commands = 0, shown = 0;
        foreach (Match block in Block().Matches(page))
        {
            if (block.Groups["kind"].Value == "sh")
            {
                output = "";
                foreach (string line in Pages.ShellLines(block.Value))
                {
                    CliResult run = Run(line, folder);
                    Assert.True(run.Code is ExitCode.Success or ExitCode.Unsolved, $"{line}: exit {run.Code}\n{run.Error}");
                    output += run.Out;
                    commands++;
                }

                continue;
            }

            string printed = Masked(output);
            foreach (string line in block.Groups["text"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                bool found = printed.Contains(Masked(line), StringComparison.Ordinal);
                Assert.True(found, $"{file} shows what was not printed: {line}\n{output}");
                shown++;
            }
        }

        Assert.True(commands > 0 && shown > 0);
        Assert.Contains("## Exercises", page);
        Assert.Equal(3, Exercise().Count(page[page.IndexOf("## Exercises", StringComparison.Ordinal)..]));
        Assert.Equal(3, Answer().Count(page[page.IndexOf("## Answers", StringComparison.Ordinal)..]));
    }

    [Fact]
    public void The_list_of_pages_is_the_folder_and_names_the_first_commands()
    {
        IEnumerable<string> files = Directory.GetFiles(Path.Combine(RepositoryRoot.Path, Folder), "?-*.md")
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
        Assert.Equal(TutorialCommand.Pages.Select(page => page.File), files);
        CliResult list = Cli.Run("tutorial");
        Assert.Equal(ExitCode.Success, list.Code);
        string flat = Regex.Replace(list.Out, @"\s+", " ");
        foreach (TutorialPage page in TutorialCommand.Pages)
        {
            string text = Pages.Read($"{Folder}/{page.File}");
            Assert.StartsWith($"# {page.File[0]}. {page.Title}\n", text);
            Assert.Contains(page.First, flat);
            Assert.Contains(page.First, Pages.ShellLines(text).Select(line => Regex.Replace(line, " +", " ")));
            Assert.Contains($"{Folder}/{page.File}", flat);
        }

        Assert.All(list.OutLines, line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void What_a_page_shows_is_compared_without_its_numbers()
    {
        Assert.Equal(Masked("rate 0.9466 a step  over 200\n  lags"), Masked("rate 1E-5 a step over 3 lags"));
        Assert.NotEqual(Masked("vanishing beyond lag 3"), Masked("exploding beyond lag 3"));
        Assert.Equal("# of # [#%, #%]", Masked("13 of 36 [22%, 52%]"));
    }

    /// <summary>A command whose paths lie in the folder; what it says of them is as a reader would see it.</summary>
    private static CliResult Run(string line, TempFolder folder)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(line)];
        Assert.Equal("unroll", words[0]);
        string[] args = [.. words[1..].Select(word =>
            word.StartsWith("runs/", StringComparison.Ordinal) || word.StartsWith("samples/", StringComparison.Ordinal)
                ? folder.At(word) : word)];

        // Without a limit on the time: a diagnosis of 200 steps takes seconds, and a minute on a machine that does much else.
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = UnrollCommand.Run(args, new CommandHost(TextReader.Null, output, error));
        string said = output.ToString().Replace(folder.At("x")[..^1], "", StringComparison.Ordinal);
        return new CliResult(code, said, error.ToString());
    }

    /// <summary>A text without line breaks, with every number as one sign.</summary>
    private static string Masked(string text) => Space().Replace(Number().Replace(text, "#"), " ").Trim();

    [GeneratedRegex(@"^```(?<kind>\w*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\d\. ", RegexOptions.Multiline)]
    private static partial Regex Exercise();

    [GeneratedRegex(@"^\*\*\d\.\*\* ", RegexOptions.Multiline)]
    private static partial Regex Answer();

    [GeneratedRegex(@"[-+]?\d[\d,]*(\.\d+)?([eE][-+]?\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
