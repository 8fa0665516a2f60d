using System.Globalization;
using System.Text;
using Unroll.Files;

namespace Unroll.Data.Tests;

public class CsvFileTests
{
    private static readonly string Cases = Path.Combine(AppContext.BaseDirectory, "Cases");

    [Fact]
    public void Real_tables_are_read_at_once()
    {
        SequenceData airline = SequenceData.FromCsv(Path.Combine(Cases, "Airline.csv"));
        Assert.Equal((1, 144L), (airline.Count, airline.Steps));
        Assert.Equal(["Passengers"], airline.Columns.Select(column => column.Name));
        Assert.Equal([112f, 118, 132], airline.Values("Passengers")[..3]);
        Assert.Equal(432, airline.Values("Passengers")[^1]);
        Assert.Equal("1 month", TimeFacts.Of(airline.Sequences).StepText);
        Assert.Empty(airline.Notices);

        SequenceData co2 = SequenceData.FromCsv(Path.Combine(Cases, "co2-concentration.csv"));
        Assert.Equal(741, co2.Steps);
        Assert.Equal(314.44f, co2.Values("adjusted CO2")[0]);
        Assert.Equal(["Times go by 1 month, but not at 3 places, the first behind 1958-05-01."], co2.Notices);

        SequenceData weather = SequenceData.FromCsv(Path.Combine(Cases, "weather.csv"));
        Assert.Equal(["drizzle", "fog", "rain", "snow", "sun"], weather.Columns[weather.ColumnOf("weather")].Labels);
        Assert.Equal(["drizzle", "rain"], weather.Labels("weather")[..2]);
        Assert.Equal(["2012-01-01", "2012-01-02"], weather.Times()[..2]);
    }

    [Theory]
    [InlineData("t,a,b\n2024-01-01,1.5,-2\n2024-01-02,2.5,3e2\n")]
    [InlineData("t;a;b\r\n2024-01-01;1,5;-2\r\n2024-01-02;2,5;3e2\r\n")]
    [InlineData("t\ta\tb\n01.01.2024\t1,5\t-2\n02.01.2024\t2,5\t300\n")]
    [InlineData("t|a|b\n2024-01-01 00:00|1.5|-2.0\n2024-01-02 00:00|2.5|+300\n")]
    [InlineData("\ufefft,a,b\n2024/1/1,1.5,-2\n2024/1/2,2.5,300\n")]
    [InlineData("# made by a logger\n\n\"t\",\"a\",\"b\"\n\"2024-01-01\",\"1.5\",\"-2\"\n\"2024-01-02\",\"2.5\",\"300\"")]
    [InlineData("t, a, b\n2024-01-01T00:00:00Z, 1.5, -2\n\n2024-01-02T01:00:00+01:00, 2.5, 300 \n\n")]
    [InlineData("t,a,b,\n2024-01-01,1.5,-2,\n2024-01-02,2.5,300,\n")]
    [InlineData("t;a;b\n1/13/2024;1,5;-2\n1/14/2024;2,5;300\n", "2024-01-13")]
    [InlineData("t,a,b\n\"Jan 1, 2024\",1.5,-2\n\"Jan 2, 2024\",2.5,300\n")]
    public void The_form_of_a_table_is_found_out(string text, string first = "2024-01-01")
    {
        SequenceData data = Table.Read(text);
        Assert.Equal([1.5f, 2.5f], data.Values("a"));
        Assert.Equal([-2f, 300f], data.Values("b"));
        Assert.Equal(first, data.Times()[0]);
        Assert.Equal(86_400, TimeFacts.Of(data.Sequences).Step);
    }

    [Theory]
    [InlineData("a,b\n\"1,234\",1\n\"0,500\",2\n", 1.234f)]
    [InlineData("a,b\n\"1,234\",1\n\"-1,5\",2\n", 1.234f)]
    [InlineData("a;b\n1,234;1\n987;2\n", 1.234f)]
    [InlineData("a\tb\n1,234\t1\n3,125\t2\n", 1.234f)]
    public void A_comma_that_cannot_stand_for_thousands_is_the_decimal_mark(string text, float first) =>
        Assert.Equal(first, Table.Read(text).Values("a")[0]);

