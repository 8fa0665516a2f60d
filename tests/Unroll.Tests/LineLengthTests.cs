using System.Globalization;
using System.Text.RegularExpressions;

namespace Unroll.Tests;

/// <summary>No line of C# is longer than the limit in .editorconfig, which the formatter does not check.</summary>
public static partial class LineLengthTests
{
    [Fact]
    public static void No_line_is_too_long() => Assert.Empty(LongLines(Limit()));

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("é±…", 3)]
    [InlineData("a\U0001D11Eb", 3)] // one character of two UTF-16 units
    public static void Columns_are_characters(string line, int columns) => Assert.Equal(columns, Columns(line));

    private static int Columns(string line) => line.EnumerateRunes().Count();

    private static int Limit()
    {
        string rules = File.ReadAllText(Path.Combine(RepositoryRoot.Path, ".editorconfig"));
        return int.Parse(LimitRule().Match(rules).Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>The long lines as <c>folder/file.cs:line</c>, in order.</summary>
    private static IEnumerable<string> LongLines(int limit)
    {
        foreach (string root in (string[])["benchmarks", "samples", "src", "tests"])
        {
            string top = Path.Combine(RepositoryRoot.Path, root);
            foreach (string file in Directory.GetFiles(top, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                string name = Path.GetRelativePath(RepositoryRoot.Path, file).Replace('\\', '/');
                if (Built().IsMatch(name)) continue;
                int number = 0;
                foreach (string line in File.ReadLines(file))
                {
                    number++;
                    if (line.Length > limit && Columns(line) > limit) yield return $"{name}:{number}";
                }
            }
        }
    }

    [GeneratedRegex(@"^max_line_length = (\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex LimitRule();

    // What a build wrote.
    [GeneratedRegex("/(bin|obj|artifacts)/")]
    private static partial Regex Built();
}
