using Unroll.Analysis;
using Unroll.Data;
using Unroll.Geometry;
using Unroll.Tasks;
using Unroll.Tests.Oracles;
using Unroll.Tests.Tasks.Natural;
using Unroll.Training;

namespace Unroll.Tests.Analysis;

/// <summary>Verdicts on networks that were built to vanish, to explode and to be healthy.</summary>
public static class GradientDiagnosisTests
{
    private const int Hidden = 17;
    private static readonly DiagnosisOptions Few = new() { Batches = 4, Rows = 5, Curvature = false };

    [Theory]
    [InlineData("temporal-order", 0.8)]
    [InlineData("temporal-order", 0.9)]
    [InlineData("memorization", 0.8)]
    public static void A_contraction_vanishes_at_the_lag_that_its_rate_says(string name, double rate)
    {
        ITask task = SyntheticTasks.Create(name, 120);
        GradientDiagnosis d = Measure(Rotation(task, rate), task, Few);
        Assert.Equal(GradientVerdict.Vanishing, d.Verdict);
        int expected = (int)Math.Floor(Math.Log(GradientDiagnosis.VanishedBelow) / Math.Log(rate)) + 1;
        Assert.InRange(d.Lag!.Value, expected - 1, expected);
        Assert.Equal(rate, d.Measured.Rate, 0.01);
        Assert.True(d.Bounds.MustVanish);
        Assert.InRange(d.LongTermShare.Median, 0, 0.01);
        Assert.Equal(0, d.ExplodingProbability);
        Assert.Equal(Few.LongFrom * d.ByLag.Length, d.LongBorder, 1.0);
    }

    [Theory]
    [InlineData("temporal-order", 1.3)]
    [InlineData("memorization", 1.3)]
    public static void An_expansion_explodes_in_every_update(string name, double rate)
    {
        ITask task = SyntheticTasks.Create(name, 120);
        GradientDiagnosis d = Measure(Rotation(task, rate), task, Few);
        Assert.Equal((GradientVerdict.Exploding, 1.0), (d.Verdict, d.ExplodingProbability));
        Assert.InRange(d.Lag!.Value, 17, 19); // 1.3^17.6 is 100
        Assert.True(d.Bounds.CanExplode);
        Assert.InRange(d.LongTermShare.Median, 0.2, 1); // the states grow forward in time by as much as the signal grows backward
        Assert.True(double.IsNaN(d.Clipping.Threshold)); // an average of explosions has no meaning
        Assert.True(d.ByLag[^1].Median > 1e6 * d.ByLag[0].Median);
    }

    [Theory]
    [InlineData("temporal-order")]
    [InlineData("addition")]
    [InlineData("memorization")]
    public static void A_rotation_is_healthy(string name)
    {
        ITask task = SyntheticTasks.Create(name, 120);
        GradientDiagnosis d = Measure(Rotation(task, 1), task, Few);
        Assert.Equal((GradientVerdict.Healthy, (int?)null, 0.0), (d.Verdict, d.Lag, d.ExplodingProbability));
        Assert.Equal(1, d.Measured.Rate, 0.01);
        Assert.InRange(d.Omega.Omega, 0, 1e-3);
        Assert.InRange(d.LongTermShare.Median, 0.15, 0.8);
        Assert.Equal(name == "memorization" ? 1 : Few.Batches, d.Norms.Length);
    }

    [Fact]
    public static void A_network_that_is_no_longer_finite_explodes()
    {
        ITask task = new TemporalOrder(60);
        GradientDiagnosis d = Measure(Rotation(task, 1e200), task, Few with { Curvature = true });
        Assert.Equal((GradientVerdict.Exploding, 1.0), (d.Verdict, d.ExplodingProbability));
        Assert.Null(d.Curvature);
        Assert.True(double.IsNaN(d.Clipping.Threshold));
    }

    [Fact]
    public static void A_network_without_any_signal_has_vanished_at_once()
    {
        ITask task = new TemporalOrder(20);
        GradientDiagnosis d = Measure(new Network<double>(ShapeOf(task)), task, Few);
        Assert.Equal((GradientVerdict.Vanishing, 0), (d.Verdict, d.Lag));
    }

