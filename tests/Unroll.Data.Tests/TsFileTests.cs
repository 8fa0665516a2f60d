using System.Text;
using Unroll.Files;

namespace Unroll.Data.Tests;

public class TsFileTests
{
    private static readonly string Cases = Path.Combine(AppContext.BaseDirectory, "Cases");

    [Fact]
    public void Files_of_the_archive_are_read()
    {
        SequenceData vowels = SequenceData.FromTs(Path.Combine(Cases, "vowels.ts"));
        Assert.Equal(9, vowels.Count);
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8", "9"], vowels.Classes);
        Assert.Equal(12, vowels.Columns.Count);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], vowels.Sequences.Select(one => one.Class));
        Assert.Equal((20, 1.860936f), (vowels.Sequences[0].Steps, vowels.Values("dimension1")[0]));
        SequenceData power = SequenceData.FromTs(Path.Combine(Cases, "power.ts"));
        Assert.All(power.Sequences, one => Assert.Equal(24, one.Steps));
        Assert.Equal(["1", "2"], power.Classes);
    }

    [Fact]
    public void Dimensions_missing_values_and_numbers_as_targets_are_read()
    {
        SequenceData data = Read(
            "# a comment\n@problemName x\n@targetLabel true\n@dimensions 2\n@data\n1,?,3:4,5,6:0.5\n7:NaN:-1e2\n\n");
        Assert.Equal([1, float.NaN, 3], data.Values("dimension1"));
        Assert.Equal([4f, 5, 6], data.Values("dimension2"));
        Assert.Equal([0.5f, -100], data.Sequences.Select(one => one.Number));
        Assert.Equal([3, 1], data.Sequences.Select(one => one.Steps));
        Assert.Equal(2, Read("@data\n1,2,3\n4\n").Count);
        Assert.Equal(["no", "yes"], Read("@classLabel true yes no\n@data\n1,2:yes\n3:no\n").Classes);
    }

    [Fact]
    public void A_dimension_whose_last_digits_32_bits_do_not_keep_is_named()
    {
        Assert.Equal("Column 'dimension2' has numbers up to 20000004, which 32 bits keep to the nearest 2, and they differ by "
            + "no more than 4; subtract what they have in common.",
            Assert.Single(Read("@dimensions 2\n@data\n1,9:20000000,20000004\n3:20000002\n").Notices));
        Assert.Empty(Read("@data\n0,20000004\n20000002\n").Notices);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("@data\n", "has no sequence behind its line @data")]
    [InlineData("@problemName x\n", "has no line @data, behind which sequences are")]
    [InlineData("1,2\n", "has '1,2' where a line of the header is expected, such as @data; it is no .ts file: line 1")]
    [InlineData("@classLabel true a b\n@data\n1,2:c\n", "is of class 'c', which the header does not name (a, b): line 3")]
    [InlineData("@classLabel true a b\n@data\n1,2\n", "has no class behind the last colon: line 3")]
    [InlineData("@classLabel true\n@data\n1,2\n", "names no class behind @classLabel true: line 1")]
    [InlineData("@classLabel maybe\n@data\n1,2\n", "must have true or false behind @classLabel: line 1")]
    [InlineData("@dimensions 99999999\n@data\n1,2\n", "must have a number of 1..100000 behind @dimensions: line 1")]
    [InlineData("@data\n1,x,3\n", "has 'x' as value 2 of dimension 1, which is no number; write ? for a missing value: line 2")]
    [InlineData("@data\n1,,3\n", "has '' as value 2 of dimension 1, which is no number; write ? for a missing value: line 2")]
    [InlineData("@data\n1,inf\n",
        "has 'inf' as value 2 of dimension 1, which is infinite or too large; write ? for a missing value: line 2")]
    [InlineData("@data\n1,2:3\n",
        "has 1 value in dimension 2 and 2 in the first; all dimensions of a sequence are of one length, and ? is a missing "
            + "value: line 2")]
    [InlineData("@data\n1:2\n1\n", "has 1 dimension where 2 are expected; the header says nothing of @classLabel: line 3")]
    [InlineData("@timeStamps true\n@data\n(0,1),(1,2)\n",
        "has times in its sequences, which are not read; write it without (@timeStamps false): line 1")]
    [InlineData("@targetLabel true\n@data\n1,2:big\n", "has 'big' behind its last colon, which is no number: line 3")]
    public void Bad_files_are_refused_with_line_and_remedy(string text, string problem) =>
        Assert.Equal($"x.ts {problem}.", Assert.Throws<InvalidFileException>(() => Read(text)).Message);

    private static SequenceData Read(string text) => TsFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "x.ts");
}
