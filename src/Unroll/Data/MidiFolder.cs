using System.Security.Cryptography;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// A folder of MIDI files, including the folders in it, as pieces in the ordinal order of their names. When the folder has no
/// folds, the pieces are split in this order: the last tenth (rounded, at least one) is the test fold, the tenth before it the
/// validation fold. Folders with the usual names of folds (<see cref="FoldNames"/>) are the folds; where there is no validation
/// folder, the last tenth of the training pieces in the same order is the validation fold. Files that cannot be used are left out
/// unless the options say otherwise, and files with the same bytes count once: in the test fold if it has one of them, else in
/// the validation fold.
/// </summary>
internal sealed class MidiFolder
{
    /// <summary>The most files of one folder.</summary>
    public const int MaximumFiles = 1 << 17;

    /// <summary>
    /// The most steps of all files together: a file of a few bytes can claim <see cref="MidiFile.MaximumSteps"/>, which take 4
    /// MB.
    /// </summary>
    public const long MaximumSteps = 1 << 25;

    /// <summary>The fewest pieces that are split into folds.</summary>
    public const int LeastPieces = 3;

    private const int MostNamed = 5, MostOfFew = 64, HashBytes = 16;

    private readonly string _folder;
    private readonly MusicReadOptions _options;
    private readonly long _mostSteps;
    private readonly FolderWalk _walk;
    private readonly List<LeftOutFile> _unusable;
    private readonly List<LeftOutFile> _repeated;
    private readonly Dictionary<UInt128, string> _known = [];
    private long _steps;

    private MidiFolder(string folder, MusicReadOptions options, long mostSteps)
    {
        (_folder, _options, _mostSteps) = (folder, options, mostSteps);
        _walk = FolderWalk.Of(folder, IsName, MaximumFiles);
        _unusable = [.. _walk.Unreadable];
        _repeated = [.. _walk.Repeated];
    }

    /// <summary>Whether a file's name is that of a MIDI file.</summary>
    public static bool IsName(string path) => Path.GetExtension(path).ToLowerInvariant() is ".mid" or ".midi" or ".kar" or ".rmi";

    /// <summary>Whether a folder has its own folds: folders with usual names for training and for test.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool HasFolds(string folder)
    {
        try
        {
            Fold?[] folds = [.. Directory.EnumerateDirectories(folder).Select(path => FoldNames.Of(Path.GetFileName(path)))];
            return folds.Contains(Fold.Train) && folds.Contains(Fold.Test);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(folder, error);
        }
    }

    /// <summary>Reads the three folds.</summary>
    /// <exception cref="InvalidFileException">There are too few pieces, more than half of the files cannot be used, or folders
    /// have names like folds but not the usual ones.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static IReadOnlyList<PianoRoll>[] Read(string folder, MusicReadOptions options)
    {
        var reading = new MidiFolder(folder, options, MaximumSteps);
        string[]?[] folders = reading.FoldFolders();
        if (folders[(int)Fold.Train] is null)
        {
            List<PianoRoll> all = reading.Pieces(reading._walk.Names);
            reading.Report(reading._walk.Names.Count);
            return Split(all, folder, reading._walk.Names.Count);
        }

        // The test fold comes first: it keeps pieces that other folds also have, so that it stays as it was given.
        var folds = new List<PianoRoll>[3];
        int files = 0;
        foreach (Fold fold in (Fold[])[Fold.Test, Fold.Validation, Fold.Train])
        {
            string[] names = [.. reading._walk.Names.Where(name => folders[(int)fold]?.Contains(Top(name)) ?? false)];
            files += names.Length;
            folds[(int)fold] = reading.Pieces(names, folders[(int)fold] is [var only] ? only.Length + 1 : 0);
        }

        reading.Report(files, outside: [.. reading._walk.Names.Where(name => FoldNames.Of(Top(name)) is null)]);
        if (folders[(int)Fold.Validation] is null && folds[0].Count > 1)
        {
            int tenth = Tenth(folds[0].Count), left = folds[0].Count - tenth;
            options.Notice?.Invoke(
                Invariant($"{folder} has no validation fold; ")
                    + Invariant($"the last {tenth} of its {folds[0].Count} training pieces, by name, are that."));
            (folds[0], folds[1]) = (folds[0][..left], folds[0][left..]);
        }

        return folds;
    }

    /// <summary>
    /// Whether a folder without folds has pieces, but too few to split. Only small folders are checked, because they are read
    /// twice.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static bool HasFewPieces(string folder, MusicReadOptions options)
    {
        try
        {
            var reading = new MidiFolder(folder, options with { Notice = null, LeftOut = null }, MaximumSteps);
            if (reading._walk.Names.Count > MostOfFew || reading.FoldFolders()[(int)Fold.Train] is not null) return false;
            int pieces = reading.Pieces(reading._walk.Names).Count;
            reading.Report(reading._walk.Names.Count);
            return pieces is > 0 and < LeastPieces;
        }
        catch (InvalidFileException)
        {
            return false; // reading the folder for its folds gives the reason
        }
    }

