using Unroll.Data;

namespace Unroll.Tests.Sequences;

public class SequenceDataTests
{
    [Fact]
    public void Arrays_given_as_memory_are_not_copied_in_either_order()
    {
        float[] rows = [1, 10, 2, 20, 3, 30], a = [4, 5], b = [40, 50];
        SequenceData data = new SequenceBuilder("a",
            "b").Add(rows).AddColumns([a, b]).AddCopy([7, 70]).AddSteps([[8, 80], [9, 90]]).Build();

        Assert.Equal([3, 2, 1, 2], data.Sequences.Select(one => one.Steps));
        Assert.Equal(8, data.Steps);
        Assert.Equal([10, 20, 30], Column(data, 0, 1));
        Assert.Equal([40, 50], Column(data, 1, 1));
        Assert.Equal([8, 9], Column(data, 3, 0));
        Assert.False(data.Sequences[0].Values(1).IsContiguous);
        rows[5] = 31;
        a[1] = 6;
        Assert.Equal(31, data.Sequences[0].Values(1)[2]);
        Assert.Equal(6, data.Sequences[1].Values(0).Span[1]);
        Assert.Throws<InvalidOperationException>(() => data.Sequences[0].Values(1).Span.Length);
    }

    [Fact]
    public void Windows_of_a_column_are_slices_of_the_same_memory()
    {
        float[] rows = [.. Enumerable.Range(0, 30).Select(i => (float)i)];
        SequenceData data = new SequenceBuilder("a", "b", "c").Add(rows).Build();
        ColumnValues part = data.Sequences[0].Values(2).Slice(3, 4);
        Assert.Equal(4, part.Count);
        rows[(4 * 3) + 2] = -1;
        Assert.Equal([11, -1, 17, 20], Enumerable.Range(0, 4).Select(i => part[i]));
        var copied = new float[2];
        part.CopyTo(2, copied);
        Assert.Equal([17, 20], copied);
        Assert.Throws<ArgumentOutOfRangeException>(() => part[4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => part.Slice(2, 3));
    }

    [Fact]
    public void Classes_are_in_the_order_of_their_numbers_or_letters_whatever_comes_first()
    {
        Assert.Equal(["2", "9", "10"], Labelled("10", "9", "2", "10").Classes);
        Assert.Equal(["10", "9", "x"], Labelled("x", "9", "10").Classes);
        Assert.Equal([2, 1, 0, 2], Labelled("10", "9", "2", "10").Sequences.Select(one => one.Class));

        static SequenceData Labelled(params string[] labels)
        {
            var builder = new SequenceBuilder("a");
            foreach (string label in labels) builder.Add(new float[] { 1, 2 }, new SequenceInfo { Label = label });
            return builder.Build();
        }
    }

    [Fact]
    public void Selecting_and_joining_find_columns_by_name_and_copy_no_number()
    {
        float[] first = [1, 10, 2, 20], second = [30, 3];
        SequenceColumn word = new("w", ["dry", "rain"]), other = new("w", ["fog", "rain"]);
        SequenceData one = new SequenceBuilder(new SequenceColumn("a"), word).AddColumns([first.AsMemory(0, 2)],
            [new[] { 1, -1 }]).Build("one");
        SequenceData two = new SequenceBuilder(other, new("a")).AddColumns([second], [new[] { 0, 1 }]).Build("two");
        SequenceData both = SequenceData.Join("both", one, two).WithTargets("a");

        Assert.Equal(["dry", "fog", "rain"], both.Columns[1].Labels);
        Assert.Equal([2, -1], both.Sequences[0].Codes(1).ToArray());
        Assert.Equal([1, 2], both.Sequences[1].Codes(1).ToArray());
        second[0] = 31;
        Assert.Equal(31, both.Sequences[1].Values(0)[0]);
        Assert.Equal([0], both.Targets);
        Assert.Equal([1], both.Select("w", "a").Targets);
        Assert.Equal(31, both.Select("w", "a").Sequences[1].Values(1)[0]);
        Assert.Empty(both.Select("w").Targets);
    }

    [Fact]
    public void A_fingerprint_tells_data_apart_and_hangs_on_no_layout()
    {
        float[] rows = [1, 10, 2, 20];
        string whole = new SequenceBuilder("a", "b").Add(rows).Build().Fingerprint();
        Assert.Equal(whole, new SequenceBuilder("a",
            "b").AddColumns([new float[] { 1, 2 }, new float[] { 10, 20 }]).Build("x").Fingerprint());
        Assert.NotEqual(whole, new SequenceBuilder("a", "c").Add(rows).Build().Fingerprint());
        Assert.NotEqual(whole, new SequenceBuilder("a",
            "b").Add(rows.AsMemory(0, 2)).Add(rows.AsMemory(2)).Build().Fingerprint());
        rows[3] = 21;
        Assert.NotEqual(whole, new SequenceBuilder("a", "b").Add(rows).Build().Fingerprint());
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_sentence()
    {
        SequenceData data = new SequenceBuilder("temperature", "power").Add(new float[4]).Build("readings");
        Says("readings has no column 'powr'; the nearest is 'power' (of temperature, power).", () => data.ColumnOf("powr"));
        Says("Two columns are named 'a'; rename one of them.", () => new SequenceBuilder("a", "a"));
        Says("There is no column.", () => new SequenceBuilder(Array.Empty<string>()));
        Says("5 numbers are no steps of 2 columns; give a multiple of 2, at least 2.", () =>
            new SequenceBuilder("a", "b").Add(new float[5]));
        Says("Step 1 has 1 number where there are 2 columns.", () => new SequenceBuilder("a", "b").AddSteps([[1, 2], [3]]));
        Says("Column 'b' has 1 step where others have 2.", () =>
            new SequenceBuilder("a", "b").AddColumns([new float[2], new float[1]]));
        Says("Column 'w' has the code 1; codes lie in 0..0, and -1 is a missing one.",
            () => new SequenceBuilder(new SequenceColumn("w", ["x"])).AddColumns([], [new[] { 1 }]));
        Says("There is no sequence in empty.", () => new SequenceBuilder("a").Build("empty"));
        Says("Sequence '2' has no class, and 1 other has one; label all or none.",
            () => new SequenceBuilder("a").Add(new float[1], new SequenceInfo { Label = "x" }).Add(new float[1]).Build());
        Says("Sequence 1 has 1 time for 2 steps.",
            () => new SequenceBuilder("a").Add(new float[2], new SequenceInfo { Times = new double[] { 1 } }));
        Says("The time of step 1 of sequence 1 is 2024-01-01, before that of the step in front of it; sort the steps.",
            () => new SequenceBuilder("a").Add(new float[2],
                new SequenceInfo { Times = new[] { new DateTime(2024, 1, 2), new DateTime(2024, 1, 1) } }));
        Says("The number of sequence 1 is NaN; it must be finite.", () =>
            new SequenceBuilder("a").Add(new float[1], new SequenceInfo { Number = float.NaN }));
        SequenceData more = new SequenceBuilder("temperature", "power", "wind").Add(new float[3]).Build("more");
        Says("readings lacks the column 'wind' that more has.", () => SequenceData.Join("both", more, data));
        Says("more has a column 'wind' that readings lacks; leave it out or add it there.", () =>
            SequenceData.Join("both", data, more));

        static void Says(string sentence, Func<object?> action) =>
            Assert.Equal(sentence, Assert.Throws<ArgumentException>(action).Message);
    }

    private static float[] Column(SequenceData data, int sequence, int column)
    {
        ColumnValues values = data.Sequences[sequence].Values(column);
        var copy = new float[values.Count];
        values.CopyTo(0, copy);
        return copy;
    }
}
