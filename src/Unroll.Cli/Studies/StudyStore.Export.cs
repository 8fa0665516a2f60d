using Microsoft.Data.Sqlite;
using Unroll.Files;

namespace Unroll.Cli.Studies;

/// <summary>The store as one file that travels.</summary>
internal sealed partial class StudyStore
{
    /// <summary>Whether a file begins as those of SQLite do.</summary>
    public static bool IsOne(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            var start = new byte[16];
            return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual("SQLite format 3\0"u8);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes all of the store, checks over time included, into one file that needs no other beside it; as a whole or not at all.</summary>
    /// <exception cref="UserError">The file cannot be written.</exception>
    public void ExportTo(string file)
    {
        string target = Path.GetFullPath(file);
        if (target == Path.GetFullPath(_path)) throw new UserError($"{file} is the study's own store; name another file.");
        if (Directory.Exists(target)) throw new UserError($"{file} could not be written: it is a folder.");
        string temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Environment.ProcessId}.tmp");
        try
        {
            File.Delete(temporary);
            lock (_gate)
            {
                using SqliteCommand vacuum = Command("VACUUM INTO $file", ("$file", temporary));
                vacuum.ExecuteNonQuery();
            }

            using (var copy = new StudyStore(temporary, Connect(temporary, SqliteOpenMode.ReadWrite)))
            {
                // A file of its own: no log beside it, nor anything of the machine that it comes from.
                copy.Execute("PRAGMA journal_mode = DELETE");
                copy.CheckFormat();
            }

            using (FileStream written = File.Open(temporary, FileMode.Open, FileAccess.ReadWrite)) written.Flush(flushToDisk: true);
            File.Move(temporary, target, overwrite: true);
        }
        catch (SqliteException error)
        {
            throw Refusal(error.SqliteErrorCode is 11 or 26 ? _path : file, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{file} could not be written: {FileErrors.Cause(file, error)}.", error);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }
}