    /// <summary>Reads all pieces of a folder, whatever fold they are in.</summary>
    /// <inheritdoc cref="Read(string, MusicReadOptions)"/>
    public static List<PianoRoll> ReadPieces(string folder, MusicReadOptions options, long mostSteps = MaximumSteps)
    {
        var reading = new MidiFolder(folder, options, mostSteps);
        List<PianoRoll> pieces = reading.Pieces(reading._walk.Names);
        reading.Report(reading._walk.Names.Count);
        return pieces;
    }

    /// <summary>Splits the pieces of one folder or file in their order.</summary>
    /// <exception cref="InvalidFileException">There are too few.</exception>
    public static IReadOnlyList<PianoRoll>[] Split(IReadOnlyList<PianoRoll> pieces, string file, int files)
    {
        if (pieces.Count < LeastPieces)
        {
            throw new InvalidFileException(file, files == pieces.Count
                ? $"has {Counted.Of(files, "MIDI file")} (.mid, .midi, .kar, .rmi), where at least {LeastPieces} are "
                    + "needed for three folds"
                : $"has {Counted.Of(pieces.Count, "piece")} of music in {Counted.Of(files, "MIDI file")}, "
                    + $"where at least {LeastPieces} are needed for three folds");
        }

        int tenth = Tenth(pieces.Count), train = pieces.Count - (2 * tenth);
        return [[.. pieces.Take(train)], [.. pieces.Skip(train).Take(tenth)], [.. pieces.Skip(train + tenth)]];
    }

    private static int Tenth(int count) => Math.Max(1, (count + 5) / 10);

    private static string Top(string name) =>
        name.IndexOf('/', StringComparison.Ordinal) is > 0 and int slash ? name[..slash] : "";

    /// <summary>The folders of each fold, null for a fold without one; all null where the folder has no folds.</summary>
    private string[]?[] FoldFolders()
    {
        string[] tops = [.. _walk.Names.Select(Top).Where(top => top.Length > 0).Distinct()];
        var folders = new string[]?[3];
        foreach (IGrouping<Fold,
            string> fold in tops.Where(top => FoldNames.Of(top) is not null).GroupBy(top =>
            FoldNames.Of(top)!.Value)) folders[(int)fold.Key] = [.. fold];
        if (folders.FirstOrDefault(fold => fold?.Length > 1) is { } several)
            throw new InvalidFileException(_folder,
                $"has {Listed(several)}, which are folders of the same fold; put their files into one");
        bool has = folders.Any(fold => fold is not null);
        string[] odd = [.. has ? tops.Where(FoldNames.LooksLikeOne) : LikeFolds().Distinct()];
        if (odd.Length > 0)
            throw new InvalidFileException(_folder,
                $"has folders that look like folds and are none: {Listed(odd)}; "
                    + $"name them {FoldNames.Usual}, directly in the folder that is given, or otherwise");
        if (!has) return folders;
        Fold? missing = folders[(int)Fold.Train] is null ? Fold.Train : folders[(int)Fold.Test] is null ? Fold.Test : null;
        if (missing is null && folders[(int)Fold.Validation] is null
            && Directory.EnumerateDirectories(_folder).Any(path =>
            FoldNames.Of(Path.GetFileName(path)) == Fold.Validation)) missing = Fold.Validation;
        if (missing is null) return folders;
        string links = _walk.Repeated.FirstOrDefault(link => FoldNames.Of(link.Name) == missing) is { } link
            ? $" ({link.Name} {link.Reason})" : "";
        throw new InvalidFileException(_folder,
            $"has {Listed([.. folders.OfType<string[]>().SelectMany(fold => fold)])} and no MIDI file in a "
                + $"{Name(missing.Value)} fold{links}; folds are {FoldNames.Usual}");
    }

    /// <summary>
    /// In a collection without folds, the folders at any depth that have names like folds; their pieces were not meant to be
    /// mixed.
    /// </summary>
    private IEnumerable<string> LikeFolds()
    {
        foreach (string name in _walk.Names)
        {
            for (int slash = name.IndexOf('/', StringComparison.Ordinal), begin = 0; slash >= 0; begin = slash + 1,
                slash = name.IndexOf('/', begin))
            {
                string part = name[begin..slash];
                if (FoldNames.LooksLikeOne(part) || (begin > 0 && FoldNames.Of(part) is not null)) yield return name[..slash];
            }
        }
    }

