using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Studies;

/// <summary>The tables of a store, and the longer statements on them.</summary>
internal static partial class StudySchema
{
    /// <summary>The format written; a store of a newer one is refused. Format 1 has no checksums.</summary>
    public const int Format = 2;

    private const string Study = "CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";

    private const string Trial = """
        CREATE TABLE trial (
          hash TEXT PRIMARY KEY,      -- identity: every option that can change a bit
          position INTEGER,           -- place in the grid; null when the grid has it no more
          name TEXT NOT NULL, cell TEXT NOT NULL, replicate INTEGER NOT NULL, cost REAL NOT NULL,
          options TEXT NOT NULL,      -- JSON, all resolved options as text
          outcome TEXT,               -- null until it is finished; then solved, unsolved, finished, non-finite
          updates INTEGER, first_hit INTEGER, sustained INTEGER, best_error REAL, best_loss REAL, best_update INTEGER,
          seconds REAL, first_hit_seconds REAL, test_seconds REAL, message TEXT, version TEXT, kernel TEXT
        ) WITHOUT ROWID
        """;

    private const string Curve = "CREATE TABLE curve (hash TEXT PRIMARY KEY, points INTEGER NOT NULL, data BLOB NOT NULL)";

    private const string Test = """
        CREATE TABLE test (
          hash TEXT NOT NULL, length TEXT NOT NULL, sequences INTEGER NOT NULL, error REAL, strict_error REAL, loss REAL,
          UNIQUE (hash, length)
        )
        """;

    /// <summary>What is summed is a value of <c>study</c> (its key), a trial with its tests, or a curve (the hash).</summary>
    private const string Checksum =
        "CREATE TABLE checksum (part TEXT NOT NULL, id TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (part, id)) "
            + "WITHOUT ROWID";

    /// <summary>Makes an empty store.</summary>
    public static string Create { get; } = string.Join(";\n", Study, Trial, Curve, Test, Checksum);

    /// <summary>Makes a store of format 1 one of format 2, whose rows have no checksums yet.</summary>
    public static string AddChecksums => Checksum;

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

    public const string PutChecksum = "INSERT OR REPLACE INTO checksum (part, id, crc) VALUES ($part, $id, $crc)";

    /// <summary>The columns of <see cref="GetTrials"/> in order; a checksum is over their values.</summary>
    public static readonly string[] TrialColumns =
    [
        "hash", "position", "name", "cell", "replicate", "cost", "options", "outcome", "updates", "first_hit", "sustained",
            "best_error", "best_loss",
        "best_update", "seconds", "first_hit_seconds", "test_seconds", "message", "version", "kernel",
    ];

    /// <summary>The columns of <see cref="GetTests"/> in order.</summary>
    public static readonly string[] TestColumns = ["hash", "length", "sequences", "error", "strict_error", "loss"];

    /// <summary>The columns of <see cref="GetCurves"/> in order.</summary>
    public static readonly string[] CurveColumns = ["hash", "points", "data"];

    public static string GetTrials { get; } = $"SELECT {string.Join(", ", TrialColumns)} FROM trial";

    public static string GetTests { get; } = $"SELECT {string.Join(", ", TestColumns)} FROM test";

    public static string GetCurves { get; } = $"SELECT {string.Join(", ", CurveColumns)} FROM curve";

    /// <summary>
    /// What the schema of a store has: names, and the statements that made them in one form; null for what SQLite makes itself.
    /// </summary>
    /// <param name="format">The store's format.</param>
    public static IReadOnlyDictionary<string, string?> Objects(int format) => format < 2 ? First : Second;

    /// <summary>Whether a statement made the table of a study's values, which is the same in every format.</summary>
    public static bool IsStudy(string? sql) => sql is not null && OneForm(sql) == First["study"];

    /// <summary>A statement without its comments, and with one space wherever there is any.</summary>
    /// <remarks>
    /// By hand: the first use of a regular expression takes longer than reading a store of a few hundred trials.
    /// </remarks>
    public static string OneForm(string sql)
    {
        var form = new StringBuilder(sql.Length);
        for (int i = 0; i < sql.Length; i++)
        {
            bool isComment = sql[i] == '-' && i + 1 < sql.Length && sql[i + 1] == '-';
            if (isComment)
            {
                while (i + 1 < sql.Length && sql[i + 1] != '\n') i++;
            }

            if (!isComment && !char.IsWhiteSpace(sql[i])) form.Append(sql[i]);
            else if (form.Length > 0 && form[^1] != ' ') form.Append(' ');
        }

        if (form.Length > 0 && form[^1] == ' ') form.Length--;
        return form.ToString();
    }

    /// <summary>The names of a statement's parameters, in the order in which the text first has them.</summary>
    public static IEnumerable<string> Parameters(string text) => Names().Matches(text).Select(match => match.Value).Distinct();

    private static Dictionary<string, string?> First { get; } = new()
    {
        ["study"] = OneForm(Study),
        ["trial"] = OneForm(Trial),
        ["curve"] = OneForm(Curve),
        ["test"] = OneForm(Test),
        ["sqlite_autoindex_curve_1"] = null,
        ["sqlite_autoindex_test_1"] = null,
    };

    private static Dictionary<string, string?> Second { get; } = new(First) { ["checksum"] = OneForm(Checksum) };

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Names();
}
