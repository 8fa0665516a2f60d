using System.Text.RegularExpressions;

namespace Unroll.Tests;

/// <summary>
/// The two rules of style in .editorconfig that are warnings: namespaces without braces, and accessibility written out. The
/// compiler's own checks of them load every rule of style there is, which took longer than the compilation.
/// </summary>
public static partial class SourceStyleTests
{
    [Fact]
    public static void The_rules_are_those_of_editorconfig()
    {
        string rules = File.ReadAllText(Path.Combine(RepositoryRoot.Path, ".editorconfig"));
        string[] enforced = [.. Enforced().Matches(rules).Select(match => match.Groups[1].Value)];
        Assert.Equal(["csharp_style_namespace_declarations", "dotnet_style_require_accessibility_modifiers"], enforced);
    }

    [Fact]
    public static void Every_file_keeps_them()
    {
        string[] folders = ["src", "tests", "samples", "benchmarks"];
        string[] wrong =
        [
            .. folders.SelectMany(folder => Directory.GetFiles(
                Path.Combine(RepositoryRoot.Path, folder), "*.cs", SearchOption.AllDirectories))
                .SelectMany(file => Wrong(File.ReadAllText(file))
                    .Select(member => $"{Path.GetRelativePath(RepositoryRoot.Path, file)}: {member}")),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("namespace A;\npublic class B\n{\n    private int c;\n    static B() { }\n    void I.D() => E();\n}\n")]
    [InlineData("namespace A;\ninternal interface B\n{\n    void C();\n}\ninternal enum D { E, F }\nfile sealed class G;\n")]
    [InlineData("namespace A;\npublic struct B\n{\n    public int C { get; set; } = D(() => { int e; return e; });\n"
        + "    public static bool operator ==(B a, B b) { return true; }\n    ~B() { }\n    [F(\"int x;\")] private int g;\n}\n")]
    [InlineData("using X;\nint a = 1;\nclass B { int c; }\n")] // a program: its types are its own
    public static void Good_code_passes(string code) => Assert.Empty(Wrong(code));

    [Theory]
    [InlineData("namespace A\n{\n}\n", "namespace A")]
    [InlineData("namespace A;\nclass B;\n", "class B")]
    [InlineData("namespace A;\npublic class B\n{\n    int c = 1;\n}\n", "int c")]
    [InlineData("namespace A;\npublic class B\n{\n    private int C { get; } = 2;\n    readonly int[] d = [1];\n}\n",
        "readonly int[] d")]
    [InlineData("namespace A;\npublic class B\n{\n    public class C\n    {\n        static void D() { }\n    }\n}\n",
        "static void D()")]
    [InlineData("namespace A;\npublic class B\n{\n    [E] event F? G;\n}\n", "event F? G")]
    public static void Another_style_is_named(string code, string member) => Assert.Equal([member], Wrong(code));

    /// <summary>The members without accessibility, and a namespace with braces, as they are written.</summary>
    private static List<string> Wrong(string source)
    {
        string code = Directives().Replace(SourceText.Code(source), "");
        List<string> wrong = [];
        Match space = Namespace().Match(code);
        if (!space.Success) return wrong;
        int at = space.Index + space.Length;
        if (space.Groups[2].Value == "{") wrong.Add(space.Groups[1].Value);
        Members(code, ref at, wrong);
        return wrong;
    }

    private static void Members(string code, ref int at, List<string> wrong)
    {
        while (true)
        {
            while (at < code.Length && (char.IsWhiteSpace(code[at]) || code[at] == ';')) at++;
            if (at == code.Length) return;
            if (code[at] == '[') To(code, ref at, "]");
            else if (code[at++] == '}') return;
            else Member(code, ref at, wrong);
        }
    }

    private static void Member(string code, ref int at, List<string> wrong)
    {
        int start = at - 1;
        while (at < code.Length && code[at] is not ('{' or ';') && (code[at] != '=' || code[start..at].Contains("operator")))
            Next(code, ref at);
        string head = code[start..at].Trim();
        if (!Accessible().IsMatch(head) && !NeedsNone().IsMatch(head)) wrong.Add(head);
        if (at == code.Length) return;
        if (code[at] == '{' && TypeWithMembers().IsMatch(head))
        {
            at++;
            Members(code, ref at, wrong);
            return;
        }

        if (code[at] == '{') Next(code, ref at);
        while (at < code.Length && char.IsWhiteSpace(code[at])) at++;
        if (at < code.Length && code[at] == '=') To(code, ref at, ";");
    }

    /// <summary>Passes one character, or everything from an opening bracket to the one that closes it.</summary>
    private static void Next(string code, ref int at)
    {
        char opening = code[at++];
        if (opening is '(' or '[' or '{') To(code, ref at, opening == '(' ? ")" : opening == '[' ? "]" : "}", begin: at);
    }

    private static void To(string code, ref int at, string end, int? begin = null)
    {
        at = begin ?? at + 1;
        while (at < code.Length && code[at] != end[0]) Next(code, ref at);
        at = Math.Min(at + 1, code.Length);
    }

    [GeneratedRegex(@"^(\w+) = [\w_]+:(?:warning|error)\r?$", RegexOptions.Multiline)]
    private static partial Regex Enforced();

    [GeneratedRegex(@"^(namespace [\w.]+)\s*([;{])", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^[ \t]*#.*$", RegexOptions.Multiline)]
    private static partial Regex Directives();

    [GeneratedRegex(@"^(?:(?:static|new|unsafe|partial) )*(?:public|private|protected|internal|file)\b")]
    private static partial Regex Accessible();

    // Static constructors, finalizers, members of an interface by its name, and parts that another part describes.
    [GeneratedRegex(@"^(?:static \w+\(\)|extension\b|~|partial "
        + @"|(?:[\w<>\[\],.?() ]+ )?\w[\w<>,. ]*\.(?:\w+|this)\s*(?:<[^>]*>)?\s*(?:[(\[]|$))|operator [^(]*\.")]
    private static partial Regex NeedsNone();

    [GeneratedRegex(@"^[\w ]*\b(?:class|struct|record)\s+\w|^extension\b")]
    private static partial Regex TypeWithMembers();
}
