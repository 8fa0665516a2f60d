using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Unroll.Files;
using Unroll.Training;

namespace Unroll.Cli.Studies;

/// <summary>
/// The store of a study: a SQLite file in write-ahead mode with one writer. A result and its curve are one transaction on the
/// disk before anything counts on them, so a process or a machine may end at any instant. Safe for use from several threads.
/// </summary>
internal sealed partial class StudyStore : IDisposable
{
    /// <summary>The file in the study's folder.</summary>
    public const string FileName = "study.db";

    /// <summary>The format written; a store of a newer one is refused.</summary>
    private const int Format = 1;

    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();
    private readonly string _path;

    /// <summary>How long a lock of another program is waited for, unless something else is said.</summary>
    public const int SecondsToWait = 20;

    private StudyStore(string path, SqliteConnection connection) => (_path, _connection) = (path, connection);

    /// <summary>Opens the store to write, making it when there is none.</summary>
    /// <exception cref="UserError">It is of a newer version, locked, read-only or no store.</exception>
    public static StudyStore OpenToWrite(string folder, int secondsToWait = SecondsToWait)
    {
        string path = Path.Combine(folder, FileName);
        var store = new StudyStore(path, Connect(path, SqliteOpenMode.ReadWriteCreate, secondsToWait));
        try
        {
            if (store.Guard(store.Tables).Count > 0) store.CheckFormat(); // what is none of ours stays as it is
            store.Guard(() => store.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"));

            // As a whole: a kill leaves an empty file or a store.
            store.Transact(() =>
            {
                if (store.Tables().Count > 0) return;
                store.Execute(StudySchema.Create);
                store.Set("format", Format.ToString(CultureInfo.InvariantCulture));
            });
            store.CheckFormat();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Opens the store to look at it, also while a study runs and on a disk that cannot be written.</summary>
    /// <exception cref="UserError">There is none, or it is of a newer version, locked or no store.</exception>
    /// <param name="folder">The study's folder, or the file of a store that was exported.</param>
    public static StudyStore OpenToRead(string folder)
    {
        string path = PathLook.IsFile(folder) ? folder : Path.Combine(folder, FileName);
        if (!PathLook.IsFile(path))
        {
            throw new UserError(Directory.Exists(folder) && StudyMerge.Shards(folder).Length > 0
                ? $"The folder {folder} holds shards; join them first with unroll study merge {folder}."
                : Directory.Exists(folder) ? $"The folder {folder} holds no study: it has no {FileName}."
                : $"The folder {folder} holds no study: it does not exist.");
        }

        try
        {
            return Checked(Connect(path, SqliteOpenMode.ReadOnly));
        }
        catch (UserError error) when (error.InnerException is SqliteException { SqliteErrorCode: 8 or 14 }
            && !File.Exists(path + "-wal") && Unreadable(path) is null)
        {
            // A write-ahead store needs a file beside it even for reading, which this disk cannot hold; nobody can write to it then.
            return Checked(Connect($"file:{Uri.EscapeDataString(Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1", SqliteOpenMode.ReadOnly));
        }

        StudyStore Checked(SqliteConnection connection)
        {
            var store = new StudyStore(path, connection);
            try
            {
                store.CheckFormat();
                return store;
            }
            catch
            {
                store.Dispose();
                throw;
            }
        }
    }

    /// <summary>Puts the definition and its trials into the store; trials that it had and the grid has no more keep their results but are not shown.</summary>
    public void SetTrials(StudyDefinition study, IReadOnlyList<Trial> trials) => Transact(() =>
    {
        Set("definition", study.ToJson());
        Execute("UPDATE trial SET position = NULL");
        using SqliteCommand put = Prepared(StudySchema.PutTrial);
        foreach (Trial trial in trials) Execute(put, trial.Hash, trial.Position, trial.Name, trial.Cell, trial.Replicate, trial.Cost, OptionsOf(trial.Settings));
    });

    /// <summary>Puts the result of a trial into the store, once.</summary>
    public void Finish(string hash, TrialResult result) => Finish([(hash, result, PackedCurve.Of(result.Checks))]);

    /// <summary>Puts the results of many trials into the store, all of them or none; the checks are the packed ones.</summary>
    public void Finish(IEnumerable<(string Hash, TrialResult Result, PackedCurve Curve)> finished) => Transact(() =>
    {
        using SqliteCommand put = Prepared(StudySchema.PutResult), curves = Prepared(StudySchema.PutCurve), tests = Prepared(StudySchema.PutTest);
        foreach ((string hash, TrialResult r, PackedCurve curve) in finished)
        {
            Execute(
                put, OptionsText.Name(r.Outcome), r.Updates, r.FirstHit, r.Sustained, r.BestError, r.BestLoss, r.BestUpdate, r.Seconds, r.FirstHitSeconds, r.TestSeconds, r.Message,
                r.Version, r.Kernel, hash);
            Execute(curves, hash, curve.Points, curve.Data);
            foreach (TrialTest test in r.Tests) Execute(tests, hash, test.Length, test.Sequences, test.Error, test.StrictError, test.Loss);
        }
    });

    /// <summary>The trials of the grid in its order, with their results and tests but without curves.</summary>
    public List<StoredTrial> Trials() => Guard(() =>
    {
        var tests = new Dictionary<string, List<TrialTest>>();
        using (SqliteCommand command = Command("SELECT hash, length, sequences, error, strict_error, loss FROM test ORDER BY hash, rowid"))
        using (SqliteDataReader row = command.ExecuteReader())
        {
            while (row.Read())
            {
                if (!tests.TryGetValue(row.GetString(0), out List<TrialTest>? list)) tests.Add(row.GetString(0), list = []);
                list.Add(new TrialTest(row.GetString(1), row.GetInt64(2), Number(row, 3), Number(row, 4), Number(row, 5) ?? double.NaN));
            }
        }

        var trials = new List<StoredTrial>();
        using (SqliteCommand command = Command(StudySchema.GetTrials))
        using (SqliteDataReader row = command.ExecuteReader())
        {
            while (row.Read()) trials.Add(Read(row, tests));
        }

        return trials;
    });

    /// <summary>The cells in the grid's order, with how many trials each has, has finished and has solved.</summary>
    public List<CellCount> Counts() => Guard(() =>
    {
        var cells = new List<CellCount>();
        using SqliteCommand command = Command(StudySchema.GetCounts);
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read()) cells.Add(new CellCount(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetDouble(4), row.GetString(6)));
        return cells;
    });

    /// <summary>The thinned checks of a trial; none while it is not finished.</summary>
    public List<CurvePoint> Checks(string hash) => Unpack(hash, Packed(hash));

    /// <summary>The thinned checks of a trial as they are stored, found whole.</summary>
    public PackedCurve PackedChecks(string hash)
    {
        PackedCurve curve = Packed(hash);
        Unpack(hash, curve);
        return curve;
    }

    /// <summary>The instruction sets that made the results, with how many each; the most first.</summary>
    public List<(string Name, int Trials)> InstructionSets() => Guard(() =>
    {
        var sets = new List<(string, int)>();
        using SqliteCommand command = Command("SELECT kernel, COUNT(*) FROM trial WHERE position IS NOT NULL AND outcome IS NOT NULL GROUP BY kernel ORDER BY 2 DESC, 1");
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read()) sets.Add((row.GetString(0), row.GetInt32(1)));
        return sets;
    });

    /// <summary>Bytes of all stored checks.</summary>
    public long CurveBytes() => Guard(() =>
    {
        using SqliteCommand command = Command("SELECT COALESCE(SUM(LENGTH(data)), 0) FROM curve");
        return (long)command.ExecuteScalar()!;
    });

    /// <summary>Gives the stored checks of every trial, in no order, to <paramref name="take"/>, which must leave this store alone.</summary>
    public void ReadCurves(Action<string, PackedCurve> take) => Guard(() =>
    {
        using SqliteCommand command = Command("SELECT hash, points, data FROM curve");
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read()) take(row.GetString(0), new PackedCurve(row.GetInt32(1), (byte[])row[2]));
        return 0;
    });

