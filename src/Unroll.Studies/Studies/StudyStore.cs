using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Unroll.Files;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>
/// The store of a study: a SQLite file in write-ahead mode with one writer. A result and its curve are one transaction on the
/// disk before anything counts on them, so a process or a machine may end at any instant. Safe for use from several threads.
/// </summary>
public sealed partial class StudyStore : IDisposable
{
    /// <summary>The file in the study's folder.</summary>
    public const string FileName = "study.db";

    // Places in StudySchema.TrialColumns.
    private const int PositionColumn = 1, NameColumn = 2, CellColumn = 3, OutcomeColumn = 7, FirstHitColumn = 9,
        SecondsColumn = 14, KernelColumn = 19;

    private static readonly Dictionary<string, TrainingOutcome> Outcomes =
        Values.Named<TrainingOutcome>().ToDictionary(outcome => outcome.Name, outcome => outcome.Value);

    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();
    private readonly string _path;

    /// <summary>Whether changes go to a log beside the file, which the end of writing takes away.</summary>
    private bool _isLogged;

    /// <summary>
    /// The file as it was when it was opened without looking at what is beside it; null when it is opened otherwise.
    /// </summary>
    private (long Length, DateTime Written)? _state;

    /// <summary>A folder with the copy that is read in place of the file; null for none.</summary>
    private string? _copy;

    private StudyStore(string path, SqliteConnection connection)
    {
        (_path, _connection) = (path, connection);
        BoundSteps();
    }

    /// <summary>
    /// Puts the definition and its trials into the store; trials that are no longer in the grid keep their results but are not
    /// shown.
    /// </summary>
    internal void SetTrials(StudyDefinition study, IReadOnlyList<Trial> trials) => Transact(() =>
    {
        // Damage must be found before its checksum is computed again. Trials that were finished before there were checksums keep
        // having none.
        (List<RawTrial> before, HashSet<string> without) = CheckedTrials();
        without.IntersectWith(before.Where(trial => !trial.Row.IsNull(OutcomeColumn)).Select(trial => trial.Row.Hash));
        Set("definition", study.ToJson());
        Execute("UPDATE trial SET position = NULL");
        using SqliteCommand put = Prepared(StudySchema.PutTrial);
        foreach (Trial trial in trials)
            Execute(put, trial.Hash, trial.Position, trial.Name, trial.Cell, trial.Replicate, trial.Cost,
                OptionsOf(trial.Settings));
        Seal(RawTrials("").Where(trial => !without.Contains(trial.Row.Hash)));
    });

    /// <summary>Puts the result of a trial into the store, once.</summary>
    internal void Finish(string hash, TrialResult result) => Finish([(hash, result, PackedCurve.Of(result.Checks))]);

    /// <summary>Puts the results of many trials into the store, all of them or none; the checks are the packed ones.</summary>
    internal void Finish(IEnumerable<(string Hash, TrialResult Result, PackedCurve Curve)> finished) => Transact(() =>
    {
        using SqliteCommand put = Prepared(StudySchema.PutResult), curves = Prepared(StudySchema.PutCurve),
            tests = Prepared(StudySchema.PutTest);
        foreach ((string hash, TrialResult r, PackedCurve curve) in finished)
        {
            Execute(
                put, OptionsText.Name(r.Outcome), r.Updates, r.FirstHit, r.Sustained, r.BestError, r.BestLoss, r.BestUpdate,
                r.Seconds, r.FirstHitSeconds, r.TestSeconds, r.Message,
                r.Version, r.Kernel, hash);
            Execute(curves, hash, curve.Points, curve.Data);
            foreach (TrialTest test in r.Tests)
                Execute(tests, hash, test.Length, test.Sequences, test.Error, test.StrictError, test.Loss);
            Seal(hash);
        }
    });

    /// <summary>The trials of the grid in its order, with their results and tests but without curves.</summary>
    public List<StoredTrial> Trials() => Guard(() =>
    {
        List<StoredTrial> trials = [.. InGrid(CheckedTrials().Trials).Select(Read)];
        var names = new HashSet<string>();
        StoredTrial? twice = trials.Find(trial => !names.Add(trial.Name));
        return twice is null ? trials
            : throw new UserError(
                $"{_path} is damaged: two of its trials have the name '{twice.Name}', one of them {twice.Hash}.");
    });

