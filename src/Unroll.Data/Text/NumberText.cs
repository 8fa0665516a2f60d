using System.Globalization;
using System.Runtime.CompilerServices;

namespace Unroll.Data.Text;

/// <summary>What a cell of a table is.</summary>
internal enum CellContent
{
    Missing,
    Number,

    /// <summary>A number by the other decimal mark.</summary>
    OtherMark,
    Infinite,
    Text,
}

/// <summary>Reads numbers of text files: the value that is nearest to the digits, and quickly where they are few.</summary>
internal static class NumberText
{
    private const int MostDigits = 19; // as many fit into 64 bits

    private static ReadOnlySpan<double> Powers =>
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19];

    private static readonly string[] Absent =
        ["NA", "N/A", "NaN", "null", "none", "?", "-", "#N/A", "nil", "missing"];

    /// <summary>Whether a cell is one of the texts for no value.</summary>
    public static bool IsMissing(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return true;
        if (text.Length > 7 || char.IsAsciiDigit(text[0])) return false;
        foreach (string absent in Absent)
        {
            if (text.Equals(absent, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>Reads a cell without spaces around it.</summary>
    /// <param name="text">The cell.</param>
    /// <param name="mark">The decimal mark, a point or a comma.</param>
    /// <param name="value">The number where it is one, else NaN.</param>
    /// <remarks>Compiled at its best at once: a small file is read before the runtime would do so.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static CellContent Read(ReadOnlySpan<char> text, char mark, out float value)
    {
        int at = 0, digits = 0, decimals = 0;
        bool negative = false;
        if (text.Length > 0 && (text[0] == '-' || text[0] == '+'))
        {
            negative = text[0] == '-';
            at = 1;
        }

        ulong mantissa = 0;
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            mantissa = (mantissa * 10) + (uint)(text[at++] - '0');
            digits++;
        }

        if (at < text.Length && text[at] == mark)
        {
            at++;
            while (at < text.Length && (uint)(text[at] - '0') <= 9)
            {
                mantissa = (mantissa * 10) + (uint)(text[at++] - '0');
                digits++;
                decimals++;
            }
        }

        if (at != text.Length || digits is 0 or > MostDigits) return Slowly(text, mark, out value);

        // The quotient is off by less than two of its last places, which changes the float only where it lies as near to the
        // middle of two.
        double quotient = mantissa / Powers[decimals];
        if (((uint)BitConverter.DoubleToInt64Bits(quotient) & 0x1FFF_FFFF) - 0x0FFF_FFFCu <= 8) return Slowly(text, mark,
            out value);
        if (quotient is > 0 and < 1e-30 || quotient > 1e30) return Slowly(text, mark, out value); // no subnormal float here
        value = (float)(negative ? -quotient : quotient);
        return CellContent.Number;
    }

    /// <summary>Reads a number as a double, for times.</summary>
    public static bool TryDouble(ReadOnlySpan<char> text, char mark, out double value)
    {
        if (mark == '.') return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
        value = 0;
        return !text.Contains('.') && double.TryParse(text.ToString().Replace(mark, '.'), NumberStyles.Float,
            CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static CellContent Slowly(ReadOnlySpan<char> text, char mark, out float value)
    {
        value = float.NaN;
        if (IsMissing(text)) return CellContent.Missing;
        char other = mark == '.' ? ',' : '.';
        if (text.Length > 1000 || text.ContainsAny('_', '\'')) return CellContent.Text;
        int places = text.Count(other);
        if (places == 0 && float.TryParse(mark == '.' ? text : text.ToString().Replace(mark, '.'), NumberStyles.Float,
            CultureInfo.InvariantCulture, out float number))
        {
            if (float.IsNaN(number)) return CellContent.Missing;
            if (float.IsInfinity(number)) return CellContent.Infinite;
            value = number;
            return CellContent.Number;
        }

        ReadOnlySpan<char> bare = text.TrimStart("+-");
        if (bare.Equals("inf", StringComparison.OrdinalIgnoreCase) || bare.Equals("infinity", StringComparison.OrdinalIgnoreCase)
            || bare is "∞")
            return CellContent.Infinite;
        return places == 1 && !text.Contains(mark)
            && float.TryParse(text.ToString().Replace(other, '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? CellContent.OtherMark : CellContent.Text;
    }
}
