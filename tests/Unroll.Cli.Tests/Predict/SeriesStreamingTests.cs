using System.Diagnostics;
using System.Text.Json;
using Unroll.Cli.Predict;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Predict;

/// <summary><c>unroll predict --stream</c>: rows are answered as they arrive, as they are of whole tables.</summary>
public class SeriesStreamingTests
{
    private static readonly string[] Small = ["--hidden", "6", "--epochs", "1"];

    [Fact]
    public void A_forecast_follows_every_row_of_a_known_window_and_the_last_is_that_of_the_table()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run");
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", data, "--target", "power", "--horizon", "3", "--window", "8",
            "--calendar", "hour", "--quantiles", "0.1,0.9", "--out", run, .. Small]).Code);
        string text = File.ReadAllText(data);
        CliResult stream = Cli.RunWith(text, "predict", run, "--stream"), whole = Cli.RunWith(text, "predict", run);
        Assert.Equal((0, ""), (stream.Code, stream.Error));
        Assert.Equal("after,time,step,power(0.1),power(0.9)", stream.OutLines[0]);
        Assert.Equal(1 + (3 * (240 - 7)), stream.OutLines.Length);
        Assert.StartsWith("2024-01-01 07:00,2024-01-01 08:00,1,", stream.OutLines[1]);
        Assert.Equal(whole.OutLines.TakeLast(3), stream.OutLines.TakeLast(3).Select(Values)); // with the times forecast
        JsonElement last = Cli.RunWith(text, "predict", run, "--stream", "--json").Json[^1];
        Assert.Equal("2024-01-10 23:00", last.GetProperty("after").GetString());
        Assert.Equal("2024-01-11", last.GetProperty("times")[0].GetString());
        Assert.Equal(3, last.GetProperty("quantiles").GetProperty("power").GetProperty("0.9").GetArrayLength());

        // Other orders of columns, decimal commas between semicolons, quotes and a new column.
        string other = string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((row, i) =>
            row.Split(',') is [var time, var power, var temp]
                ? $"\"{temp.Replace('.', ',')}\";{(i == 0 ? "note" : "a \"\"b")};{time};{power.Replace('.', ',')}" : row));
        other = other.Replace("a \"\"b", "\"a \"\"; b\"", StringComparison.Ordinal);
        CliResult moved = Cli.RunWith(other, "predict", run, "--stream");
        Assert.Equal(stream.Out, moved.Out);
        Assert.Equal("unroll: the network does not read the column note, which training did not have.\n", moved.Error);

        static string Values(string line) => string.Join(',', line.Split(',').Skip(1));
    }

    [Fact]
    public void Groups_in_turns_and_tags_and_classes_are_those_of_tables()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Machines(folder);
        string[] common = ["--data", data, "--group", "machine", "--missing", "forward", .. Small];
        Assert.Equal(0, Cli.Run(["train", "classify", "--label", "state", "--ignore", "life,alarm", "--out", folder.At("c"),
            .. common]).Code);
        Assert.Equal(0, Cli.Run(["train", "tag", "--target", "alarm", "--ignore", "state,life", "--out", folder.At("t"),
            .. common]).Code);
        string[] rows = [.. File.ReadAllLines(data).Skip(1).Select(row => string.Join(',', row.Split(',').Take(2)))];
        string table = "machine,signal\n" + string.Join('\n', rows);
        Assert.Equal(Cli.RunWith(table, "predict", folder.At("c")).Out,
            Cli.RunWith(table, "predict", folder.At("c"), "--stream").Out);

        // All first steps of machines, then all second ones.
        string turns = "machine,signal\n" + string.Join('\n', rows
            .GroupBy(row => row.Split(',')[0]).SelectMany(machine => machine.Select((row, t) => (row, t)))
            .OrderBy(one => one.t).Select((one, i) => i == 70 ? one.row.Split(',')[0] + ",NA" : one.row));
        CliResult whole = Cli.RunWith(turns, "predict", folder.At("t")),
            stream = Cli.RunWith(turns, "predict", folder.At("t"), "--stream");
        Assert.Equal((0, ""), (stream.Code, stream.Error));
        Assert.Equal(whole.OutLines.Order(StringComparer.Ordinal), stream.OutLines.Order(StringComparer.Ordinal));
        Assert.Equal(turns.Split('\n').Skip(1).Select(row => row.Split(',')[0]),
            stream.OutLines.Skip(1).Select(row => row.Split(',')[0]));

        // Sequences without names end at an empty line.
        Assert.Equal(0, Cli.Run(["train", "classify", "--data", SeriesFiles.Archive(folder, "a.ts", 20), "--out", folder.At("a"),
            .. Small]).Code);
        CliResult named = Cli.RunWith("value\n1\n2\n\n\n-1\n-2\n-3\n", "predict", folder.At("a"), "--stream");
        Assert.Equal((0, ""), (named.Code, named.Error));
        Assert.Equal(["sequence", "1", "2"], named.OutLines.Select(line => line.Split(',')[0]));
    }

    [Theory]
    [InlineData("at,x", "2024-01-31,2024-02-29,2024-03-31", "2024-04-30")] // the ends of months
    [InlineData("at,x", "2024-01-01 00:00,2024-01-01 00:15,2024-01-01 00:30", "2024-01-01 00:45")]
    [InlineData("at,x", "2024-01-01,2024-01-02,2024-01-04", "")] // a gap
    [InlineData("at,x", "2024-01-01,2024-01-01,2024-01-01", "")] // one time
    [InlineData("x", "1,2,3", null)]
    public void A_forecast_has_a_time_where_rows_come_regularly(string header, string times, string? expected)
    {
        using var folder = new TempFolder();
        string run = folder.At("run"), data = folder.At("a.csv");
        File.WriteAllLines(data, Enumerable.Range(0, 80).Select(t => $"{t % 5}").Prepend("x"));
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", data, "--window", "3", "--horizon", "1", "--out", run, .. Small])
            .Code);
        string table = header + "\n"
            + string.Concat(times.Split(',').Select(time => header == "x" ? $"{time}\n" : $"{time},1\n"));
        CliResult stream = Cli.RunWith(table, "predict", run, "--stream");
        Assert.Equal((0, 2), (stream.Code, stream.OutLines.Length));
        Assert.Equal(expected is null ? "after,step,x" : "after,time,step,x", stream.OutLines[0]);
        string[] cells = stream.OutLines[1].Split(',');
        if (expected is not null) Assert.Equal(expected, cells[1]);
        Assert.Equal(expected is null ? "3" : times.Split(',')[2], cells[0]);
        System.Text.Json.JsonElement json = Cli.RunWith(table, "predict", run, "--stream", "--json").Json[0];
        Assert.Equal(!string.IsNullOrEmpty(expected), json.TryGetProperty("times", out _));
    }

    /// <summary>The next row is given only when that before it was answered.</summary>
    [Fact]
    public void An_answer_is_out_before_the_next_row_comes()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run");
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", data, "--target", "power", "--window", "4", "--out", run,
            .. Small]).Code);
        using var output = new Answers();
        using var input = new Turns([.. File.ReadAllLines(data).Take(31)], output);
        int code = UnrollCommand.Run(["predict", run, "--stream"], new CommandHost(input, output, TextWriter.Null));
        Assert.Equal((0, true), (code, input.AllInTime));
        Assert.Equal(1 + (30 - 3), output.Rows);
    }

    [Theory]
    [InlineData("power\n1\n", "has no column 'temp'; the nearest is 'power'")]
    [InlineData("", "Standard input is empty")]
    [InlineData("power,temp,temp\n", "names two columns 'temp'")]
    [InlineData("power,temp\n1,2\n1\n", "has 1 cell in row 2 (line 3) where 2 are expected")]
    [InlineData("power,temp\n1,2\n\n1,x\n", "has 'x' in row 2 (line 4), column 'temp', which is no number")]
    [InlineData("power,temp\n1,inf\n", "which is infinite")]
    [InlineData("power;temp\n1,5;2\n1.5;2\n", "where the decimal mark is a comma")]
    [InlineData("power,temp\n1,NA\n", "row 1 (line 2): Column 'temp' has no value")]
    [InlineData("power,temp\n1,\"2\n", "a quote in row 1 (line 2) that is not closed")]
    [InlineData("time,power,temp\n2024-01-02,1,2\n2024-01-01,1,2\n", "time 2024-01-01 in row 2 (line 3), before 2024-01-02")]
    [InlineData("time,power,temp\n2024-01-02,1,2\nnoon,1,2\n", "has the time 'noon' in row 2 (line 3), column 'time'")]
    [InlineData("time,power,temp\n1/2/2024,1,2\n", "may have the day or the month first")]
    public void A_row_that_cannot_be_read_is_one_sentence(string input, string words)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run");
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", data, "--target", "power", "--window", "4", "--out", run,
            .. Small]).Code);
        CliResult result = Cli.RunWith(input, "predict", run, "--stream");
        Assert.Equal(2, result.Code);
        Assert.Contains(words, result.Error);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
        Assert.Contains("--data cannot be given", Cli.Run("predict", run, "--stream", "--data", data).RefusedWith());
    }

    [Fact]
    public void Only_models_of_own_sequences_have_a_stream()
    {
        string model = Path.Combine(Unroll.Tests.RepositoryRoot.Path, "samples", "temporal-order.safetensors");
        Assert.Contains("--stream is for models of your own", Cli.Run("predict", model, "--stream").RefusedWith());
    }

    [Theory]
    [InlineData("a,b", new[] { "a", "b" })]
    [InlineData(" a , \"b,c\" ,", new[] { "a", "\"b", "c\"", "" })]
    [InlineData("\"b,c\",\"d\"\"e\",", new[] { "b,c", "d\"e", "" })]
    [InlineData("", new[] { "" })]
    [InlineData("\"\"", new[] { "" })]
    [InlineData("\"a", null)]
    public void Lines_are_cut_into_cells(string line, string[]? cells) => Assert.Equal(cells, StreamTable.Cells(line, ','));

    private sealed class Answers : StringWriter
    {
        private readonly object _gate = new();

        public Answers() => NewLine = "\n";

        public int Rows { get; private set; }

        public override void Flush()
        {
            lock (_gate)
            {
                Rows = ToString().Count(c => c == '\n');
                Monitor.PulseAll(_gate);
            }
        }

        public bool Wait(int rows)
        {
            var clock = Stopwatch.StartNew();
            lock (_gate)
            {
                while (Rows < rows && clock.Elapsed.TotalSeconds < 20) Monitor.Wait(_gate, 100);
                return Rows >= rows;
            }
        }
    }

    private sealed class Turns(string[] lines, Answers answers) : StringReader("")
    {
        private int _given;

        public bool AllInTime { get; private set; } = true;

        public override string? ReadLine()
        {
            // The header and three rows have no answer; the first answer has a header of its own.
            if (_given > 4 && !answers.Wait(_given - 3)) AllInTime = false;
            return _given < lines.Length ? lines[_given++] : null;
        }
    }
}
