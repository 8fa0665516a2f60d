using Unroll.Data;

namespace Unroll.Tests.Sequences;

public class SequenceEncoderTests
{
    private const float No = float.NaN;

    [Fact]
    public void Scales_are_those_of_the_training_fold_alone_and_are_undone()
    {
        float[] values = [1, 2, 3, 4, 5, 6, 7, 1000, 2000, -3000];
        SequenceFolds folds = SequenceFolds.BySteps(new SequenceBuilder("a").Add(values).Build(), 7, 1, 2);
        ColumnScale standard = ColumnScale.Fit(folds, 0, Scaling.Standard);
        Assert.Equal(4, standard.Center);
        Assert.Equal(2, standard.Scale, 12); // the population deviation of 1..7
        Assert.Equal(new ColumnScale(4, 3), ColumnScale.Fit(folds, 0, Scaling.Robust));
        Assert.Equal(new ColumnScale(1, 6), ColumnScale.Fit(folds, 0, Scaling.MinMax));
        Assert.Equal(ColumnScale.Identity, ColumnScale.Fit(folds, 0, Scaling.None));
        Assert.All(values, value => Assert.Equal(value, standard.Undo(standard.Apply(value)), 9));
    }

    [Fact]
    public void Columns_that_cannot_be_scaled_are_refused_with_their_name()
    {
        float[] wild = [1, 2, 3, 4, 5]; // nothing is copied, so it may change
        SequenceBuilder builder = new("flat", "wild", "none", "mostly");
        SequenceData data = builder.AddColumns(
            [new float[] { 2, 2, 2, 2, 2 }, wild, new float[] { No, No, No, No, No }, new float[] { 5, 5, 5, 6, 5 }])
            .Build("readings");
        wild[1] = float.PositiveInfinity;
        Assert.Equal("Column 'wild' is infinite at step 3 of sequence '2'; give NaN for a missing value.",
            Assert.Throws<ArgumentException>(() => builder.AddSteps([[1, 1, 1, 1], [1, 1, 1, 1],
                [1, float.NegativeInfinity, 1, 1]])).Message);
        SequenceFolds folds = SequenceFolds.BySteps(data, 5, 0, 0);
        Assert.Equal("Column 'flat' of readings is 2 at every step in the training fold; there is nothing to learn from it: "
            + "leave it out, or scale nothing.", Refusal(0, Scaling.Standard));
        Assert.Equal("Column 'wild' is infinite at step 2 of sequence '1'; give NaN for a missing value.",
            Refusal(1, Scaling.None));
        Assert.Equal("Column 'none' of readings has no value in the training fold; leave it out.", Refusal(2, Scaling.MinMax));
        Assert.Equal("Column 'mostly' of readings is 5 at half of its steps or more in the training fold; take standard or "
            + "min-max for the scaling.", Refusal(3, Scaling.Robust));

        string Refusal(int column, Scaling scaling) =>
            Assert.Throws<ArgumentException>(() => ColumnScale.Fit(folds, column, scaling)).Message;
    }

    [Theory]
    [InlineData(WindowScaling.None, 0, 1)]
    [InlineData(WindowScaling.Last, 7, 1)]
    [InlineData(WindowScaling.Mean, 4, 1)]
    [InlineData(WindowScaling.Standard, 4, 2.449490)]
    public void A_window_is_scaled_by_its_own_values(WindowScaling scaling, double center, double scale)
    {
        ColumnScale found = WindowScales.Fit(scaling, [1, 4, 7]);
        Assert.Equal(center, found.Center, 12);
        Assert.Equal(scale, found.Scale, 5);
        Assert.Equal(5, found.Undo(found.Apply(5)), 12);
        Assert.True(double.IsFinite(WindowScales.Fit(scaling, [3, 3]).Apply(3)));
    }

