using System.Text.RegularExpressions;
using Unroll.Studies;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Studies;

/// <summary>
/// docs/cluster.md quotes the files that are run and checked; tests/cluster/slurm.sh runs them on Slurm itself.
/// </summary>
public partial class ClusterTests
{
    [Fact]
    public void Each_file_that_the_documentation_quotes_is_the_file()
    {
        string text = Read("docs/cluster.md");
        MatchCollection quotes = Quotes().Matches(text);
        Assert.Equal(["tests/cluster/study.sbatch", "tests/cluster/job.yaml"],
            quotes.Select(quote => quote.Groups["file"].Value));
        Assert.All(quotes, quote => Assert.Equal(Read(quote.Groups["file"].Value), quote.Groups["text"].Value));
    }

    [Fact]
    public void The_manifest_tells_its_pods_how_many_they_are()
    {
        string manifest = Read("tests/cluster/job.yaml");
        string completions = Regex.Match(manifest, @"^  completions: (\d+)$", RegexOptions.Multiline).Groups[1].Value;
        Assert.Matches($"(?m)^            - name: {Shard.CountVariable}\n              value: \"{completions}\"$", manifest);
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, path)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"<!-- file: (?<file>\S+) -->\n```\w+\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Quotes();
}
