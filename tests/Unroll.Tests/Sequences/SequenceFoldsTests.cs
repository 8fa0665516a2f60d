using Unroll.Data;

namespace Unroll.Tests.Sequences;

public class SequenceFoldsTests
{
    [Theory]
    [InlineData(20, 14, 3, 3)]
    [InlineData(100, 70, 15, 15)]
    [InlineData(7, 5, 1, 1)]
    public void Cutting_by_time_puts_training_before_validation_before_test(int steps, int train, int validation, int test)
    {
        SequenceFolds folds = SequenceFolds.ByTime(Series(steps));
        Assert.Equal([new FoldPart(0, 0, train)], folds.Of(Fold.Train));
        Assert.Equal([new FoldPart(0, train, train + validation)], folds.Of(Fold.Validation));
        Assert.Equal([new FoldPart(0, train + validation, steps)], folds.Of(Fold.Test));
        Assert.Equal(test, folds.StepsOf(Fold.Test));
    }

    [Fact]
    public void Sequences_with_times_are_cut_at_the_same_moments()
    {
        // The second machine starts when the first has half of its life behind it: nothing of its training is after a test of the
        // first.
        var day = new DateTime(2024, 1, 1);
        SequenceData data = new SequenceBuilder("a")
            .Add(new float[100], new SequenceInfo { Times = Days(0, 100) }).Add(new float[100],
                new SequenceInfo { Times = Days(50, 100) })
            .Add(new float[10], new SequenceInfo { Times = Days(140, 10) }).Build();
        SequenceFolds folds = SequenceFolds.ByTime(data, new FoldShares { Validation = 0.2, Test = 0.2 });
        DateTime[] last = [.. new[] { Fold.Train, Fold.Validation }.Select(fold =>
            folds.Of(fold).Max(part => At(part.Sequence, part.End - 1)))];
        DateTime[] first = [.. new[] { Fold.Validation, Fold.Test }.Select(fold =>
            folds.Of(fold).Min(part => At(part.Sequence, part.Start)))];
        Assert.True(last[0] < first[0] && last[1] < first[1]);
        Assert.Equal(data.Steps, Enum.GetValues<Fold>().Sum(folds.StepsOf));
        Assert.Single(folds.Of(Fold.Test), part => part.Sequence == 2);

        SequenceFolds byDate = SequenceFolds.ByDate(data, day.AddDays(60), day.AddDays(120));
        Assert.Equal([new FoldPart(0, 0, 60), new FoldPart(1, 0, 10)], byDate.Of(Fold.Train));
        Assert.Equal([new FoldPart(0, 60, 100), new FoldPart(1, 10, 70)], byDate.Of(Fold.Validation));
        Assert.Equal([new FoldPart(1, 70, 100), new FoldPart(2, 0, 10)], byDate.Of(Fold.Test));

        DateTime[] Days(int from, int count) => [.. Enumerable.Range(from, count).Select(i => day.AddDays(i))];
        DateTime At(int sequence, int step) => data.Sequences[sequence].Times.Dates.Span[step];
    }

    [Fact]
    public void No_window_reaches_across_a_fold_and_all_of_them_are_counted()
    {
        SequenceData data = new SequenceBuilder("a").Add(new float[40]).Add(new float[9]).Add(new float[100]).Build();
        SequenceFolds folds = SequenceFolds.ByTime(data);
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            foreach (int stride in new[] { 1, 2, 7 })
            {
                var windows = new WindowSet(folds, fold, window: 3, horizon: 2, stride);
                var expected = new List<SequenceWindow>();
                foreach (FoldPart part in folds.Of(fold))
                {
                    for (int start = part.Start; start + 5 <= part.End;
                        start += stride) expected.Add(new SequenceWindow(part.Sequence, start, 3, 2));
                }

                Assert.Equal(expected, Enumerable.Range(0, (int)windows.Count).Select(i => windows[i]));
                Assert.Throws<ArgumentOutOfRangeException>(() => windows[windows.Count]);
            }
        }

