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

    /// <summary>
    /// What is counted of a trial. A class, as everything that is counted in lists: of lists of structures the runtime compiles
    /// every method again, which takes longer than ten thousand objects do.
    /// </summary>
    private sealed record Counted(long Position, CountedCell Cell, bool Done, bool Solved, double Seconds, string? Kernel);

    /// <summary>A cell while its trials are counted.</summary>
    private sealed class CountedCell(string name)
    {
        public string Name { get; } = name;

        /// <summary>The position of the first trial, whose options say what the task of the cell is.</summary>
        public long First { get; set; } = long.MaxValue;

        /// <summary>The options of that trial.</summary>
        public string Options { get; set; } = "";

        public int Trials { get; set; }

        public int Done { get; set; }

        public int Solved { get; set; }

        public double Seconds { get; set; }
    }

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
        var cells = new Dictionary<string, CountedCell>();
        SqliteValues trial = new(trials), one = new(tests), sum = new(sums);
        int state, test = raw.sqlite3_step(tests);
        while ((state = raw.sqlite3_step(trials)) == raw.SQLITE_ROW)
        {
            if (raw.sqlite3_step(sums) != raw.SQLITE_ROW || trial.Kind(0) != raw.SQLITE_TEXT) return null;
            ReadOnlySpan<byte> hash = trial.Bytes(0);
            if (!hash.SequenceEqual(sum.Bytes(0)) || !StoreRow.IsHash(hash)) return null;
            var crc = new Crc64();
            Append(ref crc, trial, columns);
            for (; test == raw.SQLITE_ROW && hash.SequenceEqual(one.Bytes(0)); test = raw.sqlite3_step(tests))
                Append(ref crc, one, testColumns);
            if (sum.Kind(1) != raw.SQLITE_INTEGER || sum.Whole(1) != (long)crc.Value) return null;
            if (trial.Kind(PositionColumn) == raw.SQLITE_NULL) continue;
            if (Count(trial, texts, cells) is not { } count) return null;
            counted.Add(count);
        }

        if (state != raw.SQLITE_DONE || test != raw.SQLITE_DONE || raw.sqlite3_step(sums) != raw.SQLITE_DONE) return null;
        counted.Sort((a, b) => a.Position.CompareTo(b.Position));
        return Sum(counted);
    }

    private static StudyCounts Sum(List<Counted> counted)
    {
        var cells = new List<CountedCell>();
        var sets = new Dictionary<string, int>();
        foreach (Counted trial in counted)
        {
            CountedCell cell = trial.Cell;
            if (cell.Trials++ == 0) cells.Add(cell);
            if (trial.Done) cell.Done++;
            if (trial.Solved) cell.Solved++;
            cell.Seconds += trial.Seconds;
            if (trial.Kernel is { } kernel) sets[kernel] = (sets.TryGetValue(kernel, out int before) ? before : 0) + 1;
        }

        var kernels = new List<SetCount>();
        foreach ((string name, int trials) in sets) kernels.Add(new SetCount(name, trials));
        kernels.Sort((a, b) => a.Trials != b.Trials ? b.Trials.CompareTo(a.Trials) : string.CompareOrdinal(a.Name, b.Name));
        var told = new List<CellCount>();
        foreach (CountedCell cell in cells)
            told.Add(Told(new CellCount(cell.Name, cell.Trials, cell.Done, cell.Solved, cell.Seconds, ""), cell.Options));
        return new StudyCounts(told, kernels, 0);
    }

    /// <summary>What counts of a trial; null where a value is of another kind.</summary>
    private static Counted? Count(SqliteValues trial, Dictionary<string, string> texts, Dictionary<string, CountedCell> cells)
    {
        long position = trial.Whole(PositionColumn);
        if (trial.Kind(PositionColumn) != raw.SQLITE_INTEGER || position is < 0 or > int.MaxValue) return null;
        if (trial.Kind(CellColumn) != raw.SQLITE_TEXT || trial.Kind(OptionsColumn) != raw.SQLITE_TEXT) return null;
        string name = Shown(trial, CellColumn, texts);
        if (!cells.TryGetValue(name, out CountedCell? cell)) cells.Add(name, cell = new CountedCell(name));
        if (position < cell.First)
            (cell.First, cell.Options) = (position, Encoding.UTF8.GetString(trial.Bytes(OptionsColumn)));
        if (trial.Kind(OutcomeColumn) == raw.SQLITE_NULL) return new Counted(position, cell, false, false, 0, null);
        bool solved = trial.Kind(FirstHitColumn) == raw.SQLITE_INTEGER;
        if (solved ? trial.Whole(FirstHitColumn) < 0 : trial.Kind(FirstHitColumn) != raw.SQLITE_NULL)
            return null;
        double seconds = trial.Number(SecondsColumn);
        if (trial.Kind(SecondsColumn) != raw.SQLITE_FLOAT || seconds is not (>= 0 and <= StoreRow.Largest)) return null;
        if (trial.Kind(KernelColumn) != raw.SQLITE_TEXT) return null;
        return new Counted(position, cell, true, solved, seconds, Shown(trial, KernelColumn, texts));
    }

    /// <summary>Appends a row as <see cref="Sum(ReadOnlySpan{IReadOnlyList{object}})"/> does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Append(ref Crc64 crc, SqliteValues row, int columns)
    {
        Span<byte> kind = stackalloc byte[1];
        crc.Append(columns);
        for (int i = 0; i < columns; i++)
        {
            int type = row.Kind(i);
            kind[0] = type == raw.SQLITE_NULL ? (byte)0 : (byte)type; // SQLite numbers the kinds as the checksum does
            crc.Append(kind);
            if (type == raw.SQLITE_INTEGER) crc.Append(row.Whole(i));
            else if (type == raw.SQLITE_FLOAT) crc.Append(BitConverter.DoubleToInt64Bits(row.Number(i)));
            else if (type != raw.SQLITE_NULL)
            {
                ReadOnlySpan<byte> bytes = row.Bytes(i);
                crc.Append((long)bytes.Length);
                crc.Append(bytes);
            }
        }
    }

    /// <summary>
    /// A cell with what a trial's options say of its task; nothing where they cannot be read, which reading the trial reports.
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

    private static string Shown(SqliteValues row, int column, Dictionary<string, string> texts)
    {
        string text = Encoding.UTF8.GetString(row.Bytes(column));
        if (!texts.TryGetValue(text, out string? shown)) texts.Add(text, shown = Printable.Line(text));
        return shown;
    }

    private sqlite3_stmt? Statement(string text) =>
        raw.sqlite3_prepare_v2(_connection.Handle!, text, out sqlite3_stmt statement) == raw.SQLITE_OK ? statement : null;
}
