using Unroll.Geometry;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>One update of Hessian-Free, written out on the scalar passes (Martens and Sutskever, 2011).</summary>
internal sealed class HessianFreeUpdate(ITask task, TrainingOptions o, CostReduction reduction)
{
    /// <summary>Updates whose step the line search shortened.</summary>
    public int Shortened { get; private set; }

    /// <summary>Updates whose best iterate was not the last one.</summary>
    public int Earlier { get; private set; }

    /// <summary>The parameters and lambda after update n, from 1.</summary>
    /// <param name="network">The network before it.</param>
    /// <param name="n">The update.</param>
    /// <param name="solution">Where conjugate gradients start; receives where the next ones do.</param>
    /// <param name="damping">lambda, a predicted output.</param>
    public (double[] Parameters, double Damping) Make(Network<double> network, int n, double[] solution, double damping)
    {
        double[] theta = network.Parameters.ToArray(), decay = new double[theta.Length], downhill = new double[theta.Length];
        bool[] frozen = new bool[theta.Length];
        foreach (ParameterBlock block in network.Blocks)
        {
            for (int i = block.Offset; i < block.Offset + block.Length; i++)
            {
                if (block.IsWeight) decay[i] += o.WeightDecay;
                foreach (BlockPenalty penalty in o.L2) decay[i] += penalty.Block == block.Name ? penalty.Weight : 0;
                frozen[i] = o.Frozen.Contains(block.Name);
            }
        }

        for (int k = 1; k <= o.HessianFree.GradientBatches; k++)
        {
            Batch batch = k == o.HessianFree.GradientBatches ? Draw(RandomStream.Training, n - 1) : Fresh(n, 3 + k);
            using var unrolled = new UnrolledNetwork<double>(network, kernel: "reference");
            unrolled.Forward(batch, reduction);
            unrolled.Backward();
            for (int i = 0; i < theta.Length; i++) downhill[i] -= unrolled.Gradient[i] / o.HessianFree.GradientBatches;
        }

        for (int i = 0; i < theta.Length; i++) downhill[i] = frozen[i] ? 0 : downhill[i] - (decay[i] * theta[i]);

        // One output of a sequence is predicted, so sum and mean are alike: a cost of 1 / B for each of B outputs.
        Batch of = Fresh(n, 0);
        var geometry = new ErrorGeometry(network, of, reduction);
        double structural = o.HessianFree.StructuralDamping * damping / of.Rows;
        var solver = new ConjugateGradients(theta.Length);
        double[] x = [.. solution];
        var iterates = new List<(double[] X, double Model)>();
        solver.Minimize(
            (v, result) =>
            {
                geometry.GaussNewtonTimes(v, structural, result);
                for (int i = 0; i < v.Length; i++) result[i] = frozen[i] ? 0 : result[i] + ((damping + decay[i]) * v[i]);
            },
            downhill, x, o.HessianFree.Iterations, 10, (at, model) => iterates.Add((at.ToArray(), model)));

        Batch evaluate = Fresh(n, 1), search = Fresh(n, 2);
        (double[] best, double foretold) = iterates.MinBy(iterate => Cost(iterate.X, 1, evaluate));
        if (!best.SequenceEqual(x)) Earlier++;
        double now = Cost(best, 0, search), share = 1;
        double ratio = (Cost(best, 1, search) - now) / foretold;
        for (int k = 1; share > 0 && Cost(best, share, search) >= now; k++) share = k > 60 ? 0 : share * 0.8;
        if (share < 1) Shortened++;

        // Where no share lowers the cost, nothing moves and the next solution starts at zero.
        if (share > 0) x.CopyTo(solution, 0);
        else Array.Clear(solution);
        return ([.. theta.Select((p, i) => p + (share * best[i]))], damping * (ratio < 0.25 ? 1.5 : ratio > 0.75 ? 2 / 3.0 : 1));

        double Cost(double[] step, double part, Batch batch)
        {
            Network<double> moved = network.Convert<double>();
            double penalty = 0;
            for (int i = 0; i < theta.Length; i++)
            {
                moved.Parameters[i] = theta[i] + (part * step[i]);
                penalty += decay[i] / 2 * moved.Parameters[i] * moved.Parameters[i];
            }

            using var unrolled = new UnrolledNetwork<double>(moved, kernel: "reference");
            return unrolled.Forward(batch, reduction) + penalty;
        }
    }

    private Batch Fresh(int n, int place) => Draw(RandomStream.Minibatch, ((long)(n - 1) << 10) + place);

    private Batch Draw(RandomStream stream, long index)
    {
        Batch batch = Batch.For(task);
        task.Fill(batch, o.BatchSize, new RandomKey(o.Seed, stream, index));
        return batch;
    }
}
