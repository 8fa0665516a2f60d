using Microsoft.Data.Sqlite;
using Unroll.Files;

namespace Unroll.Studies;

/// <summary>The store as one file that travels.</summary>
public sealed partial class StudyStore
{
    /// <summary>
    /// Writes all of the store, checks over time included, into one file that needs no other beside it; as a whole or not at all.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <exception cref="StudyException">The store is damaged, or the file cannot be written.</exception>
    public void ExportTo(string file) => ExportTo(file, null);

    /// <summary>The same, to what is no file.</summary>
    /// <param name="file">The file, or what is written to as it is called in refusals.</param>
    /// <param name="output">Gives the stream that is written to; null for the file.</param>
    /// <exception cref="StudyException">The store is damaged, or the file cannot be written.</exception>
    internal void ExportTo(string file, Action<Action<Stream>>? output)
    {
        string target = file;
        bool isFile = output is null && AtomicFile.FindTarget(file, out target);
        target = Path.GetFullPath(target);
        AtomicFile.FindTarget(_path, out string own);
        if (isFile && target == Path.GetFullPath(own))
            throw new UserError($"{file} is the study's own store; name another file.");
        if (isFile && Directory.Exists(target)) throw new UserError($"{file} could not be written: it is a folder.");
        Verify();

        // Beside a file it takes no room on another disk and is only renamed; nothing is made beside a pipe or a device.
        string? folder = isFile ? null : Directory.CreateTempSubdirectory("unroll-").FullName;
        string temporary = Path.Combine(folder ?? Path.GetDirectoryName(target)!,
            Invariant($".{Path.GetFileName(isFile ? target : FileName)}.{Environment.ProcessId}.tmp"));
        try
        {
            File.Delete(temporary);
            lock (_gate)
            {
                _looks = 0;
                using SqliteCommand vacuum = Command("VACUUM INTO $file", ("$file", temporary));
                vacuum.ExecuteNonQuery();
            }

            using (var copy = new StudyStore(temporary, Connect(temporary, SqliteOpenMode.ReadWrite, SecondsToWait)))
            {
                // A file of its own: no log beside it, nor anything of the machine that it comes from.
                copy.Execute("PRAGMA journal_mode = DELETE");
                copy.CheckFormat();
            }

            using (FileStream written = File.Open(temporary, FileMode.Open, FileAccess.ReadWrite))
            {
                if (output is not null) output(written.CopyTo);
                else if (!isFile) AtomicFile.Write(file, written.CopyTo);
                else written.Flush(flushToDisk: true);
            }

            if (isFile) File.Move(temporary, target, overwrite: true);
        }
        catch (SqliteException error)
        {
            throw Refusal(error.SqliteErrorCode is 9 or 11 or 26 ? _path : file, error);
        }
        catch (Exception error) when (isFile && error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{file} could not be written: {FileErrors.Cause(file, error)}.", error);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
            if (folder is not null) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Reads everything, so that damage is known.</summary>
    /// <exception cref="UserError">The store is damaged.</exception>
    public void Verify()
    {
        Trials();
        ReadCurves((_, _) => { });
    }
}
