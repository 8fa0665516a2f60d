#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Analysis;
using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tasks;

// Omega asks the error signal to keep its norm from step to step, along its own direction only (section 3.3). Does the signal
// keep it in a network that was trained with Omega? What happens in other directions? How close is the immediate derivative (10)
// to the full one?
const int Sequences = 20, Derived = 5;
string here = Path.GetDirectoryName((string?)AppContext.GetData("EntryPointFilePath")) ?? ".";
Network<double> network = ModelFile.Load<double>(Path.Combine(here, "temporal-order.safetensors"));
using var unrolled = new UnrolledNetwork<double>(network);
Batch batch = Run(100, Sequences);
List<double> ratios = [], largest = [], median = [], exponents = [];
for (int row = 0; row < batch.Rows; row++)
{
    foreach (int k in (int[])[5, 25, 50, 75, 95])
    {
        OmegaDirection direction = OmegaAnalysis.Direction(unrolled, row, k);
        ratios.Add(direction.Ratio);
        largest.Add(direction.SingularValues[0]);
        median.Add((direction.SingularValues[24] + direction.SingularValues[25]) / 2);
    }

    exponents.Add(JacobianProducts.LyapunovExponents(unrolled, row, 100)[0]);
}

Say("norm ratio along dE/dx", ratios);
Say("largest singular value", largest);
Say("median singular value", median);
Say("largest Lyapunov exponent", exponents);
foreach (OmegaForm form in (OmegaForm[])[OmegaForm.Code, OmegaForm.Paper])
{
    OmegaDerivatives both = OmegaAnalysis.Derivatives(network, Run(30, Derived), CostReduction.Sum, form);
    Console.WriteLine(
        $"dOmega/dW_rec, {form,-5}      cosine of immediate and full {both.Cosine:F2}, norms {both.ImmediateNorm:F2} and "
            + $"{both.FullNorm:F2}");
}

Batch Run(int length, int sequences)
{
    var task = new TemporalOrder(length);
    Batch filled = Batch.For(task);
    task.Fill(filled, sequences, new RandomKey(1, RandomStream.Test, 0));
    unrolled.Forward(filled, CostReduction.Sum);
    unrolled.Backward();
    return filled;
}

static void Say(string what, List<double> values)
{
    Quantiles q = Quantiles.Of(values.ToArray());
    Console.WriteLine($"{what,-26} {q.Median,7:F3} [{q.Lower:F3}, {q.Upper:F3}]");
}
