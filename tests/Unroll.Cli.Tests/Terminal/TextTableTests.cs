namespace Unroll.Cli.Tests.Terminal;

public class TextTableTests
{
    [Fact]
    public void Numbers_stand_to_the_right_and_texts_to_the_left()
    {
        var table = new TextTable("name", "count", "note");
        table.Add("a", "1", "x");
        table.Add("longer", "1,000", "1|2");
        table.Add("", "", "");
        using var text = new StringWriter { NewLine = "\n" };
        table.WriteTo(text);
        Assert.Equal("name    count  note\na           1  x\nlonger  1,000  1|2\n\n", text.ToString());
        Assert.Equal("| name | count | note |\n| --- | --- | --- |\n| a | 1 | x |\n| longer | 1,000 | 1\\|2 |\n|  |  |  |\n", table.ToMarkdown());
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add("too", "few"));
    }

    [Fact]
    public void A_table_without_rows_is_its_headings()
    {
        using var text = new StringWriter { NewLine = "\n" };
        new TextTable("a", "b").WriteTo(text);
        Assert.Equal("a  b\n", text.ToString());
    }
}
