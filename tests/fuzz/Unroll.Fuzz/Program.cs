using System.Diagnostics;
using System.Globalization;
using Unroll.Cli.Tests.Fuzz;
using Unroll.Tests.Fuzz;

const double SecondsBetweenLines = 5;
const int MostFailures = 20, LongestFailure = 600;

long inputs = 1_000_000;
ulong seed = 1;
long? only = null;
int jobs = Environment.ProcessorCount;
List<FuzzTarget> targets = [.. CoreTargets.All, .. ReaderTargets.All, .. ModelTargets.All, .. CliTargets.All];
try
{
    for (int i = 0; i < args.Length; i += 2)
    {
        string value = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]} needs a value");
        switch (args[i])
        {
            case "--inputs": inputs = long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture); break;
            case "--seed": seed = ulong.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture); break;
            case "--case": only = long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture); break;
            case "--jobs": jobs = Math.Max(1, int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture)); break;
            case "--only":
                string[] names = value.Split(',');
                string? unknown = names.FirstOrDefault(name => targets.TrueForAll(target => target.Name != name));
                if (unknown is not null)
                    throw new FormatException(
                        $"there is no kind {unknown}; there are {string.Join(", ", targets.Select(target => target.Name))}");
                targets.RemoveAll(target => !names.Contains(target.Name));
                break;
            default:
                throw new FormatException(
                $"there is no option {args[i]}; there are --inputs, --seed, --only, --case and --jobs");
        }
    }

    if (only is not null && targets.Count != 1)
        throw new FormatException("--case repeats one input, of the kind that --only names");
}
catch (Exception error) when (error is FormatException or OverflowException)
{
    Console.Error.WriteLine($"fuzz: {error.Message}.");
    return 2;
}

double weights = targets.Sum(target => target.Weight);
Tally[] tallies = [.. targets.Select(target => new Tally(target, only is null
    ? Math.Max(1, (long)(inputs * target.Weight / weights)) : 1))];
string root = Directory.CreateTempSubdirectory("unroll-fuzz-").FullName;
var failures = new List<string>();
long started = Stopwatch.GetTimestamp();
long end = tallies.Sum(tally => tally.Inputs);
using (var timer = new Timer(_ => Console.Error.WriteLine(Progress()), null, TimeSpan.FromSeconds(SecondsBetweenLines),
    TimeSpan.FromSeconds(SecondsBetweenLines)))
{
    Thread[] threads = [.. Enumerable.Range(0, jobs).Select(job => new Thread(() => Work(Path.Combine(root, $"{job}"))))];
    foreach (Thread thread in threads) thread.Start();
    foreach (Thread thread in threads) thread.Join();
}

Directory.Delete(root, recursive: true);
foreach (Tally tally in tallies)
    Console.WriteLine(
        $"{tally.Target.Name,-12} {tally.Taken + tally.Refused + tally.Failed,10} inputs: {tally.Taken} taken, {tally.Refused} "
            + $"refused, {tally.Failed} failed");
foreach (string failure in failures) Console.WriteLine(failure);
Console.WriteLine(
    $"{Done()} inputs: {tallies.Sum(t => t.Taken)} taken, {tallies.Sum(t => t.Refused)} refused, "
        + $"{tallies.Sum(t => t.Failed)} failed");
return failures.Count == 0 ? 0 : 1;

long Done() => tallies.Sum(tally => Interlocked.Read(ref tally.Taken) + Interlocked.Read(ref tally.Refused)
    + Interlocked.Read(ref tally.Failed));

string Progress()
{
    double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    long done = Done();
    return string.Create(CultureInfo.InvariantCulture,
        $"fuzz: {done} of {end} inputs, {done / seconds:0}/s, {(done == 0 ? 0 : (end - done) * seconds / done):0} s left, "
            + $"{failures.Count} failed");
}

void Work(string folder)
{
    foreach (Tally tally in tallies)
    {
        string own = Directory.CreateDirectory(Path.Combine(folder, tally.Target.Name)).FullName;
        long number;
        while ((number = tally.Next()) < tally.Inputs && failures.Count < MostFailures)
        {
            try
            {
                if (tally.Target.Run(seed, only ?? number, own)) Interlocked.Increment(ref tally.Taken);
                else Interlocked.Increment(ref tally.Refused);
            }
            catch (FuzzFailure failure)
            {
                Interlocked.Increment(ref tally.Failed);
                lock (failures) failures.Add(only is not null || failure.Message.Length <= LongestFailure ? failure.Message
                    : $"{failure.Message[..LongestFailure]}... (whole with --only {tally.Target.Name} --case {number})");
            }
        }
    }
}

/// <summary>The inputs of a kind.</summary>
internal sealed class Tally(FuzzTarget target, long inputs)
{
    public long Taken;
    public long Refused;
    public long Failed;
    private long _next = -1;

    public FuzzTarget Target => target;

    public long Inputs => inputs;

    public long Next() => Interlocked.Increment(ref _next);
}
