using System.Globalization;
using System.Text;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Learn;

/// <summary>A word that the program prints, and what it means.</summary>
/// <param name="Name">The word, as a person would look it up.</param>
/// <param name="Also">Other forms of it: headings, keys of <c>--json</c>, values of options.</param>
/// <param name="Meaning">A few sentences.</param>
/// <param name="See">A page of docs/ that says more; null for none.</param>
internal sealed record Term(string Name, IReadOnlyList<string> Also, string Meaning, string? See = null);

/// <summary>Every term that the program prints. <c>unroll explain</c> and docs/glossary.md are made from it.</summary>
internal static partial class Glossary
{
    /// <summary>The groups of terms, each with its heading.</summary>
    public static IReadOnlyList<(string Heading, IReadOnlyList<Term> Terms)> Groups { get; } =
    [
        ("Gradients", [.. OfGradients()]),
        ("Networks", [.. OfNetworks()]),
        ("Training", [.. OfTraining()]),
        ("Tasks, data and scores", [.. OfData()]),
        ("Studies and files", [.. OfStudies()]),
    ];

    /// <summary>All terms.</summary>
    public static IEnumerable<Term> All => Groups.SelectMany(group => group.Terms);

    /// <summary>The term of a name or of one of its other forms; null where there is none.</summary>
    public static Term? Find(string word)
    {
        string key = Key(word);
        return All.FirstOrDefault(term => Key(term.Name) == key)
            ?? All.FirstOrDefault(term => term.Also.Any(also => Key(also) == key)) ?? OfOption(key);
    }

    /// <summary>What a word was probably meant to be, the best first; empty where nothing is near.</summary>
    public static IReadOnlyList<string> Near(string word)
    {
        string[] forms = [.. All.SelectMany(term => term.Also.Prepend(term.Name)), .. Options.Select(option => option.Name)];
        IEnumerable<string> holding =
            All.Where(term => Key(term.Name).Contains(Key(word), StringComparison.Ordinal)).Select(term => term.Name).Take(4);
        string? near = Nearest.Find(Key(word), [.. forms.Select(Key)]) is { } key ? forms.First(form => Key(form) == key) : null;
        return [.. (near is null ? holding : holding.Prepend(near)).Distinct()];
    }

    /// <summary>The page docs/glossary.md.</summary>
    public static string ToMarkdown()
    {
        var page = new StringBuilder();
        page.Append("""
            # Glossary

            Every term that the program prints, and the words of its options. `unroll explain TERM` prints an entry, and
            `unroll explain` lists all. This page is made from `src/Unroll.Cli/Learn`, by
            `UNROLL_RECORD_GLOSSARY=1 ./test -class "*GlossaryTests"`.

            """.ReplaceLineEndings("\n"));
        foreach ((string heading, IReadOnlyList<Term> terms) in Groups)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {heading}\n\n| term | also | meaning |\n|---|---|---|\n");
            foreach (Term term in terms)
            {
                string also = string.Join(", ", term.Also.Select(Code)), see = term.See is { } file ? $" [{file}]({file})" : "";
                page.Append(CultureInfo.InvariantCulture, $"| {Cell(term.Name)} | {also} | {Cell(term.Meaning)}{see} |\n");
            }
        }

        return page.ToString();

        static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
        static string Code(string text) =>
            text.StartsWith("--", StringComparison.Ordinal) || text.Contains('_', StringComparison.Ordinal)
                ? $"`{text}`" : Cell(text);
    }

    /// <summary>The options of training, which have a help line of their own.</summary>
    private static IEnumerable<(string Name, string Help)> Options =>
        TrainOptionTable.All.Select(option => (option.Name, option.Description));

    private static Term? OfOption(string key) => Options.Where(option => Key(option.Name) == key)
        .Select(option => new Term(option.Name, [], option.Help, "updates.md")).FirstOrDefault();

    /// <summary>Case, dashes, underscores and spaces do not tell words apart.</summary>
    private static string Key(string word) =>
        string.Concat(word.ToLowerInvariant().Where(letter => letter is not ('-' or '_' or ' ' or '.')));

    private static Term Of(string name, string also, string meaning, string? see = null) =>
        new(name, also.Length == 0 ? [] : also.Split("; "), meaning, see);
}
