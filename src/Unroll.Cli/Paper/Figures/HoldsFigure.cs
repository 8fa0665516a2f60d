using System.Numerics;
using ScottPlot;
using Unroll.Dynamics;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// What separates networks that hold what they have seen for thousands of steps from those that do not: whether each class has an
/// attractor of its own when the sequence ends. Temporal order, trained with noise on the states, which every step draws anew,
/// and with noise on the biases, which a sequence keeps (section 2.2; the paper claims long memories in its supplement).
/// </summary>
internal sealed class HoldsFigure : IFigure
{
    private const int Classes = 4;
    private const double MostWrong = 0.01; // supplement
    private const string OnStates = "states", OnBiases = "biases";
    private static readonly string[] ClassNames = ["AA", "BA", "AB", "BB"];

    private static readonly (Color Color, MarkerShape Mark)[] Looks =
    [
        (FigureStyle.Red, MarkerShape.FilledTriangleUp), (FigureStyle.Blue, MarkerShape.FilledCircle),
        (FigureStyle.Orange, MarkerShape.OpenSquare), (FigureStyle.Ink, MarkerShape.Cross),
    ];

    public string Id => "holds";

    public string Section => "Section 2.2, supplement";

    public string Summary =>
        "attractors of the four classes at the end of long sequences, of networks that hold and that do not (ten minutes)";

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("noise", "deviation of the noise on the states, of the first networks", 0.1, 0, 100),
        new("bias", "deviation of the noise on the biases, of the other networks", 0.05, 0, 100),
        new("updates", "updates of a run", 120_000, 20, 10_000_000) { IsWhole = true, AtSmoke = 60 },
        new("every", "updates between checks", 4000, 1, 10_000_000) { IsWhole = true, AtSmoke = 20 },
        new("least", "the least trained length", 50, 10, 10_000) { IsWhole = true, AtSmoke = 10 },
        new("most", "the greatest trained length", 200, 10, 10_000) { IsWhole = true, AtSmoke = 12 },
        new("hidden", "hidden units", 50, 1, 1000) { IsWhole = true, AtSmoke = 6 },
        new("far", "the length at whose end the states are followed", 1000, 10, 100_000) { IsWhole = true, AtSmoke = 30 },
        new("sequences", "sequences whose states are followed", 80, 4, 10_000) { IsWhole = true, AtSmoke = 8 },
        new("measured", "sequences by which the error is measured", 2000, 1, 1_000_000) { IsWhole = true, AtSmoke = 20 },
        new("seeds", "networks of each kind", 6, 1, 1000) { IsWhole = true, AtSmoke = 2 },
        new("seed", "the first seed", 101, 0, 1e8) { IsWhole = true },
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        (int least, int most) = (settings.Whole("least"), settings.Whole("most"));
        if (least > most) throw new UserError($"--set least={least} of {Id} is above most={most}; it must be at most that.");
        var task = new TemporalOrder(new LengthRange(least, most));
        int updates = settings.Whole("updates"), seeds = settings.Whole("seeds");
        int[] lengths = settings.IsSmoke ? [2 * most, 5 * most] : [400, 1000, 5000];
        TrainingOptions options = Recipes.Get(task.Name, "best") with
        {
            Hidden = settings.Whole("hidden"),
            MaximumUpdates = updates,
            CheckEvery = settings.Whole("every"),
            ValidationSequences = settings.IsSmoke ? 100 : 2000,
            SelectionLengths = settings.IsSmoke ? [] : [700, 2000], // none at which errors are reported
            Stop = StopRule.Budget,
        };
        if (settings.IsSmoke) options = options with { Curriculum = null };
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = source.Host.OnInterrupt(cancel.Cancel);
        var networks = new List<HeldNetwork>();
        (string Noise, TrainingOptions Options)[] kinds = [(OnStates, options with { StateNoise = settings["noise"] }),
            (OnBiases, options with { StateNoise = 0, BiasNoise = settings["bias"] })];
        (string Noise, TrainingOptions Options)[] runs = [.. from kind in kinds
            from i in Enumerable.Range(0, seeds)
            select (kind.Noise, kind.Options with { Seed = (ulong)(settings.Whole("seed") + i) })];
        using (var notice = new SlowNotice(source.Host, "training and following", (long)updates * runs.Length, "updates"))
        {
            foreach ((string noise, TrainingOptions own) in runs)
            {
                long before = (long)networks.Count * updates;
                networks.Add(
                    Train(noise, task, own, lengths, settings, update => notice.Report(before + update), cancel.Token));
            }
        }

