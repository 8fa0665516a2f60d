using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// Which steps of which sequences are learned from, chosen by and reported: no step is in two folds. Forecasting cuts every
/// sequence by time, everything else takes whole sequences or groups.
/// </summary>
public sealed class SequenceFolds
{
    private const int MostSampled = 1 << 20;
    private readonly FoldPart[][] _parts;

    private SequenceFolds(SequenceData data, FoldPart[][] parts) => (Data, _parts) = (data, parts);

    /// <summary>The data.</summary>
    public SequenceData Data { get; }

    /// <summary>The parts of a fold, in order of sequences; none for an empty one.</summary>
    public IReadOnlyList<FoldPart> Of(Fold fold) => _parts[(int)fold];

    /// <summary>The steps of a fold.</summary>
    public long StepsOf(Fold fold)
    {
        long steps = 0;
        foreach (FoldPart part in _parts[(int)fold]) steps += part.Steps;
        return steps;
    }

    /// <summary>
    /// Cuts every sequence by time: its first steps train, the next validate, its last test. Where sequences have times, all
    /// are cut at the same two of them, so that nothing is learned from what happened after a test; otherwise each at the
    /// same share of its steps.
    /// </summary>
    /// <param name="data">The data; times are in ascending order.</param>
    /// <param name="shares">How much is in each fold.</param>
    /// <exception cref="ArgumentException">A share is out of its range, or nothing is left to train on.</exception>
    public static SequenceFolds ByTime(SequenceData data, FoldShares? shares = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        shares ??= new FoldShares();
        shares.Validate();
        double train = 1 - shares.Validation - shares.Test, beforeTest = 1 - shares.Test;
        bool oneClock = data.Count > 1 && data.Sequences.All(one => !one.Times.IsEmpty)
            && data.Sequences.Select(one => one.Times.IsDate).Distinct().Count() == 1;
        double[] clock = oneClock ? Clock(data) : [];
        return Cut(data, sequence =>
        {
            if (!oneClock) return (Place(train, sequence.Steps), Place(beforeTest, sequence.Steps));
            return (Before(sequence, Place(train, clock.Length)), Before(sequence, Place(beforeTest, clock.Length)));
        });

        // A fold whose share is not half a step has none.
        int Before(Sequence sequence, int place) =>
            place == clock.Length ? sequence.Steps : sequence.Times.FirstNotBefore(clock[place]);

        // Shares such as 0.7 are no binary numbers: 1 - 0.15 - 0.15 of 20 steps are 14.
        static int Place(double share, int of) => Math.Min(of, (int)Math.Round(share * of, MidpointRounding.AwayFromZero));
    }

    /// <summary>Cuts every sequence at numbers of steps.</summary>
    /// <param name="data">The data.</param>
    /// <param name="train">The first steps, at least 1.</param>
    /// <param name="validation">The steps behind them.</param>
    /// <param name="test">The steps behind those; what is left is in no fold.</param>
    /// <exception cref="ArgumentException">A number is negative, or a sequence has fewer steps.</exception>
    public static SequenceFolds BySteps(SequenceData data, int train, int validation, int test)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (train < 1 || validation < 0 || test < 0)
            throw new ArgumentException(
                Invariant($"The folds have {train}, {validation} and {Counted.Of(test, "step")}; training has at least ")
                    + "1, the others at "
                    + "least 0.");
        long all = (long)train + validation + test;
        foreach (Sequence sequence in data.Sequences)
        {
            if (sequence.Steps < all) throw new ArgumentException(
                Invariant($"Sequence '{sequence.Name}' has {Counted.Of(sequence.Steps, "step")}, fewer than the {all} ")
                    + Invariant($"of the folds ({train}, ")
                    + Invariant($"{validation} and {test}); make the folds smaller."));
        }

