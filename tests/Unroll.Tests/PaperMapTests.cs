using System.Text.RegularExpressions;

namespace Unroll.Tests;

/// <summary>Everything that docs/paper-map.md names exists.</summary>
public static partial class PaperMapTests
{
    [Fact]
    public static void Every_type_and_test_in_the_map_exists()
    {
        string[][] rows = [.. File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", "paper-map.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Replace("\\|", "/", StringComparison.Ordinal).Split('|'))];
        Assert.True(rows.Length > 20);
        HashSet<string> types =
        [
            .. typeof(Batch).Assembly.GetTypes().Select(type => type.Name.Split('`')[0]),
            .. Sources("src", "Unroll.Studies"),
            .. Sources("src", "Unroll.Cli"),
        ];
        HashSet<string> tests = [.. Sources("tests")];
        Assert.DoesNotContain(rows.SelectMany(row => Names(row[3])), name => !types.Contains(name.Split('.')[0]));
        Assert.DoesNotContain(rows.SelectMany(row => Names(row[4])), name => !tests.Contains(name));
    }

    /// <summary>
    /// The names of source files. This project has no reference to the studies and the command; each of their types that deserves
    /// a row has its own file.
    /// </summary>
    private static IEnumerable<string> Sources(params string[] folder) =>
        Directory.EnumerateFiles(Path.Combine([RepositoryRoot.Path, .. folder]), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file)!);

    private static IEnumerable<string> Names(string cell) => Code().Matches(cell).Select(match => match.Groups[1].Value);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
