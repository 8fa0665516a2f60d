using System.Reflection;

namespace Unroll.Tests;

/// <summary>The committed file of a library's public surface.</summary>
internal static class PublicApiFile
{
    /// <summary>
    /// Compares the public surface of an assembly with <c>PublicApi.txt</c> in its project's folder; or, where the environment
    /// asks for it, writes that file.
    /// </summary>
    public static void Check(Assembly assembly, Type test)
    {
        string project = assembly.GetName().Name!;
        string path = Path.Combine(RepositoryRoot.Path, "src", project, "PublicApi.txt");
        string actual = PublicApiText.Render(assembly);
        if (Environment.GetEnvironmentVariable("UNROLL_UPDATE_API") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        string[] frozen = File.Exists(path) ? Qualified(File.ReadAllLines(path)) : [];
        string[] now = Qualified(actual.TrimEnd('\n').Split('\n'));
        if (frozen.SequenceEqual(now)) return;
        string[] difference =
            [.. frozen.Except(now).Select(line => "- " + line), .. now.Except(frozen).Select(line => "+ " + line)];
        int shown = Math.Min(difference.Length, 30);
        string rest = difference.Length > shown ? $"\n... and {difference.Length - shown} more lines"
            : shown == 0 ? "(only the order of lines)" : "";
        Assert.Fail($"""
            The public surface of {project} differs from src/{project}/PublicApi.txt:
            {string.Join('\n', difference.Take(shown))}{rest}
            When that is meant, run UNROLL_UPDATE_API=1 ./test -class {test.FullName} and commit the file.
            """);
    }

    // Each member beside its type, so that a difference says where it is.
    private static string[] Qualified(string[] lines)
    {
        string type = "";
        return [.. lines.Select(line =>
        {
            if (line.StartsWith("  ", StringComparison.Ordinal)) return $"{type}: {line.Trim()}";
            string name = line.Split(" : ")[0].Split(" where ")[0];
            type = name[(name.LastIndexOf(' ') + 1)..];
            return line;
        })];
    }
}
