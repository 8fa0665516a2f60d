using System.Globalization;
using System.Text.RegularExpressions;

namespace Unroll.Tests;

/// <summary>
/// No line of C# is longer than the limit in .editorconfig, which the formatter does not check. Folders that still have longer
/// lines are in LongLines.txt, each with the number of these lines, so that the number can only fall. A folder that is not in the
/// list has none.
/// </summary>
public static partial class LineLengthTests
{
    /// <summary>Set to 1 to lower the numbers in the list to what the folders have now.</summary>
    private const string Update = "UNROLL_UPDATE_LONG_LINES";

    private static readonly string s_list = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Tests", "LongLines.txt");

    [Fact]
    public static void No_folder_has_more_long_lines_than_the_list_allows()
    {
        Dictionary<string, int> allowed = Read();
        int limit = Limit();
        IGrouping<string, string>[] folders = [.. LongLines(limit).GroupBy(place => place[..place.LastIndexOf('/')])];
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 }) Lower(allowed, folders);
        IEnumerable<string> wrong = folders.Where(folder => folder.Count() > allowed.GetValueOrDefault(folder.Key))
            .Select(folder => $"{folder.Key} has {folder.Count()} lines over {limit} columns, "
                + $"{allowed.GetValueOrDefault(folder.Key)} are allowed: {string.Join(", ", folder.Take(20))}");
        Assert.Empty(wrong);
    }

    [Fact]
    public static void The_list_names_folders_once_and_in_order()
    {
        string[] names = [.. File.ReadAllLines(s_list).Select(line => line.Split(' ')[1])];
        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
        Assert.All(Read().Values, count => Assert.True(count > 0));
    }

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

    private static Dictionary<string, int> Read() => File.ReadAllLines(s_list).Select(line => line.Split(' '))
        .ToDictionary(entry => entry[1], entry => int.Parse(entry[0], NumberStyles.None, CultureInfo.InvariantCulture));

    /// <summary>Writes the list with lower numbers and without folders that have no long line any more.</summary>
    private static void Lower(Dictionary<string, int> allowed, IGrouping<string, string>[] folders)
    {
        Dictionary<string, int> now = folders.ToDictionary(folder => folder.Key, folder => folder.Count());
        IEnumerable<string> lines = allowed.Keys.Where(now.ContainsKey).Order(StringComparer.Ordinal)
            .Select(folder => $"{Math.Min(allowed[folder], now[folder])} {folder}\n");
        File.WriteAllText(s_list, string.Concat(lines));
    }

    [GeneratedRegex(@"^max_line_length = (\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex LimitRule();

    // What a build wrote.
    [GeneratedRegex("/(bin|obj|artifacts)/")]
    private static partial Regex Built();
}
