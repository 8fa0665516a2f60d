using Unroll.Analysis;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Watch;

/// <summary>
/// Records beside the checks of a run what its page shows: the gradient norm after clipping at every check, and as often as that
/// takes less than a hundredth of the run's time how large the error's gradient is by lag, and an example as it is predicted. It
/// looks at a copy of the network and draws no number of the training's, so it changes no bit of the run.
/// </summary>
/// <param name="trainer">The run.</param>
/// <param name="examples">Its examples; null for none.</param>
internal sealed class RunRecorder(Trainer trainer, ExampleView? examples)
{
    private const int Rows = 8, Costs = 4;

    /// <summary>The share of the run's time that recordings may take, the first one excepted.</summary>
    private const double Share = 0.005;

    private double _spent, _last;
    private bool _begun;

    /// <summary>What there is to record at a check.</summary>
    /// <param name="progress">The check.</param>
    /// <param name="written">What the network was made to write at this check; null for nothing.</param>
    /// <param name="cancellation">Leaves out what is not measured yet.</param>
    public RunMoment At(TrainingProgress progress, byte[]? written, CancellationToken cancellation)
    {
        var moment = new RunMoment { Update = progress.Update, ClippedNorm = trainer.ClippedNorm, Example = written };
        if (_begun && _spent + _last > Share * progress.Seconds) return moment;
        long started = Clock.Now;
        moment = Measured(moment, cancellation);

        // The first one also compiles what measures.
        _last = Clock.SecondsSince(started);
        if (_begun) _spent += _last;
        else _last = 0;
        _begun = true;
        return moment;
    }

    /// <summary>What there is to record of a run that has ended, whatever it takes.</summary>
    /// <param name="last">What was recorded at the last check.</param>
    public RunMoment AtEnd(RunMoment last) => last.Lags.Count > 0 ? last : Measured(last, CancellationToken.None);

    private RunMoment Measured(RunMoment moment, CancellationToken cancellation)
    {
        try
        {
            moment = Diagnosed(moment, cancellation);
            return moment.Example is null && examples?.Of(trainer, cancellation) is { } example
                ? moment with { Example = example } : moment;
        }
        catch (Exception error) when (error is OperationCanceledException or ArithmeticException or ArgumentException
            or InvalidOperationException or NotSupportedException)
        {
            return moment; // the run ends, or its network has exploded, which the checks say; a page is no reason to end it
        }
    }

    private RunMoment Diagnosed(RunMoment moment, CancellationToken cancellation)
    {
        var options = new DiagnosisOptions
        {
            Batches = 1,
            Rows = Math.Min(trainer.Rows, Rows),
            CostsPerSequence = Costs,
            Seed = trainer.Options.Seed,
            Reduction = trainer.Options.Reduction,
            Curvature = false,
            Threads = trainer.Options.Threads,
        };
        GradientDiagnosis found = GradientDiagnosis.Measure(
            trainer.LastNetwork<double>(), trainer.Task, options, null, cancellation);
        int lags = found.ByLag.Length, bin = Math.Max(1, (lags + RunMoment.MostLags - 1) / RunMoment.MostLags);
        return moment with
        {
            Bin = bin,
            Lags = [.. Enumerable.Range(0, (lags + bin - 1) / bin).Select(i => Log(found.ByLag[i * bin].Median))],
            Verdict = ValueNameOf(found.Verdict),
            Lag = found.Lag,
        };
    }

    private static float Log(double norm) =>
        norm == 0 ? (float)RunMoment.Least
        : double.IsFinite(norm) ? (float)Math.Max(RunMoment.Least, Math.Log10(norm))
        : float.NaN;

    private static string ValueNameOf(GradientVerdict verdict) => OptionsText.Name(verdict);
}
