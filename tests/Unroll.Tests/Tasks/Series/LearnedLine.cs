using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Tests.Files;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>What every decoder can: a line is learned, and the model's file forecasts it at once and as a stream.</summary>
internal static class LearnedLine
{
    /// <summary>Trains on a line that rises by 1 a step, and compares forecasts of the saved model.</summary>
    /// <param name="options">Options with a decoder, for 6 steps ahead.</param>
    /// <returns>The codec that the file has.</returns>
    public static SeriesCodec Check(SeriesOptions options)
    {
        const int Steps = 60, Horizon = 6;
        SequenceData data = SomeSeries.Ramp(Steps).Select("ramp");
        var task = new ForecastTask(SequenceFolds.BySteps(data, 40, 10, 10), options with
        {
            Encoder = new EncoderOptions { Scale = Scaling.Standard, Window = WindowScaling.Last },
        });
        TrainingOptions training = SeriesRecipes.Get(SeriesKind.Forecast, task.Examples(Fold.Train)) with
        {
            Hidden = 12,
            OutputDropout = 0,
            LearningRate = 0.01,
            MaximumEpochs = 40,
            Patience = null,
        };
        using var trainer = new Trainer(task, training);
        var losses = new List<double>();
        trainer.Run(check => losses.Add(check.ValidationLoss), TestContext.Current.CancellationToken);
        Assert.InRange(losses.Min(), 0, losses[0] / 5);
        using var folder = new TempFolder();
        trainer.SaveBest(folder["line.safetensors"]);
        Network<float> network = ModelFile.Load<float>(folder["line.safetensors"], out ModelInfo info);
        SeriesCodec codec = SeriesCodec.Read(info.Properties)!;
        Assert.True(codec.Fits(network.Shape));
        Assert.Equal(options.Decoder, codec.Options.Decoder);

        SeriesRows rows = codec.Bind(data);
        using var predictor = new SeriesPredictor<float>(network, rows);
        double[] forecast = [], streamed = new double[codec.Width];
        predictor.Run([rows.Last(0)], (_, values) => forecast = values.ToArray(), TestContext.Current.CancellationToken);
        for (int h = 0; h < Horizon; h++) Assert.Equal(Steps + h, forecast[(h * codec.Levels) + codec.PointLevel], 1.5);
        using var stream = new SeriesStream<float>(network, codec);
        SeriesStreamState state = stream.Start();
        for (int t = 0; t < Steps; t++) stream.Step(state, [t], streamed);
        Assert.Equal(forecast, streamed);
        return codec;
    }
}
