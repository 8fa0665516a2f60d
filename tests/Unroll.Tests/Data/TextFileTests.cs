using System.Text;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tests.Files;

namespace Unroll.Tests.Data;

public sealed class TextFileTests
{
    private static TextCorpus Read(string text, TextReadOptions? options = null) => Read(Encoding.UTF8.GetBytes(text), options);

    private static TextCorpus Read(byte[] bytes, TextReadOptions? options = null) =>
        TextFile.Read(new MemoryStream(bytes), "FILE.txt", options);

    private static string Refused(byte[] bytes, TextReadOptions? options = null)
    {
        var error = Assert.Throws<InvalidFileException>(() => Read(bytes, options));
        TempFolder.AssertSentence(error, "FILE.txt");
        return error.Message;
    }

    private static string Refused(string text, TextReadOptions? options = null) => Refused(Encoding.UTF8.GetBytes(text), options);

    private static string Whole(TextCorpus corpus) =>
        string.Concat(Enum.GetValues<Fold>().Select(fold => TextCodec.Decode(corpus.Of(fold).Span, corpus.Alphabet)));

    [Theory]
    [InlineData(10, 8, 1)]
    [InlineData(17, 13, 2)]
    [InlineData(50, 40, 5)]
    [InlineData(1003, 802, 100)]
    public void A_text_is_split_by_position(int length, int train, int validation)
    {
        foreach (string symbols in (string[])["ab", "aé\U0001F600"])
        {
            Rune[] runes = [.. symbols.EnumerateRunes()];
            string text = string.Concat(Enumerable.Range(0, length).Select(i => runes[i % runes.Length]));
            TextCorpus corpus = Read(text);
            Assert.Equal((train, validation, length - train - validation),
                (corpus.Train.Length, corpus.Validation.Length, corpus.Test.Length));
            Assert.Equal(text, Whole(corpus));
            Assert.Equal(runes.Length, corpus.Alphabet.Count);
            Assert.Equal("FILE", corpus.Name);
        }
    }

    [Fact]
    public void Every_scalar_and_every_byte_comes_back()
    {
        string text = string.Concat(Enumerable.Repeat("naïve Straße 日本 \U0001F3B5\r\n\t\0", 20));
        Assert.Equal(text, Whole(Read(text)));
        Assert.Equal(text, Whole(Read("\uFEFF" + text)));
        TextCorpus bytes = Read(text, new TextReadOptions { Symbols = SymbolKind.Byte });
        Assert.Equal(text, TextCodec.Decode([.. bytes.Train.Span, .. bytes.Validation.Span, .. bytes.Test.Span], bytes.Alphabet));
        byte[] all = [.. Enumerable.Range(0, 2560).Select(i => (byte)i)];
        TextCorpus every = Read(all, new TextReadOptions { Symbols = SymbolKind.Byte });
        Assert.Equal(256, every.Alphabet.Count);
        ushort[] read = [.. every.Train.Span, .. every.Validation.Span, .. every.Test.Span];
        Assert.Equal(all, read.Select(symbol => (byte)symbol));
    }

    [Fact]
    public void Lines_are_trimmed_as_by_a_plain_program()
    {
        foreach (string text in (string[])[" a b \n\n  \t c\r\nd", "x y\n", " \n \n a b c d e f g h i j",
            "aé  é \n  bé \n é a b ab ab aé"])
        {
            string[] lines = text.Split('\n');
            if (text.EndsWith('\n')) lines = lines[..^1];
            string expected = string.Concat(lines.Select(line => line.Trim(' ', '\t', '\r') + "\n"));
            string padded = string.Concat(Enumerable.Repeat(text + (text.EndsWith('\n') ? "" : "\n"), 9)) + text;
            string repeated = string.Concat(Enumerable.Repeat(expected, 10));
            Assert.Equal(repeated, Whole(Read(padded, new TextReadOptions { TrimLines = true, MapUnknown = true })));
        }
    }

