using System.IO.Compression;
using System.Text;

namespace Unroll.Data.Tests;

/// <summary>Tables as texts, and what is said of them.</summary>
internal static class Table
{
    public const string Name = "readings.csv";

    public static SequenceData Read(string text, CsvOptions? options = null) => Read(Encoding.UTF8.GetBytes(text), options);

    public static SequenceData Read(byte[] bytes, CsvOptions? options = null) =>
        CsvFile.Read(new MemoryStream(bytes), Name, options);

    public static float[] Values(this SequenceData data, string column, int sequence = 0)
    {
        ColumnValues values = data.Sequences[sequence].Values(data.ColumnOf(column));
        var copy = new float[values.Count];
        values.CopyTo(0, copy);
        return copy;
    }

    public static string[] Labels(this SequenceData data, string column, int sequence = 0)
    {
        int place = data.ColumnOf(column);
        return [.. data.Sequences[sequence].Codes(place).ToArray().Select(code => code < 0 ? ""
            : data.Columns[place].Labels[code])];
    }

    public static string[] Times(this SequenceData data, int sequence = 0) =>
        [.. Enumerable.Range(0, data.Sequences[sequence].Steps).Select(data.Sequences[sequence].Times.Text)];

    public static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress)) gzip.Write(bytes);
        return packed.ToArray();
    }
}
