using System.Text;

namespace Unroll.Files;

/// <summary>The values of enumerations as they are written in files and on the command line.</summary>
internal static class ValueNames
{
    /// <summary>The name of a value: <c>SoftmaxLast</c> is <c>softmax-last</c>.</summary>
    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => Dashed(value.ToString());

    /// <summary>The same of the name in the source.</summary>
    public static string Dashed(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (text.Length > 0 && char.IsUpper(c)) text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    /// <summary>All names, in the order of the values.</summary>
    public static IEnumerable<string> All<TEnum>()
        where TEnum : struct, Enum => Enum.GetValues<TEnum>().Select(Of);

    /// <summary>The value of that name; null for none.</summary>
    public static TEnum? Find<TEnum>(string? name)
        where TEnum : struct, Enum
    {
        foreach (TEnum value in Enum.GetValues<TEnum>())
        {
            if (Of(value) == name) return value;
        }

        return null;
    }
}
