using Unroll.Files;
using Unroll.Tests.Fuzz;

namespace Unroll.Data.Tests;

public sealed class NpyFileTests : IDisposable
{
    private static readonly string Cases = Path.Combine(AppContext.BaseDirectory, "Cases", "numpy");
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-test-").FullName;

    [Theory]
    [InlineData("f8.npy")]
    [InlineData("f4-fortran.npy")]
    [InlineData("f2-big.npy")]
    public void Sequences_steps_and_columns_of_every_kind_of_number(string file)
    {
        SequenceData data = SequenceData.FromNpy(Path.Combine(Cases, file));
        Assert.Equal([4, 4], data.Sequences.Select(one => one.Steps));
        for (int n = 0; n < 2; n++)
        {
            for (int c = 0; c < 3; c++)
                Assert.Equal(Enumerable.Range(0, 4).Select(t => ((((n * 4) + t) * 3 + c) / 4f) - 1),
                    data.Values($"column{c + 1}", n));
        }
    }

    [Fact]
    public void Shapes_of_one_and_two_dimensions()
    {
        Assert.Equal([-4f, -1, 2, 5], SequenceData.FromNpy(Path.Combine(Cases, "i2-big.npy")).Values("column1"));
        string steps = Path.Combine(Cases, "u1-steps.npy");
        Assert.Equal([1f, 3, 5, 7, 9, 11], SequenceData.FromNpy(steps, new NpyOptions { Columns = ["a", "b"] }).Values("b"));
        SequenceData rows = SequenceData.FromNpy(steps, new NpyOptions { RowsAreSequences = true });
        Assert.Equal((6, 2), (rows.Count, rows.Sequences[0].Steps));
        Assert.Equal([10f, 11], rows.Values("column1", 5));
        Assert.Equal([1f, 0, 1], SequenceData.FromNpy(Path.Combine(Cases, "bool-flat.npy")).Values("column1"));
    }

    [Fact]
    public void Several_arrays_are_values_targets_and_lengths()
    {
        SequenceData labelled = SequenceData.FromNpy(Path.Combine(Cases, "labels.npz"));
        Assert.Equal(["süß", "up"], labelled.Classes);
        Assert.Equal([1, 0], labelled.Sequences.Select(one => one.Class));
        Assert.Equal([4, 2], labelled.Sequences.Select(one => one.Steps));
        Assert.Equal([2f, 2.75f], labelled.Values("column1", 1));

        SequenceData numbered = SequenceData.FromNpy(Path.Combine(Cases, "numbers.npz"), new NpyOptions { ColumnsFirst = true });
        Assert.Equal([0.5f, -2], numbered.Sequences.Select(one => one.Number));
        Assert.Equal([-0.75f, 0, 0.75f, 1.5f], numbered.Values("column2"));
        Assert.True(numbered.Sequences[0].Values(1).IsContiguous);
    }

    [Fact]
    public void Whole_labels_that_floats_round_are_refused_and_others_read_as_they_are_written()
    {
        byte[] Labels(params long[] values) => ReaderTargets.Npz(("X", ReaderTargets.Npy("<f4", "(2, 3, 1)", new byte[24])),
            ("y", ReaderTargets.Npy("<i8", "(2,)", [.. values.SelectMany(BitConverter.GetBytes)])));
        foreach ((long first, long second) in ((long, long)[])[(100_000_001, 100_000_002), (5, -16_777_217), (3, long.MaxValue)])
            Assert.EndsWith($"has the label {(first > 5 ? first : second)}, which numbers of 32 bits round, so classes would "
                + "become one; give labels as texts, or number the classes from 0.", Message(Labels(first, second)));
        File.WriteAllBytes(Path.Combine(_folder, "y.npz"), Labels(33_554_432, -7));
        Assert.Equal(["-7", "33554432"], SequenceData.FromNpy(Path.Combine(_folder, "y.npz")).Classes);
    }

    [Fact]
    public void A_column_whose_last_digits_32_bits_do_not_keep_is_named()
    {
        string file = Path.Combine(_folder, "meters.npy");
        double[] values = [1, 123_456_789.25, 2, 123_456_790.75, 30, 123_456_799];
        File.WriteAllBytes(file, ReaderTargets.Npy("<f8", "(3, 2)", [.. values.SelectMany(BitConverter.GetBytes)]));
        Assert.StartsWith("Column 'column2' has numbers up to 123456800, which 32 bits keep to the nearest 8",
            Assert.Single(SequenceData.FromNpy(file).Notices));
    }

    [Fact]
    public void Objects_and_files_that_say_more_than_they_have_are_refused()
    {
        Assert.Contains("has a header that is not understood", Message(File.ReadAllBytes(Path.Combine(Cases, "objects.npy"))));
        byte[] values = new byte[24];
        Assert.EndsWith("has 24 bytes of values where its shape (4, 2) needs 32; it may be cut off.",
            Message(ReaderTargets.Npy("<f4", "(4, 2)", values)));
        Assert.EndsWith("has more bytes of values where its shape (2, 2) needs 16; it may be cut off.",
            Message(ReaderTargets.Npy("<f4", "(2, 2)", values)));
        Assert.EndsWith("says that it has the shape (2000000000, 2000000000, 9), which is none that is read.",
            Message(ReaderTargets.Npy("<f4", "(2000000000, 2000000000, 9)", values)));
        Assert.EndsWith("has 24 bytes of values where its shape (2000000000) needs 8000000000; it may be cut off.",
            Message(ReaderTargets.Npy("<f4", "(2000000000,)", values)));
        Assert.EndsWith("has an empty array, of the shape (0, 3).", Message(ReaderTargets.Npy("<f4", "(0, 3)", [])));
        Assert.EndsWith("has an array of the shape (1, 1, 2, 3); one to three dimensions are read.",
            Message(ReaderTargets.Npy("<f4", "(1, 1, 2, 3)", values)));
        Assert.EndsWith("has values of the kind '<c8'; whole and real numbers, booleans and texts are read.",
            Message(ReaderTargets.Npy("<c8", "(3,)", values)));
        Assert.EndsWith("has an infinite value, or one too large, at place 1; use NaN for a missing value.",
            Message(ReaderTargets.Npy("<f4", "(2,)",
                [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(float.PositiveInfinity)])));
        Assert.EndsWith("is no array of NumPy (.npy): it does not begin as one.", Message([1, 2, 3, 4, 5, 6, 7, 8, 9]));
        Assert.EndsWith("has targets of the shape (3) for 1 sequence; there must be one number for each.",
            Message(ReaderTargets.Npz(("X", ReaderTargets.Npy("<f4", "(3, 2)", values)),
                ("y", ReaderTargets.Npy("<i8", "(3,)", values)))));
        Assert.EndsWith("has several arrays (a, b); name the one of values.",
            Message(ReaderTargets.Npz(("a", ReaderTargets.Npy("<f4", "(6,)", values)),
                ("b", ReaderTargets.Npy("<f4", "(6,)", values)))));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Message(byte[] bytes)
    {
        string path = Path.Combine(_folder, "x.npy");
        File.WriteAllBytes(path, bytes);
        return Assert.Throws<InvalidFileException>(() => NpyFile.Read(path)).Message;
    }
}
