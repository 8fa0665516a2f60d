using Unroll.Geometry;
using Unroll.Numerics;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Cli.Paper.Figures;

/// <summary>An update that was measured, on its batch and before its step.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Update">The update, from 0.</param>
/// <param name="IsWall">Whether its gradient exploded; other updates are regular ones.</param>
/// <param name="Norm">||g||, the norm of the gradient.</param>
/// <param name="MedianNorm">The median norm of the updates before it.</param>
/// <param name="Error">E.</param>
/// <param name="ErrorAfter">E of the same batch after the step.</param>
/// <param name="Curvature">lambda, the eigenvalue of the Hessian that is largest in magnitude.</param>
/// <param name="Residual">||H v - lambda v|| by an exact product.</param>
/// <param name="Angle">Degrees between the gradient and v.</param>
/// <param name="AngleByLag">The same of the part of the gradient that comes from lags of at least each of the lags.</param>
/// <param name="ShareByLag">The norm of this part over that of the gradient.</param>
internal sealed record MeasuredWall(
    string Cell, int Seed, int Update, bool IsWall, double Norm, double MedianNorm, double Error, double ErrorAfter,
    double Curvature, double Residual, double Angle, IReadOnlyList<double> AngleByLag, IReadOnlyList<double> ShareByLag);