    /// <summary>
    /// The cells in the grid's order, with how many trials each has, has finished and has solved; and what made the results.
    /// </summary>
    internal StudyCounts Counts() => Guard(() => QuickCounts() ?? ThoroughCounts());

    /// <summary>The same from whole rows, so that what is damaged can be named.</summary>
    internal StudyCounts ThoroughCounts()
    {
        (List<RawTrial> all, HashSet<string> without) = CheckedTrials();
        List<StoreRow> rows = [.. InGrid(all).Select(trial => trial.Row)];
        var cells = new List<CellCount>();
        foreach (IGrouping<string, StoreRow> cell in rows.GroupBy(row => row.Text(CellColumn)))
        {
            StoreRow[] done = [.. cell.Where(row => !row.IsNull(OutcomeColumn))];
            var counted = new CellCount(
                cell.Key, cell.Count(), done.Length, done.Count(row => row.WholeOrNull(FirstHitColumn) is not null),
                done.Sum(row => row.Span(SecondsColumn)), "");
            cells.Add(Told(counted, cell.First().IsText(OptionsColumn) ? cell.First().RawText(OptionsColumn) : ""));
        }

        List<StoreRow> finished = [.. rows.Where(row => !row.IsNull(OutcomeColumn))];
        return new StudyCounts(
            cells,
            [
                .. finished.GroupBy(row => row.Text(KernelColumn)).Select(set => new SetCount(set.Key, set.Count()))
                    .OrderByDescending(set => set.Trials).ThenBy(set => set.Name, StringComparer.Ordinal),
            ],
            finished.Count(row => without.Contains(row.Hash)));
    }

    /// <summary>Finished trials of the grid that have no checksum, because they were made before stores had any.</summary>
    internal int WithoutChecksum() => Counts().WithoutChecksum;

    /// <summary>The thinned checks of a trial; none while it is not finished.</summary>
    public List<CurvePoint> Checks(string hash) => Unpack(hash, Packed(hash));

    /// <summary>Trials of this store, those that are finished with their thinned checks.</summary>
    internal IReadOnlyList<StoredTrial> WithChecks(IReadOnlyList<StoredTrial> trials) =>
    [
        .. trials.Select(trial => trial.Result is { } result
            ? trial with { Result = result with { Checks = Checks(trial.Hash) } } : trial),
    ];

    /// <summary>The thinned checks of a trial as they are stored, found whole.</summary>
    internal PackedCurve PackedChecks(string hash)
    {
        PackedCurve curve = Packed(hash);
        Unpack(hash, curve);
        return curve;
    }

    /// <summary>Bytes of all stored checks.</summary>
    internal long CurveBytes() => Guard(() =>
    {
        using SqliteCommand command = Command("SELECT COALESCE(SUM(LENGTH(data)), 0) FROM curve");
        return (long)command.ExecuteScalar()!;
    });

    /// <summary>
    /// Gives the stored checks of every trial, in no order, to <paramref name="take"/>, which must leave this store alone.
    /// </summary>
    internal void ReadCurves(Action<string, PackedCurve> take) => Guard(() => InOneView(() =>
    {
        Dictionary<string, long> sums = Checksums(CurvePart);
        foreach (object[] values in Rows(StudySchema.GetCurves))
        {
            var row = new StoreRow(_path, "curve", StudySchema.CurveColumns, values);
            if (sums.Remove(row.Hash, out long expected) && expected != Sum(values)) throw Altered(CurvePart, row.Hash);
            take(row.Hash, CurveOf(row));
        }

        return sums.Count == 0 ? 0 : throw Lost(CurvePart, sums.Keys.First());
    }));

    /// <summary>The study as it was declared.</summary>
    internal StudyDefinition Definition() => Value("definition") is { } text
        ? StudyReader.Read($"The definition in {_path}", text)
        : throw Empty();

