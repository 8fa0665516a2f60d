using System.Text.RegularExpressions;

namespace Unroll.Tests;

/// <summary>
/// The folders of the library form no cycle: each uses those before it in the list of docs/design.md and no other. Read from
/// the sources: a name counts where a file could mean the type, its namespace being in sight.
/// </summary>
public static partial class ArchitectureTests
{
    private static readonly string s_library = Path.Combine(RepositoryRoot.Path, "src", "Unroll");

    [Fact]
    public static void Each_folder_uses_only_those_before_it()
    {
        string[] order = Order();
        List<Source> sources = [.. Sources().Select(source => source with { Folder = Listed(source.Folder, order) })];
        Assert.Equal(sources.Select(source => source.Folder).Distinct().Order(), order.Order());

        // Several files may declare parts of one type, in one folder.
        var types = new Dictionary<(string Namespace, string Name), string>();
        foreach (Source source in sources)
        {
            foreach (Match declared in Declaration().Matches(source.Text))
            {
                (string, string) type = (source.Namespace, declared.Groups[1].Value);
                Assert.True(
                    types.TryAdd(type, source.Folder)
                        || types[type] == source.Folder, $"{type} is declared in {types[type]} and in {source.Folder}.");
            }
        }

        var wrong = new List<string>();
        foreach (Source source in sources)
        {
            HashSet<string> names = [.. Name().Matches(source.Text).Select(match => match.Value)];
            HashSet<string> members = [.. Member().Matches(source.Text).Select(match => match.Groups[1].Value)];
            foreach (((string space, string name), string folder) in types)
            {
                if (folder == source.Folder || !names.Contains(name) || members.Contains(name) || !source.Sees(space)) continue;
                if (Array.IndexOf(order, folder) > Array.IndexOf(order, source.Folder))
                    wrong.Add($"{source.Folder}/{source.File} uses {name} of {folder}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public static void Files_are_short()
    {
        foreach (string file in Files()) Assert.True(File.ReadLines(file).Count() <= 400, $"{file} has more than 400 lines.");
    }

    /// <summary>A folder that is not listed itself belongs to the one around it.</summary>
    private static string Listed(string folder, string[] order)
    {
        while (!order.Contains(folder) && folder.Contains('/', StringComparison.Ordinal))
            folder = folder[..folder.LastIndexOf('/')];
        return folder;
    }

    private static string[] Order()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "design.md"));
        Match list = Regex.Match(page, @"use only those before them:\n\n((?:    .+\n)+)");
        Assert.True(list.Success, "docs/design.md has no list of the library's folders.");
        return [.. list.Groups[1].Value.Split([' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries)];
    }

    private static IEnumerable<string> Files() => Directory.GetFiles(s_library, "*.cs", SearchOption.AllDirectories)
        .Where(
            file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static IEnumerable<Source> Sources()
    {
        foreach (string file in Files())
        {
            string text = Noise().Replace(File.ReadAllText(file), "");
            string folder = Path.GetRelativePath(s_library, Path.GetDirectoryName(file)!).Replace('\\', '/');
            yield return new Source(
                folder, Path.GetFileName(file), text, Space().Match(text).Groups[1].Value,
                [.. Using().Matches(text).Select(match => match.Groups[1].Value)]);
        }
    }

    private sealed record Source(string Folder, string File, string Text, string Namespace, HashSet<string> Usings)
    {
        public bool Sees(string space) =>
            Usings.Contains(space) || Namespace == space || Namespace.StartsWith(space + ".", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"//.*|""(?:\\.|[^""\\\n])*""")]
    private static partial Regex Noise();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Space();

    [GeneratedRegex(@"^using ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^(?:(?:public|internal|sealed|static|readonly|partial|abstract|unsafe|ref) )*(?:class|struct|record struct|record|interface|enum|delegate [\w<>]+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w*")]
    private static partial Regex Name();

    // A property, a method or an enumeration's value of that name in the file hides the type.
    [GeneratedRegex(@"(?:[\w\]>?] |^ {4})([A-Z]\w*)(?: =>| \{|\(| = \d)", RegexOptions.Multiline)]
    private static partial Regex Member();
}
