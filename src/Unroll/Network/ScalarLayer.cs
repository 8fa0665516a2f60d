using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// One layer in double, one sequence and one step at a time: products, the cell's own equations, and their derivatives. States
/// are the layer's parts one after another (h, then c), pre-activations are its blocks. Kept activations are recomputed when they
/// are needed. Of a normalized layer pre-activations are the sums before normalization, and so are their derivatives; what
/// normalization adds is in ScalarLayer.Normalization.cs.
/// </summary>
internal sealed partial class ScalarLayer
{
    private readonly int _inputOffset;
    private readonly int _recurrentOffset;
    private readonly int _biasOffset = -1;
    private readonly int _vectorOffset = -1;
    private readonly int _gainOffset = -1;

    public ScalarLayer(NetworkShape shape, int index)
    {
        Shape = shape.Layers[index];
        Cell = Shape.Definition;
        Inputs = shape.InputsOf(index);
        for (int l = 0; l < index; l++) StateOffset += shape.Layers[l].StateWidth;
        foreach (ParameterBlock block in shape.Blocks().Where(block => block.Layer == index))
        {
            switch (block.Role)
            {
                case ParameterRole.InputWeights: _inputOffset = block.Offset; break;
                case ParameterRole.RecurrentWeights: _recurrentOffset = block.Offset; break;
                case ParameterRole.HiddenBias: _biasOffset = block.Offset; break;
                case ParameterRole.NormalizationGain: _gainOffset = block.Offset; break;
                default: _vectorOffset = _vectorOffset < 0 ? block.Offset : _vectorOffset; break;
            }
        }
    }

    public LayerShape Shape { get; }

    public ICell Cell { get; }

    public CellLayout Layout => Cell.Layout;

    /// <summary>H.</summary>
    public int Units => Shape.Hidden;

    public int Inputs { get; }

    public int PreWidth => Layout.Blocks * Units;

    public int StateWidth => Layout.Parts * Units;

    /// <summary>Where the layer's parts begin in the network's state.</summary>
    public int StateOffset { get; }

    /// <summary>A gate's weights from the input, (H, I), in a flat array of parameters.</summary>
    public Span<double> InputWeights(Span<double> flat, int gate) =>
        flat.Slice(_inputOffset + (gate * Units * Inputs), Units * Inputs);

    /// <summary>A gate's weights from the last state, (H, H).</summary>
    public Span<double> RecurrentWeights(Span<double> flat, int gate) =>
        flat.Slice(_recurrentOffset + (gate * Units * Units), Units * Units);

    /// <summary>A gate's bias, (H); empty without biases.</summary>
    public Span<double> Bias(Span<double> flat, int gate) =>
        _biasOffset < 0 ? default : flat.Slice(_biasOffset + (gate * Units), Units);

    /// <summary>The cell's own vectors, (V, H); empty when it has none.</summary>
    public Span<double> Vector(Span<double> flat) =>
        _vectorOffset < 0 ? default : flat.Slice(_vectorOffset, Layout.VectorNames.Length * Units);

    public Span<double> Block(Span<double> row, int block) => row.Slice(block * Units, Units);

    /// <summary>x += b; a normalized layer has its bias behind the normalization.</summary>
    public void AddBias(Span<double> flat, Span<double> pre)
    {
        if (IsNormalized) return;
        for (int g = 0; g < Layout.Gates && _biasOffset >= 0; g++)
            Vectors.Add(Block(pre, Layout.InputBlocks[g]), 1, Bias(flat, g));
        if (Layout.VectorBlock >= 0 && _vectorOffset >= 0) Vectors.Add(Block(pre, Layout.VectorBlock), 1, Vector(flat));
    }

    /// <summary>x += W_ih u.</summary>
    public void AddInput(Span<double> flat, ReadOnlySpan<double> input, Span<double> pre)
    {
        for (int g = 0; g < Layout.Gates; g++)
            Vectors.AddProduct(Block(pre, Layout.InputBlocks[g]), InputWeights(flat, g), input);
    }

    /// <summary>x += W_hh h.</summary>
    public void AddRecurrent(Span<double> flat, ReadOnlySpan<double> h, Span<double> pre)
    {
        for (int g = 0; g < Layout.RecurrentGates; g++)
            Vectors.AddProduct(Block(pre, Layout.RecurrentBlocks[g]), RecurrentWeights(flat, g), h);
    }

    /// <summary>s_t from the pre-activations and s_{t-1}.</summary>
    public void Step(Span<double> flat, ReadOnlySpan<double> pre, ReadOnlySpan<double> before, Span<double> after)
    {
        if (IsNormalized) pre = Normalized(flat, pre, out _);
        var unit = new UnitBuffer<Real>(Layout);
        for (int j = 0; j < Units; j++)
        {
            Load(flat, pre, before, j, unit);
            Cell.Step(Shape, unit.Unit);
            for (int p = 0; p < Layout.Parts; p++) after[(p * Units) + j] = unit.After[p].Value;
        }
    }

