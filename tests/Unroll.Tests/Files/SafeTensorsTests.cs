using System.Buffers.Binary;
using System.Text;
using Unroll.Files;

namespace Unroll.Tests.Files;

public sealed class SafeTensorsTests
{
    private static readonly KeyValuePair<string, string>[] Texts = [new("z", "1"), new("a", "Zeichen: ü € \"\n")];

    private static SafeTensor[] Tensors =>
    [
        SafeTensor.Of("w", [1f, -0f, float.NaN, 3.5f, float.MaxValue, 6f], 2, 3),
        SafeTensor.Of("bytes", [(byte)7, 8, 9]),
        SafeTensor.Of("d", [0.1, double.NegativeInfinity]),
        SafeTensor.Of("empty", ReadOnlySpan<float>.Empty, 0, 5),
        SafeTensor.Of("long", [long.MinValue, 5L]),
    ];

    private static byte[] Write(IEnumerable<KeyValuePair<string, string>> metadata, params SafeTensor[] tensors)
    {
        var stream = new MemoryStream();
        SafeTensors.Write(stream, metadata, tensors);
        return stream.ToArray();
    }

    private static SafeTensorsFile Read(byte[] bytes) => SafeTensorsFile.Read(new MemoryStream(bytes), "FILE");

    private static byte[] Raw(string header, int dataLength) => Raw(Encoding.UTF8.GetBytes(header), dataLength);

