using Microsoft.Data.Sqlite;
using Unroll.Files;

namespace Unroll.Studies;

/// <summary>
/// The checksums of a store: one over each of the study's values, over each trial with its tests, and over each curve. They
/// are made from what SQLite gives back in the transaction that wrote it, and compared wherever it is read.
/// </summary>
public sealed partial class StudyStore
{
    private const string ValuePart = "study", TrialPart = "trial", CurvePart = "curve";

    /// <summary>Whether the store has a table of checksums at all.</summary>
    private bool _hasChecksums;

    /// <summary>The checksum of values: their kinds, lengths and bytes.</summary>
    private static long Sum(params ReadOnlySpan<IReadOnlyList<object>> rows)
    {
        var crc = new Crc64();
        Span<byte> kind = stackalloc byte[1];
        foreach (IReadOnlyList<object> row in rows)
        {
            crc.Append(row.Count);
            foreach (object value in row)
            {
                kind[0] = value switch { long => 1, double => 2, string => 3, byte[] => 4, _ => 0 };
                crc.Append(kind);
                switch (value)
                {
                    case long whole: crc.Append(whole); break;
                    case double number: crc.Append(BitConverter.DoubleToInt64Bits(number)); break;
                    case string text: crc.Append(text); break;
                    case byte[] bytes:
                        crc.Append(bytes.LongLength);
                        crc.Append(bytes);
                        break;
                }
            }
        }

        return (long)crc.Value;
    }

    private static long Sum(RawTrial trial) => Sum([trial.Row.Values, .. trial.Tests.Select(test => test.Values)]);

    /// <summary>The checksums of a part, by what they are of.</summary>
    private Dictionary<string, long> Checksums(string part)
    {
        var sums = new Dictionary<string, long>();
        if (!_hasChecksums) return sums;
        foreach (object[] row in Rows("SELECT id, crc FROM checksum WHERE part = $part", ("$part", part)))
        {
            if (row is not [string id, long crc])
                throw new UserError($"{_path} is damaged: a checksum in it has the wrong form.");
            sums[id] = crc;
        }

        return sums;
    }

    /// <summary>The checksum of a part; null where there is none.</summary>
    private long? Checksum(string part, string id)
    {
        if (!_hasChecksums) return null;
        foreach (object[] row in Rows("SELECT crc FROM checksum WHERE part = $part AND id = $id", ("$part", part), ("$id", id)))
            return row[0] as long? ?? throw Altered(part, id);
        return null;
    }

    private void PutChecksum(string part, string id, long crc) =>
        Execute(StudySchema.PutChecksum, ("$part", part), ("$id", id), ("$crc", crc));

    /// <summary>Computes the checksums of trials again, in the transaction that changed them.</summary>
    private void Seal(IEnumerable<RawTrial> trials)
    {
        using SqliteCommand put = Prepared(StudySchema.PutChecksum);
        foreach (RawTrial trial in trials) Execute(put, TrialPart, trial.Row.Hash, Sum(trial));
    }

    private void Seal(string hash)
    {
        Seal(RawTrials("WHERE hash = $hash", ("$hash", hash)));
        foreach (object[] row in Rows($"{StudySchema.GetCurves} WHERE hash = $hash", ("$hash", hash)).ToList())
            PutChecksum(CurvePart, hash, Sum(row));
    }

    /// <summary>Compares every trial with its checksum, also those that are no longer in the grid.</summary>
    /// <returns>The trials, and the hashes of those without one, which were finished before stores had checksums.</returns>
    private (List<RawTrial> Trials, HashSet<string> Without) CheckedTrials() => InOneView(() =>
    {
        Dictionary<string, long> sums = Checksums(TrialPart);
        List<RawTrial> trials = RawTrials("");
        var without = new HashSet<string>();
        int matched = 0;
        foreach (RawTrial trial in trials)
        {
            string hash = trial.Row.Hash;
            if (!sums.TryGetValue(hash, out long expected)) without.Add(hash);
            else if (expected != Sum(trial)) throw Altered(TrialPart, hash, trial.Row.Values[NameColumn] as string);
            else matched++;
        }

        if (matched != sums.Count) throw Lost(TrialPart, sums.Keys.Except(trials.Select(trial => trial.Row.Hash)).First());
        return (trials, without);
    });

    private UserError Altered(string part, string id, string? name = null) => new(
        $"{_path} is damaged: {Called(part, id)}{(string.IsNullOrEmpty(name) ? "" : $" ({name})")} does not match its checksum; "
            + "put back a copy of the file.");

    private UserError Lost(string part, string id) =>
        new($"{_path} is damaged: it has a checksum of {Called(part, id)} and nothing else of it; put back a copy of the file.");

    private static string Called(string part, string id) => part switch
    {
        ValuePart => $"the study's value {SafeTensorsHeader.Quote(id)}",
        CurvePart => $"the curve of the trial {Printable.Line(id)}",
        _ => $"the trial {Printable.Line(id)}",
    };
}