    private List<PianoRoll> Pieces(IReadOnlyList<string> names, int skip = 0)
    {
        var pieces = new List<PianoRoll>();
        foreach (string name in names)
        {
            string path = Path.Combine(_folder, name);
            try
            {
                List<PianoRoll> read = Read(path, name, name[skip..]);
                _steps += read.Sum(piece => (long)piece.Steps);
                pieces.AddRange(read);
            }
            catch (Exception error) when (!_options.Strict && error is InvalidFileException or IOException)
            {
                _unusable.Add(new LeftOutFile(name, Reason(error, path)));
            }

            if (_steps > _mostSteps)
                throw new InvalidFileException(_folder,
                    Invariant($"has more than {_mostSteps} steps in its MIDI files; a longer --step makes fewer of them"));
        }

        return pieces;
    }

    private List<PianoRoll> Read(string path, string name, string pieceName)
    {
        if (MusicFile.IsEmpty(path)) throw new InvalidFileException(path, "is empty"); // or a pipe, which would block
        (byte[] bytes, int length) = FileBytes.Use(path, stream => FileBytes.Read(stream, path, MidiFile.MaximumBytes));
        UInt128 hash = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(
            SHA256.HashData(bytes.AsSpan(0, length)).AsSpan(0, HashBytes));
        if (_known.TryGetValue(hash, out string? first))
        {
            _repeated.Add(new LeftOutFile(name, $"has the same bytes as {first}"));
            return _options.Strict ? throw new InvalidFileException(path, $"has the same bytes as {first}") : [];
        }

        List<PianoRoll> pieces = [.. MidiReader.Read(bytes, length, path, _options with { Name = pieceName }).Where(piece =>
            !IsSilent(piece))];
        if (pieces.Count == 0) throw new InvalidFileException(path, "has no note of a piano");
        if (pieces.RemoveAll(piece => piece.Steps < 2) > 0 && pieces.Count == 0)
            throw new InvalidFileException(path, "is shorter than two steps, so that nothing can be predicted");
        _known.Add(hash, name);
        return pieces;
    }

    /// <summary>Reports what was left out, or refuses the folder when that is more than half of the files.</summary>
    private void Report(int files, string[]? outside = null)
    {
        if (_options.Strict && _unusable.Count > 0)
            throw new InvalidFileException(Path.Combine(_folder, _unusable[0].Name), _unusable[0].Reason);
        if (files == 1 && _unusable.Count == 1)
            throw new InvalidFileException(Path.Combine(_folder, _unusable[0].Name), _unusable[0].Reason);
        if (_unusable.Count * 2 > files + _walk.Unreadable.Count)
            throw new InvalidFileException(_folder,
                Invariant($"has {_unusable.Count} MIDI files of {files + _walk.Unreadable.Count} that cannot be used, ")
                    + $"which is more than half: {Listed(_unusable)}");
        Say(_unusable, Invariant($"{_unusable.Count} of {files + _walk.Unreadable.Count} MIDI files ")
            + Invariant($"{(_unusable.Count == 1 ? "is" : "are")} left out"));
        Say(_repeated, _repeated.Count == 1 ? "1 MIDI file is there twice and counts once"
            : $"{_repeated.Count} MIDI files are there more than once and count once");
        LeftOutFile[] aside = [.. (outside ?? []).Select(name => new LeftOutFile(name, "lies outside the folds"))];
        string lie = aside.Length == 1 ? "file lies" : "files lie", are = aside.Length == 1 ? "is" : "are";
        Say(aside, $"{aside.Length} MIDI {lie} outside its folds and {are} left out", reasons: false);
    }

    private void Say(IReadOnlyList<LeftOutFile> files, string what, bool reasons = true)
    {
        if (files.Count == 0) return;
        foreach (LeftOutFile file in files) _options.LeftOut?.Invoke(file);
        _options.Notice?.Invoke(
            $"{_folder}: {what}: {(reasons ? Listed(files) : Listed([.. files.Select(file => file.Name)]))}.");
    }

    private static string Listed(IReadOnlyList<LeftOutFile> files) =>
        Listed([.. files.Select(file => $"{file.Name} ({file.Reason})")]);

    private static string Listed(string[] names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed
            ? Invariant($", and {names.Length - MostNamed} more") : "");

    private static string Name(Fold fold) => fold == Fold.Train ? "training" : fold.ToString().ToLowerInvariant();

    /// <summary>The problem with a file that an error's message states, without the file's name.</summary>
    private static string Reason(Exception error, string path)
    {
        string message = error.Message.TrimEnd('.');
        return message.StartsWith(path + " ", StringComparison.Ordinal) ? message[(path.Length + 1)..] : message;
    }

    private static bool IsSilent(PianoRoll piece)
    {
        for (int t = 0; t < piece.Steps; t++)
        {
            foreach (ulong word in piece.Words(t))
            {
                if (word != 0) return false;
            }
        }

        return true;
    }
}