    /// <summary>
    /// The same for values and their derivatives along a direction; the direction of the parameters may be empty for none.
    /// </summary>
    public void Step(
        Span<double> flat, Span<double> direction, ReadOnlySpan<double> pre, ReadOnlySpan<double> preR,
        ReadOnlySpan<double> before, ReadOnlySpan<double> beforeR, Span<double> afterR)
    {
        if (IsNormalized) NormalizeR(flat, direction, ref pre, ref preR, out _);
        var unit = new UnitBuffer<Dual>(Layout);
        for (int j = 0; j < Units; j++)
        {
            Load(flat, direction, pre, preR, before, beforeR, j, unit);
            Cell.Step(Shape, unit.Unit);
            for (int p = 0; p < Layout.Parts; p++) afterR[(p * Units) + j] = unit.After[p].Tangent;
        }
    }

    /// <summary>
    /// The vector-Jacobian product of a step: from dE/ds_t the signals dE/dx, the direct parts of dE/ds_{t-1} (added) and, added
    /// to a flat gradient, those of the cell's own vector where that is not a bias, and of normalization.
    /// </summary>
    public void Pull(
        Span<double> flat, ReadOnlySpan<double> pre, ReadOnlySpan<double> before, ReadOnlySpan<double> signal,
        Span<double> preSignal, Span<double> back, Span<double> gradient)
    {
        Span<double> vectorSum = Vector(gradient);
        Normalization<Real>? norm = null;
        if (IsNormalized) pre = Normalized(flat, pre, out norm);
        var unit = new UnitBuffer<Real>(Layout);
        for (int j = 0; j < Units; j++)
        {
            Load(flat, pre, before, j, unit);
            Cell.Step(Shape, unit.Unit);
            for (int p = 0; p < Layout.Parts; p++) unit.Signal[p] = new Real(signal[(p * Units) + j]);
            Cell.Pull(Shape, unit.Unit);
            for (int b = 0; b < Layout.Blocks; b++) preSignal[(b * Units) + j] = unit.PreSignal[b].Value;
            for (int p = 0; p < Layout.Parts; p++) back[(p * Units) + j] += unit.Back[p].Value;
            for (int v = 0; Layout.VectorBlock < 0 && v * Units < vectorSum.Length; v++)
                vectorSum[(v * Units) + j] += unit.VectorSignal[v].Value;
        }

        if (norm is not null) PullNormalization(flat, norm, preSignal, gradient);
    }

    /// <summary>
    /// The derivative of <see cref="Pull"/> along a direction: writes or adds the R{} part of everything that <see cref="Pull"/>
    /// computes.
    /// </summary>
    public void PullR(
        Span<double> flat, Span<double> direction, ReadOnlySpan<double> pre, ReadOnlySpan<double> preR,
        ReadOnlySpan<double> before, ReadOnlySpan<double> beforeR,
        ReadOnlySpan<double> signal, ReadOnlySpan<double> signalR, Span<double> preSignalR, Span<double> backR,
        Span<double> gradientR)
    {
        Span<double> vectorSumR = Vector(gradientR);
        Normalization<Dual>? norm = null;
        if (IsNormalized) NormalizeR(flat, direction, ref pre, ref preR, out norm);
        var preSignal = new Dual[norm is null ? 0 : PreWidth];
        var unit = new UnitBuffer<Dual>(Layout);
        for (int j = 0; j < Units; j++)
        {
            Load(flat, direction, pre, preR, before, beforeR, j, unit);
            Cell.Step(Shape, unit.Unit);
            for (int p = 0; p < Layout.Parts; p++) unit.Signal[p] = new Dual(signal[(p * Units) + j], signalR[(p * Units) + j]);
            Cell.Pull(Shape, unit.Unit);
            for (int b = 0; b < Layout.Blocks; b++) preSignalR[(b * Units) + j] = unit.PreSignal[b].Tangent;
            for (int b = 0; b < Layout.Blocks && norm is not null; b++) preSignal[(b * Units) + j] = unit.PreSignal[b];
            for (int p = 0; p < Layout.Parts; p++) backR[(p * Units) + j] += unit.Back[p].Tangent;
            for (int v = 0; Layout.VectorBlock < 0 && v * Units < vectorSumR.Length; v++)
                vectorSumR[(v * Units) + j] += unit.VectorSignal[v].Tangent;
        }

        if (norm is not null) PullNormalizationR(flat, direction, norm, preSignal, preSignalR, gradientR);
    }

    /// <summary>dE/dh_{t-1} += dE/dx W_hh.</summary>
    public void AddFlow(Span<double> flat, ReadOnlySpan<double> preSignal, Span<double> h)
    {
        for (int g = 0; g < Layout.RecurrentGates; g++)
            Vectors.AddTransposed(h, RecurrentWeights(flat, g), preSignal.Slice(Layout.RecurrentBlocks[g] * Units, Units));
    }

