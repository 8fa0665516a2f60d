using System.Text.RegularExpressions;

namespace Unroll.Tests;

/// <summary>
/// Usings are in the order that <c>dotnet format</c> makes: namespaces, statics, aliases; System first, then by the alphabet.
/// </summary>
public static partial class UsingOrderTests
{
    [Fact]
    public static void Usings_are_in_order()
    {
        string[] folders = ["src", "tests", "samples", "benchmarks"];
        string[] wrong =
        [
            .. folders.SelectMany(folder => Directory.GetFiles(
                Path.Combine(RepositoryRoot.Path, folder), "*.cs", SearchOption.AllDirectories))
                .Where(file => !IsOrdered(File.ReadAllText(file)))
                .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file)),
        ];
        Assert.True(wrong.Length == 0, $"dotnet format orders the usings of {string.Join(", ", wrong)}.");
    }

    [Theory]
    [InlineData("using System;\nusing System.Text;\nusing Alpha;\nusing static Alpha.Beta;\nusing C = Alpha.Beta;\n", true)]
    [InlineData("using System.Text;\nusing System;\n", false)]
    [InlineData("using Alpha;\nusing System;\n", false)]
    [InlineData("using Alpha.Beta;\nusing Alpha;\n", false)]
    [InlineData("using static Alpha.Beta;\nusing Alpha;\n", false)]
    [InlineData("using System.Text;\n\nclass C\n{\n    void M()\n    {\nusing Alpha;\n", true)]
    public static void An_order_is_told_from_another(string code, bool ordered) => Assert.Equal(ordered, IsOrdered(code));

    private static bool IsOrdered(string code)
    {
        string[] keys = [.. Using().Matches(Head().Match(code).Value).Select(Key)];
        return keys.SequenceEqual(keys.Order(StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>A text that sorts as the using does. A space is less than every character of a name.</summary>
    private static string Key(Match match)
    {
        (string modifier, string alias, string name) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
        string sorted = alias.Length > 0 ? alias : name;
        char kind = alias.Length > 0 ? '2' : modifier.Length > 0 ? '1' : '0';
        char system = alias.Length == 0 && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal)) ? '0' : '1';
        return $"{kind}{system}{sorted.Replace('.', ' ')}";
    }

    /// <summary>What stands before the first namespace, type or attribute.</summary>
    [GeneratedRegex(@"\A(?:(?!^(?:namespace|public|internal|class|\[)).*\r?\n)*", RegexOptions.Multiline)]
    private static partial Regex Head();

    [GeneratedRegex(@"^using (static )?(?:(\w+) = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
