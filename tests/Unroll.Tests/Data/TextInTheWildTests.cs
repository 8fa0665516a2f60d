using System.Text;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tests.Files;

namespace Unroll.Tests.Data;

/// <summary>Texts as users have them: in other encodings, with characters that occur once, and files that are not text.</summary>
public sealed class TextInTheWildTests
{
    private const string Sample = "Ein süßer Text, 日本 \U0001F3B5\nund noch einer\n";
    private readonly List<string> _notices = [];

    private TextCorpus Read(byte[] bytes, TextReadOptions? options = null) =>
        TextFile.Read(new MemoryStream(bytes), "FILE.txt", (options ?? new()) with { Notice = _notices.Add });

    private static string Whole(TextCorpus corpus) =>
        string.Concat(Enum.GetValues<Fold>().Select(fold => TextCodec.Decode(corpus.Of(fold).Span, corpus.Alphabet)));

    private static string Refused(byte[] bytes)
    {
        var error = Assert.Throws<InvalidFileException>(() => TextFile.Read(new MemoryStream(bytes), "FILE.txt"));
        TempFolder.AssertSentence(error, "FILE.txt");
        return error.Message;
    }

    [Theory]
    [InlineData("rare-at-end.txt", "scalar:0A,20,61,63,65,68,6D..6F,73..74,?", 3)]
    [InlineData("one-line.txt", "scalar:41,43,47,54,?", 1)]
    [InlineData("utf16.txt", "scalar:0A,20,61,63,65,68,74,FEFF", 0)]
    public void The_cases_that_were_met(string name, string alphabet, int unknown)
    {
        TextCorpus corpus = TextFile.Read(Cases.At($"text/{name}"), new TextReadOptions { Notice = _notices.Add });
        Assert.Equal(alphabet, corpus.Alphabet.ToString());
        Assert.Equal(unknown, corpus.Unknown(Fold.Test) ?? 0);
        Assert.Equal(0, corpus.Unknown(Fold.Train) ?? 0);
        if (unknown > 0)
            Assert.Contains($"they are read as one unknown symbol, {unknown} of {corpus.Test.Length} in all.",
                Assert.Single(_notices), StringComparison.Ordinal);
        else Assert.Empty(_notices);
        if (unknown > 0)
            Assert.Throws<InvalidFileException>(() =>
                TextFile.Read(Cases.At($"text/{name}"), new TextReadOptions { Strict = true }));
    }

    [Fact]
    public void Other_encodings_of_Unicode_are_read()
    {
        string text = string.Concat(Enumerable.Repeat(Sample, 5));
        foreach (Encoding encoding in (Encoding[])[new UnicodeEncoding(false, true), new UnicodeEncoding(true, true),
            new UTF32Encoding(false, true), new UTF32Encoding(true, true), new UTF8Encoding(true)])
            Assert.Equal(text, Whole(Read([.. encoding.GetPreamble(), .. encoding.GetBytes(text)])));
        Assert.Empty(_notices);
        string plain = string.Concat(Enumerable.Repeat("plain words\n", 5));
        foreach (bool bigEndian in (bool[])[false, true])
            Assert.Equal(plain, Whole(Read(new UnicodeEncoding(bigEndian, false).GetBytes(plain))));
        Assert.Equal(2, _notices.Count);
        Assert.Contains("no byte order mark and is read as UTF-16 in little-endian order", _notices[0], StringComparison.Ordinal);

        // Bytes stay bytes, and trimmed lines are trimmed.
        Assert.Equal(2 + (2 * plain.Length),
            Whole(Read([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(plain)],
            new TextReadOptions { Symbols = SymbolKind.Byte })).Length);
        Assert.Equal(plain, Whole(
            Read([0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(plain.Replace("\n", " \r\n",
            StringComparison.Ordinal)[..^3])], new TextReadOptions { TrimLines = true })));
    }

