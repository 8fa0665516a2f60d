using System.IO.Compression;
using System.Text;
using Unroll.Data;

namespace Unroll.Tests.Fuzz;

/// <summary>The readers of sequences.</summary>
internal static class ReaderTargets
{
    private const string Wide =
        "t,a,b,w\n2024-01-01,1.5,2,x\n2024-01-02,2.5,,y\n2024-01-03,-3e2,4,\"z, z\"\n2024-01-04 12:30,0.5,7,x\n";
    private const string Long = "id;t;v;k\nb;1;10,5;g\na;5;1,5;h\nb;2;20,5;g\na;6;2;h\nb;3;30,25;g\n";
    private const string Ts =
        "# x\n@problemName x\n@univariate false\n@dimensions 2\n@classLabel true a "
            + "b\n@data\n1,2.5,?:4,5,6:a\n7,8:9,-1e3:b\n1:2:a\n";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Csv("csv", Wide, new CsvOptions()),
        Csv("csv-groups", Long, new CsvOptions { Group = "id", Time = "t", Label = "k", SortTimes = true }),
        new FuzzTarget("csv-packed", 0.5, one =>
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Wide[8..], 20)));
            CsvFile.Read(new MemoryStream(one.Number % 2 == 0 ? Packed(one.Text(text)) : one.Bytes(Packed(text))), "FILE",
                new CsvOptions { SortTimes = true });
            return true;
        }) { Constant = 4_000_000, Times = 2000 },
        new FuzzTarget("ts", 1, one =>
        {
            TsFile.Read(new MemoryStream(one.Text(Encoding.UTF8.GetBytes(Ts))), "FILE");
            return true;
        }) { Constant = 1_000_000, Times = 200 },
        new FuzzTarget("npy", 1, one =>
        {
            NpyFile.Read(one.File(one.Bytes(Npy("<f4", "(2, 3)", new byte[24]))));
            return true;
        }) { Constant = 2_000_000, Times = 200 },
        new FuzzTarget("npz", 1, one =>
        {
            NpyFile.Read(one.File(one.Bytes(Npz(("X", Npy("<f8", "(2, 2, 1)", new byte[32])),
                ("y", Npy("<i4", "(2,)", new byte[8]))))));
            return true;
        }) { Constant = 4_000_000, Times = 500 },
    ];

    /// <summary>An array as NumPy writes it.</summary>
    public static byte[] Npy(string type, string shape, byte[] values, bool columns = false)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': {(columns ? "True" : "False")}, 'shape': {shape}, }}";
        header = header.PadRight(118 - 1) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. values];
    }

    /// <summary>Several arrays as NumPy writes them.</summary>
    public static byte[] Npz(params (string Name, byte[] Bytes)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in arrays)
            {
                using Stream entry = zip.CreateEntry(name + ".npy", CompressionLevel.Fastest).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    private static FuzzTarget Csv(string name, string text, CsvOptions options) => new(name, 1, one =>
    {
        CsvFile.Read(new MemoryStream(one.Text(Encoding.UTF8.GetBytes(text))), "FILE", options);
        return true;
    })
    { Constant = 4_000_000, Times = 500 };

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress)) gzip.Write(bytes);
        return packed.ToArray();
    }
}
