using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Unroll.Files;

namespace Unroll.Studies;

/// <summary>
/// How a store is opened: a file that is not a store is refused before it is queried, and reading a store leaves nothing
/// behind.
/// </summary>
public sealed partial class StudyStore
{
    /// <summary>How long a lock of another program is waited for, unless something else is said.</summary>
    public const int SecondsToWait = 20;

    // https://www.sqlite.org/c3ref/c_dbconfig_defensive.html and c_limit_attached.html
    private const int EnableTrigger = 1003, Defensive = 1010, EnableView = 1015, TrustedSchema = 1017;
    private const int LengthLimit = 0, ExpressionLimit = 3, CompoundLimit = 4, TriggerLimit = 10;
    private const int MostBytes = 32 << 20; // a study's definition has at most 16 MiB

    private const int StepsBetweenLooks = 100_000;

    /// <summary>Opens the store to write, making it when there is none.</summary>
    /// <exception cref="UserError">It is of a newer version, locked, read-only or no store.</exception>
    internal static StudyStore OpenToWrite(string folder, int secondsToWait = SecondsToWait)
    {
        string path = Path.Combine(folder, FileName);
        RequireFile(path);
        var store = new StudyStore(path, Connect(path, SqliteOpenMode.ReadWriteCreate, secondsToWait));
        try
        {
            if (store.Guard(store.Schema).Count > 0) store.CheckFormat(); // a file that is not a store stays as it is
            store.Guard(() => store.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"));
            store._isLogged = true;

            // As a whole: a kill leaves an empty file or a store.
            store.Transact(() =>
            {
                if (store.Schema().Count == 0) store.Execute(StudySchema.Create);
                else if (store.CheckSchema() < 2) store.Execute(StudySchema.AddChecksums);
                else return;
                store._hasChecksums = true;
                store.Set("format", StudySchema.Format.ToString(CultureInfo.InvariantCulture));
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
    /// <param name="folder">The study's folder, or the file of a store that was exported.</param>
    /// <param name="secondsToWait">How long a lock of another program is waited for.</param>
    /// <exception cref="UserError">There is no store, or it is of a newer version, locked or not a store.</exception>
    public static StudyStore OpenToRead(string folder, int secondsToWait = SecondsToWait)
    {
        string path = PathLook.IsFile(folder) ? folder : Path.Combine(folder, FileName);
        if (!PathLook.IsFile(path))
        {
            throw new UserError(Directory.Exists(folder) && StudyFolder.Shards(folder).Length > 0
                ? $"The folder {folder} holds shards; join them first with unroll study merge {folder}."
                : Directory.Exists(folder) ? $"The folder {folder} holds no study: it has no {FileName}."
                : $"The folder {folder} holds no study: it does not exist.");
        }

        RequireFile(path);

        // A write-ahead store needs files beside it even for reading. Where nobody writes to it and its log is empty, it is read
        // without them; should somebody begin to write meanwhile, that is seen.
        string own = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (IsWriteAhead(path) && new FileInfo(path + "-wal") is not { Exists: true, Length: > 0 } && !FolderLock.IsHeld(own))
            return AsItLies();
        try
        {
            return Checked(Connect(path, SqliteOpenMode.ReadOnly, secondsToWait));
        }
        catch (UserError error) when (error.InnerException is SqliteException { SqliteErrorCode: 8 or 14 }
            && Unreadable(path) is null)
        {
            // The disk cannot hold the files that reading needs.
            return File.Exists(path + "-wal") || File.Exists(path + "-journal") ? OfCopy() : AsItLies();
        }

        StudyStore AsItLies()
        {
            (long, DateTime) state = State(path);
            string source =
                $"file:{Uri.EscapeDataString(Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1";
            return Checked(Connect(source, SqliteOpenMode.ReadOnly, secondsToWait), state);
        }

        StudyStore OfCopy()
        {
            string copy = Directory.CreateTempSubdirectory("unroll-").FullName;
            try
            {
                foreach (string file in (string[])[path, path + "-wal", path + "-journal"])
                {
                    if (File.Exists(file)) File.Copy(file, Path.Combine(copy, FileName + file[path.Length..]));
                }

                return Checked(Connect(Path.Combine(copy, FileName), SqliteOpenMode.ReadWrite, secondsToWait), null, copy);
            }
            catch (Exception error)
            {
                Directory.Delete(copy, recursive: true);
                if (FileErrors.IsAboutFile(error))
                    throw new UserError($"{path} could not be read: {FileErrors.Cause(path, error)}.", error);
                throw;
            }
        }

        StudyStore Checked(SqliteConnection connection, (long, DateTime)? state = null, string? copy = null)
        {
            var store = new StudyStore(path, connection) { _state = state, _copy = copy };
            try
            {
                store.CheckFormat();
                return store;
            }
            catch
            {
                store._copy = null; // the caller who made it deletes it
                store.Dispose();
                throw;
            }
        }
    }

    /// <summary>Whether a file begins as those of SQLite do.</summary>
    internal static bool IsOne(string file) =>
        Begin(file) is { } start && start.AsSpan(0, 16).SequenceEqual("SQLite format 3\0"u8);

    /// <summary>Whether the file says that changes to it are in a log beside it.</summary>
    private static bool IsWriteAhead(string file) => Begin(file) is { } start && start[18] == 2 && start[19] == 2;

    /// <summary>The first bytes of a file that has so many; null of any other.</summary>
    private static byte[]? Begin(string file)
    {
        try
        {
            if (!AtomicFile.FindTarget(file, out _)) return null;
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
            var start = new byte[20];
            return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length ? start : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Refuses pipes and devices, which a store never is; opening one may wait for ever.</summary>
    private static void RequireFile(string path)
    {
        if (File.Exists(path) && !AtomicFile.FindTarget(path, out _))
            throw new UserError($"{path} is not a file, so it is no study's store.");
    }

    private static (long, DateTime) State(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : default;
    }

    private static SqliteConnection Connect(string source, SqliteOpenMode mode, int secondsToWait)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = source,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = secondsToWait,
        };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            Defend(connection);
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw Refusal(source, error);
        }
    }

    /// <summary>
    /// Nothing in a store may do anything: no view, no trigger, no function from its schema, no long text, no page taken at its
    /// word.
    /// </summary>
    private static void Defend(SqliteConnection connection)
    {
        sqlite3 handle = connection.Handle!;
        raw.sqlite3_db_config(handle, Defensive, 1, out _);
        foreach (int option in (ReadOnlySpan<int>)[EnableTrigger, EnableView, TrustedSchema])
            raw.sqlite3_db_config(handle, option, 0, out _);
        (int Limit, int Most)[] limits = [(LengthLimit, MostBytes), (ExpressionLimit, 100), (CompoundLimit, 10),
            (TriggerLimit, 1)];
        foreach ((int limit, int most) in limits) raw.sqlite3_limit(handle, limit, most);
        ExecuteAtOnce(connection, "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0");
    }

    /// <summary>
    /// Ends a statement that takes more steps than there can be bytes in the file: pages that lead to each other make rows
    /// without end.
    /// </summary>
    private void BoundSteps()
    {
        long length = Math.Max(State(_path).Item1, 1 << 20);
        long most = (100 * length) + 100_000_000;
        raw.sqlite3_progress_handler(_connection.Handle!, StepsBetweenLooks,
            _ => ++_looks * StepsBetweenLooks > most ? 1 : 0, null);
    }

    private UserError Empty() =>
        new($"{_path} holds no study yet, because the run that made it was stopped at its beginning; run the study "
            + "itself in this folder.")
        {
            Option = "--out",
        };

    /// <summary>What the store has in it: kind, name, statement.</summary>
    private List<(string Kind, string Name, string? Sql)> Schema()
    {
        var found = new List<(string, string, string?)>();
        foreach (object[] row in Rows("SELECT type, name, sql FROM sqlite_master LIMIT 100"))
        {
            if (row is not [string kind, string name, string or DBNull]) throw NotOurs("has something without a name");
            found.Add((kind, name, row[2] as string));
        }

        return found;
    }

    /// <summary>Refuses a store that is empty, of a newer format, or that has anything that this program did not make.</summary>
    private void CheckFormat() => _hasChecksums = Guard(CheckSchema) >= 2;

    /// <summary>The format of the store.</summary>
    private int CheckSchema()
    {
        List<(string Kind, string Name, string? Sql)> found = Schema();
        if (found.Count == 0) throw Empty();

        // The table of a study's values is the same in every format; nothing else is asked before the rest is known to be ours.
        if (!found.Exists(one => one is { Kind: "table", Name: "study" } && StudySchema.IsStudy(one.Sql)))
            throw new UserError($"{_path} is not a study's store.");
        string? text = Rows("SELECT value FROM study WHERE key = 'format'").Select(row => row[0] as string).FirstOrDefault();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int format) || format < 1)
            throw new UserError($"{_path} is not a study's store.");
        if (format > StudySchema.Format)
            throw new UserError(
                Invariant($"{_path} is of format {format}, written by a newer version; this one reads up to ")
                    + Invariant($"{StudySchema.Format}."));
        IReadOnlyDictionary<string, string?> ours = StudySchema.Objects(format);
        foreach ((string kind, string name, string? sql) in found)
        {
            string expected = name.StartsWith("sqlite_", StringComparison.Ordinal) ? "index" : "table";
            if (!ours.TryGetValue(name, out string? made))
                throw NotOurs($"has the {kind} {SafeTensorsHeader.Quote(name)}, which no study has");
            if (kind != expected || (sql is null ? null : StudySchema.OneForm(sql)) != made)
                throw NotOurs($"has the {kind} {SafeTensorsHeader.Quote(name)} in another form than a study's");
        }

        string? lacking = ours.Keys.FirstOrDefault(name => !found.Exists(one => one.Name == name));
        if (lacking is not null || found.Count != ours.Count)
            throw NotOurs(lacking is null ? "has a table twice" : $"lacks the table {lacking}");
        return format;
    }

    private UserError NotOurs(string why) => new($"{_path} is damaged, or not a study's store: it {why}.");
}