    [Fact]
    public void Invalid_utf8_is_refused_at_its_byte()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("Grüße aus dem Test");
        Assert.Contains("at byte 7;", Refused([.. bytes[..7], 0xFF, .. bytes[7..]]), StringComparison.Ordinal);
        Assert.Contains("at byte 20;", Refused([.. bytes, 0xE2, 0x82]), StringComparison.Ordinal);
        Assert.Contains("at byte 0;", Refused([0xC0, 0x80, .. bytes]), StringComparison.Ordinal);
        Assert.Contains("at byte 2;", Refused([65, 66, 0xED, 0xA0, 0x80, .. bytes]), StringComparison.Ordinal);
    }

    [Fact]
    public void Symbols_that_training_lacks_are_named_with_their_places_or_mapped()
    {
        string text = string.Concat(Enumerable.Repeat("abc\n", 40)) + "aé\nbc\u0007X\nabcé";
        string message = Refused(text, new TextReadOptions { Strict = true });
        Assert.Contains("in its test fold ", message, StringComparison.Ordinal);
        Assert.Contains("'é' (line 41, character 2), U+0007 (line 42, character 3), 'X' (line 42, character 4);", message,
            StringComparison.Ordinal);
        TextCorpus mapped = Read(text, new TextReadOptions { MapUnknown = true });
        Assert.Equal((5, 4), (mapped.Alphabet.Count, mapped.Alphabet.Unknown));
        Assert.Equal(mapped.Alphabet, Read(text).Alphabet);
        Assert.Equal(text.Replace('é', '\uFFFD').Replace('\u0007', '\uFFFD').Replace('X', '\uFFFD'), Whole(mapped));
        TextCorpus replaced = Read(text, new TextReadOptions { Replacement = 'b' });
        Assert.Equal(text.Replace('é', 'b').Replace('\u0007', 'b').Replace('X', 'b'), Whole(replaced));
        Assert.Throws<ArgumentException>(() => Read(text, new TextReadOptions { Replacement = 'X' }));
        Assert.Contains("byte 0x07 (byte 167), 'X' (byte 168)",
            Refused(text, new TextReadOptions { Symbols = SymbolKind.Byte, Strict = true }), StringComparison.Ordinal);
        string many = new string('a', 80) + "b" + new string('a', 800)
            + string.Concat(Enumerable.Range(0x100, 30).Select(c => (char)c));
        Assert.Contains(" and 10 more;", Refused(many, new TextReadOptions { Strict = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void Rare_symbols_become_the_unknown_one()
    {
        string text = string.Concat(Enumerable.Repeat("ab", 30)) + "cc" + string.Concat(Enumerable.Repeat("ab", 30)) + "d";
        TextCorpus corpus = Read(text, new TextReadOptions { Rare = 3 });
        Assert.Equal("scalar:61..62,?", corpus.Alphabet.ToString());
        Assert.Equal(text.Replace('c', '\uFFFD').Replace('d', '\uFFFD'), Whole(corpus));
        Assert.Equal("scalar:61..63,?", Read(text, new TextReadOptions { Rare = 2 }).Alphabet.ToString());
        Assert.Contains("no symbol 1000 times", Refused(text, new TextReadOptions { Rare = 1000 }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_s_alphabet_is_kept()
    {
        var alphabet = new Alphabet(SymbolKind.Scalar, "abcxyz\n".Select(c => (int)c));
        TextCorpus corpus = Read("abcabcabcabcabc", new TextReadOptions { Alphabet = alphabet });
        Assert.Same(alphabet, corpus.Alphabet);
        Assert.Equal([1, 2, 3], corpus.Train.Span[..3].ToArray());
        ReadOnlyMemory<ushort> whole = TextFile.ReadWhole(new MemoryStream("ab\n"u8.ToArray()), "FILE.txt",
            new TextReadOptions { Alphabet = alphabet });
        Assert.Equal([1, 2, 0], whole.ToArray());
        var error = Assert.Throws<InvalidFileException>(() => TextFile.ReadWhole(
            new MemoryStream("ab\nA"u8.ToArray()), "FILE.txt", new TextReadOptions { Alphabet = alphabet }));
        Assert.Contains("'A' (line 2, character 1)", error.Message, StringComparison.Ordinal);
        TempFolder.AssertSentence(error, "FILE.txt");
        var first = Assert.Throws<InvalidFileException>(() => TextFile.ReadWhole(
            new MemoryStream("\uFEFFabA"u8.ToArray()), "FILE.txt", new TextReadOptions { Alphabet = alphabet }));
        // A byte order mark is not a character.
        Assert.Contains("'A' (line 1, character 3)", first.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidFileException>(
            () => TextFile.ReadWhole(new MemoryStream(), "FILE.txt", new TextReadOptions { Alphabet = alphabet }));
        Assert.Throws<ArgumentException>(
            () => Read("abc", new TextReadOptions { Alphabet = alphabet, Symbols = SymbolKind.Byte }));
        Assert.Throws<ArgumentException>(() => Read("abc", new TextReadOptions { Alphabet = alphabet, MapUnknown = true }));
        Assert.Throws<ArgumentException>(() => Read("abc", new TextReadOptions { Alphabet = alphabet, Rare = 2 }));
        Assert.Throws<ArgumentException>(() => Read("abc", new TextReadOptions { MapUnknown = true, Replacement = 'a' }));
    }

    [Fact]
    public void Texts_that_teach_nothing_are_refused()
    {
        Assert.Contains("one symbol only, 'a'", Refused(new string('a', 100)), StringComparison.Ordinal);
        Assert.Contains("too few for three folds", Refused("abcdefghi"), StringComparison.Ordinal);
        Assert.Contains("has 0 symbols", Refused(""), StringComparison.Ordinal);
        Assert.Contains("one symbol only, U+000A", Refused(new string('\n', 30)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_file_is_refused_before_it_is_read()
    {
        using var folder = new TempFolder();
        using (FileStream sparse = File.Create(folder["huge.txt"])) sparse.SetLength((1L << 30) + 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidFileException>(() => TextFile.Read(folder["huge.txt"]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        TempFolder.AssertSentence(error, folder["huge.txt"]);
    }

    [Fact]
    public void Three_files_are_three_folds()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["a.txt"], " to be \n or not \n");
        File.WriteAllText(folder["b.txt"], "be\n");
        File.WriteAllText(folder["c.txt"], " not to ");
        var trim = new TextReadOptions { TrimLines = true };
        TextCorpus corpus = TextFile.Read(folder["a.txt"], folder["b.txt"], folder["c.txt"], trim);
        Assert.Equal("a", corpus.Name);
        Assert.Equal("to be\nor not\nbe\nnot to\n", Whole(corpus));
        File.WriteAllText(folder["b.txt"], "");
        var error = Assert.Throws<InvalidFileException>(
            () => TextFile.Read(folder["a.txt"], folder["b.txt"], folder["c.txt"], trim));
        TempFolder.AssertSentence(error, folder["b.txt"]);
        Assert.Contains("validation fold", error.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => TextFile.Read(folder["a.txt"], folder["none.txt"], folder["c.txt"], trim));
        Assert.Throws<FileNotFoundException>(() => TextFile.Read(folder["none.txt"], folder["none.txt"], folder["c.txt"], trim));
    }

    [Fact]
    public void Prompts_are_turned_into_symbols_and_back()
    {
        var alphabet = new Alphabet(SymbolKind.Scalar, "ab é\n".EnumerateRunes().Select(rune => rune.Value));
        ushort[] symbols = TextCodec.Encode("é ab\n", alphabet);
        Assert.Equal("é ab\n", TextCodec.Decode(symbols, alphabet));
        var error = Assert.Throws<ArgumentException>(() => TextCodec.Encode("ab!ä", alphabet, what: "The prompt"));
        Assert.Equal("The prompt has symbols that the alphabet lacks: '!' (line 1, character 3), 'ä' (line 1, character 4).",
            error.Message);
        Assert.Equal("ab  ", TextCodec.Decode(TextCodec.Encode("ab!ä", alphabet, ' '), alphabet));
        Assert.Throws<ArgumentException>(() => TextCodec.Encode("ab!ä", alphabet, '?'));
        Assert.Throws<ArgumentException>(() => TextCodec.Encode("\ud800", alphabet));
        Assert.Empty(TextCodec.Encode("", alphabet));
        var unknown = new Alphabet(SymbolKind.Scalar, [97, 98], hasUnknown: true);
        Assert.Equal("a\uFFFDb", TextCodec.Decode(TextCodec.Encode("a?b", unknown), unknown));
        var bytes = new Alphabet(SymbolKind.Byte, Enumerable.Range(0, 256));
        Assert.Equal("\uFEFFaé\U0001F600", TextCodec.Decode(TextCodec.Encode("\uFEFFaé\U0001F600", bytes), bytes));
        var decoder = new SymbolDecoder(bytes);
        Assert.Equal(["", "é", "", "\uFFFDa", "\uFFFD"],
            [decoder.Next(0xC3), decoder.Next(0xA9), decoder.Next(0xC3), decoder.Next('a'), decoder.Next(0xFF)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Next(256));
    }
}
