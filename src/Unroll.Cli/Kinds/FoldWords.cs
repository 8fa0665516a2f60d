using Unroll.Data;

namespace Unroll.Cli.Kinds;

/// <summary>The short names of folds in tables.</summary>
internal static class FoldWords
{
    /// <summary>The short name of a fold.</summary>
    public static string Of(Fold fold) => fold == Fold.Validation ? "valid" : Training.OptionsText.Name(fold);
}
