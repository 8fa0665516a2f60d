using Unroll.Heads;
using Unroll.Kernels;

namespace Unroll;

/// <content>Products with the Gauss-Newton matrix of the last forward pass.</content>
public sealed unsafe partial class UnrolledNetwork<T>
{
    private Curvature? _curvature;

    /// <summary>
    /// Prepares products with the Gauss-Newton matrix of the last forward pass, which must have had a cost, no noise and no row
    /// that carries on a state.
    /// </summary>
    /// <returns>The predicted outputs of the batch, and the sum of what their costs count for in the cost.</returns>
    internal (long Predicted, double Weight) BeginCurvature()
    {
        if (_batch is null || _tape.Reduction is not { } reduction)
            throw new InvalidOperationException("Curvature needs a forward pass with a cost before it.");
        if (!HeadTable.Of(Network.Shape).HasCurvature)
            throw new InvalidOperationException($"The cost of the head {Network.Shape.Head} has no curvature.");
        _curvature ??= new Curvature(this);
        return _curvature.Begin(_batch, reduction);
    }

    /// <summary>
    /// (J_y^T (d2E/dy2) J_y + structural S) v for the batch of the last <see cref="BeginCurvature"/>, by one pass forward and
    /// one back. S is the Gauss-Newton matrix of how far the hidden states move: of a plain layer, summed over rows and steps,
    /// that of the matching loss of its activation, J_x^T diag(sigma'(x_t)) J_x (Martens and Sutskever, 2011); of others that of
    /// half the squared distance of h_t.
    /// </summary>
    /// <param name="direction">v, in the layout of the parameters.</param>
    /// <param name="structural">The weight of S, at least 0.</param>
    /// <param name="result">The product.</param>
    internal void CurvatureTimes(ReadOnlySpan<double> direction, double structural, Span<double> result) =>
        (_curvature ?? throw new InvalidOperationException("BeginCurvature comes first.")).Times(direction, structural, result);

    /// <summary>What the products keep: the tape of derivatives, the outputs as their cost linearized them.</summary>
    private sealed class Curvature
    {
        private readonly UnrolledNetwork<T> _owner;
        private readonly IHeadCost _cost;
        private readonly Network<T> _direction;
        private readonly Tape<T> _tangents;
        private readonly TeamJob _job;
        private RowTape[] _rows = [];     // of a kernel without tangents
        private double[] _linear = [];    // what the cost leaves in the place of y, by output row
        private double[] _weights = [];   // what an output row counts for in the cost; 0 where nothing is predicted

        public Curvature(UnrolledNetwork<T> owner)
        {
            _owner = owner;
            _cost = HeadTable.Of(owner.Network.Shape);
            _direction = new Network<T>(owner.Network.Shape);
            _tangents = new Tape<T>(owner.Network.Shape, owner._kernel);
            _job = owner._team.CreateJob(part => Forward(owner.First(part), owner.First(part + 1)));
        }

        private NetworkShape Shape => _owner.Network.Shape;

        private int Outputs => Shape.Outputs;

        public (long Predicted, double Weight) Begin(Batch batch, CostReduction reduction)
        {
            int rows = batch.Rows, steps = batch.Steps, count = Shape.PredictsEveryStep ? rows * steps : rows;
            if (_weights.Length < count) (_weights, _linear) = (new double[count], new double[count * Outputs]);
            Array.Clear(_weights);
            (long predicted, double weight) = (0, 0);
            Span<double> slopes = new double[Outputs];
            for (int r = 0; r < rows; r++)
            {
                int own = 0;
                for (int t = 0; t < batch.Lengths[r]; t++) own += batch.IsPredicted(t, r) ? 1 : 0;
                predicted += own;
                for (int t = 0; t < batch.Lengths[r]; t++)
                {
                    if (!batch.IsPredicted(t, r)) continue;
                    int at = At(t, r);
                    _weights[at] = (reduction == CostReduction.Mean ? 1.0 / own : 1) / rows * batch.TargetWeight(t, r);
                    weight += _weights[at];
                    Span<double> y = Linear(at);
                    Span<T> from = _owner._tape.OutputRow(at);
                    for (int o = 0; o < y.Length; o++) y[o] = double.CreateTruncating(from[o]);
                    _cost.Linearize(y, batch, t, r, slopes);
                }
            }

            if (_owner._kernel is ITangentKernel<T>)
            {
                _tangents.PrepareTangents(rows, steps);
                _owner._tape.PrepareBackward();
            }
            else
            {
                Network<double> network = _owner.Network.Convert<double>();
                _rows = [.. Enumerable.Range(0, rows).Select(r => new RowTape(network, batch, r, reduction))];
            }

            return (predicted, weight);
        }

