#:project ../src/Unroll.Data/Unroll.Data.csproj
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Unroll.Data;

// How fast a table becomes sequences: a file that is given, or one of 1,000,000 rows with a date and 7 numbers that is made.
// Rates are of processor time, so that other work on the machine matters little: the best, the middle one and the least of
// several readings.
const int Readings = 7, Rows = 1_000_000, Columns = 7;
string? given = args.Length > 0 ? args[0] : null;
string file = given ?? Path.GetTempFileName();
try
{
    if (given is null) Make(file);
    double megabytes = new FileInfo(file).Length / 1e6;
    var rates = new List<double>();
    using var own = Process.GetCurrentProcess();
    for (int i = 0; i < Readings; i++)
    {
        own.Refresh();
        TimeSpan before = own.TotalProcessorTime;
        SequenceData data = SequenceData.FromCsv(file);
        own.Refresh();
        rates.Add(megabytes / (own.TotalProcessorTime - before).TotalSeconds);
        GC.KeepAlive(data);
    }

    rates.Sort();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{megabytes:F0} MB: best {rates[^1]:F0} MB/s, middle {rates[Readings / 2]:F0} MB/s, least {rates[0]:F0} MB/s"));
}
finally
{
    if (given is null) File.Delete(file);
}

static void Make(string file)
{
    var random = new Random(1);
    using var writer = new StreamWriter(file, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 20);
    writer.Write("at,a,b,c,d,e,f,g\n");
    var start = new DateTime(2020, 1, 1);
    for (int i = 0; i < Rows; i++)
    {
        writer.Write(start.AddMinutes(i).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        for (int c = 0; c < Columns; c++)
            writer.Write(string.Create(CultureInfo.InvariantCulture, $",{(random.NextDouble() * 100) - 20:F4}"));
        writer.Write('\n');
    }
}
