using System.Text.RegularExpressions;

namespace Unroll.Cli.Studies;

/// <summary>The tables of a store, format 1, and the longer statements on them.</summary>
internal static partial class StudySchema
{
    public const string Create = """
        CREATE TABLE IF NOT EXISTS study (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS trial (
          hash TEXT PRIMARY KEY,      -- identity: every option that can change a bit
          position INTEGER,           -- place in the grid; null when the grid has it no more
          name TEXT NOT NULL, cell TEXT NOT NULL, replicate INTEGER NOT NULL, cost REAL NOT NULL,
          options TEXT NOT NULL,      -- JSON, all resolved options as text
          outcome TEXT,               -- null until it is finished; then solved, unsolved, finished, non-finite
          updates INTEGER, first_hit INTEGER, sustained INTEGER, best_error REAL, best_loss REAL, best_update INTEGER,
          seconds REAL, first_hit_seconds REAL, test_seconds REAL, message TEXT, version TEXT, kernel TEXT
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS curve (hash TEXT PRIMARY KEY, points INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS test (
          hash TEXT NOT NULL, length TEXT NOT NULL, sequences INTEGER NOT NULL, error REAL, strict_error REAL, loss REAL,
          UNIQUE (hash, length)
        );
        """;

    public const string PutTrial = """
        INSERT INTO trial (hash, position, name, cell, replicate, cost, options) VALUES ($hash, $position, $name, $cell, $replicate, $cost, $options)
        ON CONFLICT (hash) DO UPDATE SET position = $position, name = $name, cell = $cell, replicate = $replicate, cost = $cost, options = $options
        """;

    public const string PutResult = """
        UPDATE trial SET outcome = $outcome, updates = $updates, first_hit = $first, sustained = $sustained, best_error = $best, best_loss = $loss,
          best_update = $best_update, seconds = $seconds, first_hit_seconds = $first_seconds, test_seconds = $test_seconds, message = $message,
          version = $version, kernel = $kernel
        WHERE hash = $hash
        """;

    public const string PutCurve = "INSERT OR REPLACE INTO curve (hash, points, data) VALUES ($hash, $points, $data)";

    public const string PutTest = """
        INSERT OR REPLACE INTO test (hash, length, sequences, error, strict_error, loss) VALUES ($hash, $length, $sequences, $error, $strict, $loss)
        """;

    public const string GetTrials = """
        SELECT hash, position, name, cell, replicate, cost, options, outcome, updates, first_hit, sustained, best_error, best_loss, best_update,
          seconds, first_hit_seconds, test_seconds, message, version, kernel
        FROM trial WHERE position IS NOT NULL ORDER BY position
        """;

    public const string GetCounts = """
        SELECT cell, COUNT(*), COUNT(outcome), COUNT(first_hit), TOTAL(seconds), MIN(position), COALESCE(CASE WHEN json_valid(options) THEN json_extract(options, '$.task') END, '')
        FROM trial WHERE position IS NOT NULL GROUP BY cell ORDER BY MIN(position)
        """;

    /// <summary>The names of a statement's parameters, in the order in which the text first has them.</summary>
    public static IEnumerable<string> Parameters(string text) => Names().Matches(text).Select(match => match.Value).Distinct();

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Names();
}
