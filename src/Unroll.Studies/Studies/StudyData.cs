using System.Security.Cryptography;
using System.Text;
using Unroll.Files;
using Unroll.Studies.Corpora;

namespace Unroll.Studies;

/// <summary>
/// The files of their own that trials train on. A trial's identity has their paths alone, so that results can be merged where the
/// files are not; that the content is still the same is checked here, before anything runs.
/// </summary>
internal static class StudyData
{
    private static readonly EnumerationOptions Below = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 16,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>
    /// A hash of the content of every file or folder that the trials train on; data sets have theirs in the catalogue, and a pipe
    /// can be read only once.
    /// </summary>
    /// <exception cref="UserError">One of them is not there or cannot be read.</exception>
    public static Dictionary<string, string> Hashes(StudyDefinition study, IEnumerable<Trial> trials)
    {
        var hashes = new Dictionary<string, string>();
        foreach (string path in trials.SelectMany(PathsOf).Distinct())
        {
            try
            {
                if (Hash(DataSource.Existing(path)) is { } hash) hashes.Add(path, hash);
            }
            catch (UserError error)
            {
                throw new UserError($"The study {study.Name}: {error.Message}", error);
            }
            catch (Exception error) when (FileErrors.IsAboutFile(error))
            {
                throw new UserError($"The study {study.Name}: {path} could not be read: {FileErrors.Cause(path, error)}.", error);
            }
        }

        return hashes;
    }

    /// <summary>
    /// Refuses data that has changed since trials of this folder were trained on it, and keeps the hashes of what is new.
    /// </summary>
    public static void Check(StudyFolder folder, Dictionary<string, string> hashes, IReadOnlyList<Trial> trials)
    {
        if (hashes.Count == 0) return;
        HashSet<string> finished = [.. folder.Store.Trials().Where(trial => trial.Result is not null)
            .Select(trial => trial.Hash)];
        foreach ((string path, string hash) in hashes)
        {
            string key = $"data {path}";
            string? before = folder.Store.Value(key);
            if (before is not null && before != hash && trials.Any(trial =>
                PathsOf(trial).Contains(path) && (finished.Contains(trial.Hash) || HasCheckpoint(folder, trial))))
            {
                throw new UserError(
                    $"{path} has changed since trials of {folder.Path} were trained on it; put the old content back, "
                    + "or use another folder.")
                {
                    Option = "--out",
                };
            }


            if (before != hash) folder.Store.SetValue(key, hash);
        }
    }

    private static bool HasCheckpoint(StudyFolder folder, Trial trial) =>
        File.Exists(Path.Combine(StudyRunner.TrialFolder(folder.Path, trial.Hash), RunFolder.CheckpointName));

    private static IEnumerable<string> PathsOf(Trial trial) =>
        trial.Settings.Series is { } series ? series.Paths.Where(path => path != DataSource.StandardInput)
        : trial.Settings.Corpus is { KnownAs.Length: 0 } corpus && corpus.Data != DataSource.StandardInput
        ? corpus.Paths
        : [];

    private static string? Hash(string path)
    {
        bool isFolder = Directory.Exists(path);
        if (!isFolder && new FileInfo(path).Length == 0) return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        string[] files = isFolder ? [.. Directory.EnumerateFiles(path, "*", Below).Order(StringComparer.Ordinal)] : [path];
        foreach (string file in files)
        {
            if (isFolder)
                hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(path, file)}\n{new FileInfo(file).Length}\n"));
            using FileStream stream = File.OpenRead(file);
            for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
