#:project ../src/Unroll/Unroll.csproj
using System.Numerics;
using Unroll;
using Unroll.Dynamics;
using Unroll.Files;
using Unroll.Tasks;

// How does a trained network remember? Its fixed points without input, and the inputs that carry it from one basin to another.
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
Console.WriteLine($"{points.Count(point => point.IsFixed)} fixed and {points.Count(point => !point.IsFixed)} slow points from {starts.Length} starts");
foreach (NetworkFixedPoint point in points.Take(12))
    Console.WriteLine($"  {(point.IsFixed ? "fixed" : "slow "),-6}q {point.Speed:E1}  {point.Stability,-9}{point.UnstableDirections,3} unstable directions  largest |eigenvalue| {Complex.Abs(point.Eigenvalues[0]):F4}  {point.Starts} starts");

// Section 2.2: crossing a boundary of the map without input is what an input has to do to be remembered.
int marks = 0, crossingMarks = 0, others = 0, crossingOthers = 0;
for (int row = 0; row < sequences; row++)
{
    BasinPath path = BasinPath.Follow(map, paths[row]);
    bool IsMark(int t) => batch.Symbol(t - 1, row) < 2; // A and B come first
    marks += Enumerable.Range(1, task.Length.Maximum).Count(IsMark);
    others += Enumerable.Range(1, task.Length.Maximum).Count(t => !IsMark(t));
    crossingMarks += path.Crossings.Count(IsMark);
    crossingOthers += path.Crossings.Count(t => !IsMark(t));
    if (row < 4) Console.WriteLine($"{task.Describe(batch, row).Split('\n')[^1]}\n  attractors of period {string.Join(", ", path.Attractors.Select(one => one.Period))}; crossings at steps {string.Join(", ", path.Crossings.Select(t => t - 1))}");
}

Console.WriteLine($"a boundary is crossed at {crossingMarks} of {marks} steps with A or B, and at {crossingOthers} of {others} others");
