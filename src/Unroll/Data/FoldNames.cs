using System.Text.RegularExpressions;

namespace Unroll.Data;

/// <summary>The names that folders and files of a fold usually have, in any capitals.</summary>
internal static partial class FoldNames
{
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
        MatchCollection words = Word().Matches(name);
        return words.Count > 0
            && (OfFold().IsMatch(words[0].Value) || OfFold().IsMatch(words[^1].Value)
            || OfFold().IsMatch(string.Concat(words.Select(word => word.Value))));
    }

    /// <summary>The words of a name: <c>my-TrainSet_2</c> has my, Train, Set; digits are not part of a word.</summary>
    [GeneratedRegex(@"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(
        "^(train|training|trains|trn|valid|validation|validate|validating|val|vali|dev|devel|development"
            + "|test|tests|testing|tst|eval|evaluation|evaluate|heldout|holdout|fold|split)"
            + "(set|sets|data|fold|split|files|songs|midi|ing)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OfFold();
}
