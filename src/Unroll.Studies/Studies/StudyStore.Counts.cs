using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using SQLitePCL;
using Unroll.Files;
using Unroll.Studies.Settings;

namespace Unroll.Studies;

/// <summary>
/// How far a study has come, in one pass over a store in which all is in order. Checksums are compared on SQLite's own bytes; of
/// a trial only what is counted becomes an object. Whatever is not in order is left to <see cref="Counts"/> to name.
/// </summary>
public sealed partial class StudyStore
{
    private const int OptionsColumn = 6;

    /// <summary>What is counted of a trial.</summary>
    private readonly record struct Counted(long Position, string Cell, bool Done, bool Solved, double Seconds, string? Kernel);

    /// <summary>The counts; null where anything is not in order, or has no checksum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal StudyCounts? QuickCounts()
    {
        if (!_hasChecksums) return null;

        // All are in the order of the hash, and one view of the store: it lasts while one of them has not ended.
        using sqlite3_stmt? trials = Statement($"{StudySchema.GetTrials} ORDER BY hash"),
            tests = Statement($"{StudySchema.GetTests} ORDER BY hash, rowid"),
            sums = Statement($"SELECT id, crc FROM checksum WHERE part = '{TrialPart}' ORDER BY id");
        if (trials is null || tests is null || sums is null) return null;
        int columns = StudySchema.TrialColumns.Length, testColumns = StudySchema.TestColumns.Length;
        var counted = new List<Counted>();
        var texts = new Dictionary<string, string>();
        var options = new Dictionary<string, (long Position, string Text)>();
        Span<char> hashText = stackalloc char[64];
        int state, test = raw.sqlite3_step(tests);
        while ((state = raw.sqlite3_step(trials)) == raw.SQLITE_ROW)
        {
            if (raw.sqlite3_step(sums) != raw.SQLITE_ROW) return null;
            ReadOnlySpan<byte> hash = Bytes(trials, 0);
            if (!hash.SequenceEqual(Bytes(sums, 0)) || hash.Length > hashText.Length || !IsKind(trials, 0, raw.SQLITE_TEXT))
                return null;
            if (!StoreRow.IsHash(new string(hashText[..Encoding.UTF8.GetChars(hash, hashText)]))) return null;
            var crc = new Crc64();
            Append(ref crc, trials, columns);
            for (; test == raw.SQLITE_ROW && hash.SequenceEqual(Bytes(tests, 0)); test = raw.sqlite3_step(tests))
                Append(ref crc, tests, testColumns);
            if (!IsKind(sums, 1, raw.SQLITE_INTEGER) || raw.sqlite3_column_int64(sums, 1) != (long)crc.Value) return null;
            if (IsKind(trials, PositionColumn, raw.SQLITE_NULL)) continue;
            if (Count(trials, texts, options) is not { } one) return null;
            counted.Add(one);
        }

        if (state != raw.SQLITE_DONE || test != raw.SQLITE_DONE || raw.sqlite3_step(sums) != raw.SQLITE_DONE) return null;
        counted.Sort((a, b) => a.Position.CompareTo(b.Position));
        return Sum(counted, options);
    }

    private static StudyCounts Sum(List<Counted> counted, Dictionary<string, (long Position, string Text)> options)
    {
        var cells = new Dictionary<string, CellCount>();
        var sets = new Dictionary<string, int>();
        foreach (Counted trial in counted)
        {
            if (!cells.TryGetValue(trial.Cell, out CellCount? cell))
                cell = Told(new CellCount(trial.Cell, 0, 0, 0, 0, ""), options[trial.Cell].Text);
            cells[trial.Cell] = cell with
            {
                Trials = cell.Trials + 1,
                Done = cell.Done + (trial.Done ? 1 : 0),
                Solved = cell.Solved + (trial.Solved ? 1 : 0),
                Seconds = cell.Seconds + trial.Seconds,
            };
            if (trial.Kernel is { } kernel) sets[kernel] = sets.GetValueOrDefault(kernel) + 1;
        }

        var kernels = new List<(string Name, int Trials)>();
        foreach ((string name, int trials) in sets) kernels.Add((name, trials));
        kernels.Sort((a, b) => a.Trials != b.Trials ? b.Trials.CompareTo(a.Trials) : string.CompareOrdinal(a.Name, b.Name));
        return new StudyCounts([.. cells.Values], kernels, 0);
    }

