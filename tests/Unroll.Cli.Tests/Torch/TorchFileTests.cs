using System.IO.Compression;
using System.Text;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Tests.Fuzz;

namespace Unroll.Cli.Tests.Torch;

/// <summary>Hostile and damaged files: one sentence, nothing executed, and never much memory.</summary>
public class TorchFileTests
{
    private const int Cases = 400;

    /// <summary>Bytes that often break a reader of pickles.</summary>
    private static readonly byte[] Extremes = [0, 1, 0x7F, 0x80, 0xFF, (byte)'R', (byte)'.', (byte)'u', (byte)'h', (byte)'t'];

    [Theory]
    [InlineData("cposix\nsystem\n(X\u0004\0\0\0truetR.",
        "holds a whole Python object (posix.system), and nothing in a file is executed here")]
    [InlineData("}X\u0001\0\0\0acbuiltins\neval\n(X\u0001\0\0\01tRs.", "holds builtins.eval beside its tensors")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v3\n.", "torch._utils._rebuild_tensor_v3")]
    [InlineData("ccollections\nOrderedDict\n)Rc__builtin__\nexec\n.", "holds __builtin__.exec beside")]
    [InlineData("i__main__\nNet\n.", "has the instruction 0x69, which no weights need, at byte 2")]
    [InlineData("ctorch\nFloatStorage\n)R.", "calls torch.FloatStorage, which is a type of storage")]
    [InlineData("X\u0004\0\0\0evil)R.", "it calls something that is no name")]
    [InlineData("ctorch\nEvil\u001b[31m\nq\0.", "(torch.Evil\\u001B[31m)")]
    [InlineData("t.", "ends a sequence that has no beginning, at byte 2")]
    [InlineData("(K\u0001\u0085s.", "takes an object where there is none, at byte 6")]
    [InlineData("(K\u0001K\u0002", "ends too early, at byte 7")]
    [InlineData("h\u0005.", "recalls an object that was not remembered")]
    [InlineData("X\u00ff\u00ff\u00ff\u007f", "ends too early")]
    [InlineData("K\u0001K\u0001.", "leaves more or less than one object")]
    [InlineData("K\u0001}b.", "sets attributes of something that is no dictionary")]
    [InlineData("]K\u0001s.", "takes an object where there is none")]
    [InlineData("X\u0002\0\0\0\u00c3\u0028.", "has a text that is not UTF-8")]
    [InlineData("X\u0001\0\0\0aQ.", "has a storage in a form that is not known")]
    [InlineData("ctorch\nSize\n)R.", "has a size in a form that is not known")]
    public void A_pickle_that_is_more_than_data_or_damaged(string body, string expected)
    {
        byte[] pickle = [0x80, 2, .. Encoding.Latin1.GetBytes(body)];
        Assert.Contains(expected, Refused(TorchSamples.Zip(pickle)));
    }

    [Fact]
    public void Protocol_0_and_6_are_refused()
    {
        Assert.Contains("of protocol 6", Refused(TorchSamples.Zip([0x80, 6, (byte)'.'])));
        Assert.Contains("0x69", Refused(TorchSamples.Zip("i__main__\nNet\n."u8.ToArray())));
    }

    [Theory]
    [InlineData(0, 2, 3, 3, 1, 6, "")]
    [InlineData(0, 3, 2, 1, 3, 6, "")]
    [InlineData(1, 2, 3, 3, 1, 6, "goes past its storage of 6 elements")]
    [InlineData(0, 2, 4, 3, 1, 6, "goes past its storage")]
    [InlineData(0, 2, 3, 2_000_000_000, 2_000_000_000, 6, "goes past its storage")]
    [InlineData(0, 2, 3, 3, 1, 7, "claims 7 elements of F32 for its tensor 'w', where its entry has 24 bytes")]
    [InlineData(0, 2_000_000_000, 2_000_000_000, 0, 0, 6, "more elements than the file has bytes")]
    [InlineData(0, 0, 2_000_000_000, 5, 5, 6, "")]
    [InlineData(0, 2, 3, -3, 1, 6, "no whole number from 0 on")]
    public void A_view_lies_in_its_storage(int offset, int rows, int columns, int down, int right, int count, string expected)
    {
        static string Int(int n) => Encoding.Latin1.GetString([(byte)'J', .. BitConverter.GetBytes(n)]);
        string body =
            $"}}X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storage"
                + $"ctorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpu{Int(count)}tQ"
                + $"{Int(offset)}{Int(rows)}{Int(columns)}\u0086{Int(down)}{Int(right)}\u0086\u0089NtRs.";
        byte[] zip = TorchSamples.Zip([0x80, 2, .. Encoding.Latin1.GetBytes(body)],
            ("a/data/0", [.. Enumerable.Range(1, 6).SelectMany(n => BitConverter.GetBytes((float)n))]));
        if (expected.Length > 0)
        {
            Assert.Contains(expected, Refused(zip));
            return;
        }

        using TorchFile file = TorchFile.Read(new MemoryStream(zip), "FILE", null)!;
        double[] values = Assert.Single(file.Tensors).Read();
        Assert.Equal(rows == 0 ? [] : rows == 2 ? [1, 2, 3, 4, 5, 6] : [1, 4, 2, 5, 3, 6], values);
    }

    [Fact]
    public void A_big_endian_file_is_read_as_it_says()
    {
        byte[] pickle = TorchSamples.PickleOf("plain.pt");
        using ZipArchive zip = ZipFile.OpenRead(TorchSamples.At("plain.pt"));
        (string, byte[])[] entries = [("a/byteorder", "big"u8.ToArray()),
            .. zip.Entries.Where(entry => entry.FullName.Contains("/data/")).Select(entry =>
        {
            using Stream stream = entry.Open();
            byte[] bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            for (int i = 0; i < bytes.Length; i += 4) Array.Reverse(bytes, i, 4);
            return ($"a/data/{entry.Name}", bytes);
        })];
        using TorchFile big = TorchFile.Read(new MemoryStream(TorchSamples.Zip(pickle, entries)), "FILE", null)!,
            little = TorchSamples.Open(TorchSamples.At("plain.pt"));
        foreach ((TorchTensor one, TorchTensor other) in big.Tensors.Zip(little.Tensors)) Assert.Equal(other.Read(), one.Read());
    }

    [Fact]
    public void A_zip_file_that_is_not_what_torch_writes()
    {
        byte[] plain = File.ReadAllBytes(TorchSamples.At("plain.pt"));
        Assert.Contains("has no end of its directory, like a file that was not copied whole.", Refused(plain[..^30]));
        Assert.Contains("a zip file that torch.save did not write", Refused(Renamed()));
        byte[] altered = [.. plain];
        int data = altered.AsSpan().IndexOf("rnn.weight_hh_l0"u8);
        altered[data] ^= 1;
        Assert.Contains("data.pkl' was altered after it was written", Refused(altered));
        Assert.Contains("lacks the numbers of its tensor 'rnn.weight_ih_l0'",
            Refused(TorchSamples.Zip(TorchSamples.PickleOf("plain.pt"))));

        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("a/data.pkl", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[1_000_000]);
        }

        Assert.Contains("is compressed, which torch.save never does", Refused(packed.ToArray()));
        Assert.Contains("it has two entries 'a/data.pkl'", Refused(TorchSamples.Zip([1], ("a/data.pkl", [2]))));

        // Entries that lie over one another, each as long as the file: their directory says so.
        byte[] over = TorchSamples.Zip(new byte[500], ("a/data/0", new byte[400]), ("a/data/1", new byte[400]));
        int at = over.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0x50, 0x4B, 1, 2]);
        BitConverter.TryWriteBytes(over.AsSpan(at + 20), 1200);
        BitConverter.TryWriteBytes(over.AsSpan(at + 24), 1200);
        BitConverter.TryWriteBytes(over.AsSpan(at + 42), 0);
        Assert.Contains("its entries have more bytes together than its", Refused(over));

        static byte[] Renamed()
        {
            var stream = new MemoryStream();
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true)) zip.CreateEntry("arr_0.npy");
            return stream.ToArray();
        }
    }

    [Fact]
    public void Lists_that_are_named_again_and_again_take_no_memory()
    {
        // A list of 100,000 pairs, made a dictionary 100,000 times.
        var pickle = new List<byte>([0x80, 2, (byte)'K', 1, (byte)'K', 1, 0x86, (byte)'q', 0, (byte)']', (byte)'q',
            1, (byte)'(']);
        for (int i = 0; i < 100_000; i++) pickle.AddRange([(byte)'h', 0]);
        pickle.AddRange([(byte)'e', .. "ccollections\nOrderedDict\n"u8, (byte)'q', 2, (byte)'0', (byte)'(']);
        for (int i = 0; i < 100_000; i++) pickle.AddRange([(byte)'h', 2, (byte)'h', 1, 0x85, (byte)'R']);
        pickle.AddRange([(byte)'t', (byte)'.']);
        byte[] zip = TorchSamples.Zip([.. pickle]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more items than it has bytes", Refused(zip));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200L * zip.Length);
    }

    [Theory]
    [InlineData("plain.pt")]
    [InlineData("checkpoint.pt")]
    [InlineData("protocol4.pt")]
    [InlineData("views.pt")]
    [InlineData("orthogonal-matrix_exp.pt")]
    [InlineData("weight-norm-old-0.pt")]
    public void Mutated_files(string name) => Mutate(File.ReadAllBytes(TorchSamples.At(name)), bytes => bytes);

    [Theory]
    [InlineData("plain.pt")]
    [InlineData("checkpoint.pt")]
    [InlineData("protocol4.pt")]
    [InlineData("modules.pt")]
    public void Mutated_pickles_in_sound_files(string name) =>
        Mutate(TorchSamples.PickleOf(name), pickle =>
            TorchSamples.Zip(pickle, [.. Enumerable.Range(0, 30).Select(i => ($"a/data/{i}", new byte[200]))]));

    private static void Mutate(byte[] seed, Func<byte[], byte[]> whole)
    {
        Read(whole(seed));
        int refused = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] file = whole(Mutation.Bytes(seed, 2013, i, Extremes));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(file);
            }
            catch (Exception error) when (error is InvalidFileException or UserError)
            {
                refused++;
                Assert.StartsWith("FILE ", error.Message);
                Assert.EndsWith(".", error.Message);
                Assert.DoesNotContain(error.Message, char.IsControl);
            }
            catch (Exception error)
            {
                Assert.Fail($"case {i}: {error}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000 + (200L * file.Length));
        }

        Assert.InRange(refused, 1, Cases);
    }

    private static void Read(byte[] bytes)
    {
        using TorchFile? file = TorchFile.Read(new MemoryStream(bytes), "FILE", null);
        if (file is null) throw new UserError("FILE is not a zip file."); // safetensors has its own tests
        TorchNetwork.Load(file, new SampleTask(), TorchRequest.None);
    }

    private static string Refused(byte[] bytes)
    {
        Exception? error = Record.Exception(() => TorchFile.Read(new MemoryStream(bytes), "FILE", null)!.Dispose());
        Assert.True(error is InvalidFileException or UserError, $"{error}");
        Assert.StartsWith("FILE ", error.Message);
        return error.Message;
    }
}
