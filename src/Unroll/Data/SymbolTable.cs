namespace Unroll.Data;

/// <summary>
/// A number for each code point, 0 at first, in pages of 256 that are allocated when one of their numbers is set.
/// </summary>
internal sealed class SymbolTable
{
    private readonly int[]?[] _pages = new int[0x1100][];

    /// <summary>The number of a code point.</summary>
    public int this[int symbol] => _pages[symbol >> 8] is { } page ? page[symbol & 255] : 0;

    /// <summary>A reference to a code point's number.</summary>
    public ref int At(int symbol) => ref (_pages[symbol >> 8] ??= new int[256])[symbol & 255];

    /// <summary>The code points whose numbers are not 0, in order, with their numbers.</summary>
    public IEnumerable<(int Symbol, int Number)> All()
    {
        for (int p = 0; p < _pages.Length; p++)
        {
            if (_pages[p] is not { } page) continue;
            for (int i = 0; i < page.Length; i++)
            {
                if (page[i] != 0) yield return ((p << 8) + i, page[i]);
            }
        }
    }
}
