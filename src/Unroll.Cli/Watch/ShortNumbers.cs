using System.Globalization;
using System.Text.Json;

namespace Unroll.Cli.Watch;

/// <summary>Numbers as short as a drawing needs them.</summary>
internal static class ShortNumbers
{
    /// <summary>A number with so many decimals; null where it is not finite.</summary>
    public static void Write(Utf8JsonWriter json, float value, int decimals)
    {
        if (!float.IsFinite(value)) json.WriteNullValue();
        else json.WriteNumberValue(Math.Round((decimal)Math.Clamp(value, -1e9f, 1e9f), decimals));
    }

    /// <summary>A number with five significant digits; null where it is not finite.</summary>
    public static void Write(Utf8JsonWriter json, double value)
    {
        if (!double.IsFinite(value)) json.WriteNullValue();
        else json.WriteRawValue(value.ToString("G5", CultureInfo.InvariantCulture), skipInputValidation: true);
    }
}
