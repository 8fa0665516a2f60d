using Microsoft.Data.Sqlite;
using Unroll.Studies;
using Unroll.Tests.Fuzz;

namespace Unroll.Cli.Tests.Fuzz;

/// <summary>Makes a store, and changes values, kinds of values, rows and the schema of a copy.</summary>
internal static class StoreMutation
{
    private const string Definition = """
        {"name": "fuzz", "grid": {"task": "addition", "length": 10, "hidden": 4, "updates": 20,
         "check-every": 10, "validation": 10, "method": ["sgd", "sgd-c"], "seed": "1..2"}}
        """;

    private static readonly string[] Tables = ["study", "trial", "curve", "test", "checksum"];

    /// <summary>Statements that make another schema; none may be asked, run or copied.</summary>
    private static readonly string[] Schemas =
    [
        "ALTER TABLE trial RENAME TO t; CREATE VIEW trial AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
            + "SELECT t.*, n FROM t, r",
        "ALTER TABLE trial RENAME TO t; CREATE VIEW trial AS SELECT * FROM t",
        "ALTER TABLE study RENAME TO s; CREATE VIEW study AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
            + "SELECT 'format' AS key, '1' AS value FROM r",
        "CREATE TRIGGER evil AFTER UPDATE ON trial BEGIN UPDATE trial SET name = 'evil'; END",
        "CREATE TRIGGER more AFTER INSERT ON study BEGIN DELETE FROM trial; END",
        "CREATE VIRTUAL TABLE words USING fts5(text)",
        "CREATE TABLE more (x)", "CREATE INDEX i ON trial (name)",
            "ALTER TABLE trial ADD COLUMN more TEXT DEFAULT (hex(zeroblob(100)))",
        "ALTER TABLE trial ADD COLUMN more TEXT GENERATED ALWAYS AS (name || name)", "DROP TABLE test", "DROP TABLE curve",
            "DROP TABLE checksum", "ALTER TABLE curve RENAME COLUMN data TO bytes",
        "DROP TABLE trial; CREATE TABLE trial (hash TEXT PRIMARY KEY)",
            "DROP TABLE study; CREATE TABLE study (key TEXT, value TEXT)", "ANALYZE", "PRAGMA user_version = 7",
        "DELETE FROM study", "DELETE FROM trial", "DELETE FROM study WHERE key = 'definition'", "DELETE FROM curve",
            "DELETE FROM test",
        "UPDATE study SET value = '3' WHERE key = 'format'", "UPDATE study SET value = '1' WHERE key = 'format'",
            "UPDATE study SET value = '0' WHERE key = 'format'",
        "INSERT INTO test SELECT hash, 'x' || length, sequences, error, strict_error, loss FROM test",
        "INSERT INTO trial SELECT substr(hash, 2) || 'a', position, name, cell, replicate, cost, options, outcome, updates, "
            + "first_hit, sustained, best_error, best_loss, best_update, seconds, first_hit_seconds, test_seconds, message, "
                + "version, kernel FROM trial",
        "UPDATE trial SET name = 'a', cell = 'a'", "UPDATE trial SET hash = '../../' || substr(hash, 7)",
            "UPDATE trial SET options = '{\"task\": \"music\"}'", "UPDATE trial SET options = '{\"task\": null}'",
    ];

    private static readonly string[] Texts =
    [
        "", "x", "\u001b]0;evil\a\u001b[31m", "a\nunroll: all is well", "\u202eevil", "../../x", "/dev/null", "NaN", "1e999",
            "-1", "seed=1 seed=2", "=", "method=", "method=sgd seed=1", "a=b c", "\ud83d\ude00", "\0", "{", "[]",
        "{\"task\":\"music\"}", "{\"task\":\"addition\",\"x\":\"\\ud800\"}", "{\"task\":1}", "solved", "Solved", "non-finite",
            "1/0", "2/1", "x1", "test/0", "validation", "999999999999999999999999",
    ];

    /// <summary>A store with four trials, three of them finished.</summary>
    public static void Make(string folder)
    {
        Directory.CreateDirectory(folder);
        StudyDefinition study = StudyReader.Read("fuzz", Definition);
        List<Trial> trials = StudyGrid.Trials(study);
        using StudyStore store = StudyStore.OpenToWrite(folder);
        store.SetTrials(study, trials);
        foreach (Trial trial in trials.Take(3))
        {
            store.Finish(trial.Hash, new TrialResult
            {
                Outcome = trial.Position == 0 ? Training.TrainingOutcome.Unsolved : Training.TrainingOutcome.Solved,
                Updates = 20,
                FirstHit = trial.Position == 0 ? null : 10,
                FirstHitSeconds = 0.5,
                Sustained = null,
                BestError = 0.25,
                BestLoss = 0.125,
                BestUpdate = 10,
                Seconds = 1,
                TestSeconds = 0.5,
                Version = "0.1.0",
                Kernel = "vector256",
                Checks = [new CurvePoint(10, 0.5, 1, 1, 0.25, 1, 0, double.NaN, 1, 1),
                    new CurvePoint(20, 1, 1, 1, 0.25, 1, 0, double.NaN, 1, 1)],
                Tests = [new TrialTest("10", 100, 0.25, 0.5, 1)],
            });
        }

        store.SetValue("eta_seconds", "1");
        store.SetValue("shard", "1/1");
    }

    /// <summary>Changes a store in place by statements.</summary>
    public static void Change(string file, ref RandomSource random)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Try(connection, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
        bool sealedBefore = random.NextInt(6) == 0;
        for (int changes = 1 + random.NextInt(2); changes > 0; changes--)
        {
            if (random.NextInt(4) == 0) Try(connection, Schemas[random.NextInt(Schemas.Length)]);
            else ChangeValue(connection, ref random);
        }

        if (!sealedBefore) Try(connection, "DELETE FROM checksum");
    }

    private static void ChangeValue(SqliteConnection connection, ref RandomSource random)
    {
        string table = Tables[random.NextInt(random.NextInt(2) == 0 ? 2 : Tables.Length)];
        List<string> columns = [];
        using (SqliteCommand list = connection.CreateCommand())
        {
            list.CommandText = $"SELECT name FROM pragma_table_info('{table}')";
            using SqliteDataReader row = list.ExecuteReader();
            while (row.Read()) columns.Add(row.GetString(0));
        }

        if (columns.Count == 0) return;
        string column = columns[random.NextInt(columns.Count)], key = columns[0];
        object value = random.NextInt(12) switch
        {
            0 => DBNull.Value,
            1 => long.MaxValue,
            2 => long.MinValue,
            3 => -1L,
            4 => (long)random.NextInt(1000),
            5 => 1e308,
            6 => double.NegativeInfinity,
            7 => random.NextDouble(),
            8 => new byte[random.NextInt(40)],
            9 => new byte[] { 0xFF, 0xFE, 0xC3, 0x28 },
            _ => Texts[random.NextInt(Texts.Length)],
        };
        using SqliteCommand command = connection.CreateCommand();
        string where = random.NextInt(3) == 0 ? ""
            : $" WHERE {key} = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {random.NextInt(4)})";
        // bytes that are no UTF-8 as a text
        string put = value is byte[] && random.NextInt(2) == 0 ? "CAST($value AS TEXT)" : "$value";
        command.CommandText = $"UPDATE OR IGNORE {table} SET {column} = {put}{where}";
        command.Parameters.AddWithValue("$value", value);
        try
        {
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // A constraint of the table; the input stays as it was.
        }
    }

    private static void Try(SqliteConnection connection, string text)
    {
        try
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = text;
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // What an earlier change took away cannot be changed.
        }
    }
}