    private static byte[] Raw(byte[] header, int dataLength)
    {
        var bytes = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, 8);
        return bytes;
    }

    private static InvalidFileException Refused(byte[] bytes)
    {
        var error = Assert.Throws<InvalidFileException>(() => Read(bytes));
        TempFolder.AssertSentence(error, "FILE");
        Assert.Equal("FILE", error.File);
        return error;
    }

    [Fact]
    public void Everything_comes_back_bit_for_bit()
    {
        SafeTensorsFile file = Read(Write(Texts, Tensors));
        Assert.Equal("Zeichen: ü € \"\n", file.Metadata["a"]);
        Assert.Equal(["w", "bytes", "d", "empty", "long"], file.Tensors
            .Select(tensor => tensor.Name).Order(Comparer<string>.Create((a, b) =>
            Array.FindIndex(Tensors, t => t.Name == a) - Array.FindIndex(Tensors, t => t.Name == b))));
        Assert.Equal(Bits([1f, -0f, float.NaN, 3.5f, float.MaxValue, 6f]), Bits(file.Floats("w")));
        Assert.Equal([2L, 3L], file.Tensor("w").Shape);
        Assert.Equal([7, 8, 9], file.Bytes("bytes"));
        Assert.Equal([0.1, double.NegativeInfinity], file.Doubles("d"));
        Assert.Empty(file.Floats("empty"));
        Assert.Equal([0L, 5L], file.Tensor("empty").Shape);
        Assert.Equal([long.MinValue, 5L], file.Longs("long"));

        static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
    }

    [Fact]
    public void The_same_content_gives_the_same_bytes_in_the_order_given()
    {
        byte[] bytes = Write(Texts, Tensors);
        Assert.Equal(bytes, Write(Texts, Tensors));
        string header = Encoding.UTF8.GetString(bytes, 8, (int)BinaryPrimitives.ReadInt64LittleEndian(bytes));
        Assert.Equal(0, header.Length % 8);
        Assert.StartsWith("""{"__metadata__":{"z":"1","a":""", header, StringComparison.Ordinal);
        string entries = """ "w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}""".Trim()
            + ""","bytes":{"dtype":"U8","shape":[3],"data_offsets":[24,27]}""";
        Assert.Contains(entries, header, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_written_by_hand_from_the_format_s_description_is_read()
    {
        // The example of the format's own test suite, and one with two types, out of order in the header and padded with spaces.
        byte[] bytes = Raw("""{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}""", 16);
        SafeTensor tensor = Assert.Single(Read(bytes).Tensors);
        Assert.Equal(("test", "I32"), (tensor.Name, tensor.Type));
        Assert.Throws<InvalidFileException>(() => Read(bytes).Floats("test"));

        bytes = Raw(
            """{"b":{"data_offsets":[4,12],"shape":[],"dtype":"F64"},"""
                + """ "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"""
                + """ "c":{"dtype":"NEW4","shape":[3],"data_offsets":[12,14]}}    """,
            14);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(bytes.Length - 14), 2.5f);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(bytes.Length - 10), -1e300);
        SafeTensorsFile file = Read(bytes);
        Assert.Equal([2.5f], file.Floats("a"));
        Assert.Equal([-1e300], file.Doubles("b"));
        Assert.Equal(["a", "b", "c"], file.Tensors.Select(t => t.Name));
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void The_bytes_of_a_file_are_those_of_the_format()
    {
        // Compared with a file written here from the description of the format; only the checksum is taken from the writer.
        byte[] bytes = Write([], SafeTensor.Of("x", [1f, 2f]));
        string checksum = Read(bytes).Metadata[SafeTensors.ChecksumKey];
        string header =
            $$$"""{"__metadata__":{"unroll.checksum":"{{{checksum}}}"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        byte[] expected = Raw(header.PadRight((header.Length + 7) / 8 * 8), 8);
        BinaryPrimitives.WriteSingleLittleEndian(expected.AsSpan(expected.Length - 8), 1f);
        BinaryPrimitives.WriteSingleLittleEndian(expected.AsSpan(expected.Length - 4), 2f);
        Assert.Equal(expected, bytes);
    }

    [Fact]
    public void The_checksum_is_crc64_xz_and_does_not_depend_on_the_order()
    {
        var crc = default(Crc64);
        crc.Append("123456789"u8);
        Assert.Equal(0x995DC9BBDF1939FAUL, crc.Value);
        var parts = default(Crc64);
        parts.Append("1234"u8);
        parts.Append("56789"u8);
        Assert.Equal(crc.Value, parts.Value);
        string forward = Read(Write(Texts, Tensors)).Metadata[SafeTensors.ChecksumKey];
        Assert.Equal(forward, Read(Write(Texts.Reverse(), [.. Tensors.Reverse()])).Metadata[SafeTensors.ChecksumKey]);
        Assert.NotEqual(forward, Read(Write([Texts[0]], Tensors)).Metadata[SafeTensors.ChecksumKey]);
        Assert.Equal(forward,
            Read(Write([.. Texts, new(SafeTensors.ChecksumKey, "stale")], Tensors)).Metadata[SafeTensors.ChecksumKey]);
    }

    [Fact]
    public void An_altered_tensor_or_text_is_refused()
    {
        byte[] bytes = Write(Texts, Tensors);
        bytes[^1] ^= 1;
        Assert.Contains("altered", Refused(bytes).Message, StringComparison.Ordinal);
        byte[] text = Write([new("rate", "0.01")], Tensors);
        text[text.AsSpan().IndexOf("0.01"u8)] = (byte)'9';
        Assert.Contains("altered", Refused(text).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_claims_much_causes_no_large_allocation()
    {
        var claims = new List<byte[]>();
        foreach (ulong claim in (ulong[])[1UL << 60, ulong.MaxValue, long.MaxValue, 1UL << 31, 17 << 20])
        {
            byte[] bytes = Raw("{}", 100);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, claim);
            claims.Add(bytes);
        }

        claims.Add(Raw("""{"w":{"dtype":"F32","shape":[288230376151711744],"data_offsets":[0,1152921504606846976]}}""", 16));
        claims.Add(Raw("""{"w":{"dtype":"U8","shape":[1152921504606846976],"data_offsets":[0,1152921504606846976]}}""", 16));
        claims.Add(Raw("""{"w":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,16]}}""", 16));
        claims.Add(Raw("""{"w":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}""", 0));
        foreach (byte[] bytes in claims) Refused(bytes); // warm up
        foreach (byte[] bytes in claims)
        {
            var stream = new MemoryStream(bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.ThrowsAny<FormatException>(() => SafeTensorsFile.Read(stream, "FILE"));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32_000);
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("x", 0)]
    [InlineData("[]", 0)]
    [InlineData("{", 0)]
    [InlineData("{} {}", 0)]
    [InlineData("{}", 1)]
    [InlineData("""{"w":5}""", 0)]
    [InlineData("""{"w":{}}""", 0)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1]}}""", 4)]
    [InlineData("""{"w":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":5,"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"v":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6)]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"v":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[[[[[[1]]]]]],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3)]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5)]
    [InlineData("""{"__metadata__":[]}""", 0)]
    [InlineData("""{"__metadata__":{"a":1}}""", 0)]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0)]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0)]
    [InlineData("""{"__metadata__":{"a":"\ud800"}}""", 0)]
    [InlineData("""{"\udc00":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"w":{"dtype":"F32","\ud800":[1],"data_offsets":[0,4]}}""", 4)]
    public void A_wrong_header_is_refused_in_one_sentence(string header, int dataLength) => Refused(Raw(header, dataLength));

    [Fact]
    public void Text_that_is_not_utf8_and_more_dimensions_than_sensible_are_refused()
    {
        Refused(Raw([.. "{\"__metadata__\":{\"a\":\""u8, 0xFF, .. "\"}}"u8], 0));
        Refused(Raw(
            $$$"""{"w":{"dtype":"U8","shape":[{{{string.Join(',', Enumerable.Repeat("1", 65))}}}],"data_offsets":[0,1]}}""", 1));
        Refused(Raw(new string('[', 100_000), 0));
        Refused(Raw("{\"a\nb" + new string('x', 1000) + "\":5}", 0));
        Refused(Raw("{\"a\\nb" + new string('x', 1000) + "\":5}", 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Truncated_anywhere_it_is_refused(bool checksum)
    {
        byte[] bytes = Sample(checksum);
        for (int length = 0; length < bytes.Length; length++) Refused(bytes[..length]);
        Refused([.. bytes, 0]);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    [InlineData(false, 4)]
    public void Damaged_anywhere_it_is_refused_or_has_the_same_shapes(bool checksum, int seed)
    {
        byte[] bytes = Sample(checksum);
        SafeTensorsFile good = Read(bytes);
        var random = new Random(seed);
        int refused = 0, accepted = 0;
        for (int trial = 0; trial < 6000; trial++)
        {
            byte[] damaged = [.. bytes];
            if (trial < bytes.Length * 8)
            {
                damaged[trial >> 3] ^= (byte)(1 << (trial & 7)); // every single bit, once
            }
            else
            {
                for (int i = random.Next(1, 9); i > 0; i--) damaged[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                SafeTensorsFile file = Read(damaged);
                Assert.Equal(good.Tensors.Length, file.Tensors.Length);
                for (int i = 0; i < good.Tensors.Length; i++)
                {
                    // Without a checksum the digits of two sizes may change so that their product stays.
                    Assert.Equal(SafeTensor.Count(good.Tensors[i].Shape.AsSpan()),
                        SafeTensor.Count(file.Tensors[i].Shape.AsSpan()));
                    Assert.Equal(good.Tensors[i].Data.Length, file.Tensors[i].Data.Length);
                    if (checksum) Assert.Equal(good.Tensors[i].Shape.AsEnumerable(), file.Tensors[i].Shape);
                }

                accepted++;
            }
            catch (InvalidFileException error)
            {
                TempFolder.AssertSentence(error, "FILE");
                refused++;
            }
        }

        Assert.True(refused > 1000, $"{refused} refused, {accepted} accepted");
    }

    private static byte[] Sample(bool checksum)
    {
        if (checksum)
            return Write([new("a", "b")], SafeTensor.Of("w", [1f, 2f, 3f, 4f, 5f, 6f], 2, 3), SafeTensor.Of("v", [1.0, 2.0]));
        byte[] bytes = Raw(
            """{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}"""
                + ""","v":{"dtype":"F64","shape":[2],"data_offsets":[24,40]}} """,
            40);
        new Random(5).NextBytes(bytes.AsSpan(bytes.Length - 40));
        return bytes;
    }

    [Fact]
    public void A_tensor_of_another_type_or_name_is_refused_by_name()
    {
        SafeTensorsFile file = Read(Write([], Tensors));
        Assert.Equal("FILE holds the tensor 'd' as 'F64' where F32 is expected.",
            Assert.Throws<InvalidFileException>(() => file.Floats("d")).Message);
        var error = Assert.Throws<InvalidFileException>(() => file.Doubles("nothing"));
        TempFolder.AssertSentence(error, "FILE");
        Assert.Contains("'nothing'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'bytes'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_read_back_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => Write([], SafeTensor.Of("a", [1f]), SafeTensor.Of("a", [2f])));
        Assert.Throws<ArgumentException>(() => Write([new("a", "1"), new("a", "2")]));
        Assert.Throws<ArgumentException>(() => Write([new("a", new string('x', SafeTensors.MaximumHeader))]));
        Assert.Throws<ArgumentException>(() => SafeTensor.Of("__metadata__", [1f]));
        Assert.Throws<ArgumentException>(() => SafeTensor.Of("", [1f]));
        Assert.Throws<ArgumentException>(() => SafeTensor.Of("a", [1f, 2f], 3));
        Assert.Throws<ArgumentException>(() => SafeTensor.Of("a", [1f], -1, -1));
        Assert.Throws<ArgumentException>(() => SafeTensor.Of("a", [1f], [.. Enumerable.Repeat(1L, 65)]));
    }

    [Fact]
    public void A_missing_file_or_a_folder_is_an_io_error_in_one_sentence()
    {
        using var folder = new TempFolder();
        Assert.Equal($"{folder["none"]} could not be read: it does not exist.",
            Assert.Throws<FileNotFoundException>(() => SafeTensorsFile.Read(folder["none"])).Message);
        Assert.Equal($"{folder.Path} could not be read: it is a folder.",
            Assert.Throws<IOException>(() => SafeTensorsFile.Read(folder.Path)).Message);
        TempFolder.AssertSentence(Assert.Throws<IOException>(() => SafeTensorsFile.Read(folder["none/x"])), folder["none/x"]);
    }
}