    /// <summary>dE/du += dE/dx W_ih.</summary>
    public void AddInputSignal(Span<double> flat, ReadOnlySpan<double> preSignal, Span<double> u)
    {
        for (int g = 0; g < Layout.Gates; g++)
            Vectors.AddTransposed(u, InputWeights(flat, g), preSignal.Slice(Layout.InputBlocks[g] * Units, Units));
    }

    /// <summary>Adds the outer products of dE/dx with the layer's inputs and states to a flat gradient.</summary>
    public void AddGradient(Span<double> flat, ReadOnlySpan<double> preSignal, ReadOnlySpan<double> input, ReadOnlySpan<double> h)
    {
        for (int g = 0; g < Layout.Gates; g++)
        {
            if (Layout.RecurrentGates > 0)
                Vectors.AddOuter(RecurrentWeights(flat, g), preSignal.Slice(Layout.RecurrentBlocks[g] * Units, Units), h);
            Vectors.AddOuter(InputWeights(flat, g), preSignal.Slice(Layout.InputBlocks[g] * Units, Units), input);
        }
    }

    /// <summary>Adds the sums of dE/dx to the gradient of the biases.</summary>
    public void AddBiasGradient(Span<double> flat, ReadOnlySpan<double> preSignal)
    {
        if (IsNormalized) return; // added with those of normalization
        for (int g = 0; g < Layout.Gates && _biasOffset >= 0; g++)
            Vectors.Add(Bias(flat, g), 1, preSignal.Slice(Layout.InputBlocks[g] * Units, Units));
        if (Layout.VectorBlock >= 0 && _vectorOffset >= 0)
            Vectors.Add(Vector(flat), 1, preSignal.Slice(Layout.VectorBlock * Units, Units));
    }

    /// <summary>
    /// For each unit the derivatives of its new state: entry (p, b) with respect to pre-activation b, normalized where the layer
    /// is, and entry (p, Blocks + q) with respect to old state q.
    /// </summary>
    public double[] UnitJacobians(Span<double> flat, ReadOnlySpan<double> pre, ReadOnlySpan<double> before)
    {
        if (IsNormalized) pre = Normalized(flat, pre, out _);
        int columns = Layout.Blocks + Layout.Parts;
        var derivatives = new double[Units * Layout.Parts * columns];
        var unit = new UnitBuffer<Real>(Layout);
        for (int j = 0; j < Units; j++)
        {
            // A row is the vector-Jacobian product of a unit signal on one number of the new state.
            Load(flat, pre, before, j, unit);
            Cell.Step(Shape, unit.Unit);
            for (int p = 0; p < Layout.Parts; p++)
            {
                for (int q = 0; q < Layout.Parts; q++) unit.Signal[q] = new Real(q == p ? 1 : 0);
                Cell.Pull(Shape, unit.Unit);
                Span<double> row = derivatives.AsSpan(((j * Layout.Parts) + p) * columns, columns);
                for (int b = 0; b < Layout.Blocks; b++) row[b] = unit.PreSignal[b].Value;
                for (int q = 0; q < Layout.Parts; q++) row[Layout.Blocks + q] = unit.Back[q].Value;
            }
        }

        return derivatives;
    }

    private void Load(Span<double> flat, ReadOnlySpan<double> pre, ReadOnlySpan<double> before, int j, UnitBuffer<Real> unit)
    {
        for (int b = 0; b < Layout.Blocks; b++) unit.Pre[b] = new Real(pre[(b * Units) + j]);
        for (int p = 0; p < Layout.Parts; p++) unit.Before[p] = new Real(before[(p * Units) + j]);
        for (int v = 0; v < unit.Vectors.Length; v++)
            unit.Vectors[v] = new Real(_vectorOffset < 0 ? 0 : flat[_vectorOffset + (v * Units) + j]);
    }

    private void Load(
        Span<double> flat, Span<double> direction, ReadOnlySpan<double> pre, ReadOnlySpan<double> preR,
        ReadOnlySpan<double> before, ReadOnlySpan<double> beforeR, int j, UnitBuffer<Dual> unit)
    {
        for (int b = 0; b < Layout.Blocks; b++) unit.Pre[b] = new Dual(pre[(b * Units) + j], preR[(b * Units) + j]);
        for (int p = 0; p < Layout.Parts; p++) unit.Before[p] = new Dual(before[(p * Units) + j], beforeR[(p * Units) + j]);
        for (int v = 0; v < unit.Vectors.Length; v++)
        {
            int at = _vectorOffset + (v * Units) + j;
            unit.Vectors[v] = _vectorOffset < 0 ? default : new Dual(flat[at], direction.IsEmpty ? 0 : direction[at]);
        }
    }
}