        var table = new TextTable(
            ["noise on", "seed", .. lengths.Select(length => $"wrong at {Format.Count(length)}"), "checks that hold",
                "attractors reached", "classes with their own", "largest |eigenvalue| of them"]);
        foreach (HeldNetwork one in networks)
        {
            table.Add([one.Noise, $"{one.Seed}", .. one.Errors.Select(error => Format.Percent(error)),
                $"{one.Holding} of {one.Checks}", $"{one.Attractors.Count}", $"{one.OwnClasses} of {Classes}",
                Medians.Text(one.Attractors.Select(own => own.LargestEigenvalue).Where(double.IsFinite)
                    .DefaultIfEmpty(double.NaN).Max())]);
        }

        HeldNetwork[] learned = [.. networks.Where(one => one.Checks > 0)];
        HeldNetwork[] ranked =
            [.. (learned.Length > 0 ? learned : [.. networks]).OrderBy(one => one.Errors[^1]).ThenBy(one => one.Seed)];
        string caption = $"Temporal order, trained on {task.Length} steps, {Format.Count(updates)} updates, {seeds} networks "
            + $"with noise of deviation {FigureStyle.Short(settings["noise"])} on the states, which every step draws anew, and "
            + $"{seeds} with noise of deviation {FigureStyle.Short(settings["bias"])} on the biases, which a sequence keeps. "
            + "Without input but with the mean distractor as a constant, each network is followed to its attractors from the "
            + $"states at the end of sequences of {Format.Count(settings.Whole("far"))} steps. A class has its own when most of "
            + "its sequences, and no most of another class, end there. A check holds when at most 1% is wrong at the lengths by "
            + $"which the model is chosen ({OptionTexts.Lengths(options.SelectionLengths)}). Right: these states on their two "
            + "principal axes, of the network with the most and of the one with the least wrong, of those that learned the "
            + "trained lengths.";
        return new FigureResult(caption, [("", table)],
            [$"Classes with an attractor of their own against the share wrong at {Format.Count(lengths[^1])}: "
                + string.Join("; ", networks.GroupBy(one => one.Noise).Select(kind => $"noise on the {kind.Key} "
                    + string.Join(", ", kind.OrderBy(one => one.Errors[^1])
                        .Select(one => $"{one.OwnClasses}: {Format.Percent(one.Errors[^1])}")))) + "."],
            [
                new FigurePanel(430, 420, () => DrawErrors(networks, lengths[^1])),
                new FigurePanel(400, 420, () => DrawStates(ranked[^1])),
                new FigurePanel(400, 420, () => DrawStates(ranked[0])),
            ])
        {
            Record = new HoldsRecord(networks, lengths),
            Findings =
            [
                .. networks.GroupBy(one => one.Noise).Select(kind => new FigureFinding($"{kind.Key}-hold",
                    $"networks with noise on the {kind.Key} that have at most 1% wrong at {Format.Count(lengths[^1])} steps",
                    kind.Count(Holds), kind.Count())),
                .. networks.GroupBy(one => one.Noise).Select(kind => new FigureFinding($"{kind.Key}-checks",
                    $"checks of networks with noise on the {kind.Key}, with at most 1% wrong at the trained lengths, that have "
                        + "at most 1% wrong where the model is chosen",
                    kind.Sum(one => one.Holding), kind.Sum(one => one.Checks))),
                new("own-and-hold",
                    "networks that have at most 1% wrong there if and only if each of the four classes has its own attractor",
                    networks.Count(one => Holds(one) == (one.OwnClasses == Classes)), networks.Count),
            ],
        };
    }

    private static bool Holds(HeldNetwork network) => network.Errors[^1] <= MostWrong;

    /// <summary>The network whose input is constantly the mean of its distractors, as one without input.</summary>
    internal static Network<double> UnderMeanDistractor(Network<double> network)
    {
        const int First = 2; // A and B come before the distractors
        Network<double> moved = network.Convert<double>();
        int inputs = network.Shape.Inputs;
        for (int j = 0; j < network.Shape.Hidden; j++)
        {
            ReadOnlySpan<double> row = network.InputWeights.Slice(j * inputs, inputs);
            double sum = 0;
            for (int i = First; i < inputs; i++) sum += row[i];
            moved.HiddenBias[j] += sum / (inputs - First);
        }

        return moved;
    }

    /// <summary>How many classes have an attractor that most of their sequences reach and most of no other class reach.</summary>
    /// <param name="reached">For each sequence its class and its attractor; -1 for none.</param>
    internal static int OwnClasses(IReadOnlyList<(int Class, int Attractor)> reached)
    {
        int[] usual = [.. reached.GroupBy(one => one.Class).Select(own => own.GroupBy(one => one.Attractor)
            .FirstOrDefault(same => same.Key >= 0 && 2 * same.Count() > own.Count())?.Key ?? -1)];
        return usual.Where(attractor => attractor >= 0).GroupBy(attractor => attractor).Count(same => same.Count() == 1);
    }

    private static HeldNetwork Train(string noise, TemporalOrder task, TrainingOptions options, int[] lengths,
        FigureSettings settings, Action<long> progress, CancellationToken cancellation)
    {
        using var trainer = new Trainer(task, options);
        int checks = 0, holding = 0;
        trainer.Run(
            check =>
            {
                progress(check.Update);
                if (check.SelectionError is not { } error) return; // more than 1% wrong at the trained lengths
                checks++;
                if (error <= MostWrong) holding++;
            },
            cancellation);
        cancellation.ThrowIfCancellationRequested();
        Network<double> network = trainer.BestNetwork<double>();
        double[] errors = [.. lengths.Select(length => Evaluator.Evaluate(network, new TemporalOrder(length),
            settings.Whole("measured"), seed: 2, cancellation: cancellation).Error ?? double.NaN)];

        var far = new TemporalOrder(settings.Whole("far"));
        Batch batch = Batch.For(far);
        int rows = settings.Whole("sequences");
        far.Fill(batch, rows, new RandomKey(3, RandomStream.Test, 0));
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, far.Reduction);
        double[][] states = [.. Enumerable.Range(0, rows).Select(row => unrolled.WholeState(batch.Lengths[row], row))];
        var map = new AutonomousNetwork(UnderMeanDistractor(network));
        BasinPath path = BasinPath.Follow(map, states);
        (int, int)[] reached = [.. Enumerable.Range(0, rows).Select(row => (batch.Class(0, row), path.ByStep[row]))];
        HeldAttractor[] attractors = [.. path.Attractors.Select((attractor, k) => new HeldAttractor(
            attractor.Period,
            attractor.Period == 1 ? Complex.Abs(map.Eigenvalues(attractor.States[0])[0]) : double.NaN,
            [.. Enumerable.Range(0, Classes).Select(c => reached.Count(one => one == (c, k)))]))];
        return new HeldNetwork(noise, (int)options.Seed, errors, checks, holding, attractors, OwnClasses(reached),
            reached.Count(one => one.Item2 < 0), Project(states, reached));
    }

    /// <summary>States on the two axes along which they vary most, each with its class.</summary>
    private static HeldState[] Project(double[][] states, (int Class, int Attractor)[] reached)
    {
        var all = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfRowArrays(states);
        MathNet.Numerics.LinearAlgebra.Vector<double> mean = all.ColumnSums() / all.RowCount;
        for (int r = 0; r < all.RowCount; r++) all.SetRow(r, all.Row(r) - mean);
        MathNet.Numerics.LinearAlgebra.Matrix<double> axes = all.Svd().VT;
        double Along(int r, int axis) => axis < axes.RowCount ? all.Row(r) * axes.Row(axis) : 0;
        return [.. Enumerable.Range(0, all.RowCount).Select(r => new HeldState(reached[r].Class, Along(r, 0), Along(r, 1)))];
    }

    private static Plot DrawErrors(IReadOnlyList<HeldNetwork> networks, int length)
    {
        Plot plot = FigureStyle.NewPlot("classes and errors", "classes with an attractor of their own",
            $"% wrong at {Format.Count(length)} steps");
        foreach ((int k, IGrouping<string, HeldNetwork> kind) in networks.GroupBy(one => one.Noise).Index())
        {
            // Networks with as many classes lie beside each other, so that none covers another: a kind to either side.
            int side = k == 0 ? -1 : 1;
            IEnumerable<(double, double)> points = kind.GroupBy(one => one.OwnClasses).SelectMany(same => same.Index().Select(
                one => (same.Key + (side * 0.06 * (one.Index + 0.5)), 100 * one.Item.Errors[^1])));
            FigureStyle.Marks(plot, points, Looks[k].Mark, 8, Looks[k].Color, $"noise on the {kind.Key}");
        }

        plot.Axes.SetLimits(-0.4, 4.4, -3, 95);
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    private static Plot DrawStates(HeldNetwork network)
    {
        Plot plot = FigureStyle.NewPlot(
            $"{network.Noise}, seed {network.Seed}: {network.OwnClasses} of {Classes}, "
                + $"{Format.Percent(network.Errors[^1])} wrong", "first axis", "second axis");
        for (int c = 0; c < Classes; c++)
        {
            FigureStyle.Marks(plot, network.States.Where(state => state.Class == c).Select(state => (state.X, state.Y)),
                Looks[c].Mark, 8, Looks[c].Color, ClassNames[c]);
        }

        plot.Axes.Margins(0.1, 0.1);
        plot.ShowLegend(Edge.Right); // states may lie in any corner
        return plot;
    }
}

