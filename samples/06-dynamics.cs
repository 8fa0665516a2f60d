#:project ../src/Unroll/Unroll.csproj
using System.Numerics;
using Unroll;
using Unroll.Dynamics;
using Unroll.Files;
using Unroll.Tasks;

// How does a trained network remember? This finds its fixed points without input, and the inputs that move it between basins.
int sequences = 20;
string here = Path.GetDirectoryName((string?)AppContext.GetData("EntryPointFilePath")) ?? ".";
Network<double> network = ModelFile.Load<double>(args.Length > 0 ? args[0] : Path.Combine(here, "temporal-order.safetensors"));
var map = new AutonomousNetwork(network);
var task = new TemporalOrder(100);
Batch batch = Batch.For(task);
task.Fill(batch, sequences, new RandomKey(Seed: 1, RandomStream.Test, 0));

// Searches start from every 20th state that the network visits.
double[][][] paths = [.. Enumerable.Range(0, sequences).Select(row => map.StatesOf(batch, row))];
double[][] starts = [.. paths.SelectMany(path => path.Where((_, t) => t % 20 == 0))];
IReadOnlyList<NetworkFixedPoint> points = FixedPointSearch.Find(map, starts);
Console.WriteLine(
    $"{points.Count(point => point.IsFixed)} fixed and {points.Count(point => !point.IsFixed)} slow points from "
        + $"{starts.Length} starts");
foreach (NetworkFixedPoint point in points.Take(12))
    Console.WriteLine(
        $"  {(point.IsFixed ? "fixed" : "slow"),-6}q {point.Speed:E0} {point.UnstableDirections,3} unstable directions  "
            + $"largest |eigenvalue| {Complex.Abs(point.Eigenvalues[0]):F4}  {point.Starts} starts");

// Section 2.2: an input is remembered when it moves the state across a boundary between basins of the map without input.
var crossed = new SortedDictionary<string, (int Crossings, int Steps)>(StringComparer.Ordinal);
int longestWait = 0;
var crossAgain = new HashSet<int>();
for (int row = 0; row < sequences; row++)
{
    BasinPath path = BasinPath.Follow(map, paths[row]);
    string seen = "";
    int wait = 0;
    for (int t = 1; t <= task.Length.Maximum; t++)
    {
        bool isMark = batch.Symbol(t - 1, row) is 0 or 1, crosses = path.Crossings.Contains(t); // A and B come first
        string what = isMark ? $"{"AB"[batch.Symbol(t - 1, row)]} after {(seen.Length == 0 ? "none" : seen)}"
        : $"a distractor after {(seen.Length == 0 ? "none" : seen)}";
        (int crossings, int steps) = crossed.GetValueOrDefault(what);
        crossed[what] = (crossings + (crosses ? 1 : 0), steps + 1);
        wait = isMark ? 0 : wait + 1;
        if (crosses && !isMark)
        {
            longestWait = Math.Max(longestWait, wait);
            crossAgain.Add(row);
        }

        if (isMark) seen += "AB"[batch.Symbol(t - 1, row)];
    }
}

foreach ((string what, (int crossings, int steps)) in crossed)
    Console.WriteLine($"  {what,-24} crosses a boundary at {crossings} of {steps} steps");
Console.WriteLine($"{crossAgain.Count} of {sequences} sequences cross at a distractor, at most {longestWait} steps after A or B");
