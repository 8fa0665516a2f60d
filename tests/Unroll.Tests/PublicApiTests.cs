using System.Globalization;

namespace Unroll.Tests;

/// <summary>Freezes the library's public surface, so that a change is visible in review.</summary>
public class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_committed_one() =>
        PublicApiFile.Check(typeof(NetworkShape).Assembly, typeof(PublicApiTests));

    [Fact]
    public void Each_kind_of_member_is_rendered()
    {
        string text = PublicApiText.Render(
            [typeof(Sample<>), typeof(Colour), typeof(IShape), typeof(Sample<>.Inner), typeof(Numbers)]);
        string[] expected =
        [
            "enum Unroll.Tests.PublicApiTests.Colour : byte",
            "  Red = 1",
            "  Blue = 2",
            "interface Unroll.Tests.PublicApiTests.IShape",
            "  int Area { get; }",
            "  int Twice() [default body]",
            "static class Unroll.Tests.PublicApiTests.Numbers",
            "  const double Half = 0.5",
            "  static bool TryRead(ReadOnlySpan<char> text, out int? value, string unit = \"ms\", "
                + "Unroll.Tests.PublicApiTests.Colour colour = Blue)",
            "sealed class Unroll.Tests.PublicApiTests.Sample<T> : Unroll.Tests.PublicApiTests.IShape "
                + "where T : unmanaged, IComparable<T>",
            "  Sample(int count = 3)",
            "  required string Name { get; init; }",
            "  int Area { get; }",
            "  event Action Changed",
            "readonly struct Unroll.Tests.PublicApiTests.Sample<T>.Inner",
            "  readonly int Field",
            "  static implicit operator Unroll.Tests.PublicApiTests.Sample<T>.Inner(int value)",
        ];
        string[] lines = text.Split('\n');
        foreach (string line in expected) Assert.Contains(line, lines);
        Assert.DoesNotContain("Hidden", text, StringComparison.Ordinal);
    }

    public enum Colour : byte
    {
        Red = 1,
        Blue = 2,
    }

    public interface IShape
    {
        int Area { get; }

        int Twice() => 2 * Area;
    }

    public static class Numbers
    {
        public const double Half = 0.5;

        public static bool TryRead(ReadOnlySpan<char> text, out int? value, string unit = "ms", Colour colour = Colour.Blue)
        {
            bool read = int.TryParse(text, CultureInfo.InvariantCulture, out int number);
            value = read && unit == "ms" && colour == Colour.Blue ? number : null;
            return read;
        }
    }

    public sealed class Sample<T>(int count = 3) : IShape
        where T : unmanaged, IComparable<T>
    {
        public required string Name { get; init; }

        public int Area => count;

        internal int Hidden => 0;

        public event Action? Changed
        {
            add { }
            remove { }
        }

        public readonly struct Inner(int field)
        {
            public readonly int Field = field;

            public static implicit operator Inner(int value) => new(value);
        }
    }
}