/// <summary>The values of the figure of networks that hold.</summary>
internal sealed record HoldsRecord(IReadOnlyList<HeldNetwork> Networks, IReadOnlyList<int> Lengths);

/// <summary>A network: what it errs at the lengths, and where its states at the end of long sequences lead.</summary>
/// <param name="Noise">On what it had noise in training: its states or its biases.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Errors">The shares of wrong sequences.</param>
/// <param name="Checks">The checks with at most 1% wrong at the trained lengths.</param>
/// <param name="Holding">Those of them with at most 1% wrong at the lengths by which the model is chosen.</param>
/// <param name="Attractors">The attractors that were reached.</param>
/// <param name="OwnClasses">Classes with an attractor of their own.</param>
/// <param name="Nowhere">Sequences from whose last state no attractor was reached.</param>
/// <param name="States">The last states on their two principal axes.</param>
internal sealed record HeldNetwork(string Noise, int Seed, IReadOnlyList<double> Errors, int Checks, int Holding,
    IReadOnlyList<HeldAttractor> Attractors, int OwnClasses, int Nowhere, IReadOnlyList<HeldState> States);

/// <summary>
/// An attractor: its period, the largest |eigenvalue| of a fixed point, and the sequences of each class that end there.
/// </summary>
internal sealed record HeldAttractor(int Period, double LargestEigenvalue, IReadOnlyList<int> ByClass);

/// <summary>A state on two axes, with the class of its sequence.</summary>
internal sealed record HeldState(int Class, double X, double Y);
