using Unroll.Cells;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Cells;

/// <summary>
/// Gradients of every cell, head, depth and kind of noise against central differences, and the kernels against each other.
/// </summary>
public static class CellGradientTests
{
    public static TheoryData<OutputHead, InputEncoding> Kinds()
    {
        var data = new TheoryData<OutputHead, InputEncoding>();
        foreach (OutputHead head in Enum.GetValues<OutputHead>()) data.Add(head, (InputEncoding)((int)head % 3));
        foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>()) data.Add(OutputHead.SoftmaxEvery, encoding);
        return data;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public static void Gradients_are_derivatives_of_the_cost(OutputHead head, InputEncoding encoding)
    {
        ulong seed = 3;
        foreach (LayerList layers in CellShapes.Stacks(3))
        {
            foreach (PassNoise noise in CellShapes.Noises)
            {
                seed++;
                var shape =
                    new NetworkShape(3, layers, 2)
                    {
                        Head = head,
                        Encoding = encoding,
                        LearnedInitialState = seed % 2 == 0,
                        Biases = seed % 3 != 0,
                    };
                Network<double> network = Specimen.Network<double>(shape, seed);
                Batch batch = CellShapes.Batch(shape, 3, 4, seed, unequal: seed % 2 == 1);
                using var unrolled = new UnrolledNetwork<double>(network) { Noise = noise };
                Cost();
                Specimen.MoveFromKinks(unrolled, batch);
                Cost();
                unrolled.Backward();

                // Sums of three units that happen to lie close together are divided by little, and curve the more.
                bool normalized = layers.Any(layer => layer.LayerNorm);
                double[] gradient = unrolled.Gradient.ToArray(), expected = new double[gradient.Length];
                for (int i = 0; i < expected.Length; i++) expected[i] = Derivative(ref network.Parameters[i]);
                foreach (ParameterBlock block in network.Blocks)
                {
                    Span<double> wanted = expected.AsSpan(block.Offset, block.Length),
                        actual = gradient.AsSpan(block.Offset, block.Length);
                    double size = GradientClipping.Norm<double>(wanted);
                    if (size < 1e-7)
                        Assert.True(
                            GradientClipping.Norm<double>(actual) < 1e-7, $"{block.Name} should have no gradient, {layers}.");
                    else Compare.Close(actual, wanted, normalized ? 2e-5 : 2e-6, $"{block.Name}, {layers}, {noise}");
                }

                double Cost()
                {
                    CellShapes.Hold(unrolled, batch.Rows);
                    return unrolled.Forward(batch, CostReduction.Sum);
                }

                double Derivative(ref double x)
                {
                    double step = normalized ? 2e-6 : 1e-4, kept = x;
                    double near = Difference(ref x, step), far = Difference(ref x, 2 * step);
                    return ((8 * near) - far) / (12 * step);

                    double Difference(ref double x, double step)
                    {
                        x = kept + step;
                        double above = Cost();
                        x = kept - step;
                        double difference = above - Cost();
                        x = kept;
                        return difference;
                    }
                }
            }
        }
    }

    /// <summary>
    /// Everything that a fast kernel computes against the reference, at awkward widths, in double and in float.
    /// </summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    [InlineData(8, 3)]
    [InlineData(17, 2)]
    public static void Kernels_agree_with_the_reference(int hidden, int threads)
    {
        ulong seed = (ulong)(hidden * 10);
        foreach (LayerList layers in CellShapes.Stacks(hidden))
        {
            foreach (PassNoise noise in CellShapes.Noises)
            {
                seed++;
                var head = (OutputHead)(seed % 6);
                var shape =
                    new NetworkShape(5, layers, 3)
                    {
                        Head = head,
                        Encoding = (InputEncoding)(seed / 2 % 3),
                        LearnedInitialState = seed % 2 == 0,
                        Biases = seed % 5 != 0,
                    };
                Network<double> network = Specimen.Network<double>(shape, seed);
                Batch batch = CellShapes.Batch(shape, 5, 6, seed, unequal: seed % 2 == 1);
                double[] expected = All(network, batch, noise, KernelFactory.Reference, 1);
                foreach (string kernel in KernelFactory.Available().Remove(KernelFactory.Reference))
                {
                    string what = $"{kernel}, {layers}, {head}, {shape.Encoding}, {noise}";
                    Compare.Close(All(network, batch, noise, kernel, threads), expected, 1e-11, what);
                    Compare.Close(
                        All(network.Convert<float>(), batch, noise, kernel, threads), expected, 1e-4, what + " in float");
                }
            }
        }
    }

