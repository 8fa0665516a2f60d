using System.Buffers.Binary;
using System.Text;

namespace Unroll.Cli.Tests.Train;

/// <summary>An event of a file.</summary>
internal sealed record EventRecord(long Step, double Time, string? Version, Dictionary<string, double> Scalars,
    Dictionary<string, double[]> Histograms, Dictionary<string, string> Texts);

/// <summary>
/// Reads event files by the definition of the format: TFRecord (length, CRC-32C of the length, data, CRC-32C of the data,
/// each CRC turned right by 15 bits plus 0xa282ead8), and protobuf's Event, Summary and HistogramProto.
/// </summary>
internal static class EventReader
{
    public static List<EventRecord> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var events = new List<EventRecord>();
        int at = 0;
        while (at < bytes.Length)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));
            Assert.Equal(Masked(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            ReadOnlySpan<byte> data = bytes.AsSpan(at + 12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            events.Add(Event(data.ToArray()));
            at += 16 + length;
        }

        return events;
    }

    /// <summary>The checksum bit by bit: the polynomial of Castagnoli, reflected.</summary>
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte one in data)
        {
            crc ^= one;
            for (int i = 0; i < 8; i++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static EventRecord Event(byte[] data)
    {
        var one = new EventRecord(0, 0, null, [], [], []);
        foreach ((int field, object value) in Fields(data))
        {
            if (field == 1) one = one with { Time = BitConverter.ToDouble((byte[])value) };
            if (field == 2) one = one with { Step = (long)(ulong)value };
            if (field == 3) one = one with { Version = Encoding.UTF8.GetString((byte[])value) };
            if (field != 5) continue;
            foreach ((_, object summary) in Fields((byte[])value)) Value((byte[])summary, one);
        }

        return one;
    }

    private static void Value(byte[] data, EventRecord one)
    {
        var fields = Fields(data).ToDictionary(field => field.Field, field => field.Value);
        string tag = Encoding.UTF8.GetString((byte[])fields[1]);
        if (fields.TryGetValue(2, out object? scalar)) one.Scalars.Add(tag, BitConverter.ToSingle((byte[])scalar));
        if (fields.TryGetValue(5, out object? histogram))
        {
            // least, greatest, count, sum, squares, then the limits and the counts of buckets
            var parts = Fields((byte[])histogram).ToDictionary(field => field.Field, field => (byte[])field.Value);
            double[] numbers = [.. Enumerable.Range(1, 5).Select(field => BitConverter.ToDouble(parts[field]))];
            Assert.Equal(parts[6].Length, parts[7].Length);
            double[] counts = [.. parts[7].Chunk(8).Select(bytes => BitConverter.ToDouble(bytes))];
            double[] limits = [.. parts[6].Chunk(8).Select(bytes => BitConverter.ToDouble(bytes))];
            Assert.Equal(numbers[2], counts.Sum());
            Assert.Equal(numbers[1], limits[^1]);
            Assert.Equal(limits.Order(), limits);
            one.Histograms.Add(tag, numbers);
        }

        if (!fields.TryGetValue(8, out object? tensor)) return;
        Assert.Contains("text", Encoding.UTF8.GetString((byte[])fields[9]));
        one.Texts.Add(tag, Encoding.UTF8.GetString((byte[])Fields((byte[])tensor).First(field => field.Field == 8).Value));
    }

    private static IEnumerable<(int Field, object Value)> Fields(byte[] data)
    {
        int at = 0;
        while (at < data.Length)
        {
            ulong tag = Number();
            switch (tag & 7)
            {
                case 0:
                    yield return ((int)(tag >> 3), Number());
                    break;
                case 1 or 5:
                    int size = (tag & 7) == 1 ? 8 : 4;
                    at += size;
                    yield return ((int)(tag >> 3), data[(at - size)..at]);
                    break;
                default:
                    Assert.Equal(2ul, tag & 7);
                    int length = (int)Number();
                    at += length;
                    yield return ((int)(tag >> 3), data[(at - length)..at]);
                    break;
            }
        }

        ulong Number()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte one = data[at++];
                value |= (ulong)(one & 0x7f) << shift;
                if (one < 0x80) return value;
            }
        }
    }
}
