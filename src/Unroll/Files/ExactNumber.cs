using System.Globalization;

namespace Unroll.Files;

/// <summary>
/// Floating-point numbers as text that reads back to the same bits, in any culture: for the properties of a checkpoint.
/// </summary>
public static class ExactNumber
{
    /// <summary>
    /// The shortest decimal text that reads back as the same bits; for a NaN, whose payload decimal text would lose, its 64
    /// bits as <c>0x</c> and 16 hexadecimal digits.
    /// </summary>
    public static string ToText(double value) => double.IsNaN(value)
        ? "0x" + BitConverter.DoubleToUInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture)
        : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <returns>False when the text is not a number.</returns>
    public static bool TryParse(string? text, out double value)
    {
        value = 0;
        if (text is null) return false;
        if (!text.StartsWith("0x", StringComparison.Ordinal))
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        if (text.Length != 18
            || !ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits))
            return false;
        value = BitConverter.UInt64BitsToDouble(bits);
        return true;
    }
}