/// <summary>A run of plain gradient descent that is measured at the walls that it meets.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Updates">Updates made.</param>
/// <param name="Exploded">Updates whose gradient exploded.</param>
/// <param name="Walls">Walls met: exploding gradients that come a while after the one before.</param>
/// <param name="LeastError">The least mean cost of a hundred updates in a row.</param>
/// <param name="Parameters">The number of parameters.</param>
/// <param name="Points">What was measured.</param>
internal sealed record WallRun(string Cell, int Seed, int Updates, int Exploded, int Walls, double LeastError, int Parameters,
    IReadOnlyList<MeasuredWall> Points)
{
    private const int Window = 501; // updates of the running median
    private const int LeastNorms = 50; // before a norm can be compared with a median
    private const double Good = 0.05; // the largest relative residual of a direction from differences

    /// <summary>Trains and measures.</summary>
    /// <param name="task">Sequences of one length.</param>
    /// <param name="cell">The cell of the one layer.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="options">The rest.</param>
    /// <param name="progress">Called after each update.</param>
    /// <param name="cancellation">Ends the run by an exception.</param>
    public static WallRun Measure(
        TemporalOrder task, CellKind cell, int seed, WallRunOptions options, Action progress, CancellationToken cancellation)
    {
        var network = new Network<double>(
            new NetworkShape(task.Inputs, [new LayerShape(options.Hidden) { Cell = cell }], task.Outputs));
        bool plain = cell == CellKind.Plain;
        Initializer.Initialize(network, plain ? Initialization.SmartTanh : Initialization.Uniform, (ulong)seed);
        double rate = plain ? options.Rate : options.GatedRate;
        string name = NameOf(cell);
        using var unrolled = new UnrolledNetwork<double>(network);
        Batch batch = Batch.For(task);
        var norms = new List<double>();
        var errors = new List<double>();
        var points = new List<MeasuredWall>();
        int exploded = 0, walls = 0, lastExplosion = -options.Apart, measured = 0, update = 0;
        for (; update < options.Updates; update++)
        {
            cancellation.ThrowIfCancellationRequested();
            task.Fill(batch, options.Rows, new RandomKey((ulong)seed, RandomStream.Training, update));
            double error = unrolled.Forward(batch, task.Reduction);
            unrolled.Backward();
            double norm = GradientClipping.Norm<double>(unrolled.Gradient);
            if (!double.IsFinite(error) || !double.IsFinite(norm)) break;
            double median = MedianOfLast(norms);
            bool explodes = norms.Count >= LeastNorms && norm > options.ExplodesAt * median;
            bool isWall = explodes && update - lastExplosion >= options.Apart;
            if (explodes) (exploded, lastExplosion) = (exploded + 1, update);
            if (isWall) walls++;
            bool isRegular = !explodes && norms.Count >= LeastNorms && update % options.Every == 0;
            MeasuredWall? point = null;
            if (isRegular || (isWall && measured++ < options.Most))
            {
                var begun = new MeasuredWall(name, seed, update, isWall, norm, median, error, 0, 0, 0, 0, [], []);
                try
                {
                    point = Point(begun, unrolled, batch, task, options);
                }
                catch (ArithmeticException)
                {
                    break; // the gradient is finite and the curvature is not
                }
            }

            double[] gradient = [.. unrolled.Gradient];
            Vectors.Add(network.Parameters, -rate, gradient);
            if (point is not null) points.Add(point with { ErrorAfter = unrolled.Forward(batch, task.Reduction) });
            norms.Add(norm);
            errors.Add(error);
            progress();
        }

        const int Mean = 100;
        double least = errors.Count == 0 ? double.NaN : errors.Chunk(Mean).Min(chunk => chunk.Average());
        return new WallRun(name, seed, update, exploded, walls, least, network.Parameters.Length, points);
    }

    /// <summary>The cell's name in the figure.</summary>
    public static string NameOf(CellKind cell) => cell == CellKind.Plain ? "plain" : Training.OptionsText.Name(cell);

    /// <summary>
    /// The gradient of the last cost through the last so many steps alone: the state before them counts as a constant.
    /// </summary>
    /// <param name="unrolled">The network after a forward pass over the whole batch.</param>
    /// <param name="batch">The batch, whose sequences have one length.</param>
    /// <param name="steps">The steps, at least 1.</param>
    /// <param name="reduction">Sum or mean over the steps.</param>
    public static double[] Truncated(UnrolledNetwork<double> unrolled, Batch batch, int steps, CostReduction reduction)
    {
        int before = batch.Steps - steps;
        var tail = Batch.For(unrolled.Network.Shape);
        tail.Resize(batch.Rows, steps);
        using var last = new UnrolledNetwork<double>(unrolled.Network);
        last.CarriedState(batch.Rows - 1);
        for (int row = 0; row < batch.Rows; row++)
        {
            tail.Carry[row] = true;
            tail.SetClass(steps - 1, row, batch.Class(batch.Steps - 1, row));
            for (int t = 0; t < steps; t++) tail.SetSymbol(t, row, batch.Symbol(before + t, row));
            unrolled.WholeState(before, row).CopyTo(last.CarriedState(row));
        }

        last.Forward(tail, reduction);
        last.Backward();
        return [.. last.Gradient];
    }

    private static MeasuredWall Point(
        MeasuredWall begun, UnrolledNetwork<double> unrolled, Batch batch, TemporalOrder task, WallRunOptions options)
    {
        double[] gradient = [.. unrolled.Gradient];
        CurvaturePair leading = Leading(unrolled.Network, batch, task.Reduction, options.Products);
        var angles = new List<double>();
        var shares = new List<double>();
        foreach (int lag in options.Lags)
        {
            double[] part = [.. gradient];
            Vectors.Add(part, -1, Truncated(unrolled, batch, lag, task.Reduction));
            angles.Add(Degrees(part, leading.Direction));
            shares.Add(Vectors.Norm(part) / Vectors.Norm(gradient));
        }

        return begun with
        {
            Curvature = leading.Value,
            Residual = leading.Residual,
            Angle = Degrees(gradient, leading.Direction),
            AngleByLag = angles,
            ShareByLag = shares,
        };
    }

    /// <summary>
    /// The leading direction of the curvature from differences of gradients, which are many times as fast; an exact product says
    /// how good it is, and where it is not good, exact products find it.
    /// </summary>
    private static CurvaturePair Leading(Network<double> network, Batch batch, CostReduction reduction, int products)
    {
        var exact = new ErrorGeometry(network, batch, reduction);
        using var differenced = new DifferencedHessian(network, batch, reduction, 1);
        CurvaturePair found = Lanczos.Leading(differenced.Times, network.Parameters.Length, 1, products, 1e-4)[0];
        var residual = new double[found.Direction.Length];
        exact.HessianTimes(found.Direction, residual);
        double value = Vectors.Dot(found.Direction, residual);
        Vectors.Add(residual, -value, found.Direction);
        double distance = Vectors.Norm(residual);
        return distance <= Good * Math.Abs(value) ? new CurvaturePair(value, found.Direction, distance)
            : exact.LeadingCurvature(1, products, 1e-4)[0];
    }

    private static double Degrees(double[] a, double[] b)
    {
        double size = Vectors.Norm(a) * Vectors.Norm(b);
        return size > 0 ? Math.Acos(Math.Min(1, Math.Abs(Vectors.Dot(a, b)) / size)) * 180 / Math.PI : double.NaN;
    }

    private static double MedianOfLast(List<double> norms)
    {
        if (norms.Count == 0) return double.NaN;
        double[] last = [.. norms.GetRange(Math.Max(0, norms.Count - Window), Math.Min(Window, norms.Count))];
        Array.Sort(last);
        return last[last.Length / 2];
    }
}

/// <summary>How runs are made and measured.</summary>
/// <param name="Hidden">H.</param>
/// <param name="Rate">The learning rate of the plain cell.</param>
/// <param name="GatedRate">That of LSTM and GRU.</param>
/// <param name="Updates">Updates.</param>
/// <param name="ExplodesAt">A gradient explodes at so many times the running median norm.</param>
/// <param name="Apart">Updates without an exploding gradient after which the next one is another wall.</param>
/// <param name="Most">Walls of a run that are measured.</param>
/// <param name="Every">Updates from one regular measurement to the next.</param>
/// <param name="Products">Hessian-vector products to a measurement, at most.</param>
/// <param name="Lags">The lags, each below the length.</param>
internal sealed record WallRunOptions(int Hidden, double Rate, double GatedRate, int Updates, double ExplodesAt, int Apart,
    int Most, int Every, int Products, IReadOnlyList<int> Lags)
{
    /// <summary>B, sequences in a batch.</summary>
    public int Rows { get; init; } = 20;
}