    /// <summary>What counts of a trial; null where a value is of another kind.</summary>
    private static Counted? Count(sqlite3_stmt trial, Dictionary<string, string> texts, Dictionary<string,
        (long, string)> options)
    {
        long position = raw.sqlite3_column_int64(trial, PositionColumn);
        if (!IsKind(trial, PositionColumn, raw.SQLITE_INTEGER) || position is < 0 or > int.MaxValue) return null;
        if (!IsKind(trial, CellColumn, raw.SQLITE_TEXT) || !IsKind(trial, OptionsColumn, raw.SQLITE_TEXT)) return null;
        string cell = Shown(trial, CellColumn, texts);
        if (!options.TryGetValue(cell, out (long First, string Text) known) || position < known.First)
            options[cell] = (position, Encoding.UTF8.GetString(Bytes(trial, OptionsColumn)));
        if (IsKind(trial, OutcomeColumn, raw.SQLITE_NULL)) return new Counted(position, cell, false, false, 0, null);
        bool solved = IsKind(trial, FirstHitColumn, raw.SQLITE_INTEGER);
        if (solved ? raw.sqlite3_column_int64(trial, FirstHitColumn) < 0 : !IsKind(trial, FirstHitColumn, raw.SQLITE_NULL))
            return null;
        double seconds = raw.sqlite3_column_double(trial, SecondsColumn);
        if (!IsKind(trial, SecondsColumn, raw.SQLITE_FLOAT) || seconds is not (>= 0 and <= StoreRow.Largest)) return null;
        if (!IsKind(trial, KernelColumn, raw.SQLITE_TEXT)) return null;
        return new Counted(position, cell, true, solved, seconds, Shown(trial, KernelColumn, texts));
    }

    /// <summary>Appends a row as <see cref="Sum(ReadOnlySpan{IReadOnlyList{object}})"/> does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Append(ref Crc64 crc, sqlite3_stmt row, int columns)
    {
        Span<byte> kind = stackalloc byte[1];
        crc.Append(columns);
        for (int i = 0; i < columns; i++)
        {
            int type = raw.sqlite3_column_type(row, i);
            kind[0] = type == raw.SQLITE_NULL ? (byte)0 : (byte)type; // SQLite numbers the kinds as the checksum does
            crc.Append(kind);
            if (type == raw.SQLITE_INTEGER) crc.Append(raw.sqlite3_column_int64(row, i));
            else if (type == raw.SQLITE_FLOAT) crc.Append(BitConverter.DoubleToInt64Bits(raw.sqlite3_column_double(row, i)));
            else if (type != raw.SQLITE_NULL)
            {
                ReadOnlySpan<byte> bytes = Bytes(row, i);
                crc.Append((long)bytes.Length);
                crc.Append(bytes);
            }
        }
    }

    /// <summary>
    /// A cell with what a trial's options say of its task; nothing where they cannot be read, which matters to who looks at the
    /// trial.
    /// </summary>
    private static CellCount Told(CellCount cell, string options)
    {
        try
        {
            var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(options));
            string task = "";
            bool hasUnit = false;
            while (json.Read())
            {
                if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName) continue;
                hasUnit |= json.ValueTextEquals(OwnTask.CostUnitKey);
                if (json.ValueTextEquals("task"u8) && json.Read()) task = json.GetString() ?? "";
            }

            task = Printable.Line(task);
            return cell with { Task = task, HasCosts = hasUnit || TaskCatalogue.Corpora.Contains(task) };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return cell;
        }
    }

    private static string Shown(sqlite3_stmt row, int column, Dictionary<string, string> texts)
    {
        string text = Encoding.UTF8.GetString(Bytes(row, column));
        if (!texts.TryGetValue(text, out string? shown)) texts.Add(text, shown = Printable.Line(text));
        return shown;
    }

    private static bool IsKind(sqlite3_stmt row, int column, int kind) => raw.sqlite3_column_type(row, column) == kind;

    /// <summary>The bytes of a text or blob, until the next row.</summary>
    private static ReadOnlySpan<byte> Bytes(sqlite3_stmt row, int column) => raw.sqlite3_column_blob(row, column);

    private sqlite3_stmt? Statement(string text) =>
        raw.sqlite3_prepare_v2(_connection.Handle!, text, out sqlite3_stmt statement) == raw.SQLITE_OK ? statement : null;
}
