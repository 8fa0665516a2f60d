namespace Unroll.Data;

/// <summary>The names that folders and files of a fold usually have, in any capitals.</summary>
internal static class FoldNames
{
    private static readonly string[] s_stems =
    [
        "train", "training", "trains", "trn", "valid", "validation", "validate", "validating", "val", "vali", "dev", "devel",
        "development", "test", "tests", "testing", "tst", "eval", "evaluation", "evaluate", "heldout", "holdout", "fold", "split",
    ];

    private static readonly string[] s_endings = ["", "set", "sets", "data", "fold", "split", "files", "songs", "midi", "ing"];

    /// <summary>The usual names, for error messages.</summary>
    public const string Usual = "train (or training), valid (validation, val, dev) and test (testing, eval), in any capitals";

    /// <summary>The fold of a name, or null for a name that is not usual.</summary>
    public static Fold? Of(string name) => name.ToLowerInvariant() switch
    {
        "train" or "training" => Fold.Train,
        "valid" or "validation" or "val" or "dev" => Fold.Validation,
        "test" or "testing" or "eval" => Fold.Test,
        _ => null,
    };

    /// <summary>
    /// Whether a name that is not usual still seems to name a fold, such as <c>train_set</c>, <c>TestData</c>, <c>val2017</c>,
    /// <c>holdout</c> or <c>fold3</c>: the first or the last word decides. A word that only begins like one (<c>Testament</c>,
    /// <c>Valse</c>) does not.
    /// </summary>
    public static bool LooksLikeOne(string name)
    {
        if (Of(name) is not null) return false;
        List<string> words = Words(name);
        return words.Count > 0 && (IsOfFold(words[0]) || IsOfFold(words[^1]) || IsOfFold(string.Concat(words)));
    }

    /// <summary>
    /// The words of a name, in small letters: <c>my-TRAINSet_2</c> has my, train, set; digits are not part of one.
    /// </summary>
    private static List<string> Words(string name)
    {
        var words = new List<string>();
        for (int at = 0, end; at < name.Length; at = end)
        {
            end = at + 1;
            if (!char.IsAsciiLetter(name[at])) continue;
            bool capitals = char.IsAsciiLetterUpper(name[at]) && end < name.Length && char.IsAsciiLetterUpper(name[end]);
            while (end < name.Length && (capitals ? char.IsAsciiLetterUpper(name[end]) : char.IsAsciiLetterLower(name[end])))
                end++;
            // The last of several capitals begins the word of the small letters behind it.
            if (capitals && end < name.Length && char.IsAsciiLetterLower(name[end])) end--;
            words.Add(name[at..end].ToLowerInvariant());
        }

        return words;
    }

    private static bool IsOfFold(string word)
    {
        foreach (string stem in s_stems)
        {
            if (word.StartsWith(stem, StringComparison.Ordinal) && s_endings.Contains(word[stem.Length..])) return true;
        }

        return false;
    }
}
