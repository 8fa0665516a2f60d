using System.Text;
using Unroll.Data;
using Unroll.Files;

namespace Unroll.Tests.Data;

/// <summary>
/// The files of NumPy and SciPy in <c>Cases/numpy</c>, which all hold the same music (see <c>make.py</c> there).
/// </summary>
public sealed class ForeignMusicTests
{
    private static string Piece(int fold, int piece, int steps = 4) => string.Join('/', Enumerable.Range(0, steps).Select(t =>
        string.Join(',', new[] { ((7 * t) + (11 * piece) + (5 * fold)) % 88, ((3 * t) + piece) % 88 }.Distinct().Order())));

    private static void AssertSame(MusicCorpus corpus, int pieces = 2, int secondSteps = 4)
    {
        foreach (Fold fold in Enum.GetValues<Fold>())
            Assert.Equal(Enumerable.Range(0, pieces).Select(p => Piece((int)fold, p, p == 0 ? 4 : secondSteps)),
                corpus.Of(fold).Select(Samples.Text));
    }

    [Theory]
    [InlineData("pieces.mat", 2, 3)]
    [InlineData("pieces-plain.mat", 2, 4)]
    [InlineData("array3d.mat", 2, 4)]
    [InlineData("array3d-bool.mat", 2, 4)]
    [InlineData("stacked-last.mat", 2, 4)]
    [InlineData("objects3d.mat", 2, 4)]
    [InlineData("objects4d.mat", 2, 4)]
    [InlineData("cells-in-cells.mat", 2, 4)]
    [InlineData("sparse-double.mat", 2, 4)]
    [InlineData("sparse-bool.mat", 2, 4)]
    [InlineData("one-matrix.mat", 1, 4)]
    [InlineData("one-sparse.mat", 1, 4)]
    public void Matlab_files_of_SciPy(string name, int pieces, int secondSteps) =>
        AssertSame(MusicFile.Read(Cases.At($"numpy/{name}")), pieces, secondSteps);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Pickles_of_NumPy(int protocol) => AssertSame(MusicFile.Read(Cases.At($"numpy/protocol{protocol}.pickle")));

    /// <summary>
    /// NumPy 2 has its functions in numpy._core. In protocols where a name is a line, names may have any length.
    /// </summary>
    [Fact]
    public void Pickles_of_NumPy_2()
    {
        string old = Encoding.Latin1.GetString(File.ReadAllBytes(Cases.At("numpy/protocol2.pickle")));
        string now = old.Replace("numpy.core.", "numpy._core.", StringComparison.Ordinal);
        Assert.NotEqual(old, now);
        AssertSame(MusicFile.Read(new MemoryStream(Encoding.Latin1.GetBytes(now)), "now.pickle"));
    }

    [Fact]
    public void A_number_of_NumPy_under_Python_2()
    {
        const string Number = "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'i8'\nI0\nI1\ntR"
            + "(I3\nS'>'\nNNNI-1\nI-1\nI0\ntbS'\\x00\\x00\\x00\\x00\\x00\\x00\\x00<'\ntR";
        string fold = $"((({Number}t(I62\nttt";
        string pickle = $"(S'Training'\n{fold}S'val'\n{fold}S'TEST'\n{fold}d.";
        MusicCorpus corpus = MusicFile.Read(new MemoryStream(Encoding.Latin1.GetBytes(pickle)), "old.pickle");
        foreach (Fold of in Enum.GetValues<Fold>()) Assert.Equal("39/41", Samples.Text(Assert.Single(corpus.Of(of))));
    }

    [Fact]
    public void The_cases_that_were_met()
    {
        foreach (string name in (string[])["mat/extra-3d-variable.mat", "mat/sparse.mat", "pickle/protocol4.pickle"])
        {
            MusicCorpus corpus = MusicFile.Read(Cases.At(name));
            foreach (Fold fold in Enum.GetValues<Fold>()) Assert.Equal(3, Assert.Single(corpus.Of(fold)).Steps);
        }

        Assert.Equal("39,43//46", Samples.Text(MusicFile.Read(Cases.At("pickle/protocol4.pickle")).Train[0]));
    }

    [Fact]
    public void An_object_of_a_class_is_skipped_and_as_music_refused()
    {
        PianoRoll[] good = [Samples.Roll(1, 5)];
        byte[] file = Samples.Mat([good, good, good], compress: false);

        // An opaque variable: flags, then names instead of sizes.
        byte[] opaque = [14, 0, 0, 0, 40, 0, 0, 0, 6, 0, 0, 0, 8, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, (byte)'s', 0, 0,
            0, 1, 0, 4, 0, .. "MCOS"u8, 0, 0, 0, 0, 0, 0, 0, 0];
        Samples.AssertSame(good,
            MusicFile.Read(new MemoryStream([.. file[..128], .. opaque, .. file[128..], .. opaque]), "FILE.mat").Train);
        int cell = file.AsSpan(128).IndexOf("traindata"u8) + 128 - 32;
        file[cell] = 2;
        Assert.Contains("a variable traindata of a structure",
            Assert.Throws<InvalidFileException>(() => MusicFile.Read(new MemoryStream(file), "FILE.mat")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_sparse_matrix_cannot_claim_any_number_of_steps()
    {
        byte[] file = File.ReadAllBytes(Cases.At("numpy/sparse-bool.mat"));
        int sizes = file.AsSpan().IndexOf((byte[])[5, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 88, 0, 0, 0]);
        (file[sizes + 8], file[sizes + 10]) = (0, 0x80);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidFileException>(() => MusicFile.Read(new MemoryStream(file), "FILE.mat"));
        Assert.Contains("full(traindata{1})", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000 + (500 * file.Length));
    }

    [Theory]
    [InlineData("mat/sparse.mat")]
    [InlineData("numpy/objects3d.mat")]
    [InlineData("numpy/pieces-plain.mat")]
    [InlineData("numpy/sparse-bool.mat")]
    [InlineData("numpy/protocol0.pickle")]
    [InlineData("numpy/protocol2.pickle")]
    [InlineData("numpy/protocol5.pickle")]
    [InlineData("midi/riff-rmid.mid")]
    [InlineData("midi/format2.mid")]
    public void Mutated(string name)
    {
        (long constant, long times) = Path.GetExtension(name) switch
        {
            ".mat" => (8_000_000, 500),
            ".pickle" => (1_000_000, 300),
            _ => (5_000_000L, 40L),
        };
        MutationTests.Mutate(File.ReadAllBytes(Cases.At(name)), constant, times, (stream, odd) =>
            name.EndsWith(".mid", StringComparison.Ordinal)
            ? MidiFile.ReadPieces(stream, "FILE", new MusicReadOptions { OutOfRange = OutOfRangeNotes.Drop })
                : MusicFile.Read(stream, "FILE",
                new MusicReadOptions { OutOfRange = odd ? OutOfRangeNotes.Drop : OutOfRangeNotes.Refuse }));
    }
}