    [Theory]
    [InlineData(CostReduction.Sum)]
    [InlineData(CostReduction.Mean)]
    public static void The_loss_on_a_corpus_is_its_cost_a_step_in_its_unit(CostReduction reduction)
    {
        // Seven windows of one row are the whole text, and one window of four pieces is all pieces. Of nine rows of a text of one
        // symbol, eight are idle.
        (ICorpusTask Task, int Rows, int Batches)[] cases =
        [
            (new TextTask(Corpora.Text(333), window: 50), 1, 7),
            (new MusicTask(Corpora.Music(1, 30, 7, 17), window: 40), 4, 1),
        ];
        foreach ((ICorpusTask task, int rows, int batches) in cases)
        {
            Network<double> network = Specimen.Network<double>(
                new NetworkShape(task.Inputs, 7, task.Outputs) { Encoding = task.Encoding, Head = task.Head }, 3);
            double expected = CorpusEvaluator.Evaluate(
                network, task, Fold.Train, cancellation: TestContext.Current.CancellationToken).Loss;
            GradientDiagnosis all = Measure(network, task, Few with { Rows = rows, Batches = batches, Reduction = reduction });
            Assert.Equal(expected, all.Loss, 1e-10);
        }

        var one = new TextTask(Corpora.Text(1));
        Network<double> same = Specimen.Network<double>(
            new NetworkShape(one.Inputs, 7, one.Outputs) { Encoding = one.Encoding, Head = one.Head }, 3);
        Assert.Equal(Measure(same, one, Few with { Rows = 1 }).Loss,
            Measure(same, one, Few with { Rows = 9, Reduction = reduction }).Loss, 1e-12);
    }

    [Fact]
    public static void Saturated_units_show()
    {
        ITask task = new TemporalOrder(20);
        Network<double> network = Specimen.Network<double>(ShapeOf(task) with { Activation = Activation.Tanh }, 3);
        foreach (ref double bias in network.HiddenBias) bias = 8;
        Assert.Equal(1, Measure(network, task, Few).Saturated);
    }

