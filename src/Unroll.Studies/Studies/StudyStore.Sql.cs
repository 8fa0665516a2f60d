using Microsoft.Data.Sqlite;
using SQLitePCL;
using Unroll.Files;

namespace Unroll.Studies;

/// <summary>The store's statements: one at a time, in transactions, and their errors as sentences.</summary>
public sealed partial class StudyStore
{
    /// <summary>How often the statements of one task have been interrupted for a look at their steps.</summary>
    private long _looks;

    /// <summary>SQLite has no NaN.</summary>
    private static object ToSql(object? value) => value is null or double.NaN ? DBNull.Value : value;

    private static void Execute(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = ToSql(values[i]);
        command.ExecuteNonQuery();
    }

    private static UserError Refusal(string path, SqliteException error) => new(
        error.SqliteErrorCode switch
        {
            10 or 14 when IsFull(path) => $"{path} could not be written: the disk is full.",
            1 when error.Message.Contains("no such table", StringComparison.Ordinal) => $"{path} is not a study's store.",
            5 or 6 => $"{path} is locked by another program; wait until it ends, or close it.",
            8 => $"{path} is read-only.",
            9 => $"{path} is damaged: it has more rows than bytes.",
            10 => $"{path} could not be read or written: the disk reports an error.",
            11 or 26 => $"{path} is damaged, or not a study's store.",
            13 => $"{path} could not be written: the disk is full.",
            14 when Unreadable(path) is { } trouble => $"{path} could not be opened: {trouble}.",
            14 => $"{path} could not be opened: its folder is missing or cannot be written.",
            18 => $"{path} is damaged: a value in it is larger than {MostBytes >> 20} MiB.",
            _ => $"{path}: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}.",
        }, error)
    {
        IsOfMachine = error.SqliteErrorCode is 5 or 6 or 10 or 13 || (error.SqliteErrorCode == 14 && IsFull(path)),
    };

    /// <summary>
    /// What keeps the file of a store from being read, which SQLite does not tell; null when nothing does, or it is not there.
    /// </summary>
    private static string? Unreadable(string path)
    {
        if (PathLook.Trouble(path) is { } trouble) return trouble;
        if (!File.Exists(path)) return null;
        try
        {
            File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete).Dispose();
            return null;
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            return FileErrors.Cause(path, error);
        }
    }

    /// <summary>Whether the disk of a file is full. SQLite often reports just an error then.</summary>
    private static bool IsFull(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace < 4096;
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error) || error is ArgumentException)
        {
            return false;
        }
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        foreach ((string name, object? value) in parameters) command.Parameters.AddWithValue(name, ToSql(value));
        return command;
    }

    /// <summary>A statement to execute many times; it takes its values in the order of its text.</summary>
    private SqliteCommand Prepared(string text)
    {
        SqliteCommand command = Command(text);
        foreach (string name in StudySchema.Parameters(text)) command.Parameters.Add(new SqliteParameter(name, null));
        return command;
    }

    private int Execute(string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>
    /// The rows that a statement gives, a long, double, string, byte[] or DBNull each value, read as they are asked for.
    /// </summary>
    /// <remarks>
    /// SQLite's own calls: a short command would wait longer for the compilation of a data reader than for the rows.
    /// </remarks>
    private IEnumerable<object[]> Rows(string text, params (string Name, object? Value)[] parameters)
    {
        sqlite3_stmt? prepared = null;
        Check(Patiently(() => raw.sqlite3_prepare_v2(_connection.Handle!, text, out prepared)));
        using sqlite3_stmt statement = prepared!;
        foreach ((string name, object? value) in parameters) Bind(statement, name, value);
        var row = new SqliteValues(statement);
        int columns = raw.sqlite3_column_count(statement);
        int state = Patiently(() => raw.sqlite3_step(statement));
        for (; state == raw.SQLITE_ROW; state = raw.sqlite3_step(statement))
        {
            var values = new object[columns];
            for (int i = 0; i < columns; i++) values[i] = ValueOf(row, i);
            yield return values;
        }

        Check(state);
    }

    private static object ValueOf(SqliteValues row, int column) => row.Kind(column) switch
    {
        raw.SQLITE_INTEGER => row.Whole(column),
        raw.SQLITE_FLOAT => row.Number(column),
        raw.SQLITE_TEXT => row.Text(column),
        raw.SQLITE_BLOB => row.Bytes(column).ToArray(),
        _ => DBNull.Value,
    };

    private void Bind(sqlite3_stmt statement, string name, object? value)
    {
        int place = raw.sqlite3_bind_parameter_index(statement, name);
        Check(value switch
        {
            string text => raw.sqlite3_bind_text(statement, place, text),
            _ => throw new ArgumentException($"A row is asked for by a text, not by {value ?? "nothing"}.", nameof(value)),
        });
    }

    /// <summary>What a call of SQLite gives as soon as no other program's lock is in its way, or when the wait is over.</summary>
    private int Patiently(Func<int> call)
    {
        const int Milliseconds = 100;
        int code = call();
        for (long left = _connection.DefaultTimeout * 1000L; code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED && left > 0;)
        {
            Thread.Sleep(Milliseconds);
            left -= Milliseconds;
            code = call();
        }

        return code;
    }

    private void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            SqliteException.ThrowExceptionForRC(code, _connection.Handle!);
    }

    /// <summary>Executes statements that neither take values nor wait for a lock.</summary>
    private static void ExecuteAtOnce(SqliteConnection connection, string text)
    {
        int code = raw.sqlite3_exec(connection.Handle!, text);
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, connection.Handle!);
    }

    private void Transact(Action work) => Guard(() =>
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            work();
            Execute("COMMIT");
            return 0;
        }
        catch
        {
            try
            {
                Execute("ROLLBACK");
            }
            catch (SqliteException)
            {
                // SQLite rolls back by itself on a full disk.
            }

            throw;
        }
    });

    /// <summary>
    /// Reads the store as it is at one moment, in as many statements as that takes: another program's write between a row and its
    /// checksum would look like damage.
    /// </summary>
    private T InOneView<T>(Func<T> read)
    {
        if (IsInTransaction) return read();
        ExecuteAtOnce(_connection, "BEGIN");
        try
        {
            return read();
        }
        finally
        {
            if (IsInTransaction) ExecuteAtOnce(_connection, "ROLLBACK");
        }
    }

    private bool IsInTransaction => raw.sqlite3_get_autocommit(_connection.Handle!) == 0;

    private T Guard<T>(Func<T> work)
    {
        lock (_gate)
        {
            try
            {
                _looks = 0;
                T result = work();
                return _state is { } state && State(_path) != state
                    ? throw new UserError($"{_path} was written to while it was read; give the same command again.")
                    : result;
            }
            catch (SqliteException error)
            {
                throw Refusal(_path, error);
            }
            catch (Exception error) when (error is InvalidOperationException or InvalidCastException or OverflowException
                or FormatException or ArgumentException)
            {
                throw new UserError($"{_path} is damaged: a value in it is missing or of another kind.", error);
            }
        }
    }
}