        Assert.Equal(1, new WindowSet(folds, Fold.Test, 4, 1).Skipped);
        Assert.Equal(6 + 28 + 70, WindowSet.OfSteps(folds, Fold.Train, 1).Count);
    }

    [Fact]
    public void Windows_that_look_back_forecast_in_their_own_fold_only()
    {
        // The protocol of the literature on ETTh1: 8,640, 2,880 and 2,880 rows, every window.
        SequenceFolds folds = SequenceFolds.BySteps(Series(17_420), 8640, 2880, 2880);
        Assert.Equal(8640 - 96 - 96 + 1, new WindowSet(folds, Fold.Train, 96, 96, looksBack: true).Count);
        var test = new WindowSet(folds, Fold.Test, 96, 96, looksBack: true);
        Assert.Equal(2880 - 96 + 1, test.Count);
        Assert.Equal(new SequenceWindow(0, 11_520 - 96, 96, 96), test[0]);
        Assert.Equal(11_520, test[0].End);
        Assert.Equal(14_400 - 96, test[test.Count - 1].End);
        Assert.Equal(2880 - 192 + 1, new WindowSet(folds, Fold.Test, 96, 96).Count);
    }

    [Fact]
    public void Whole_sequences_are_dealt_out_by_class_and_the_seed_decides()
    {
        SequenceData data = Labelled([.. Enumerable.Range(0, 200).Select(i => i < 150 ? "common" : i < 190 ? "seldom" : "rare")],
            i => null);
        SequenceFolds folds = SequenceFolds.BySequence(data, new FoldShares { Validation = 0.2, Test = 0.1 }, seed: 3);
        Assert.Equal([105, 7, 28], folds.CountClasses(Fold.Train)); // common, rare, seldom
        Assert.Equal([30, 2, 8], folds.CountClasses(Fold.Validation));
        Assert.Equal([15, 1, 4], folds.CountClasses(Fold.Test));
        Assert.Equal(folds.Of(Fold.Test), SequenceFolds.BySequence(data, new FoldShares { Validation = 0.2, Test = 0.1 },
            3).Of(Fold.Test));
        Assert.NotEqual(folds.Of(Fold.Test), SequenceFolds.BySequence(data, new FoldShares { Validation = 0.2, Test = 0.1 },
            4).Of(Fold.Test));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(77)]
    public void A_group_is_in_one_fold(ulong seed)
    {
        SequenceData data = Labelled([.. Enumerable.Range(0, 120).Select(i => i % 3 == 0 ? "x" : "y")], i =>
            $"person {i * i % 17}");
        SequenceFolds folds = SequenceFolds.BySequence(data, seed: seed);
        var groups = Enum.GetValues<Fold>().Select(fold =>
            folds.Of(fold).Select(part => data.Sequences[part.Sequence].Group).ToHashSet()).ToArray();
        Assert.Empty(groups[0].Intersect(groups[1]).Concat(groups[0].Intersect(groups[2])).Concat(
            groups[1].Intersect(groups[2])));
        Assert.Equal(120, Enum.GetValues<Fold>().Sum(fold => folds.Of(fold).Count));
        Assert.InRange(folds.Of(Fold.Train).Count, 60, 100);
        Assert.All(Enum.GetValues<Fold>(), fold => Assert.NotEmpty(folds.Of(fold)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void Few_sequences_leave_no_fold_empty(int count)
    {
        SequenceFolds folds = SequenceFolds.BySequence(Labelled(new string[count], i => null));
        Assert.All(Enum.GetValues<Fold>(), fold => Assert.NotEmpty(folds.Of(fold)));
    }

    [Fact]
    public void Files_for_folds_are_joined_and_a_class_of_the_test_alone_is_named()
    {
        SequenceData train = Labelled([.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? "a" : "c")], i => null);
        SequenceFolds folds = SequenceFolds.OfFiles(train, null, Labelled(["a", "c", "c"], i => null), share: 0.25);
        Assert.Equal([15, 15], folds.CountClasses(Fold.Train));
        Assert.Equal([5, 5], folds.CountClasses(Fold.Validation));
        Assert.Equal([1, 2], folds.CountClasses(Fold.Test));

        Assert.Equal("Class 'b' is in the test fold and in no sequence of the training fold; move one of its sequences there "
            + "or leave the class out.",
            Refusal(() => SequenceFolds.OfFiles(train, null, Labelled(["a", "b"], i => null))));
        Assert.Equal("All sequences of the training fold are of class 'a'; there must be two classes at least, or there is "
            + "nothing to tell apart.",
            Refusal(() => SequenceFolds.OfFiles(Labelled(["a", "a", "a"], i => null), null, null)));
    }

    /// <summary>A .ts file may name classes in its header that none of its sequences has.</summary>
    [Fact]
    public void A_class_that_no_sequence_has_changes_no_fold()
    {
        string[] labels = [.. Enumerable.Range(0, 61).Select(i => i == 0 ? "none" : i % 2 == 0 ? "x" : "y")];
        SequenceData all = Labelled(labels, i => null);
        var some = new SequenceData("the data", all.Columns, [.. all.Sequences.Skip(1)], all.Classes);
        Assert.Equal(["none", "x", "y"], some.Classes);
        SequenceFolds folds = SequenceFolds.BySequence(some),
            without = SequenceFolds.BySequence(Labelled(labels[1..], i => null));
        Assert.Equal(0, folds.CountClasses(Fold.Train)[0]);
        Assert.All(Enum.GetValues<Fold>(), fold => Assert.Equal(without.Of(fold), folds.Of(fold)));
    }

    [Theory]
    [InlineData(20, 0.15, 0.01, 34, 6, 0)]
    [InlineData(20, 0.01, 0, 40, 0, 0)]
    [InlineData(1, 0.15, 0.15, 1, 1, 0)] // 1.4 and 1.7 steps: as of one sequence of two
    public void A_share_of_less_than_half_a_step_is_an_empty_fold(
        int steps, double validation, double test, int trained, int validated, int tested)
    {
        var builder = new SequenceBuilder("a");
        for (int g = 0; g < 2; g++)
        {
            DateTime[] times = [.. Enumerable.Range(0, steps).Select(i => new DateTime(2024, 1, 1).AddHours((2 * i) + g))];
            builder.Add(new float[steps], new SequenceInfo { Group = $"g{g}", Times = times });
        }

        SequenceFolds folds = SequenceFolds.ByTime(builder.Build(), new FoldShares { Validation = validation, Test = test });
        Assert.Equal([trained, validated, tested], Enum.GetValues<Fold>().Select(folds.StepsOf));
    }

    [Fact]
    public void What_cannot_be_split_is_refused_in_one_sentence()
    {
        SequenceData data = Series(20);
        SequenceFolds folds = SequenceFolds.ByTime(data);
        Assert.Equal("The test fold has no sequence of 34 steps, which a window of 10 and a horizon of 24 need (its longest "
            + "has 3); take a smaller window or horizon, or more data.",
            Refusal(() => new WindowSet(folds, Fold.Test, 10, 24)));
        Assert.Equal("The horizon is 0 steps; it must be at least 1.", Refusal(() => new WindowSet(folds, Fold.Test, 10, 0)));
        Assert.Equal("The window has 0 steps; it must have at least 1.", Refusal(() => new WindowSet(folds, Fold.Test, 0, 1)));
        Assert.Equal("The test fold is empty; give it a share of the data.",
            Refusal(() => new WindowSet(SequenceFolds.ByTime(data, new FoldShares { Test = 0 }), Fold.Test, 1, 1)));
        Assert.Equal("The validation fold (0.5) and the test fold (0.5) leave nothing to train on; their shares must add up "
            + "to less than 1.",
            Refusal(() => SequenceFolds.ByTime(data, new FoldShares { Validation = 0.5, Test = 0.5 })));
        Assert.Equal("The share of the test fold is NaN; it must be 0 or more and below 1.",
            Refusal(() => new FoldShares { Test = double.NaN }.Validate()));
        Assert.Equal("Sequence '1' has 20 steps, fewer than the 21 of the folds (10, 6 and 5); make the folds smaller.",
            Refusal(() => SequenceFolds.BySteps(data, 10, 6, 5)));
        Assert.Equal("Sequence '1' has no dates to cut it at; cut it by shares or by steps.",
            Refusal(() => SequenceFolds.ByDate(data, default, default)));
        Assert.Equal("the data has 2 sequences, too few for 3 folds; give files for the folds, or smaller shares.",
            Refusal(() => SequenceFolds.BySequence(Labelled(["a", "b"], i => null))));
        Assert.Equal("The sequences of the data have no class; name the column of labels.", Refusal(folds.CheckClasses));
    }

    private static string Refusal(Action action) => Assert.Throws<ArgumentException>(action).Message;

    private static SequenceData Series(int steps) => new SequenceBuilder("a").Add(new float[steps]).Build();

    private static SequenceData Labelled(string[] labels, Func<int, string?> group)
    {
        var builder = new SequenceBuilder("a");
        for (int i = 0; i < labels.Length; i++) builder.Add(new float[] { i },
            new SequenceInfo { Label = labels[i], Group = group(i) });
        return builder.Build();
    }
}
