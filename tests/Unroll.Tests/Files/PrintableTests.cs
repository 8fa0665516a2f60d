using Unroll.Files;

namespace Unroll.Tests.Files;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain, Ünïcödé, 日本, عربي, 😀, 👩‍👧", "plain, Ünïcödé, 日本, عربي, 😀, 👩‍👧")]
    [InlineData("", "")]
    [InlineData("\u001b[31mred", "\\u001B[31mred")]
    [InlineData("a\nb\rc\td\0", "a\\u000Ab\\u000Dc\\u0009d\\u0000")]
    [InlineData("\u0085\u009b\u007f\u2028\u2029", "\\u0085\\u009B\\u007F\\u2028\\u2029")]
    [InlineData("\u202eevil\u2066\u200f\u061c\ufeff", "\\u202Eevil\\u2066\\u200F\\u061C\\uFEFF")]
    [InlineData("x\U000E0041", "x\\uDB40\\uDC41")]
    public void What_could_command_a_terminal_is_a_visible_escape(string text, string expected)
    {
        Assert.Equal(expected, Printable.Line(text));
        Assert.Equal(expected, Printable.Line(expected)); // escaping twice changes nothing
        Assert.Equal(expected == text, Printable.IsLine(text));
    }

    [Fact]
    public void Halves_of_pairs_are_escaped_where_they_stand()
    {
        Assert.Equal("\\uD83D", Printable.Line("\ud83d"));
        Assert.Equal("a\\uDE00\\uD83Db", Printable.Line("a\ude00\ud83db"));
        Assert.Equal("😀\\uD83D", Printable.Line("😀\ud83d"));
    }

    [Fact]
    public void Lines_keep_their_ends_and_a_sentence_has_none()
    {
        Assert.Equal("a\n\tb\\u000D\n", Printable.Lines("a\n\tb\r\n"));
        Assert.Equal("a b\\u001B.", Printable.Sentence("a\nb\u001b."));
    }

    [Fact]
    public void Refusals_of_files_are_printable_whatever_the_file_is_called()
    {
        Assert.Equal("a\\u001Bb is 'c d' here.", new InvalidFileException("a\u001bb", "is 'c\nd' here").Message);
        using var folder = new TempFolder();
        string path = folder["a\u001b[31m\nb"];
        Assert.EndsWith("a\\u001B[31m\\u000Ab could not be read: it does not exist.",
            Assert.Throws<FileNotFoundException>(() => SafeTensorsFile.Read(path)).Message);
        Directory.CreateDirectory(path);
        Assert.EndsWith("a\\u001B[31m\\u000Ab could not be written: it is a folder.",
            Assert.Throws<IOException>(() => AtomicFile.Write(path, new byte[1])).Message);
    }
}