    [Theory]
    [InlineData("<!DOCTYPE html>\n<p>some words</p>", "is a web page")]
    [InlineData("\uFEFF \n<HTML lang=en>", "is a web page")]
    [InlineData("<?xml version=\"1.0\"?><a>words</a>", "is an XML document")]
    [InlineData("{\\rtf1 words}", "is an RTF document")]
    [InlineData("a < b and <html> in the middle", null)]
    [InlineData("X:1\nK:C\nabc", null)] // a tune in letters is a text as good as any
    public void Markup_is_read_as_text_and_named(string begin, string? named)
    {
        string text = begin + string.Concat(Enumerable.Repeat("\nplain words", 20));
        Assert.Equal(text.TrimStart('\uFEFF'), Whole(Read(Encoding.UTF8.GetBytes(text))).TrimEnd('\n'));
        if (named is null) Assert.Empty(_notices);
        else Assert.Contains($"{named}, and its markup is learned as text", Assert.Single(_notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_encodings_are_refused_at_their_byte()
    {
        byte[] half = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("some words here"), 0x00, 0xD8, 65, 0];
        Assert.Contains("is not UTF-16 text at byte 32", Refused(half), StringComparison.Ordinal);
        Assert.Contains("is not UTF-16 text at byte ", Refused([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("some words here"), 65]),
            StringComparison.Ordinal);
        Assert.Contains("--bytes", Refused([.. "Stra"u8, 0xDF, .. "e und mehr"u8]), StringComparison.Ordinal);
        MutationTests.Mutate(File.ReadAllBytes(Cases.At("text/utf16.txt")), 1_000_000, 8, (stream, odd) =>
            TextFile.Read(stream, "FILE", new TextReadOptions { TrimLines = odd }), least: 1);
    }

    [Fact]
    public void What_is_no_text_is_named()
    {
        byte[] zip = [.. "PK\u0003\u0004"u8, .. new byte[22], 16, 0, 0, 0, .. "archive/data.pkl"u8, 0x80, 2];
        byte[] hdf = new byte[600];
        "\u0089HDF"u8.CopyTo(hdf.AsSpan(512));
        ((byte[])[0x89, .. "HDF\r\n"u8, 0x1A, 0x0A]).CopyTo(hdf, 512);
        foreach ((byte[] bytes, string what) in (ReadOnlySpan<(byte[], string)>)
            [
                ([0x1F, 0x8B, 8, 0, 0xFF], "is compressed with gzip, not text; decompress it first"),
                    ([.. "BZh9"u8, 0x31, 0x41, 0x59, 0xFF], "bzip2"),
                ([0xFD, .. "7zXZ\0"u8, 0xFF], "xz"), (zip, "is a PyTorch file (.pt), not text; "),
                    ([.. zip[..26], 6, 0, 0, 0, .. "a.docx"u8, 0xFF], "is a zip archive, not text"),
                ([.. zip[..26], 8, 0, 0, 0, .. "mimetype"u8, 0xFF], "an office document or an e-book"),
                ([.. "%PDF-1.4\n"u8, .. "all of it is plain text"u8], "is a PDF document"),
                    ([0x89, .. "PNG\r\n"u8, 0x1A, 10], "PNG image"), ([0xFF, 0xD8, 0xFF, 0xE0], "JPEG"),
                ([.. "GIF89a"u8, 1, 0, 0xFF], "GIF"), ([0x89, .. "HDF\r\n"u8, 0x1A, 0x0A], "HDF5"), (hdf, "HDF5"),
                    ([0x93, .. "NUMPY"u8], "NumPy"),
                ([8, 7, 0x12, 7, .. "pytorch"u8, 0x1A, 0, 0xFF], "is an ONNX model, not text."),
                    ([.. "RIFF"u8, 0, 0, 0, 0, .. "WAVE"u8], "WAV"),
                ([0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'], "PyTorch"),
                    ([20, 0, 0, 0, 0, 0, 0, 0, .. "{\"a\":1}"u8], "safetensors"),
            ])
        {
            Assert.Contains(what, Refused(bytes), StringComparison.Ordinal);
            Assert.Contains("one symbol only|too few".Split('|')[1],
                Assert.Throws<InvalidFileException>(() =>
                TextFile.Read(new MemoryStream(bytes[..4]), "FILE.txt",
                new TextReadOptions { Symbols = SymbolKind.Byte })).Message, StringComparison.Ordinal);
        }

        // A text that begins with such words is still a text.
        foreach (string text in (string[])["ID3 tags and PAR1 files are words here too", "GIF89a begins a GIF",
            "BZh is how it begins, and <html> is no page here"])
            Assert.Equal(text, Whole(
                Read(Encoding.UTF8.GetBytes(text), new TextReadOptions { MapUnknown = true })).Length == text.Length ? text : "");
    }

    [Fact]
    public void Two_files_are_three_folds_and_copies_are_said()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["train.txt"], new string('a', 55) + new string('b', 45));
        File.WriteAllText(folder["test.txt"], "abba");
        TextCorpus corpus = TextFile.Read(folder["train.txt"], null, folder["test.txt"],
            new TextReadOptions { Notice = _notices.Add });
        Assert.Equal((90, 10, 4), (corpus.Train.Length, corpus.Validation.Length, corpus.Test.Length));
        Assert.Empty(_notices);
        TextFile.Read(folder["train.txt"], folder["test.txt"], folder["train.txt"],
            new TextReadOptions { Notice = _notices.Add });
        Assert.Contains("has the same bytes as", Assert.Single(_notices), StringComparison.Ordinal);
        Assert.Throws<InvalidFileException>(() =>
            TextFile.Read(folder["train.txt"], folder["test.txt"], folder["train.txt"], new TextReadOptions { Strict = true }));
    }
}