    [Fact]
    public static void A_cells_products_are_its_steps_derivatives()
    {
        var random = new Random(1);
        foreach (LayerShape layer in CellShapes.Cells)
        {
            ICell cell = CellTable.Of(layer.Cell);
            CellLayout layout = cell.Layout;
            for (int repeat = 0; repeat < 20; repeat++)
            {
                UnitBuffer<Dual> unit = new(layout);
                for (int b = 0; b < layout.Blocks; b++) unit.Pre[b] = Draw();
                for (int p = 0; p < layout.Parts; p++) unit.Before[p] = Draw();
                for (int v = 0; v < unit.Vectors.Length; v++) unit.Vectors[v] = Draw();
                cell.Step(layer, unit.Unit);
                double[] above = Move(1e-5), below = Move(-1e-5);
                for (int p = 0; p < layout.Parts; p++) Assert.Equal((above[p] - below[p]) / 2e-5, unit.After[p].Tangent, 1e-8);

                // Backward: the derivative of w . s_t. A signal is the total derivative dE/dh, and dE/dc without the use of c in
                // h of the same step.
                UnitBuffer<Real> back = new(layout);
                for (int b = 0; b < layout.Blocks; b++) back.Pre[b] = new Real(unit.Pre[b].Value);
                for (int p = 0; p < layout.Parts; p++)
                    (back.Before[p], back.Signal[p]) = (new Real(unit.Before[p].Value), new Real(random.NextDouble()));
                for (int v = 0; v < unit.Vectors.Length; v++) back.Vectors[v] = new Real(unit.Vectors[v].Value);
                cell.Step(layer, back.Unit);
                cell.Pull(layer, back.Unit);
                double along = 0, expected = 0;
                for (int v = 0; layout.VectorBlock < 0 && v < unit.Vectors.Length; v++)
                    along += back.VectorSignal[v].Value * unit.Vectors[v].Tangent;
                for (int b = 0; b < layout.Blocks; b++) along += back.PreSignal[b].Value * unit.Pre[b].Tangent;
                for (int p = 0; p < layout.Parts; p++) along += back.Back[p].Value * unit.Before[p].Tangent;
                for (int p = 0; p < layout.Parts; p++) expected += back.Signal[p].Value * unit.After[p].Tangent;
                Assert.Equal(expected, along, 1e-12);

                double[] Move(double step)
                {
                    UnitBuffer<Real> moved = new(layout);
                    for (int b = 0; b < layout.Blocks; b++)
                        moved.Pre[b] = new Real(unit.Pre[b].Value + (step * unit.Pre[b].Tangent));
                    for (int p = 0; p < layout.Parts; p++)
                        moved.Before[p] = new Real(unit.Before[p].Value + (step * unit.Before[p].Tangent));
                    for (int v = 0; v < unit.Vectors.Length; v++)
                        moved.Vectors[v] = new Real(unit.Vectors[v].Value + (step * unit.Vectors[v].Tangent));
                    cell.Step(layer, moved.Unit);
                    return [.. moved.After.Select(x => x.Value)];
                }
            }
        }

        Dual Draw() => new((2 * random.NextDouble()) - 1, (2 * random.NextDouble()) - 1);
    }

    private static double[] All<T>(Network<T> network, Batch batch, PassNoise noise, string kernel, int threads)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        using var unrolled = new UnrolledNetwork<T>(network, threads, kernel) { Noise = noise };
        CellShapes.Hold(unrolled, batch.Rows);
        List<double> all = [unrolled.Forward(batch, CostReduction.Mean)];
        unrolled.Backward();
        all.AddRange(Compare.Doubles<T>(unrolled.Gradient));
        for (int l = 0; l < network.Shape.Layers.Count; l++)
        {
            for (int r = 0; r < batch.Rows; r++)
            {
                for (int t = 0; t <= batch.Steps; t++)
                {
                    all.AddRange(Compare.Doubles(unrolled.State(t, r, l)));
                    all.AddRange(Compare.Doubles(unrolled.CellState(t, r, l)));
                    all.AddRange(Compare.Doubles(unrolled.StateGradient(t, r, l)));
                    all.AddRange(Compare.Doubles(unrolled.CellStateGradient(t, r, l)));
                }
            }
        }

        foreach (OmegaForm form in Enum.GetValues<OmegaForm>())
        {
            // The slope of a term has a pole where its signal vanishes, so entries near the bound would show rounding, not
            // errors.
            OmegaStatistics omega = unrolled.Backward(new VanishingGradientRegularizer(form), 1e-3);
            if (typeof(T) == typeof(double)) all.Add(omega.Omega);
            else all.Add(omega.Omega);
            all.AddRange(Compare.Doubles<T>(unrolled.Gradient));
        }

        for (int r = 0; r < batch.Rows; r++) all.AddRange(Compare.Doubles<T>(unrolled.CarriedState(r)));
        return [.. all];
    }
}