        public void Times(ReadOnlySpan<double> direction, double structural, Span<double> result)
        {
            Span<T> v = _direction.Parameters;
            for (int i = 0; i < v.Length; i++) v[i] = T.CreateTruncating(direction[i]);
            if (_owner._kernel is not ITangentKernel<T> kernel)
            {
                ByRows(structural, result);
                return;
            }

            kernel.PackTangent(_owner.Network, _direction);
            _owner._team.Run(_job, _owner.Entries);
            Enter(T.CreateTruncating(structural));
            _owner._team.Run(_owner._backwardJob, _owner.Entries);
            Enter(T.Zero);
            (_owner._regularizer, _owner._recurrentOnly) = (null, false);
            _owner._team.Run(_owner._sumsJob, _owner.Entries);
            _owner._kernel.Collect(_owner.Network, _owner._gradient, addRecurrentOnly: false);
            for (int i = 0; i < result.Length; i++) result[i] = double.CreateTruncating(_owner._gradient[i]);
        }

        /// <summary>The scalar passes, row by row in their order: what the fast ones mean.</summary>
        private void ByRows(double structural, Span<double> result)
        {
            Network<double> network = _owner.Network.Convert<double>(), v = _direction.Convert<double>();
            result.Clear();
            foreach (RowTape row in _rows) row.GaussNewtonTimes(network, v, result, structural);
        }

        /// <summary>R{x}, R{s} and R{y}; then dE/dy becomes the cost's own curvature times R{y}.</summary>
        private void Forward(int first, int end)
        {
            Tape<T> tape = _owner._tape;
            Batch batch = _owner._batch!;
            ((ITangentKernel<T>)_owner._kernel).ForwardTangent(batch, tape, _tangents, first, end);
            Span<double> rdy = Outputs <= 512 ? stackalloc double[Outputs] : new double[Outputs];
            Span<double> ry = Outputs <= 512 ? stackalloc double[Outputs] : new double[Outputs];
            for (int r = first; r < end; r++)
            {
                for (int t = Shape.PredictsEveryStep ? 0 : batch.Lengths[r] - 1; t < batch.Lengths[r]; t++)
                {
                    int at = At(t, r);
                    if (_weights[at] == 0) continue;
                    Span<T> y = _tangents.OutputRow(at);
                    for (int o = 0; o < ry.Length; o++) ry[o] = double.CreateTruncating(y[o]);
                    _cost.CurvatureTimes(Linear(at), ry, rdy);
                    T* target = tape.OutputGradients + ((nint)at * tape.OutputStride);
                    for (int o = 0; o < rdy.Length; o++) target[o] = T.CreateTruncating(rdy[o] * _weights[at]);
                }
            }
        }

        /// <summary>
        /// Added to dE/dh_t, R{x_t} becomes sigma'(x_t) R{x_t} in dE/dx_t; of cells that are not sigma of one pre-activation
        /// R{h_t} is added.
        /// </summary>
        private void Enter(T scale)
        {
            for (int l = 0; l < _tangents.Layers.Length; l++)
            {
                LayerTape<T> along = _tangents.Layers[l], at = _owner._tape.Layers[l];
                at.Entering = at.Layout.InPlace && !at.Shape.LayerNorm ? along.Gates : along.Outputs(_tangents.Rows);
                at.EnteringScale = scale;
            }
        }

        private int At(int t, int row) => Shape.PredictsEveryStep ? (t * _owner._tape.Rows) + row : row;

        private Span<double> Linear(int at) => _linear.AsSpan(at * Outputs, Outputs);
    }
}
