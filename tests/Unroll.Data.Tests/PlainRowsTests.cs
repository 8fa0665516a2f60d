using System.Globalization;
using System.Text;
using Unroll.Files;

namespace Unroll.Data.Tests;

/// <summary>Rows that are read as bytes are what a reader of all rules makes of them; a quote in the names sends a file
/// there.</summary>
public static class PlainRowsTests
{
    private static readonly string[] s_numbers =
    [
        "1", "-2.5", "+3.25", " 4.5", "5 ", "", "NA", "0.1", "1e3", "-1E-7", "123456789012345678901234567890",
        "0.30000001192092896", "16777217", ".5", "7.", "-0", "1e-40", "3.4028235e38",
    ];

    private static readonly string[] s_words = ["a", "b c", "ü", "日本", "", "x-1", " d"], s_ends = ["\n", "\r\n"];

    [Theory]
    [InlineData(',', '.')]
    [InlineData(';', ',')]
    [InlineData('\t', '.')]
    public static void Both_ways_read_the_same(char delimiter, char mark)
    {
        var random = new Random(5);
        for (int round = 0; round < 60; round++)
        {
            string end = s_ends[round % 2];
            int rows = 1 + random.Next(40), columns = 1 + random.Next(4);
            var text = new StringBuilder(string.Join(delimiter, Enumerable.Range(0, columns).Select(c => $"n{c}").Append("word")
                .Append("day")) + end);
            for (int r = 0; r < rows; r++)
            {
                for (int c = 0; c < columns; c++)
                    text.Append(r < 2 ? "1" + mark + "5" : s_numbers[random.Next(s_numbers.Length)].Replace('.', mark))
                        .Append(delimiter);
                text.Append(r < 2 ? "a" : s_words[random.Next(s_words.Length)]).Append(delimiter);
                text.Append(CultureInfo.InvariantCulture, $"{new DateTime(2024, 1, 1).AddHours(r):yyyy-MM-dd HH:mm}");
                if (r < rows - 1 || round % 3 > 0) text.Append(end);
                if (random.Next(30) == 0) text.Append(end); // an empty line
            }

            Same(text.ToString(), new CsvOptions { Delimiter = delimiter, DecimalMark = mark });
        }
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n4,5\n")] // a row that is short
    [InlineData("a,b\n1,2\n3,x\n")] // no number
    [InlineData("a,b\n1,2\n3,\"4\"\n5,6\n")] // quotes from a row on
    [InlineData("a,b\n1,2\n3,\"4\n\"\n5,6\n7,8,9\n")] // a cell of two lines, and a row that is long behind it
    [InlineData("a,b\n1,2\r3,4\n5,6\n")] // ends of lines of three kinds
    [InlineData("a,b\r1,2\r3,4\r")]
    [InlineData("a,b\n1,2,\n3,4,\n")] // a delimiter at the end
    [InlineData("# note\n#, two\n\na,b\n1,2\n3,inf\n")]
    [InlineData("a,b\n1,2\n\n\n3,4\n \n5,6\n\n")]
    [InlineData("a\n1\n\n3\n")]
    [InlineData("\uFEFFa,b\n1,2\n")]
    public static void So_do_files_that_are_plain_in_part(string text) => Same(text, new CsvOptions());

    [Fact]
    public static void Rows_lie_over_the_ends_of_buffers_and_long_ones_are_read()
    {
        var text = new StringBuilder("a,b,c\r\n");
        for (int r = 0; r < 9_000; r++) text.Append(CultureInfo.InvariantCulture, $"{r},{r * 0.5},w{r % 7}\r\n");
        Same(text.ToString(), new CsvOptions());
        text.Append("1,2,").Append('w', 70_000).Append("\r\n3,4,w1\r\n");
        Same(text.ToString(), new CsvOptions());
    }

    private static void Same(string text, CsvOptions options)
    {
        int numbered = text.IndexOf("n0", StringComparison.Ordinal);
        int names = numbered >= 0 ? numbered : text.IndexOf('a', StringComparison.Ordinal), width = numbered >= 0 ? 2 : 1;
        string quoted = text[..names] + '"' + text.Substring(names, width) + '"' + text[(names + width)..];
        (SequenceData? plain, string? refused) = Read(text, options);
        (SequenceData? whole, string? refusedWhole) = Read(quoted, options);
        Assert.Equal(refusedWhole, refused);
        if (plain is null) return;
        Assert.Equal(whole!.Fingerprint(), plain.Fingerprint());
        Assert.Equal(whole.Notices, plain.Notices);
        Assert.Equal(whole.FirstMissing, plain.FirstMissing);
        Assert.Equal(whole.Sequences.Select(one => one.Times.Count), plain.Sequences.Select(one => one.Times.Count));
    }

    private static (SequenceData? Data, string? Refused) Read(string text, CsvOptions options)
    {
        try
        {
            return (CsvFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "t.csv", options), null);
        }
        catch (InvalidFileException error)
        {
            return (null, error.Message);
        }
    }
}
