namespace Unroll.Data;

/// <summary>
/// Deals whole groups of sequences out to folds. Large groups go first, equal ones in an order that the seed decides; each
/// goes where its classes are missing most, so that every fold comes near its share of every class.
/// </summary>
internal static class FoldDealer
{
    public static Fold[] Deal(SequenceData data, FoldShares shares, ulong seed)
    {
        int classes = Math.Max(1, data.Classes.Count);
        List<List<int>> groups = Groups(data, Enumerable.Range(0, data.Count), out bool named);
        int folds = 1 + (shares.Validation > 0 ? 1 : 0) + (shares.Test > 0 ? 1 : 0);
        if (groups.Count < folds) throw new ArgumentException(
            Invariant($"{data.Name} has {groups.Count} {(named ? "groups" : "sequences")}, too few for {folds} ")
                + "folds; give files for the folds, or smaller shares.");
        double[] share = [1 - shares.Validation - shares.Test, shares.Validation, shares.Test];
        var total = new double[classes];
        for (int i = 0; i < data.Count; i++) total[Class(i)]++;
        var left = new double[3, classes];
        for (int f = 0; f < 3; f++)
        {
            for (int k = 0; k < classes; k++) left[f, k] = share[f] * total[k];
        }

        var dealt = new Fold[data.Count];
        var count = new double[classes];
        List<int>[] order = [.. Shuffled(groups, seed).OrderByDescending(group => group.Count)];
        foreach (List<int> group in order)
        {
            Array.Clear(count);
            foreach (int i in group) count[Class(i)]++;
            int best = 0;
            double most = double.NegativeInfinity;
            for (int f = 0; f < 3; f++)
            {
                if (share[f] <= 0) continue;
                double need = 0;
                for (int k = 0; k < classes; k++)
                {
                    if (count[k] > 0) need += count[k] * left[f, k] / total[k]; // a file may name classes that no sequence has
                }

                // A small fold that lacks the same share of its own is not hidden by a large one; rounding decides nothing.
                if (need <= most + 1e-9) continue;
                (best, most) = (f, need);
            }

            for (int k = 0; k < classes; k++) left[best, k] -= count[k];
            foreach (int i in group) dealt[i] = (Fold)best;
        }

        foreach (Fold fold in (ReadOnlySpan<Fold>)[Fold.Validation, Fold.Test])
        {
            if (share[(int)fold] > 0 && !dealt.Contains(fold)) Lend(fold);
        }

        return dealt;

        // Of few sequences a small share is none: the last group that training can spare goes there, without the last of a class.
        void Lend(Fold fold)
        {
            int[] trained = new int[classes];
            for (int i = 0; i < dealt.Length; i++) trained[Class(i)] += dealt[i] == Fold.Train ? 1 : 0;
            foreach (List<int> group in order.Reverse())
            {
                if (dealt[group[0]] != Fold.Train || group.Any(i =>
                    trained[Class(i)] <= group.Count(j => Class(j) == Class(i)))) continue;
                foreach (int i in group) dealt[i] = fold;
                return;
            }
        }

        int Class(int sequence) => Math.Max(0, data.Sequences[sequence].Class);
    }

    /// <summary>Deals some sequences to equal parts, largest groups first: each group to the part that has fewest of its classes,
    /// of equal ones to the smallest.</summary>
    /// <returns>The part of each, 0..<paramref name="parts"/>-1.</returns>
    /// <exception cref="ArgumentException">There are fewer groups than parts.</exception>
    public static int[] Deal(SequenceData data, int[] sequences, int parts, ulong seed)
    {
        List<List<int>> groups = Groups(data, sequences, out bool named);
        if (groups.Count < parts) throw new ArgumentException(
            Invariant($"{data.Name} has {groups.Count} {(named ? "groups" : "sequences")} to learn from, too few for {parts} ")
                + "parts; take fewer.");
        var counts = new int[parts, Math.Max(1, data.Classes.Count)];
        var sizes = new int[parts];
        var dealt = new Dictionary<int, int>();
        foreach (List<int> group in Shuffled(groups, seed).OrderByDescending(group => group.Count)
            .ThenBy(group => data.Sequences[group[0]].Class))
        {
            int part = Enumerable.Range(0, parts)
                .MinBy(p => (sizes[p] == 0 && group.Count > 1 ? -1 : group.Sum(i => counts[p, Class(i)]), sizes[p]));
            foreach (int i in group)
            {
                dealt[i] = part;
                counts[part, Class(i)]++;
                sizes[part]++;
            }
        }

        return [.. sequences.Select(i => dealt[i])];

        int Class(int sequence) => Math.Max(0, data.Sequences[sequence].Class);
    }

    private static List<List<int>> Groups(SequenceData data, IEnumerable<int> sequences, out bool named)
    {
        var groups = new List<List<int>>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (int i in sequences)
        {
            string? name = data.Sequences[i].Group;
            if (name is null || !places.TryGetValue(name, out int place))
            {
                place = groups.Count;
                groups.Add([]);
                if (name is not null) places.Add(name, place);
            }

            groups[place].Add(i);
        }

        named = places.Count > 0;
        return groups;
    }

    private static List<List<int>> Shuffled(List<List<int>> groups, ulong seed)
    {
        RandomSource random = new RandomKey(seed, RandomStream.Folds, 0).Shared();
        for (int i = groups.Count - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (groups[i], groups[j]) = (groups[j], groups[i]);
        }

        return groups;
    }
}
