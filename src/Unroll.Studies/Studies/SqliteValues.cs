using System.Runtime.InteropServices;
using System.Text;
using SQLitePCL;

namespace Unroll.Studies;

/// <summary>
/// The values of the row that a statement is at, by SQLite's own functions. What Microsoft.Data.Sqlite calls them by counts the
/// uses of the statement at every call, which is most of the time of reading ten thousand rows.
/// </summary>
/// <remarks>
/// The functions and their results: https://www.sqlite.org/c3ref/column_blob.html. The statement must outlive the row.
/// </remarks>
/// <param name="statement">The statement.</param>
internal readonly unsafe partial struct SqliteValues(sqlite3_stmt statement)
{
    private const string Library = "e_sqlite3"; // that of the package SQLitePCLRaw.bundle_e_sqlite3

    private readonly nint _statement = statement.DangerousGetHandle();

    /// <summary>The kind of a value, such as <c>SQLITE_TEXT</c>.</summary>
    public int Kind(int column) => Type(_statement, column);

    /// <summary>A whole number.</summary>
    public long Whole(int column) => Int64(_statement, column);

    /// <summary>A number.</summary>
    public double Number(int column) => Double(_statement, column);

    /// <summary>The bytes of a text or blob, until the next row.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        void* first = Blob(_statement, column);
        return new ReadOnlySpan<byte>(first, first is null ? 0 : Length(_statement, column));
    }

    /// <summary>A text, whatever the encoding of the store.</summary>
    public string Text(int column)
    {
        void* first = Utf8(_statement, column);
        return Encoding.UTF8.GetString(new ReadOnlySpan<byte>(first, first is null ? 0 : Length(_statement, column)));
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    private static partial int Type(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    private static partial long Int64(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_double")]
    private static partial double Double(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    private static partial void* Blob(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_text")]
    private static partial void* Utf8(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    private static partial int Length(nint statement, int column);
}
