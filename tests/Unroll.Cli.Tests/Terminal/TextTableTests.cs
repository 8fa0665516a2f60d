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
        Assert.Equal("| name | count | note |\n| --- | --- | --- |\n| a | 1 | x |\n| longer | 1,000 | 1\\|2 |\n|  |  |  |\n",
            table.ToMarkdown());
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add("too", "few"));
    }

    [Fact]
    public void A_table_that_is_too_wide_breaks_headings_then_cells_and_then_goes_on_below()
    {
        var table = new TextTable("trial", "least error", "note");
        table.Add("lr=0.1 seed=1", "1.5%", "so so");
        table.Add("lr=0.2 seed=2", "0.1%", "good");
        Assert.Equal("trial          least error  note\nlr=0.1 seed=1         1.5%  so so\nlr=0.2 seed=2         0.1%  good\n",
            Written(table, 33));
        Assert.Equal(
            "trial          least  note\n               error\nlr=0.1 seed=1   1.5%  so so\nlr=0.2 seed=2   0.1%  good\n",
            Written(table, 27));
        Assert.Equal("trial   least  note\n        error\nlr=0.1   1.5%  so so\nseed=1\nlr=0.2   0.1%  good\nseed=2\n",
            Written(table, 20));
        Assert.Equal(
            "trial   least\n        error\nlr=0.1   1.5%\nseed=1\nlr=0.2   0.1%\nseed=2\n\ntrial   note\nlr=0.1  so "
                + "so\nseed=1\nlr=0.2  good\nseed=2\n",
            Written(table, 13));
        Assert.Equal(Written(table, 33), Written(table, int.MaxValue));
        Assert.Equal(2, Written(table, 1).Split("trial").Length - 1); // a column beside the first, however narrow

        static string Written(TextTable table, int width)
        {
            using var text = new StringWriter { NewLine = "\n" };
            table.WriteTo(text, width);
            return text.ToString();
        }
    }

    [Fact]
    public void A_table_without_rows_is_its_headings()
    {
        using var text = new StringWriter { NewLine = "\n" };
        new TextTable("a", "b").WriteTo(text);
        Assert.Equal("a  b\n", text.ToString());
    }
}