    [Fact]
    public static void Threads_change_no_number_and_the_seed_does()
    {
        ITask task = new Addition(30);
        Network<double> network = Specimen.Network<double>(ShapeOf(task) with { Activation = Activation.Tanh }, 3);
        GradientDiagnosis one = Measure(network, task, Few with { Curvature = true });
        GradientDiagnosis two = Measure(network, task, Few with { Curvature = true, Threads = 3 });
        Assert.Equal(one.Norms, two.Norms);
        Assert.Equal(one.ByLag, two.ByLag);
        Assert.Equal(one.Curvature, two.Curvature);
        Assert.NotEqual(one.Norms, Measure(network, task, Few with { Seed = 2 }).Norms);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(9)]
    public static void The_bound_of_the_learning_rate_is_that_of_the_whole_Hessian_on_plateaus_too(double bias)
    {
        // With a bias of 9 every unit's slope is 1e-7; the remaining curvature is that of the head.
        ITask task = new Addition(12);
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            Network<double> network = Specimen.Network<double>(
                new NetworkShape(task.Inputs, 3, task.Outputs) { Encoding = task.Encoding, Head = task.Head }, seed, gain: 2);
            foreach (ref double one in network.HiddenBias) one += bias;
            GradientDiagnosis diagnosis = Measure(network, task, Few with { Curvature = true });
            Batch batch = Batch.For(task);
            task.Fill(batch, Few.Rows, GradientDiagnosis.BatchKey(Few.Seed, 0));
            double expected = WholeHessian.Eigenvalues(new ErrorGeometry(network, batch, task.Reduction)).Max();
            Compare.Close(diagnosis.Curvature!.Value, expected, 1e-3, $"curvature, bias {bias}, seed {seed}");
            Compare.Close(diagnosis.LearningRateBound!.Value, 2 / expected, 1e-3, $"bound, bias {bias}, seed {seed}");
        }
    }

    [Fact]
    public static void The_bound_of_the_learning_rate_is_found_on_the_plateau_of_a_long_sequence()
    {
        // Gradients vanish over 200 steps, but for the head's biases the four classes have equal probability: the curvature of
        // these biases is 1/4.
        ITask task = new TemporalOrder(200);
        var network = new Network<double>(ShapeOf(task) with { Activation = Activation.Tanh });
        Initializer.Initialize(network, Initialization.SmartTanh, 1);
        GradientDiagnosis diagnosis = Measure(network, task, Few with { Curvature = true });
        Batch batch = Batch.For(task);
        task.Fill(batch, Few.Rows, GradientDiagnosis.BatchKey(Few.Seed, 0));
        Compare.Close(diagnosis.Curvature!.Value, new ErrorGeometry(network, batch, task.Reduction).LargestCurvature(200, 1e-9),
            1e-3, "curvature");
        Assert.True(diagnosis.Curvature > 0.24, $"{diagnosis.Curvature}");
    }

    [Fact]
    public static void A_curvature_that_is_not_finite_is_none()
    {
        ITask task = new TemporalOrder(200);
        GradientDiagnosis diagnosis = Measure(Rotation(task, 1e6), task, Few with { Curvature = true });
        Assert.Null(diagnosis.Curvature);
        Assert.Null(diagnosis.LearningRateBound);
    }

    [Fact]
    public static void The_threshold_is_the_mean_of_what_did_not_explode()
    {
        Assert.Equal(new ClipAdvice(5.9, 0, 5) { Mean = 1.98 }, ClipAdvice.Of([1, 2, 3, 2, 1.9]));
        Assert.Equal(new ClipAdvice(6, 0.25, 3) { Mean = 2 }, ClipAdvice.Of([1, 2, 3, 1e9]));
        Assert.Equal(new ClipAdvice(9, 0.25, 4) { Mean = 3 }, ClipAdvice.Of([1, 1, 1, 9]));
        Assert.Equal(new ClipAdvice(6, 0.4, 3) { Mean = 2 }, ClipAdvice.Of([1, 2, 3, double.NaN, double.PositiveInfinity]));
        Assert.Equal(1.4, ClipAdvice.Of([0.4731]).Threshold);
        Assert.Equal(new ClipAdvice(6, 0, 2) { Mean = 2 }, ClipAdvice.Of([0, 0, 2, 0, 2]));
        // A threshold of 0 is not a threshold.
        Assert.Equal((double.NaN, 0), (ClipAdvice.Of([0, 0]).Threshold, ClipAdvice.Of([0, 0]).Used));
        Assert.Equal((double.NaN, 0), (ClipAdvice.Of([double.NaN]).Threshold, ClipAdvice.Of([]).Used));
    }

    [Fact]
    public static void Wrong_options_are_refused()
    {
        ITask task = new TemporalOrder(20);
        Network<double> network = Rotation(task, 1);
        foreach (DiagnosisOptions wrong in (DiagnosisOptions[])[Few with { Batches = 0 }, Few with { Rows = 0 },
            Few with { LongFrom = 0 }, Few with { CostsPerSequence = 0 }])
            Assert.ThrowsAny<ArgumentException>(() => Measure(network, task, wrong));
        Assert.Throws<ArgumentException>(() => Measure(network, new Addition(20), Few));
    }

    private static GradientDiagnosis Measure(Network<double> network, ITask task, DiagnosisOptions options) =>
        GradientDiagnosis.Measure(network, task, options, null, TestContext.Current.CancellationToken);

    /// <summary>
    /// A linear network whose W_rec is an orthogonal matrix times a factor, so that every signal grows by this factor at every
    /// step.
    /// </summary>
    private static Network<double> Rotation(ITask task, double factor)
    {
        var network = new Network<double>(ShapeOf(task));
        Initializer.Initialize(network, Initialization.Orthogonal, 5);
        foreach (ref double weight in network.RecurrentWeights) weight *= factor;
        return network;
    }

    private static NetworkShape ShapeOf(ITask task) =>
        new(task.Inputs, Hidden, task.Outputs) { Encoding = task.Encoding, Head = task.Head, Activation = Activation.Identity };
}
