using System.Text.RegularExpressions;

namespace Unroll.Tests;

/// <summary>
/// The folders of the libraries and those of the command form no cycle: each uses only the folders before it in its list in
/// docs/design.md. The test reads the sources. A name counts as a use of a type where the type's namespace is visible in the
/// file. A using of a namespace that only later folders have also counts.
/// </summary>
public static partial class ArchitectureTests
{
    /// <summary>The name in docs/design.md for the files that are in no folder.</summary>
    private const string Root = "(root)";

    [Theory]
    [InlineData("Unroll", "use only those before them")]
    [InlineData("Unroll.Studies", "Folders use only earlier ones")]
    [InlineData("Unroll.Data", "folders of the readers use only earlier\nones")]
    [InlineData("Unroll.Cli", "the root uses them all")]
    [InlineData("Unroll.Interop", "what stands before them in")]
    public static void Each_folder_uses_only_those_before_it(string project, string list)
    {
        string[] order = Order(list);
        List<Source> sources = [.. Sources(project).Select(source => source with { Folder = Listed(source.Folder, order) })];
        Assert.Equal(order.Order(), sources.Select(source => source.Folder).Distinct().Order());

        // Several files may declare parts of one type, in one folder.
        var types = new Dictionary<(string Namespace, string Name), string>();
        foreach (Source source in sources)
        {
            foreach (Match declared in Declaration().Matches(source.Code))
            {
                (string, string) type = (source.Namespace, declared.Groups[1].Value);
                Assert.True(
                    types.TryAdd(type, source.Folder)
                        || types[type] == source.Folder, $"{type} is declared in {types[type]} and in {source.Folder}.");
            }
        }

        Dictionary<string, int> first = sources.GroupBy(source => source.Namespace)
            .ToDictionary(space => space.Key, space => space.Min(source => Array.IndexOf(order, source.Folder)));
        var wrong = new List<string>();
        foreach (Source source in sources)
        {
            int place = Array.IndexOf(order, source.Folder);
            foreach (string space in source.Usings.Where(space => first.GetValueOrDefault(space) > place))
                wrong.Add($"{source.Folder}/{source.File} has a using of {space}");
            HashSet<string> names = [.. Name().Matches(source.Code).Select(match => match.Value)];
            HashSet<string> qualified = [.. Qualified().Matches(source.Code).Select(match => match.Groups[1].Value)];
            HashSet<string> members = [.. Member().Matches(source.Code).Select(match => match.Groups[1].Value)];
            foreach (((string space, string name), string folder) in types)
            {
                if (Array.IndexOf(order, folder) <= place) continue;
                bool named = names.Contains(name) && !members.Contains(name) && source.Sees(space);
                if (named || qualified.Contains($"{space[(space.LastIndexOf('.') + 1)..]}.{name}"))
                    wrong.Add($"{source.Folder}/{source.File} uses {name} of {folder}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public static void Namespaces_of_the_command_follow_its_folders()
    {
        foreach (Source source in Sources("Unroll.Cli"))
        {
            if (source.File == "Program.cs") continue; // the statements of the program, in no namespace
            string space = source.Folder == Root ? "Unroll.Cli" : $"Unroll.Cli.{source.Folder.Replace('/', '.')}";
            Assert.True(source.Namespace == space, $"{source.Folder}/{source.File} is of {source.Namespace}, not of {space}.");
        }
    }

    [Fact]
    public static void The_root_of_the_command_starts_it_and_nothing_else() =>
        Assert.Equal(
            ["Program.cs", "UnrollCommand.cs"],
            Sources("Unroll.Cli").Where(source => source.Folder == Root)
                .Select(source => source.File).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Studies")]
    [InlineData("Unroll.Data")]
    [InlineData("Unroll.Cli")]
    [InlineData("Unroll.Interop")]
    public static void Files_are_short(string project)
    {
        foreach (string file in Files(project))
            Assert.True(File.ReadLines(file).Count() <= 400, $"{file} has more than 400 lines.");
    }

    [Fact]
    public static void Files_of_tests_are_short()
    {
        string tests = Path.Combine(RepositoryRoot.Path, "tests");
        string[] files =
        [
            .. Directory.GetFiles(tests, "*.cs", SearchOption.AllDirectories).Where(file =>
                !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.ReadLines(file).Count() <= 400, $"{file} has more than 400 lines."));
    }

    [Fact]
    public static void Code_is_told_from_comments_and_text()
    {
        const string Text = """
            a(); // b "c"
            /* d */ e('"', '\\', "f // g", $"h{i}j{(k ? "l" : $"{m:n}")}o{{p}}", @"q\", r);
            """;
        string raw = string.Join('\n', "s(\"\"\"", "t \"u\"", "\"\"\", v, $\"\"\"w{x}y\"\"\");");
        Assert.Equal(["a", "e", "i", "k", "m", "n", "r"], Words(SourceText.Code(Text)));
        Assert.Equal(["s", "v", "x"], Words(SourceText.Code(raw)));

        static IEnumerable<string> Words(string code) => Regex.Matches(code, @"\w+").Select(match => match.Value);
    }

    /// <summary>A folder that is not listed belongs to the folder around it.</summary>
    private static string Listed(string folder, string[] order)
    {
        while (!order.Contains(folder) && folder.Contains('/', StringComparison.Ordinal))
            folder = folder[..folder.LastIndexOf('/')];
        return folder;
    }

    private static string[] Order(string list)
    {
        string page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "design.md")).ReplaceLineEndings("\n");
        Match found = Regex.Match(page, Regex.Escape(list) + @":?\n\n((?:    .+\n)+)");
        Assert.True(found.Success, $"docs/design.md has no list of folders after '{list}'.");
        return [.. found.Groups[1].Value.Split([' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string Folder(string project) => Path.Combine(RepositoryRoot.Path, "src", project);

    private static IEnumerable<string> Files(string project) =>
        Directory.GetFiles(Folder(project), "*.cs", SearchOption.AllDirectories)
        .Where(
            file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static IEnumerable<Source> Sources(string project)
    {
        string[] everywhere = [.. GlobalUsing().Matches(File.ReadAllText(Path.Combine(Folder(project), $"{project}.csproj")))
            .Select(match => match.Groups[1].Value)];
        foreach (string file in Files(project))
        {
            string code = SourceText.Code(File.ReadAllText(file));
            string folder = Path.GetRelativePath(Folder(project), Path.GetDirectoryName(file)!).Replace('\\', '/');
            yield return new Source(
                folder == "." ? Root : folder, Path.GetFileName(file), code, Space().Match(code).Groups[1].Value,
                [.. Using().Matches(code).Select(match => match.Groups[1].Value)], everywhere);
        }
    }

    private sealed record Source(
        string Folder, string File, string Code, string Namespace, HashSet<string> Usings, string[] Everywhere)
    {
        public bool Sees(string space) => Usings.Contains(space) || Everywhere.Contains(space) || Namespace == space
            || Namespace.StartsWith(space + ".", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"<Using Include=""([\w.]+)"" />")]
    private static partial Regex GlobalUsing();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Space();

    [GeneratedRegex(@"^using (?:static |\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(
        @"^(?:(?:public|internal|sealed|static|readonly|partial|abstract|unsafe|ref) )*"
            + @"(?:class|struct|record struct|record|interface|enum|delegate [\w<>]+) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w*")]
    private static partial Regex Name();

    // A type qualified by the last part of its namespace.
    [GeneratedRegex(@"\b(?=([A-Z]\w*\.[A-Z]\w*))")]
    private static partial Regex Qualified();

    // A property, a method or an enumeration value of the same name in the file hides the type.
    [GeneratedRegex(@"(?:[\w\]>?] |^ {4})([A-Z]\w*)(?: =>| \{|\(| = \d)", RegexOptions.Multiline)]
    private static partial Regex Member();
}
