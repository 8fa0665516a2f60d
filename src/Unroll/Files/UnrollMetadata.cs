using System.Globalization;

namespace Unroll.Files;

/// <summary>The metadata that all safetensors files of the library share: format version, kind, and free properties.</summary>
internal static class UnrollMetadata
{
    /// <summary>The format of version 0.1. It is still used for content that version 0.1 could have written.</summary>
    public const int FirstFormat = 1;

    /// <summary>The format of networks of several layers or of other than plain cells.</summary>
    public const int LayersFormat = 2;

    /// <summary>The format of networks whose head reads more than the last state.</summary>
    public const int ReadFormat = 3;

    /// <summary>The format of networks whose last steps all start from one state.</summary>
    public const int BranchesFormat = 4;

    /// <summary>The newest format that this version writes and reads: for networks with a normalized layer.</summary>
    public const int Format = 5;

    public const string FormatKey = "unroll.format";
    public const string KindKey = "unroll.kind";
    public const string VersionKey = "unroll.version";
    public const string Model = "model";
    public const string Checkpoint = "checkpoint";
    private const string PropertyPrefix = "unroll.property.";

    /// <summary>The version of the library, such as <c>0.1.0</c>.</summary>
    public static string Version => typeof(UnrollMetadata).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The first entries of a file of this kind.</summary>
    public static List<KeyValuePair<string, string>> Begin(string kind, int format = FirstFormat) =>
    [
        new(FormatKey, format.ToString(CultureInfo.InvariantCulture)),
        new(KindKey, kind),
        new(VersionKey, Version),
    ];

    /// <summary>Appends properties in ordinal order, so that the same ones give the same bytes.</summary>
    public static void AddProperties(List<KeyValuePair<string, string>> metadata, IReadOnlyDictionary<string, string> properties)
    {
        foreach ((string key, string value) in properties.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            metadata.Add(new(PropertyPrefix + key, value));
    }

    /// <summary>The properties of a file.</summary>
    public static Dictionary<string, string> Properties(SafeTensorsFile file)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in file.Metadata)
        {
            if (key.StartsWith(PropertyPrefix, StringComparison.Ordinal)) properties.Add(key[PropertyPrefix.Length..], value);
        }

        return properties;
    }

    /// <summary>Refuses a newer format, another kind, and content that does not match its checksum.</summary>
    public static void Check(SafeTensorsFile file, string kind)
    {
        string format = file.Metadata[FormatKey];
        if (!int.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            throw new InvalidFileException(
                file.Path, $"has {SafeTensorsHeader.Quote(format)} as its {FormatKey}, which is not a version number");
        if (number > Format)
            throw new InvalidFileException(file.Path,
                Invariant($"is written in format {number}; this version reads up to {Format}"));

        // The library always writes a checksum, so a file with the library's version but without a checksum was altered. A file
        // that another tool made with this metadata has neither.
        if (file.Metadata.ContainsKey(VersionKey) && !file.Metadata.ContainsKey(SafeTensors.ChecksumKey))
            throw new InvalidFileException(
                file.Path, $"was altered after it was written: its {SafeTensors.ChecksumKey} is missing");
        file.Verified();
        string actual = file.Metadata.GetValueOrDefault(KindKey, Model);
        if (actual != kind)
            throw new InvalidFileException(file.Path, $"is a {SafeTensorsHeader.Quote(actual)} file where a {kind} is expected");
    }

    /// <summary>The text of a required entry.</summary>
    public static string Text(SafeTensorsFile file, string key) => file.Metadata.TryGetValue(key, out string? value)
        ? value
        : throw new InvalidFileException(file.Path, $"lacks the metadata entry {key}");

    /// <summary>A required whole number.</summary>
    public static int Integer(SafeTensorsFile file, string key) =>
        int.TryParse(Text(file, key), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Unknown(file, key, "a whole number");

    /// <summary>A required <c>true</c> or <c>false</c>.</summary>
    public static bool Flag(SafeTensorsFile file, string key) => Text(file, key) switch
    {
        "true" => true,
        "false" => false,
        _ => throw Unknown(file, key, "true or false"),
    };

    /// <summary>A required named value.</summary>
    public static TEnum Named<TEnum>(SafeTensorsFile file, string key)
        where TEnum : struct, Enum =>
        ValueNames.Find<TEnum>(Text(file, key))
            ?? throw Unknown(file, key, $"one of {string.Join(", ", ValueNames.All<TEnum>())}");

    /// <summary>The refusal of an entry whose value is not understood.</summary>
    public static InvalidFileException Unknown(SafeTensorsFile file, string key, string expected) =>
        new(file.Path, $"has {SafeTensorsHeader.Quote(Text(file, key))} as its {key} where {expected} is expected");
}
