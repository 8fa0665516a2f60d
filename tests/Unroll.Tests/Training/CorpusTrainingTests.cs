using Unroll.Data;
using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Tests.Files;
using Unroll.Tests.Tasks.Natural;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class CorpusTrainingTests
{
    private static readonly TrainingOptions Small = new()
    {
        Hidden = 8,
        LearningRate = 0.05,
        ClipThreshold = 5,
        Omega = 0.5,
        OmegaSchedule = OmegaSchedule.Inverse,
        RateSchedule = RateSchedule.HalveOnRise,
        BatchSize = 3,
        CheckEvery = 0,
        MaximumEpochs = 6,
        Stop = StopRule.Budget,
    };

    [Fact]
    public void It_learns_what_there_is_to_learn()
    {
        var task = new TextTask(Corpora.Text(3000, 500), window: 20);
        using var trainer = new Trainer(task, Small with { Hidden = 16, Omega = 0, MaximumEpochs = 15 });
        TrainingResult result = trainer.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(TrainingOutcome.Finished, result.Outcome);

        // The next symbol is the successor with probability 0.8, any other with 0.05: 1.122 bits, give or take 0.07 a standard
        // deviation in 500 symbols.
        Assert.InRange(result.Last!.ValidationLoss, 0.9, 1.3);
        Assert.Equal(15.0, result.Last.Epoch);
        Assert.Equal(15 * task.UpdatesPerEpoch(3), result.Updates);
    }

    /// <summary>
    /// The cost of the validation fold falls below that of the symbols' frequencies, log2 5, by any cell and through dropout.
    /// </summary>
    [Theory]
    [InlineData(CellKind.Plain, 2, 0.1)]
    [InlineData(CellKind.Leaky, 1, 0)]
    [InlineData(CellKind.Lstm, 2, 0.1)]
    [InlineData(CellKind.Gru, 1, 0)]
    public void Every_cell_learns_it(CellKind cell, int layers, double dropout)
    {
        TrainingOptions options = Small with
        {
            Cell = cell,
            Layers = layers,
            Leak = cell == CellKind.Leaky ? 0.7 : 1,
            Dropout = dropout,
            Omega = 0,
            Optimizer = OptimizerKind.Adam,
            LearningRate = 0.01,
            Initialization = Initialization.Uniform,
        };
        foreach (ICorpusTask task in (ICorpusTask[])[new TextTask(Corpora.Text(1500, 300), window: 20),
            new MusicTask(Corpora.Music(40, 30, 25), window: 16)])
        {
            using var trainer = new Trainer(task, options);
            var losses = new List<double>();
            trainer.Run(check => losses.Add(check.ValidationLoss), TestContext.Current.CancellationToken);
            Assert.Equal(6, losses.Count);
            if (task is TextTask) Assert.True(losses[^1] < 0.9 * losses[0] && losses[^1] < 1.9, string.Join(' ', losses));
            else Assert.True(losses.Min() < 0.98 * losses[0], string.Join(' ', losses));
        }
    }

    [Fact]
    public void A_validation_fold_without_a_step_is_refused_before_training()
    {
        Assert.Contains("validation fold has no step", Assert.Throws<ArgumentException>(
            () => new Trainer(new TextTask(Corpora.Text(30, validation: 3), ahead: 5), Small)).Message, StringComparison.Ordinal);
        using var enough = new Trainer(new TextTask(Corpora.Text(30, validation: 5), ahead: 5), Small);
        Assert.NotNull(enough.Run(cancellation: TestContext.Current.CancellationToken).Last);
    }

    /// <summary>In the middle of an epoch, where the state is carried over and the order of windows is drawn.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_run_that_is_cut_goes_on_bit_for_bit(int threads)
    {
        using var folder = new TempFolder();
        ICorpusTask text = new TextTask(Corpora.Text(400), window: 16),
            music = new MusicTask(Corpora.Music(40, 30, 25), window: 16);
        TrainingOptions stack = Small with { Cell = CellKind.Lstm, Layers = 2, Dropout = 0.2, InputDropout = 0.1 };
        (ICorpusTask, TrainingOptions)[] runs = [(text, Small), (music, Small), (text, stack), (music, stack)];
        foreach ((ICorpusTask task, TrainingOptions network) in runs)
        {
            TrainingOptions options = network with { WeightDecay = 0.001, WeightNoise = 0.01 };
            using var whole = new Trainer(task, options);
            whole.Run(cancellation: TestContext.Current.CancellationToken);
            using var cut = new Trainer(task, options with { MaximumUpdates = (2 * task.UpdatesPerEpoch(3)) + 1 });
            cut.Run(cancellation: TestContext.Current.CancellationToken);
            CheckpointFile.Write(folder["checkpoint"], cut.Capture());
            using Trainer again = Trainer.Resume(
                task, options with { Threads = threads }, CheckpointFile.Read(folder["checkpoint"]));
            TrainingResult result = again.Run(cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(whole.LastNetwork<float>().Parameters, again.LastNetwork<float>().Parameters);
            Assert.Equal(whole.BestNetwork<float>().Parameters, again.BestNetwork<float>().Parameters);
            Assert.Equal(whole.LastResult!.Last!.Loss, result.Last!.Loss);
        }
    }

    [Fact]
    public void A_resume_may_change_the_epochs_and_not_the_patience()
    {
        var task = new TextTask(Corpora.Text(60));
        using var first = new Trainer(task, Small);
        using Trainer longer = Trainer.Resume(task, Small with { MaximumEpochs = 60 }, first.Capture());
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => Trainer.Resume(task, Small with { Patience = 3 }, first.Capture()));
        Assert.Contains("patience 'none', not '3'", error.Message);
    }

    [Fact]
    public void A_run_is_not_resumed_on_another_text()
    {
        using var first = new Trainer(new TextTask(Corpora.Text(60)), Small);
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => Trainer.Resume(new TextTask(Corpora.Text(61)), Small, first.Capture()));
        Assert.Contains("data have changed", error.Message);
    }

    [Fact]
    public void Patience_ends_a_run_that_gets_no_better()
    {
        // At this rate the first checks are the best ones.
        using var trainer = new Trainer(new TextTask(Corpora.Text(200), window: 20), Small with
        {
            LearningRate = 30,
            RateSchedule = RateSchedule.Constant,
            Patience = 3,
            MaximumEpochs = 500,
            OnNonFinite = NonFinitePolicy.Skip
        });
        var losses = new List<double>();
        TrainingResult result = trainer.Run(check => losses.Add(check.ValidationLoss), TestContext.Current.CancellationToken);
        Assert.Equal(TrainingOutcome.Finished, result.Outcome);
        Assert.InRange(losses.Count, 4, 499);
        Assert.Equal(losses.Count - 4, losses.IndexOf(losses.Min()));
    }

    [Fact]
    public void Weight_decay_adds_its_share_of_every_weight_and_of_nothing_else()
    {
        var task = new TextTask(Corpora.Text(20));
        TrainingOptions options = new()
        {
            Hidden = 3,
            Precision = Precision.Double,
            LearningRate = 0.1,
            ClipMode = ClipMode.None,
            Omega = 0,
            BatchSize = 1,
            CheckEvery = 0,
            MaximumUpdates = 1,
            Stop = StopRule.Budget,
        };
        using var plain = new Trainer(task, options);
        using var decayed = new Trainer(task, options with { WeightDecay = 0.5 });
        Network<double> start = plain.LastNetwork<double>();
        plain.Run(cancellation: TestContext.Current.CancellationToken);
        decayed.Run(cancellation: TestContext.Current.CancellationToken);
        foreach (ParameterBlock block in start.Blocks)
        {
            bool weight = block.Name is
                ParameterBlock.InputWeights or ParameterBlock.RecurrentWeights or ParameterBlock.OutputWeights;
            for (int i = block.Offset; i < block.Offset + block.Length; i++)
            {
                double expected = plain.LastNetwork<double>().Parameters[i] - (weight ? 0.1 * 0.5 * start.Parameters[i] : 0);
                Assert.Equal(expected, decayed.LastNetwork<double>().Parameters[i], 1e-14);
            }
        }
    }

    [Fact]
    public void Alpha_is_divided_by_the_epoch()
    {
        var task = new MusicTask(Corpora.Music(20, 20), window: 10);
        using var inverse = new Trainer(task, Small with { LearningRate = 1e-30, Omega = 1 });
        using var constant = new Trainer(
            task, Small with { LearningRate = 1e-30, Omega = 1, OmegaSchedule = OmegaSchedule.Constant });
        var norms = new List<double>();
        inverse.Run(check => norms.Add(check.GradientNorm), TestContext.Current.CancellationToken);
        var without = new List<double>();
        constant.Run(check => without.Add(check.GradientNorm), TestContext.Current.CancellationToken);
        Assert.Equal(norms[0], without[0], 1e-9); // the first epoch: alpha / 1
        Assert.NotEqual(norms[1], without[1], 1e-9);
    }

    [Theory]
    [InlineData("music", "piano-midi", 1, true, true, 1.0, 0.5)]
    [InlineData("music", "musedata", 1, true, true, 0.5, 0.1)]
    [InlineData("text", "ptb", 1, false, false, 0.001, 0)]
    [InlineData("text", "ptb", 1, true, false, 0.01, 0)]
    [InlineData("text", "ptb", 1, true, true, 0.05, 0.01)]
    [InlineData("text", "ptb", 5, true, false, 0.1, 0)]
    [InlineData("text", "ptb", 5, true, true, 0.05, 0.05)]
    public void The_papers_values(string task, string data, int ahead, bool clips, bool regularizes, double rate, double omega)
    {
        TrainingOptions options = CorpusRecipes.Get(task, data, ahead, clips, regularizes, "paper");
        Assert.Equal((rate, omega), (options.LearningRate, options.Omega));
        Assert.Equal(clips ? ClipMode.Norm : ClipMode.None, options.ClipMode);
        Assert.Equal(task == "music" ? 8 : 45, options.ClipThreshold);
        Assert.Equal(task == "text" ? 500 : data == "musedata" ? 400 : 300, options.Hidden);
        Assert.Equal((Activation.Sigmoid, task == "music"), (options.Activation, options.Biases));
        Assert.Equal(RateSchedule.HalveOnTrainingRise, options.RateSchedule);
    }

    /// <summary>A short text has few updates in an epoch: its rate must not fall by epochs as for Penn Treebank.</summary>
    [Fact]
    public void The_best_recipe_of_a_text_of_ones_own_halves_its_rate_by_the_validation_cost()
    {
        TrainingOptions own = CorpusRecipes.Get("text", "", 1, clips: true, regularizes: false, "best"),
            ptb = CorpusRecipes.Get("text", "ptb", 1, true, false, "best");
        Assert.Equal((RateSchedule.HalveOnRise, RateSchedule.Inverse), (own.RateSchedule, ptb.RateSchedule));
        Assert.Equal(ptb, own with { RateSchedule = RateSchedule.Inverse });
        Assert.Equal((50, 200, 200), (CorpusRecipes.DefaultWindow("text", "best"), CorpusRecipes.DefaultWindow("text", "paper"),
            CorpusRecipes.DefaultWindow("music", "best")));
    }

    /// <summary>The validation cost of a few pieces rises by chance; a rate that is halved at each rise is soon zero.</summary>
    [Fact]
    public void The_best_recipe_of_music_of_ones_own_waits_for_a_plateau()
    {
        TrainingOptions own = CorpusRecipes.Get("music", "", 1, clips: true, regularizes: true, "best"),
            published = CorpusRecipes.Get("music", "nottingham", 1, true, true, "best");
        Assert.Equal((RateSchedule.Plateau, RateSchedule.HalveOnRise), (own.RateSchedule, published.RateSchedule));
        Assert.Equal(published, own with { RateSchedule = RateSchedule.HalveOnRise });
    }
}