    /// <summary>The study as it was declared.</summary>
    public StudyDefinition Definition() => Value("definition") is { } text
        ? StudyReader.Read($"The definition in {_path}", text)
        : throw Empty();

    /// <summary>A named value, or null.</summary>
    public string? Value(string key) => Guard(() =>
    {
        using SqliteCommand command = Command("SELECT value FROM study WHERE key = $key", ("$key", key));
        return (string?)command.ExecuteScalar();
    });

    /// <summary>Keeps a named value.</summary>
    public void SetValue(string key, string value) => Guard(() => Set(key, value));

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _connection.Dispose();
    }

    private static SqliteConnection Connect(string source, SqliteOpenMode mode, int secondsToWait = SecondsToWait)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false, DefaultTimeout = secondsToWait }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw Refusal(source, error);
        }
    }

    private static string OptionsOf(TrainSettings settings)
    {
        var options = new SortedDictionary<string, string>(settings.TaskProperties().ToDictionary(), StringComparer.Ordinal)
        {
            ["recipe"] = settings.Recipe,
            ["method"] = Method.Of(settings.Options).Name,
        };
        foreach ((string name, string value) in OptionsText.ToProperties(settings.Options))
        {
            if (name != "threads") options[name] = value;
        }

        return JsonSerializer.Serialize(options);
    }

    private StoredTrial Read(SqliteDataReader row, Dictionary<string, List<TrialTest>> tests)
    {
        string hash = row.GetString(0);
        TrialResult? result = row.IsDBNull(7) ? null : new TrialResult
        {
            Outcome = Values.Choice($"The outcome in {_path}", row.GetString(7), Values.Named<TrainingOutcome>()),
            Updates = row.GetInt64(8),
            FirstHit = row.IsDBNull(9) ? null : row.GetInt64(9),
            Sustained = row.IsDBNull(10) ? null : row.GetInt64(10),
            BestError = Number(row, 11),
            BestLoss = Number(row, 12),
            BestUpdate = row.GetInt64(13),
            Seconds = row.GetDouble(14),
            FirstHitSeconds = Number(row, 15),
            TestSeconds = row.GetDouble(16),
            Message = row.IsDBNull(17) ? null : row.GetString(17),
            Version = row.GetString(18),
            Kernel = row.GetString(19),
            Tests = tests.GetValueOrDefault(hash) ?? [],
        };
        return new StoredTrial(
            hash, row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetDouble(5), ReadOptions(hash, row.GetString(6)), result);
    }

    private Dictionary<string, string> ReadOptions(string hash, string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<Dictionary<string, string>>(text) is { } options && options.ContainsKey("task")) return options;
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new UserError($"{_path} is damaged: the options of the trial {hash} cannot be read.");
    }

    private UserError Empty() => new($"{_path} holds no study yet, for the run that made it was stopped at its beginning; give unroll study run the study itself, and this folder as --out.");

    private List<string> Tables()
    {
        var tables = new List<string>();
        using SqliteCommand command = Command("SELECT name FROM sqlite_master WHERE type = 'table'");
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read()) tables.Add(row.GetString(0));
        return tables;
    }

    private void CheckFormat()
    {
        List<string> tables = Guard(Tables);
        if (tables.Count == 0) throw Empty();
        string? format = tables.Contains("study") ? Value("format") : null;
        if (!int.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) throw new UserError($"{_path} is not a study's store.");
        if (number > Format) throw new UserError($"{_path} is of format {number}, written by a newer version; this one reads up to {Format}.");
    }

    private int Set(string key, string value) => Execute("INSERT OR REPLACE INTO study (key, value) VALUES ($key, $value)", ("$key", key), ("$value", value));

    private PackedCurve Packed(string hash) => Guard(() =>
    {
        using SqliteCommand command = Command("SELECT points, data FROM curve WHERE hash = $hash", ("$hash", hash));
        using SqliteDataReader row = command.ExecuteReader();
        return row.Read() ? new PackedCurve(row.GetInt32(0), (byte[])row[1]) : new PackedCurve(0, []);
    });

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
}