        return Cut(data, _ => (train, train + validation), (int)all);
    }

    /// <summary>Cuts every sequence at two dates.</summary>
    /// <param name="data">The data, with dates.</param>
    /// <param name="validation">The first moment of the validation fold.</param>
    /// <param name="test">The first moment of the test fold, not before.</param>
    /// <exception cref="ArgumentException">A sequence has no dates, the dates are in the wrong order, or nothing is before the
    /// first.</exception>
    public static SequenceFolds ByDate(SequenceData data, DateTime validation, DateTime test)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (test < validation) throw new ArgumentException(
            $"The test fold begins {TimeAxis.Text(test)}, before the validation fold ({TimeAxis.Text(validation)}).");
        if (data.Sequences.FirstOrDefault(one => !one.Times.IsDate) is { } without)
            throw new ArgumentException($"Sequence '{without.Name}' has no dates to cut it at; cut it by shares or by steps.");
        return Cut(data, sequence => (sequence.Times.FirstNotBefore(validation.Ticks),
            sequence.Times.FirstNotBefore(test.Ticks)));
    }

    /// <summary>
    /// Deals whole sequences out, those of one group together; with classes so that each fold has its share of every class.
    /// The same seed gives the same folds.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="shares">How many sequences are in each fold.</param>
    /// <param name="seed">The seed.</param>
    /// <exception cref="ArgumentException">A share is out of its range, or there are too few sequences or groups.</exception>
    public static SequenceFolds BySequence(SequenceData data, FoldShares? shares = null, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(data);
        shares ??= new FoldShares();
        shares.Validate();
        return OfWhole(data, FoldDealer.Deal(data, shares, seed));
    }

    /// <summary>Takes a fold for each sequence as somebody gives it.</summary>
    /// <param name="data">The data.</param>
    /// <param name="folds">The fold of each sequence.</param>
    /// <exception cref="ArgumentException">There are more or fewer, or no sequence is trained on.</exception>
    public static SequenceFolds OfWhole(SequenceData data, IReadOnlyList<Fold> folds)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(folds);
        if (folds.Count != data.Count) throw new ArgumentException(
            Invariant($"{Counted.There(folds.Count, "fold")} for {Counted.Of(data.Count, "sequence")}."));
        return new SequenceFolds(data, [.. Enum.GetValues<Fold>().Select(fold => Parts(fold).ToArray())]).Checked();

        IEnumerable<FoldPart> Parts(Fold fold) => Enumerable.Range(0, data.Count).Where(i => folds[i] == fold)
            .Select(i => new FoldPart(i, 0, data.Sequences[i].Steps));
    }

    /// <summary>
    /// Data that were given for each fold, joined. Without validation data a share of the training data is dealt out for it
    /// (<see cref="BySequence"/>).
    /// </summary>
    /// <param name="train">What is learned from.</param>
    /// <param name="validation">What choices are made by; null to take it from <paramref name="train"/>.</param>
    /// <param name="test">What is reported; null for nothing.</param>
    /// <param name="share">The share of the training data that becomes validation data where none is given; 0 for none.</param>
    /// <param name="seed">The seed of that choice.</param>
    /// <exception cref="ArgumentException">Columns differ, or a class is in the test data alone.</exception>
    public static SequenceFolds OfFiles(SequenceData train, SequenceData? validation, SequenceData? test, double share = 0.15,
        ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(train);
        SequenceData?[] given = [train, validation, test];
        SequenceData all = SequenceData.Join(train.Name, [.. given.OfType<SequenceData>()]);
        var folds = new List<Fold>(validation is null && share > 0
            ? FoldDealer.Deal(train, new FoldShares { Validation = share, Test = 0 }, seed)
            : Enumerable.Repeat(Fold.Train, train.Count));
        if (validation is not null) folds.AddRange(Enumerable.Repeat(Fold.Validation, validation.Count));
        if (test is not null) folds.AddRange(Enumerable.Repeat(Fold.Test, test.Count));
        SequenceFolds result = OfWhole(all, folds);
        if (all.HasClasses) result.CheckClasses();
        return result;
    }

    /// <summary>Checks that classes can be learned: two at least, and none that the training fold lacks.</summary>
    /// <exception cref="ArgumentException">They cannot; the message names the class.</exception>
    public void CheckClasses()
    {
        if (!Data.HasClasses) throw new ArgumentException(
            $"The sequences of {Data.Name} have no class; name the column of labels.");
        long[] trained = CountClasses(Fold.Train);
        foreach (Fold fold in (ReadOnlySpan<Fold>)[Fold.Validation, Fold.Test])
        {
            long[] counts = CountClasses(fold);
            for (int k = 0; k < counts.Length; k++)
            {
                if (counts[k] > 0 && trained[k] == 0) throw new ArgumentException(Files.Printable.Sentence(
                    $"Class '{Data.Classes[k]}' is in the {NameOf(fold)} fold and in no sequence of the training fold; move "
                        + "one of its sequences there or leave the class out."));
            }
        }

        if (trained.Count(count => count > 0) >= 2) return;
        string only = Data.Classes[Array.FindIndex(trained, count => count > 0)];
        throw new ArgumentException(Files.Printable.Sentence(
            $"All sequences of the training fold are of class '{only}'; there must be two classes at least, or there is "
                + "nothing to tell apart."));
    }

    /// <summary>How many sequences of each class a fold has.</summary>
    public long[] CountClasses(Fold fold)
    {
        var counts = new long[Data.Classes.Count];
        foreach (FoldPart part in Of(fold))
        {
            if (Data.Sequences[part.Sequence].Class is >= 0 and int label) counts[label]++;
        }

        return counts;
    }

    /// <summary>
    /// The same folds, the validation fold trained on too: for a network whose number of epochs it chose before. It stays what it
    /// is, so its cost is then one of steps that were learned from.
    /// </summary>
    public SequenceFolds ForRefit() => new(Data, [Seen(), _parts[(int)Fold.Validation], _parts[(int)Fold.Test]]);

    /// <summary>As <see cref="ForRefit"/>, with no validation fold.</summary>
    public SequenceFolds WithoutValidation() => new(Data, [Seen(), [], _parts[(int)Fold.Test]]);

    /// <summary>
    /// Rolling origins: the steps in front of the test fold end in so many blocks, one behind the other; each block validates
    /// what is trained on all steps before it. A block has the validation fold's steps divided by the number of origins, and a
    /// horizon at least.
    /// </summary>
    /// <param name="count">How many origins, at least 1.</param>
    /// <param name="horizon">Steps that are forecast, at least 1.</param>
    /// <returns>The folds of each origin, the earliest first; no test fold.</returns>
    /// <exception cref="ArgumentException">A number is out of its range, or nothing is left to train on before the first
    /// block.</exception>
    public SequenceFolds[] Origins(int count, int horizon)
    {
        if (count < 1) throw new ArgumentException(Invariant($"There are {count} origins; there must be at least 1."));
        if (horizon < 1) throw new ArgumentException(Invariant($"The horizon is {horizon} steps; it must be at least 1."));
        FoldPart[] seen = Seen();
        int longest = Of(Fold.Validation).Select(part => part.Steps).DefaultIfEmpty(0).Max();
        int block = Math.Max(horizon, longest / count);
        var origins = new SequenceFolds[count];
        for (int i = 0; i < count; i++)
        {
            long behind = (long)(count - 1 - i) * block; // steps behind the block of this origin
            var parts = new[] { new List<FoldPart>(), [], [] };
            foreach (FoldPart part in seen)
            {
                long end = part.End - behind, start = end - block;
                if (start <= part.Start) continue;
                parts[0].Add(new FoldPart(part.Sequence, part.Start, (int)start));
                parts[1].Add(new FoldPart(part.Sequence, (int)start, (int)end));
            }

            if (parts[0].Count == 0) throw new ArgumentException(
                Invariant($"Before the first of {Counted.Of(count, "origin")} of {Counted.Of(block, "step")} no step is ")
                    + "left to train on; take fewer "
                    + "origins, or a smaller horizon.");
            origins[i] = new SequenceFolds(Data, [.. parts.Select(part => part.ToArray())]);
        }

        return origins;
    }

    /// <summary>
    /// Cross-validation: the sequences in front of the test fold are dealt to so many parts, those of one group together and with
    /// a share of every class in each; every part validates what is trained on all the others.
    /// </summary>
    /// <param name="count">How many parts, at least 2.</param>
    /// <param name="seed">The seed by which they are dealt.</param>
    /// <returns>The folds of each part; no test fold.</returns>
    /// <exception cref="ArgumentException">There are fewer parts than 2, or fewer sequences or groups than parts.</exception>
    public SequenceFolds[] CrossValidation(int count, ulong seed = 1)
    {
        if (count < 2) throw new ArgumentException(Invariant($"{Counted.There(count, "part")}; there must be at least 2."));
        FoldPart[] seen = Seen();
        int[] dealt = FoldDealer.Deal(Data, [.. seen.Select(part => part.Sequence)], count, seed);
        return [.. Enumerable.Range(0, count).Select(k => new SequenceFolds(Data,
            [[.. seen.Where((_, i) => dealt[i] != k)], [.. seen.Where((_, i) => dealt[i] == k)], []]))];
    }

    /// <summary>The training and the validation fold together, parts that touch as one.</summary>
    private FoldPart[] Seen()
    {
        var parts = new List<FoldPart>();
        foreach (FoldPart part in Of(Fold.Train).Concat(Of(Fold.Validation)).OrderBy(part => part.Sequence)
            .ThenBy(part => part.Start))
        {
            if (parts.Count > 0 && parts[^1].Sequence == part.Sequence && parts[^1].End >= part.Start)
                parts[^1] = new FoldPart(part.Sequence, parts[^1].Start, Math.Max(parts[^1].End, part.End));
            else parts.Add(part);
        }

        return [.. parts];
    }

    internal static string NameOf(Fold fold) => fold == Fold.Train ? "training" : fold == Fold.Validation ? "validation" : "test";

    private static SequenceFolds Cut(SequenceData data, Func<Sequence, (int First, int Second)> cuts, int end = int.MaxValue)
    {
        var parts = new[] { new List<FoldPart>(), [], [] };
        for (int i = 0; i < data.Count; i++)
        {
            Sequence sequence = data.Sequences[i];
            (int first, int second) = cuts(sequence);
            int[] places = [0, first, Math.Max(first, second), Math.Min(sequence.Steps, end)];
            for (int f = 0; f < 3; f++)
            {
                if (places[f] < places[f + 1]) parts[f].Add(new FoldPart(i, places[f], places[f + 1]));
            }
        }

        return new SequenceFolds(data, [.. parts.Select(part => part.ToArray())]).Checked();
    }

    /// <summary>Times of all sequences in order, or evenly spread ones where they are many.</summary>
    private static double[] Clock(SequenceData data)
    {
        long every = Math.Max(1, data.Steps / MostSampled);
        var times = new List<double>((int)Math.Min(data.Steps, 2 * MostSampled));
        foreach (Sequence sequence in data.Sequences)
        {
            TimeAxis axis = sequence.Times;
            for (long t = 0; t < sequence.Steps; t += every) times.Add(axis.Order((int)t));
        }

        times.Sort();
        return [.. times];
    }

    private SequenceFolds Checked() => Of(Fold.Train).Count > 0 ? this
        : throw new ArgumentException("No step is in the training fold; make the validation and the test fold smaller.");
}