    [Theory]
    [InlineData(3, 123_456_789, "123456984, which 32 bits keep to the nearest 8, and they differ by no more than 192")]
    [InlineData(0.01, 100_000_000, "100000000, which 32 bits keep to the nearest 8, and they differ by no more than 0")]
    [InlineData(-0.2, -2_000_000, "2000013, which 32 bits keep to the nearest 0.125, and they differ by no more than 13")]
    [InlineData(1, 1_000_000, null)]
    [InlineData(0.1, 101_325, null)]
    [InlineData(0, 16_777_215, null)]
    public void Numbers_that_differ_in_their_last_digits_alone_are_named(double step, double first, string? said)
    {
        SequenceData data = Table.Read("a,b\n" + string.Concat(Enumerable.Range(0, 66).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"{first + (step * i)},{i}\n"))));
        string[] notices = said is null ? [] : [$"Column 'a' has numbers up to {said}; subtract what they have in common."];
        Assert.Equal(notices, data.Notices);
    }

    [Theory]
    [InlineData("2024-02-30", "which is no date such as 2024-01-31 or 2024-01-31 23:59:59")]
    [InlineData("soon", "which is no date such as 2024-01-31 or 2024-01-31 23:59:59")]
    public void A_date_that_is_none_is_named_by_its_row(string wrong, string why)
    {
        string[] days = [.. Enumerable.Range(1, 28).Select(day => $"2024-02-{day:00}")];
        days[20] = wrong;
        Assert.Equal($"readings.csv has the time '{wrong}' in row 21 (line 22), column 't', {why}; correct it, or name the form "
            + "of dates.", Refusal("t,a\n" + string.Concat(days.Select(day => $"{day},1\n"))));

        // Words among which are some dates are words.
        SequenceData data = Table.Read("t,a\n" + string.Concat(days.Select((day, i) =>
            $"{(i % 2 == 0 ? day : "none at all")},{i}\n")));
        Assert.Equal(ColumnKind.Category, data.Columns[data.ColumnOf("t")].Kind);
    }

    [Fact]
    public void Encodings_and_packing_are_found_out()
    {
        const string Text = "größe,ort\n1.5,Zürich\n2.5,Zürich\n";
        foreach (byte[] bytes in (byte[][])[Encoding.UTF8.GetBytes(Text),
            [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Text)],
            [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Text)],
                [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Text)],
            Encoding.Latin1.GetBytes(Text), Table.Packed(Encoding.UTF8.GetBytes(Text))])
        {
            SequenceData data = Table.Read(bytes);
            Assert.Equal([1.5f, 2.5f], data.Values("größe"));
            Assert.Equal(["Zürich", "Zürich"], data.Labels("ort"));
        }
    }

    [Fact]
    public void A_table_without_names_has_numbered_columns()
    {
        SequenceData data = Table.Read("1,2,x\n3,4,y\n");
        Assert.Equal(["column1", "column2", "column3"], data.Columns.Select(column => column.Name));
        Assert.Equal([1f, 3f], data.Values("column1"));
        Assert.Equal(["2019", "2020"], Table.Read("2019,2020\n1,2\n3,4\n",
            new CsvOptions { HasHeader = true }).Columns.Select(column => column.Name));
        Assert.Equal(["column1", "b"], Table.Read(",b\n1,2\n").Columns.Select(column => column.Name));
    }

    [Fact]
    public void Missing_values_have_many_names_and_a_column_may_begin_with_them()
    {
        SequenceData data = Table.Read("a,b,c,d\n,NA,nan,1\n?,null,-,2\n3,x,N/A,3\nerr,,,4\n5,,,5\n",
            new CsvOptions { MissingTexts = ["err"] });
        Assert.Equal([float.NaN, float.NaN, 3, float.NaN, 5], data.Values("a"));
        Assert.Equal(["", "", "x", "", ""], data.Labels("b"));
        Assert.Equal(["Column 'c' is empty and is left out."], data.Notices);
        SequenceFolds folds = SequenceFolds.BySteps(data, 5, 0, 0);
        Assert.Equal("Column 'a' of readings.csv has no value in row 1 (line 2); fill it in, or choose forward, zero or mask "
            + "for missing values.",
            Assert.Throws<ArgumentException>(() => SequenceEncoder.Fit(folds,
                new EncoderOptions { Columns = ["d", "a"] })).Message);
    }

    [Fact]
    public void Rows_of_a_group_are_a_sequence_whether_they_lie_together_or_not()
    {
        const string Mixed = "id,t,v,w,kind\nb,1,10,x,good\na,5,1,y,bad\nb,2,20,x,good\na,6,2,x,bad\nb,3,30,z,good\n";
        const string Together = "id,t,v,w,kind\nb,1,10,x,good\nb,2,20,x,good\nb,3,30,z,good\na,5,1,y,bad\na,6,2,x,bad\n";
        foreach (string text in new[] { Mixed, Together })
        {
            SequenceData data = Table.Read(text, new CsvOptions { Group = "id", Time = "t", Label = "kind" });
            Assert.Equal(["b", "a"], data.Sequences.Select(one => one.Name));
            Assert.Equal(["bad", "good"], data.Classes);
            Assert.Equal([1, 0], data.Sequences.Select(one => one.Class));
            Assert.Equal([10f, 20, 30], data.Values("v"));
            Assert.Equal([1f, 2], data.Values("v", 1));
            Assert.Equal(["y", "x"], data.Labels("w", 1));
            Assert.Equal([5.0, 6.0], data.Sequences[1].Times.Numbers.ToArray());
            Assert.Equal(["v", "w"], data.Columns.Select(column => column.Name));
        }

        SequenceData numbered = Table.Read("id,v,score\n7,1,0.5\n7,2,0.5\n8,3,0.25\n",
            new CsvOptions { Group = "id", Number = "score" });
        Assert.Equal([0.5f, 0.25f], numbered.Sequences.Select(one => one.Number));
    }

    [Fact]
    public void Times_are_turned_round_sorted_or_refused_and_repeated_ones_are_told()
    {
        SequenceData turned = Table.Read("t,a\n2024-01-03,3\n2024-01-02,2\n2024-01-01,1\n");
        Assert.Equal([1f, 2, 3], turned.Values("a"));
        Assert.Equal(["Rows go from new to old by 't' and were turned round."], turned.Notices);

        const string Back = "t,a,w\n2024-01-01,1,x\n2024-01-04,4,y\n\n2024-01-02,2,z\n2024-01-02,3,x\n";
        Assert.Equal("readings.csv has the time 2024-01-02 in row 3 (line 5), column 't', behind the later 2024-01-04; put "
            + "the rows in order, or have them sorted by time, or name the column of groups.",
            Refusal(Back));
        SequenceData sorted = Table.Read(Back, new CsvOptions { SortTimes = true });
        Assert.Equal([1f, 2, 3, 4], sorted.Values("a"));
        Assert.Equal(["x", "z", "x", "y"], sorted.Labels("w"));
        Assert.Equal(
            ["Rows were put in order of 't': 1 went back in time, the first in row 3 (line 5).",
                "1 row has the time of another row, the first 2024-01-02 in row 4 (line 6).",
                "Times go by 1 day, but not at 1 place, the first behind 2024-01-02."], sorted.Notices);
    }

    [Fact]
    public void Lines_are_right_behind_quotes_that_go_over_several()
    {
        Assert.Equal("readings.csv has 'x' in row 9 (line 13), column 'a', which is no number; leave the cell empty, name the "
            + "text as one for a missing value, or read the column as categories.",
            Refusal("#\na,b\n1,\"two\nlines\"\n2,\n3,\n\n4,\n5,\n6,\n7,\n8,\nx,\n"));
    }

    [Theory]
    [InlineData("", "is empty; it must have a row of names and rows of numbers")]
    [InlineData("\n\n# x\n", "has no row; it must have a row of names and rows of numbers")]
    [InlineData("a,b\n", "has names of columns and no row behind them")]
    [InlineData("when,what\n2024-01-01,rain\n2024-01-02,sun\n",
        "has no column of numbers to learn from ('when': the time, 'what': text); a table has a column for each quantity, and "
            + "numbers in it; the delimiter or the decimal mark may be another")]
    [InlineData("a,b,a\n1,2,3\n", "names two columns 'a', the 1. and the 3. in line 1; rename one of them")]
    [InlineData("a,b\n1,2\n3\n",
        "has 1 cell in row 2 (line 3) where 2 are expected; fill the row up, or name another delimiter")]
    [InlineData("a,b\n1,2\n3,4,5\n",
        "has 3 cells in row 2 (line 3) where 2 are expected; fill the row up, or name another delimiter")]
    [InlineData("a,b\n1,2\n\"3,4\n5,6\n7,8\n",
        "has 1 cell in row 2 (line 3) where 2 are expected; the row goes over several lines, so a quote may not be closed")]
    [InlineData("a\n1\n2\n3\n4\n5\n-inf\n",
        "has '-inf' in row 6 (line 7), column 'a', which is infinite or too large; leave the cell empty where a value is "
            + "missing")]
    [InlineData("a\n1\n1e39\n",
        "has '1e39' in row 2 (line 3), column 'a', which is infinite or too large; leave the cell empty where a value is "
            + "missing")]
    [InlineData("a;b\n1.5;1\n2.5;2\n3,5;3\n",
        "has '3,5' in row 3 (line 4), column 'a', where the decimal mark of other numbers is a point; write all with one "
            + "mark and none for thousands, or name it")]
    [InlineData("a;b\n1,5;1\n2,5;2\n3.5;3\n",
        "has '3.5' in row 3 (line 4), column 'a', where the decimal mark of other numbers is a comma; write all with one "
            + "mark and none for thousands, or name it")]
    [InlineData("t,a\n2024-01-01,987\n2024-01-02,\"1,234\"\n",
        "has '1,234' in row 2 (line 3), column 'a', where the decimal mark of other numbers is a point; write all with one "
            + "mark and none for thousands, or name it")]
    [InlineData("t\ta\n2024-01-01\t987\n2024-01-02\t1,234\n",
        "has '1,234' in row 2 (line 3), column 'a', where the decimal mark of other numbers is a point; write all with one "
            + "mark and none for thousands, or name it")]
    [InlineData("t,a\n2024-01-01,1\n,2\n", "has no time in row 2 (line 3), column 't'; fill it in or take the row out")]
    [InlineData("t,a\n01/02/2024,1\n01/03/2024,2\n",
        "has dates in its column 't' that may have the day or the month first; name their form, dd/MM/yyyy or MM/dd/yyyy and "
            + "the like")]
    public void Bad_tables_are_refused_with_row_line_and_remedy(string text, string problem) =>
        Assert.Equal($"readings.csv {problem}.", Refusal(text));

    [Theory]
    [InlineData("1e39,1\n2,2\n3,3\n", "row 1 (line 1)")]
    [InlineData("1,1\n1e39,2\n3,3\n", "row 2 (line 2)")]
    [InlineData("\n# x\n\"1e39\",1\n2,2\n3,3\n", "row 1 (line 3)")]
    public void Lines_of_a_table_without_names_are_counted_from_its_first(string text, string place) =>
        Assert.Contains(place, Assert.Throws<InvalidFileException>(() =>
            Table.Read(text, new CsvOptions { HasHeader = false })).Message, StringComparison.Ordinal);

    [Fact]
    public void Bad_dates_groups_labels_and_names_are_refused_with_row_line_and_remedy()
    {
        string many = "t,a\n" + string.Concat(Enumerable.Range(0, 6000).Select(i =>
            $"{new DateTime(2024, 1, 1).AddDays(i):yyyy-MM-dd},{i}\n"));
        Assert.Equal("readings.csv has the time '2024-02-30' in row 6001 (line 6002), column 't', which is no date such as "
            + "2024-01-31 or 2024-01-31 23:59:59; correct it, or name the form of dates.",
            Refusal(many + "2024-02-30,1\n"));
        Assert.Equal("readings.csv has no group in row 2 (line 3), column 'id'; fill it in or take the row out.",
            Refusal("id,a\nx,1\n,2\n", new CsvOptions { Group = "id" }));
        Assert.Equal("readings.csv has 'bad' in row 2 (line 3), column 'kind', where the sequence began with 'good'; it must "
            + "be the same in all rows of a group, or be a target of steps.",
            Refusal("id,a,kind\nx,1,good\nx,2,bad\n", new CsvOptions { Group = "id", Label = "kind" }));
        Assert.Equal("readings.csv has no column 'sensr'; the nearest is 'sensor' (of sensor, power).",
            Refusal("sensor,power\nx,1\n", new CsvOptions { Group = "sensr" }));
        Assert.Equal("readings.csv has the time 'May' in row 1 (line 2), column 't', which is no date of the form dd/MM/yyyy; "
            + "correct it, or name the form of dates.",
            Refusal("t,a\nMay,1\n", new CsvOptions { Time = "t", DateFormat = "dd/MM/yyyy" }));
        Assert.Equal("'dd/qq' is no form of dates; write one such as dd/MM/yyyy HH:mm.",
            Assert.Throws<ArgumentException>(() => Table.Read("t,a\nx,1\n",
                new CsvOptions { Time = "t", DateFormat = "dd/qq" })).Message);
        Assert.Equal("Column 'a' cannot be both the group and the label; name another one.",
            Assert.Throws<ArgumentException>(() => Table.Read("a,b\n1,2\n",
                new CsvOptions { Group = "a", Label = "a" })).Message);
    }

    [Fact]
    public void Files_that_are_no_tables_are_told_apart()
    {
        Assert.Equal("readings.csv is no text but a zip archive, such as Excel's .xlsx; save it as CSV.",
            Refusal([(byte)'P', (byte)'K', 3, 4, 0, 0]));
        Assert.Equal("readings.csv is no text (it has bytes of 0); save it as CSV in UTF-8.", Refusal([1, 2, 0, 4, 5]));
        Assert.Equal("readings.csv is no text (it has control characters); save it as CSV.", Refusal([1, 2, 3, 4, 5]));
        byte[] packed = Table.Packed(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i =>
            $"{i * 7919 % 5003},{i}\n"))));
        foreach (int cut in (int[])[1, 7, 8, 9, 400, packed.Length / 2, packed.Length - 20])
            Assert.Equal("readings.csv is damaged: it cannot be unpacked to its end.", Refusal(packed[..^cut]));
        Assert.Equal(10_000, Table.Read([.. packed, .. packed]).Steps); // several members are one file
    }

    [Fact]
    public void Columns_can_be_chosen_ignored_and_read_as_categories()
    {
        const string Text = "t,a,b,code\n2024-01-01,1,2,7\n2024-01-02,3,4,8\n";
        Assert.Equal(["b"], Table.Read(Text, new CsvOptions { Columns = ["b"] }).Columns.Select(column => column.Name));
        Assert.Equal(["a", "b"], Table.Read(Text, new CsvOptions { Ignore = ["code"] }).Columns.Select(column => column.Name));
        Assert.Equal(["7", "8"], Table.Read(Text, new CsvOptions { Categories = ["code"] }).Labels("code"));
        SequenceData untimed = Table.Read(Text, new CsvOptions { Time = "" });
        Assert.True(untimed.Sequences[0].Times.IsEmpty);
        Assert.Equal(["a", "b", "code"], untimed.Columns.Select(column => column.Name));
    }

    [Fact]
    public void Texts_that_are_no_categories_are_left_out_and_told()
    {
        SequenceData data = Table.Read("a,note\n"
            + string.Concat(Enumerable.Range(0, 1500).Select(i => $"{i},note {i} of all\n")));
        Assert.Equal(["Column 'note' has more than 1000 different texts and is left out."], data.Notices);
        Assert.Equal(["a"], data.Columns.Select(column => column.Name));
    }

    [Fact]
    public void Numbers_are_those_that_are_nearest_to_their_digits()
    {
        var random = new Random(5);
        var texts = new List<string> { "0", "-0", "16777217", "16777219", "0.1", "9007199254740993", "1e-45", "3.4028235e38",
            "1.17549435e-38", "0.000000000000000000000000000001", "12345678901234567890123", ".5", "5.", "+1", "1E3" };
        for (int i = 0; i < 20_000; i++)
        {
            float value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            if (!float.IsFinite(value)) continue;
            texts.Add((random.Next(4) switch
            {
                0 => value.ToString("R", CultureInfo.InvariantCulture),
                1 => ((double)value * (1 + 6e-8)).ToString("G17", CultureInfo.InvariantCulture), // near the middle of two floats
                2 => (random.NextDouble() * Math.Pow(10, random.Next(-6, 9))).ToString("F" + random.Next(12),
                    CultureInfo.InvariantCulture),
                _ => ((value % 1000) + (random.Next(2) * Math.BitIncrement(value) % 1000)).ToString("F9",
                    CultureInfo.InvariantCulture),
            }).TrimEnd('\n'));
        }

        texts.RemoveAll(text => !float.IsFinite(float.Parse(text, CultureInfo.InvariantCulture)));
        float[] read = Table.Read("a\n" + string.Join('\n', texts)).Values("a");
        for (int i = 0; i < texts.Count; i++)
            Assert.True(BitConverter.SingleToInt32Bits(float.Parse(texts[i],
                CultureInfo.InvariantCulture)) == BitConverter.SingleToInt32Bits(read[i]), texts[i]);
    }

    private static string Refusal(string text, CsvOptions? options = null) => Refusal(Encoding.UTF8.GetBytes(text), options);

    private static string Refusal(byte[] bytes, CsvOptions? options = null) =>
        Assert.Throws<InvalidFileException>(() => Table.Read(bytes, options)).Message;
}
