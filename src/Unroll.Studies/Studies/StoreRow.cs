using System.Buffers;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Studies;

/// <summary>
/// A row of a store, whose values may be anything: each is taken by what it must be, or refused by trial and column.
/// </summary>
/// <param name="store">The store's file.</param>
/// <param name="table">The table.</param>
/// <param name="columns">The names of the values.</param>
/// <param name="values">The values as SQLite gives them.</param>
internal sealed class StoreRow(string store, string table, string[] columns, object[] values)
{
    /// <summary>The most that a span may be, so that sums of many stay finite.</summary>
    public const double Largest = 1e300;

    private const int HashDigits = 24;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private string? _hash;

    /// <summary>The values as SQLite gives them.</summary>
    public IReadOnlyList<object> Values => values;

    /// <summary>The trial's identity, which is always the first column.</summary>
    public string Hash => _hash ??= values[0] is string hash && IsHash(hash) ? hash
        : throw new UserError(
            $"{store} is damaged: a row of its table {table} is of the trial {Show(values[0])}, which is not {HashDigits} "
                + "hexadecimal digits.");

    /// <summary>Whether a text has the form of a trial's identity, so that it may name a folder.</summary>
    public static bool IsHash(string text) => text.Length == HashDigits && !text.AsSpan().ContainsAnyExcept(HexDigits);

    /// <summary>The same of a text in UTF-8.</summary>
    public static bool IsHash(ReadOnlySpan<byte> text)
    {
        if (text.Length != HashDigits) return false;
        foreach (byte b in text)
        {
            if (!char.IsAsciiHexDigitLower((char)b)) return false;
        }

        return true;
    }

    /// <summary>Whether there is no value.</summary>
    public bool IsNull(int column) => values[column] is DBNull;

    /// <summary>Whether there is a text.</summary>
    public bool IsText(int column) => values[column] is string;

    /// <summary>A text, made safe to show.</summary>
    public string Text(int column) => Printable.Line(RawText(column));

    /// <summary>A text as it is stored.</summary>
    public string RawText(int column) => values[column] as string ?? throw Wrong(column, "a text");

    /// <summary>A whole number of at least 0.</summary>
    public long Whole(int column, long maximum = long.MaxValue) => values[column] is long value && value >= 0 && value <= maximum
        ? value
        : throw Wrong(
            column, maximum == long.MaxValue ? "a whole number of at least 0" : Invariant($"a whole number from 0 to {maximum}"));

    /// <summary>The same, or null.</summary>
    public long? WholeOrNull(int column) => IsNull(column) ? null : Whole(column);

    /// <summary>A number; infinite ones are allowed, for what overflowed.</summary>
    public double Number(int column) => values[column] is double value && !double.IsNaN(value) ? value
        : throw Wrong(column, "a number");

    /// <summary>The same, or null.</summary>
    public double? NumberOrNull(int column) => IsNull(column) ? null : Number(column);

    /// <summary>A finite number of at least 0.</summary>
    public double Span(int column) => Number(column) is >= 0 and <= Largest and var value ? value
        : throw Wrong(column, "a finite number of at least 0");

    /// <summary>The same, or null.</summary>
    public double? SpanOrNull(int column) => IsNull(column) ? null : Span(column);

    /// <summary>Bytes.</summary>
    public byte[] Bytes(int column) => values[column] as byte[] ?? throw Wrong(column, "bytes");

    /// <summary>The refusal of a value, by trial and column.</summary>
    public UserError Wrong(int column, string expected) =>
        new($"{store} is damaged: {Of(table)} {columns[column]} of the trial {Hash} is {Show(values[column])} where {expected} "
            + "is expected.");

    private static string Of(string table) => table == "trial" ? "the" : $"the {table}'s";

    private static string Show(object value) => value switch
    {
        DBNull => "nothing",
        byte[] bytes => Counted.Of(bytes.Length, "byte"),
        string text => SafeTensorsHeader.Quote(text),
        double number => Format.Exact(number),
        _ => FormattableString.Invariant($"{value}"),
    };
}
