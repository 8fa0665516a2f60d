using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>What validation says of a way to read the data: the number of epochs, the cost, and of readings of a short series the
/// forecasts at the origins, so that the mean of two can be judged without training.</summary>
/// <param name="tasks">The tasks that it was tried on.</param>
internal sealed class TriedReading(IReadOnlyList<SeriesTask> tasks)
{
    private readonly List<IReadOnlyList<double[]>>[] _forecasts = [.. tasks.Select(_ => new List<IReadOnlyList<double[]>>())];

    /// <summary>The epochs and the cost.</summary>
    public EpochChoice Choice { get; set; } = new(1, double.NaN, []);

    /// <summary>The two of which it is the mean; null for one of its own.</summary>
    public (TriedReading First, TriedReading Second)? MeanOf { get; private init; }

    /// <summary>The cost of an epoch, whose forecasts are kept.</summary>
    public double Error(Trainer trainer, SeriesTask task, CancellationToken cancellation)
    {
        IReadOnlyList<double[]> forecasts = trainer.Options.Precision == Precision.Double
            ? ForecastErrors.Forecasts(trainer.LastNetwork<double>(), task, Fold.Validation, cancellation)
            : ForecastErrors.Forecasts(trainer.LastNetwork<float>(), task, Fold.Validation, cancellation);
        _forecasts[tasks.ToList().IndexOf(task)].Add(forecasts);
        return ForecastErrors.StandardMae(task, Fold.Validation, forecasts);
    }

    /// <summary>The mean of the forecasts of two readings, each after its own number of epochs.</summary>
    public static TriedReading Mean(TriedReading first, TriedReading second)
    {
        var origins = new List<(int Epochs, double Loss)>();
        for (int i = 0; i < first.Tasks.Count; i++)
        {
            SeriesTask task = first.Tasks[i];
            IReadOnlyList<double[]> mean = ForecastErrors.Mean(task.Codec, first.ForecastsOf(i), second.ForecastsOf(i));
            origins.Add((first.Choice.Epochs, ForecastErrors.StandardMae(task, Fold.Validation, mean)));
        }

        return new TriedReading(first.Tasks)
        {
            MeanOf = (first, second),
            Choice = new EpochChoice(first.Choice.Epochs, origins.Average(one => one.Loss), origins),
        };
    }

    private IReadOnlyList<SeriesTask> Tasks => tasks;

    private IReadOnlyList<double[]> ForecastsOf(int origin) => _forecasts[origin][Choice.Epochs - 1];
}
