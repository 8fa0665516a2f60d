using Unroll.Studies.Common;

namespace Unroll.Studies.Tests.Common;

public class NameListTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData(" a , b b ,c", "a|b b|c")]
    [InlineData("a,,b,", "a||b|")]
    [InlineData("", "")]
    [InlineData("\"a, b\"", "a, b")]
    [InlineData("x, \"a, b\" ,\"c\"\"d\"", "x|a, b|c\"d")]
    [InlineData("\" a \"", " a ")]
    [InlineData("5\",a\"b", "5\"|a\"b")]
    [InlineData("\"open, b", "\"open|b")]
    [InlineData("\"a\" b,c", "\"a\" b|c")]
    [InlineData("\"\",a", "|a")]
    public void A_list_is_split_at_commas_outside_quotes(string text, string names) =>
        Assert.Equal(names.Split('|'), NameList.Split(text));

    [Theory]
    [InlineData("power")]
    [InlineData("a, b")]
    [InlineData("\"quoted\"")]
    [InlineData("5\" pipe")]
    [InlineData(" x")]
    [InlineData("--y")]
    [InlineData("\",\"")]
    public void Every_name_is_found_again_in_a_list(string name) =>
        Assert.Equal(["first", name, "last"], NameList.Split($"first,{NameList.Of(name)},last"));
}
