using System.Globalization;

namespace Unroll.Tests;

/// <summary>
/// Messages are the same in a program of any culture. The build checks this for every text (MA0076); this test checks the effect.
/// </summary>
public static class CultureTests
{
    [Fact]
    public static void Messages_have_the_same_numbers_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (odd.NumberFormat.NumberDecimalSeparator, odd.NumberFormat.NegativeSign) = (",", "\u2212");
        try
        {
            CultureInfo.CurrentCulture = odd;
            Assert.Equal("\u22121,5", $"{-1.5}");
            Assert.Contains("is -1.5;",
                Assert.Throws<ArgumentException>(new PassNoise { StateDeviation = -1.5 }.Validate).Message);
            Assert.Contains("is -0.25;",
                Assert.Throws<ArgumentException>(new PassNoise { InputDropout = -0.25 }.Validate).Message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