    [Fact]
    public void Missing_values_are_refused_filled_or_masked()
    {
        float[] values = [No, 2, No, No, 4, 6, No];
        SequenceFolds folds = SequenceFolds.BySteps(new SequenceBuilder("a").Add(values).Build("readings"), 7, 0, 0);
        Assert.Equal("Column 'a' of readings has no value in step 1 of sequence '1'; fill it in, or choose forward, zero or "
            + "mask for missing values.",
            Assert.Throws<ArgumentException>(() => SequenceEncoder.Fit(folds)).Message);

        var none = new EncoderOptions { Scale = Scaling.None };
        Assert.Equal([0, 2, 2, 2, 4, 6, 6], Inputs(folds, none with { Missing = MissingPolicy.Forward }, 0, 7).Select(step =>
            step[0]));
        Assert.Equal([2, 4, 6, 6], Inputs(folds, none with { Missing = MissingPolicy.Forward }, 3, 4).Select(step => step[0]));
        // from before the window
        Assert.Equal([0, 2, 0, 0, 4, 6, 0], Inputs(folds, none with { Missing = MissingPolicy.Zero }, 0, 7).Select(step =>
            step[0]));
        double[][] masked = Inputs(folds, new EncoderOptions { Missing = MissingPolicy.Mask }, 1, 3);
        Assert.Equal([0, 1, 1], masked.Select(step => step[1]));
        Assert.Equal([(2 - 4) / Math.Sqrt(8 / 3.0), 0, 0], masked.Select(step => Math.Round(step[0], 12)), new Close());
        Assert.Equal(["a", "missing a"], SequenceEncoder.Fit(folds,
            new EncoderOptions { Missing = MissingPolicy.Mask }).InputNames);
    }

    [Fact]
    public void Inputs_are_numbers_labels_and_parts_of_dates_and_targets_come_back_in_their_units()
    {
        DateTime[] dates = [.. Enumerable.Range(0, 8).Select(i => new DateTime(2024, 1, 1, 21, 0, 0).AddHours(i))];
        SequenceData data = new SequenceBuilder(new SequenceColumn("power"), new("sky", ["clear", "cloud", "rain"]),
            new("unused"))
            .AddColumns([new float[] { 10, 20, 30, 40, 50, 60, 70, 80 }, new float[] { 0, 1, 0, 1, 0, 1, 0, 1 }],
                [new[] { 0, 1, 2, -1, 0, 0, 2, 1 }],
                new SequenceInfo { Times = dates }).Build();
        SequenceFolds folds = SequenceFolds.BySteps(data, 8, 0, 0);
        var options = new EncoderOptions
        {
            Columns = ["sky", "power"],
            Window = WindowScaling.Last,
            Missing = MissingPolicy.Zero,
            Calendar = [CalendarPart.Hour, CalendarPart.Weekday],
        };
        SequenceEncoder encoder = SequenceEncoder.Fit(folds, options);
        Assert.Equal(["sky=clear", "sky=cloud", "sky=rain", "power", "sine of hour", "cosine of hour", "sine of weekday",
            "cosine of weekday"], encoder.InputNames);
        double[][] inputs = Inputs(folds, options, 2, 3);
        Assert.Equal([0, 0, 1], inputs[0][..3]);
        Assert.Equal([0, 0, 0], inputs[1][..3]);
        Assert.Equal(0, inputs[2][3]); // the last value of the window
        Assert.Equal(-20 / encoder.ScaleOf("power").Scale, inputs[0][3], 12);
        Assert.Equal([Math.Sin(2 * Math.PI * 23 / 24), Math.Cos(2 * Math.PI * 23 / 24)], inputs[0][4..6], new Close());
        Assert.Equal([Math.Sin(2 * Math.PI / 7), 1.0], [inputs[1][6], inputs[1][5]], new Close()); // Tuesday, midnight

        var scales = new ColumnScale[2];
        Batch batch = new(InputEncoding.Dense, 8, OutputHead.LinearLast, 1);
        batch.Resize(1, 3);
        encoder.Bind(data).Fill(batch, 0, 0, 2, 3, scales);
        ColumnScale column = encoder.ScaleOf("power");
        double target = scales[1].Apply(column.Apply(60));
        Assert.Equal(60, column.Undo(scales[1].Undo(target)), 9);
    }