    /// <summary>
    /// The study's name. With a checksum the definition is as it was accepted, and the rest of it is not read for the name.
    /// </summary>
    internal string DefinedName()
    {
        if (!_hasChecksums || Value("definition") is not { } text) return Definition().Name;
        try
        {
            var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            while (json.Read())
            {
                if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName) continue;
                if (json.ValueTextEquals("name"u8) && json.Read() && json.GetString() is { } name) return Printable.Line(name);
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Definition says what is wrong.
        }

        return Definition().Name;
    }

    /// <summary>A named value, or null.</summary>
    internal string? Value(string key) => Guard(() => InOneView<string?>(() =>
    {
        object? value = Rows("SELECT value FROM study WHERE key = $key", ("$key", key)).Select(row => row[0]).FirstOrDefault();
        long? expected = Checksum(ValuePart, key);
        if (value is null) return expected is null ? null : throw Lost(ValuePart, key);
        string text = value as string
            ?? throw new UserError($"{_path} is damaged: the study's value {SafeTensorsHeader.Quote(key)} is no text.");
        return expected is null || expected == Sum([key, text]) ? text : throw Altered(ValuePart, key);
    }));

    /// <summary>Keeps a named value.</summary>
    internal void SetValue(string key, string value) => Transact(() => Set(key, value));

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isLogged) EndLog();
            _connection.Dispose();
        }

        if (_copy is not null) Directory.Delete(_copy, recursive: true);
        _copy = null;
    }

    /// <summary>
    /// Takes the log back into the file, so that readers need no files beside it. While others read, it stays.
    /// </summary>
    private void EndLog()
    {
        _isLogged = false;
        try
        {
            using SqliteCommand command = Command("PRAGMA journal_mode = DELETE");
            command.CommandTimeout = 1; // seconds
            command.ExecuteScalar();
        }
        catch (SqliteException)
        {
            // The log and the file are a whole store together.
        }
    }

    /// <summary>
    /// The options that tell trials apart, as JSON. What came with a later version is left out at its default, as in the hash: a
    /// row that outgrows a quarter of a page would take a page more.
    /// </summary>
    private static string OptionsOf(TrainSettings settings)
    {
        var options = new SortedDictionary<string, string>(settings.TaskProperties().ToDictionary(), StringComparer.Ordinal)
        {
            ["recipe"] = settings.Recipe,
            ["method"] = Method.Of(settings.Options).Name,
        };
        if (settings.Own is { } own)
        {
            foreach ((string name, string value) in own.Parameters) options[name] = value;
            if (own.HasCosts) options[OwnTask.CostUnitKey] = own.Sketch.LossUnit;
        }

        if (settings.SeriesSketch is { } series) options[OwnTask.CostUnitKey] = series.LossUnit;
        foreach ((string name, string value) in OptionsText.Identity(settings.Options))
            options[name] = value;

        return JsonSerializer.Serialize(options, StoreJson.Default.SortedDictionaryStringString);
    }

    private static IEnumerable<RawTrial> InGrid(IEnumerable<RawTrial> trials) =>
        trials.Where(trial => !trial.Row.IsNull(PositionColumn)).OrderBy(trial => trial.Row.Whole(PositionColumn, int.MaxValue));

    /// <summary>The trials as they are stored, with their tests.</summary>
    private List<RawTrial> RawTrials(string where, params (string Name, object? Value)[] parameters)
    {
        var tests = new Dictionary<string, List<StoreRow>>();
        foreach (object[] values in Rows($"{StudySchema.GetTests} {where} ORDER BY rowid", parameters))
        {
            var row = new StoreRow(_path, "test", StudySchema.TestColumns, values);
            if (!tests.TryGetValue(row.Hash, out List<StoreRow>? list)) tests.Add(row.Hash, list = []);
            list.Add(row);
        }

        var trials = new List<RawTrial>();
        var hashes = new HashSet<string>();
        foreach (object[] values in Rows($"{StudySchema.GetTrials} {where}", parameters))
        {
            var row = new StoreRow(_path, "trial", StudySchema.TrialColumns, values);
            if (!hashes.Add(row.Hash)) throw new UserError($"{_path} is damaged: it has the trial {row.Hash} twice.");
            trials.Add(new RawTrial(row, tests.GetValueOrDefault(row.Hash) ?? []));
        }

        return trials;
    }

    private StoredTrial Read(RawTrial trial)
    {
        StoreRow row = trial.Row;
        TrialResult? result = row.IsNull(OutcomeColumn) ? null : new TrialResult
        {
            Outcome = Outcomes.TryGetValue(row.Text(OutcomeColumn), out TrainingOutcome outcome) ? outcome
                : throw row.Wrong(OutcomeColumn, $"one of {string.Join(", ", Outcomes.Keys)}"),
            Updates = row.Whole(8),
            FirstHit = row.WholeOrNull(FirstHitColumn),
            Sustained = row.WholeOrNull(10),
            BestError = row.NumberOrNull(11),
            BestLoss = row.NumberOrNull(12),
            BestUpdate = row.Whole(13),
            Seconds = row.Span(SecondsColumn),
            FirstHitSeconds = row.SpanOrNull(15),
            TestSeconds = row.Span(16),
            Message = row.IsNull(17) ? null : row.Text(17),
            Version = row.Text(18),
            Kernel = row.Text(KernelColumn),
            Tests = [.. trial.Tests.Select(test => new TrialTest(test.Text(1), test.Whole(2), test.NumberOrNull(3),
                test.NumberOrNull(4), test.NumberOrNull(5) ?? double.NaN))],
        };
        return new StoredTrial(
            row.Hash, (int)row.Whole(PositionColumn, int.MaxValue), row.Text(NameColumn), row.Text(CellColumn),
                (int)row.Whole(4, int.MaxValue), row.Number(5), ReadOptions(row), result);
    }

    private Dictionary<string, string> ReadOptions(StoreRow row)
    {
        try
        {
            // A name twice, and half of a surrogate pair, are refused by the reader.
            if (JsonSerializer.Deserialize(row.RawText(6), StoreJson.Default.DictionaryStringString) is { } options
                && options.ContainsKey("task") && !options.ContainsValue(null))
            {
                return Later.Options.Where(later => !options.ContainsKey(later.Key))
                    .Concat(options.Select(option =>
                        KeyValuePair.Create(Printable.Line(option.Key), Printable.Line(option.Value!))))
                    .OrderBy(option => option.Key, StringComparer.Ordinal).ToDictionary();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            // Said below.
        }

        throw new UserError($"{_path} is damaged: the options of the trial {row.Hash} cannot be read.");
    }

    private int Set(string key, string value)
    {
        if (_hasChecksums) PutChecksum(ValuePart, key, Sum([key, value]));
        return Execute("INSERT OR REPLACE INTO study (key, value) VALUES ($key, $value)", ("$key", key), ("$value", value));
    }

    private PackedCurve Packed(string hash) => Guard(() => InOneView(() =>
    {
        long? expected = Checksum(CurvePart, hash);
        foreach (object[] values in Rows($"{StudySchema.GetCurves} WHERE hash = $hash", ("$hash", hash)))
            return expected is null || expected == Sum(values)
                ? CurveOf(new StoreRow(_path, "curve", StudySchema.CurveColumns, values)) : throw Altered(CurvePart, hash);
        return expected is null ? new PackedCurve(0, []) : throw Lost(CurvePart, hash);
    }));

    private static PackedCurve CurveOf(StoreRow row) => new((int)row.Whole(1, Curve.Most), row.Bytes(2));

    private List<CurvePoint> Unpack(string hash, PackedCurve curve)
    {
        try
        {
            return Curve.Unpack(curve.Data, curve.Points);
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"{_path} is damaged: it has {error.Message} for the trial {hash}.", error);
        }
    }

    /// <summary>A trial as it is stored, with its tests in the order in which they were made.</summary>
    private readonly record struct RawTrial(StoreRow Row, List<StoreRow> Tests);

    /// <summary>Made when a trial's options are first read: counting trials does not wait for them.</summary>
    private static class Later
    {
        /// <summary>What a trial's options are where its row has none of that name.</summary>
        public static readonly ImmutableArray<KeyValuePair<string, string>> Options = [.. OptionsText.LaterDefaults()];
    }
}
