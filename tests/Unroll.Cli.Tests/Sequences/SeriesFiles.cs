using System.Globalization;
using System.Text;

namespace Unroll.Cli.Tests.Sequences;

/// <summary>Small tables and archives of sequences from which something can be learned.</summary>
internal static class SeriesFiles
{
    /// <summary>Hourly readings with a daily season: time, power, temp.</summary>
    public static string Readings(TempFolder folder, int rows = 240, string name = "readings.csv")
    {
        var text = new StringBuilder("time,power,temp\n");
        for (int t = 0; t < rows; t++)
        {
            double season = Math.Sin(t * 2 * Math.PI / 24);
            text.Append(CultureInfo.InvariantCulture, $"{new DateTime(2024, 1, 1).AddHours(t):yyyy-MM-dd HH:mm},");
            text.Append(CultureInfo.InvariantCulture, $"{100 + (30 * season) + (t * 0.05):0.###},{10 + (5 * season):0.###}\n");
        }

        return Write(folder, name, text);
    }

    /// <summary>Months whose yearly course grows in proportion: month, sales.</summary>
    /// <param name="noise">How far months are from it at most, as a share.</param>
    public static string Months(TempFolder folder, int rows, string name = "months.csv", double noise = 0)
    {
        var text = new StringBuilder("month,sales\n");
        for (int t = 0; t < rows; t++)
        {
            double sales = 100 * Math.Exp((t * 0.01) + (0.2 * Math.Sin(t * 2 * Math.PI / 12)) + (noise * Math.Sin(t * t)));
            text.Append(CultureInfo.InvariantCulture, $"{new DateTime(2010, 1, 1).AddMonths(t):yyyy-MM},{sales:0.###}\n");
        }

        return Write(folder, name, text);
    }

    /// <summary>A long table: machines whose signal rises or falls, with a state and a life for each.</summary>
    public static string Machines(TempFolder folder, int machines = 40, string name = "machines.csv")
    {
        var text = new StringBuilder("machine,signal,alarm,state,life\n");
        for (int i = 0; i < machines; i++)
        {
            bool good = i % 2 == 0;
            int steps = 6 + (i % 5);
            for (int t = 0; t < steps; t++)
            {
                double signal = (good ? 1 : -1) * t * (1 + (i % 3));
                text.Append(CultureInfo.InvariantCulture,
                    $"m{i},{signal},{(signal > 2 ? "on" : "off")},{(good ? "good" : "worn")},{(good ? 50 : 10) + (i % 3)}\n");
            }
        }

        return Write(folder, name, text);
    }

    /// <summary>Labelled sequences of the archive.</summary>
    public static string Archive(TempFolder folder, string name, int sequences)
    {
        var text = new StringBuilder(
            "@problemName slopes\n@timestamps false\n@missing false\n@univariate true\n@equalLength false\n@classLabel true up "
                + "down\n@data\n");
        for (int i = 0; i < sequences; i++)
        {
            int sign = i % 2 == 0 ? 1 : -1;
            text.Append(string.Join(',', Enumerable.Range(0, 5 + (i % 4)).Select(t => sign * t * (1 + (i % 3)))))
                .Append(sign > 0 ? ":up\n" : ":down\n");
        }

        return Write(folder, name, text);
    }

    /// <summary>Every kind of task but a forecast, with the options that name small data for it.</summary>
    public static (string Kind, string[] Data)[] Kinds(TempFolder folder)
    {
        string[] machines = ["--data", Machines(folder), "--group", "machine"];
        return
        [
            ("classify", ["--data", Archive(folder, "a.ts", 40)]),
            ("regress", [.. machines, "--target", "life", "--ignore", "state,alarm"]),
            ("tag", [.. machines, "--target", "alarm", "--ignore", "state,life"]),
        ];
    }

    private static string Write(TempFolder folder, string name, StringBuilder text)
    {
        File.WriteAllText(folder.At(name), text.ToString());
        return folder.At(name);
    }
}