    [Fact]
    public void The_same_encoder_reads_other_data_in_any_order_and_names_what_does_not_fit()
    {
        SequenceData data = new SequenceBuilder(new SequenceColumn("a"), new("w", ["x", "y"])).AddColumns([new float[] { 1, 3 }],
            [new[] { 0, 1 }]).Build("train");
        SequenceEncoder encoder = SequenceEncoder.Parse(SequenceEncoder.Fit(SequenceFolds.BySteps(data, 2, 0, 0)).ToText());
        SequenceData other = new SequenceBuilder(new SequenceColumn("w", ["y"]), new("more"),
            new("a")).AddColumns([new float[] { 9, 9 }, new float[] { 3, 1 }], [new[] { 0, 0 }]).Build("new");
        Batch batch = new(InputEncoding.Dense, 3, OutputHead.LinearLast, 1);
        batch.Resize(1, 2);
        encoder.Bind(other).Fill(batch, 0, 0, 0, 2);
        Assert.Equal([1, 0, 1], batch.Dense(0, 0).ToArray());
        Assert.Equal([-1, 0, 1], batch.Dense(1, 0).ToArray());

        Refuses("new has no column 'a'; the nearest is 'w' (of w).", Of(new SequenceColumn("w", ["y"])));
        Refuses("Column 'w' of new has the label 'z', which training did not have (x, y); map it to one of those or have "
            + "unknown labels read as none.", Of(new("a"), new("w", ["z"])));
        Refuses("Column 'w' of new has numbers where the network reads categories.", Of(new("a"), new("w")));

        void Refuses(string sentence, SequenceData refused) =>
            Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => encoder.Bind(refused)).Message);
        static SequenceData Of(params SequenceColumn[] columns)
        {
            int numbers = columns.Count(column => column.Kind == ColumnKind.Number);
            return new SequenceBuilder(columns).AddColumns(
                [.. Enumerable.Repeat((ReadOnlyMemory<float>)new float[] { 1, 2 }, numbers)],
                [.. Enumerable.Repeat((ReadOnlyMemory<int>)new[] { 0, 0 }, columns.Length - numbers)]).Build("new");
        }
    }

    [Fact]
    public void An_encoder_is_a_text_that_reads_back_to_the_same_bits()
    {
        SequenceData data = new SequenceBuilder(new SequenceColumn("größe \"q\""), new("w", ["x,y", "\u001b"]))
            .AddColumns([new float[] { 0.1f, 1f / 3 }], [new[] { 0, 1 }],
                new SequenceInfo { Times = new[] { new DateTime(2024, 1, 1), new DateTime(2024, 1, 2) } }).Build();
        SequenceEncoder encoder = SequenceEncoder.Fit(SequenceFolds.BySteps(data, 2, 0, 0), new EncoderOptions
        {
            Window = WindowScaling.Standard,
            Missing = MissingPolicy.Mask,
            Calendar = [CalendarPart.YearDay],
            UnknownAsNone = true,
        });
        SequenceEncoder read = SequenceEncoder.Parse(encoder.ToText());
        Assert.Equal(encoder.ToText(), read.ToText());
        Assert.Equal(encoder.Scales, read.Scales);
        Assert.Equal(encoder.InputNames, read.InputNames);
        foreach (string bad in new[] { "", "{}", "null", "[1]", encoder.ToText().Replace("\"format\":1", "\"format\":5"),
            encoder.ToText().Replace("standard", "x"), encoder.ToText()[..^3],
                encoder.ToText().Replace("\"scale\":0", "\"scale\":-0") })
            Assert.StartsWith("The description of the columns is not one: ",
                Assert.Throws<FormatException>(() => SequenceEncoder.Parse(bad)).Message);
    }

    [Fact]
    public void Parts_of_dates_are_places_on_circles()
    {
        var date = new DateTime(2024, 2, 29, 18, 30, 15); // a Thursday of a leap year
        Assert.Equal(30.25 / 60, Calendar.Turn(CalendarPart.Minute, date), 12);
        Assert.Equal((18 + (30.25 / 60)) / 24, Calendar.Turn(CalendarPart.Hour, date), 12);
        Assert.Equal(3 / 7.0, Calendar.Turn(CalendarPart.Weekday, date), 12);
        Assert.Equal(28 / 29.0, Calendar.Turn(CalendarPart.Day, date), 12);
        Assert.Equal(1 / 12.0, Calendar.Turn(CalendarPart.Month, date), 12);
        Assert.Equal(59 / 366.0, Calendar.Turn(CalendarPart.YearDay, date), 12);
    }

    private static double[][] Inputs(SequenceFolds folds, EncoderOptions options, int start, int steps)
    {
        SequenceEncoder encoder = SequenceEncoder.Fit(folds, options);
        Batch batch = new(InputEncoding.Dense, encoder.Inputs, OutputHead.LinearLast, 1);
        batch.Resize(2, steps);
        encoder.Bind(folds.Data).Fill(batch, 1, 0, start, steps);
        return [.. Enumerable.Range(0, steps).Select(t => batch.Dense(t, 1).ToArray())];
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-9;

        public int GetHashCode(double obj) => 0;
    }
}
