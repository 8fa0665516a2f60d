using System.Text.Json;
using Unroll.Data;

namespace Unroll.Cli.Tests.Data;

public class SequenceShowTests
{
    private const string Readings = """
        time;power;temp;weather;flat
        2024-01-01 00:00;10,5;1;sun;7
        2024-01-01 01:00;11,5;;rain;7
        2024-01-01 02:00;12,5;3;sun;7
        2024-01-01 03:00;13,5;4;fog;7
        2024-01-01 05:00;14,5;5;sun;7
        2024-01-01 06:00;15,5;6;sun;7
        2024-01-01 07:00;16,5;7;sun;7

        """;

    [Fact]
    public void A_table_is_described_in_80_columns()
    {
        using var folder = new TempFolder();
        CliResult shown = Cli.Run("data", "show", Write(folder, "readings.csv", Readings), "--target", "power");
        Assert.Equal("", shown.Error);
        Assert.Equal("""
            readings.csv: 1 sequence of 7 steps, 3 columns of numbers, 1 of categories
            Times: 2024-01-01 to 2024-01-01 07:00, every 1 h except for 1 gap

            column   kind      missing  least   mean  greatest  deviation
            power    target          0   10.5   13.5      16.5          2
            temp     number          1      1  4.333         7      1.972
            weather  3 labels        0      -      -         -          -
            flat     constant        0      7      7         7          0
            weather: sun (5), fog (1), rain (1)

            Suggested folds, by time:
            fold        sequences  steps              from                to
            train               1      5        2024-01-01  2024-01-01 05:00
            validation          1      1  2024-01-01 06:00  2024-01-01 06:00
            test                1      1  2024-01-01 07:00  2024-01-01 07:00

            temp has 1 missing value, the first in row 2 (line 3); they must be filled in,
            or read by a rule.
            flat has one value only, from which nothing is learned; leave it out with
            --ignore.
            Times go by 1 h, but not at 1 place, the first behind 2024-01-01 03:00.

            """.ReplaceLineEndings("\n"), shown.Out);
        Assert.All(shown.OutLines, line => Assert.InRange(line.Length, 1, 80));
    }

    [Fact]
    public void A_table_is_described_as_an_object()
    {
        using var folder = new TempFolder();
        JsonElement json = Assert.Single(Cli.Run("data", "show", Write(folder, "readings.csv", Readings), "--json").Json);
        Assert.Equal("sequences", json.GetProperty("kind").GetString());
        Assert.Equal((1, 7), (json.GetProperty("sequences").GetInt32(), json.GetProperty("steps").GetInt32()));
        Assert.Equal(3600, json.GetProperty("times").GetProperty("step_seconds").GetDouble());
        JsonElement temp = json.GetProperty("columns")[1];
        Assert.Equal(("temp", "row 2 (line 3)", 1.0),
            (temp.GetProperty("name").GetString(), temp.GetProperty("first_missing").GetString(),
            temp.GetProperty("least").GetDouble()));
        Assert.Equal(5, json.GetProperty("columns")[2].GetProperty("labels").GetProperty("sun").GetInt32());
        Assert.Equal([5, 1, 1], json.GetProperty("folds").EnumerateArray().Select(fold => fold.GetProperty("steps").GetInt32()));
    }

    [Fact]
    public void Labelled_sequences_have_their_classes_counted()
    {
        using var folder = new TempFolder();
        string file = Write(folder, "vowels.ts", "@univariate true\n@classLabel true a b\n@data\n"
            + string.Concat(Enumerable.Range(0, 20).Select(i =>
                $"{i},{i * i},3{(i % 3 == 0 ? ",?" : "")}:{(i % 2 == 0 ? "a" : "b")}\n")));
        CliResult shown = Cli.Run("data", "show", file);
        Assert.StartsWith("vowels.ts: 20 sequences of 3 to 4 steps (median 3, 67 in all), 1 column of\nnumbers\n", shown.Out);
        Assert.Contains("Classes of sequences: a (10), b (10)", shown.OutLines);
        Assert.Contains("Suggested folds, by whole sequences of each class:", shown.OutLines);
        Assert.Contains("value has 7 missing values, the first in value 4 of sequence 1 (line 4);", shown.Out);
    }

    [Fact]
    public void A_long_table_and_a_folder_are_several_sequences()
    {
        using var folder = new TempFolder();
        string text = "sensor,at,v\nb,1,1\na,1,5\nb,2,2\na,2,6\n";
        CliResult shown = Cli.Run("data", "show", Write(folder, "long.csv", text), "--group", "sensor", "--time", "at");
        Assert.StartsWith("long.csv: 2 sequences of 2 steps, 1 column of numbers\nTimes: 1 to 2, every 1 without a gap\n",
            shown.Out);
        Write(folder, "set/walk/a.csv", "v\n1\n2\n");
        Write(folder, "set/run/b.csv", "v\n3\n4\n");
        Assert.Contains("Classes of sequences: run (1), walk (1)",
            Cli.Run("data", "show", folder.At("set"), "--label-by-folder").OutLines);
    }

    [Fact]
    public void A_folder_of_music_with_a_table_of_its_pieces_stays_music()
    {
        using var folder = new TempFolder();
        var roll = new PianoRoll("p", 6);
        for (int t = 0; t < roll.Steps; t++) roll[t, 39 + t] = true;
        Write(folder, "tunes/pieces.csv", "piece,year\np0.mid,1720\n");
        for (int i = 0; i < 4; i++) MidiFile.Write(folder.At($"tunes/p{i}.mid"), roll);
        Assert.StartsWith("tunes, music: 88 keys", Cli.Run("data", "show", folder.At("tunes")).Out);
    }

    [Theory]
    [InlineData("readings.csv", "a,b\n1,x\n", new[] { "--target", "c" },
        "FILE has no column 'c'; the nearest is 'a' (of a, b).")]
    [InlineData("readings.csv", "PK\u0003\u0004", new string[0],
        "FILE is no text but a zip archive, such as Excel's .xlsx; save it as CSV.")]
    [InlineData("readings.csv", "a,b\n1,2\n", new[] { "--bytes" },
        "--bytes is for music and text, and FILE has sequences of numbers.")]
    [InlineData("readings.txt", "a,b\n1,2\n", new[] { "--group", "a" },
        "--group is for sequences (.csv, .tsv, .ts, .npy, .npz), and FILE is no such file.")]
    [InlineData("x.ts", "@data\n1,2\n", new[] { "--group", "a" }, "--group is for tables (.csv), and FILE is not a table.")]
    [InlineData("readings.csv", "a,b\n1,2\n", new[] { "--delimiter", "xy" },
        "--delimiter 'xy' must be one mark such as , ; | or tab.")]
    [InlineData("readings.csv", "t,a\n2024-01-01,1\n2024-03-01,2\n2024-02-01,3\n", new string[0],
        "FILE has the time 2024-02-01 in row 3 (line 4), column 't', behind the later 2024-03-01; put the rows in order, or "
            + "have them "
            + "sorted by time, or name the column of groups.")]
    public void What_cannot_be_shown_is_refused_in_a_sentence(string name, string text, string[] options, string sentence)
    {
        using var folder = new TempFolder();
        string file = Write(folder, name, text);
        Assert.Equal($"unroll: {sentence.Replace("FILE", file)}\n", Cli.Run(["data", "show", file, .. options]).RefusedWith());
    }

    private static string Write(TempFolder folder, string name, string text)
    {
        string path = folder.At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
