using Unroll.Tasks;

namespace Unroll.Training;

/// <content>Checks: evaluating the network, keeping the best one, and updating the schedules.</content>
public sealed partial class Trainer
{
    private const double SuccessThreshold = 0.01; // at most 1% of the sequences wrong (supplement)
    private const int SustainedChecks = 3;

    private bool CheckIsDue() =>
        _state.Update > 0 && _state.Update % CheckEvery == 0 && _state.CheckedAt != _state.Update;

    private TrainingProgress? TryCheck(Func<double> elapsed, CancellationToken cancellation)
    {
        try
        {
            return Check(elapsed, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private TrainingProgress Check(Func<double> elapsed, CancellationToken cancellation)
    {
        // One index of the validation stream a batch. The update in the high bits gives every check fresh sequences.
        var key = new RandomKey(Options.Seed, RandomStream.Validation, _state.Update << 17);
        EvaluationResult evaluated = _engine.Validate(key, Options.ValidationSequences, cancellation);
        (double radius, double singular) = _engine.Spectrum();
        bool selects = Options.SelectionLengths.Count > 0;
        EvaluationResult[] beyond = selects && evaluated.Error <= SuccessThreshold
            ? [.. Options.SelectionLengths.Select(length => _engine.EvaluateOn(
                ((ILengthTask)Task).WithLength(length), key, Math.Max(1, Options.ValidationSequences / 10), cancellation))]
            : [];
        double? selected = beyond.Max(at => at.Error);
        double loss = double.IsNaN(evaluated.Loss) ? double.PositiveInfinity : evaluated.Loss; // the worst value, but comparable
        bool again = _state.CheckedAt == _state.Update;
        double? cost = Options.SelectionMeasure == SelectionMeasure.Cost
            ? beyond.Max(at => (double?)(double.IsNaN(at.Loss) ? double.PositiveInfinity : at.Loss)) : null;
        double? score = cost is { } worst ? Score(worst) : selected;
        bool better = KeepIfBest(evaluated.Error, loss, score ?? (selects ? evaluated.Error + 1 : evaluated.Error) ?? 0);

        // A check that is repeated after a run ended and was resumed gives the same numbers but counts once.
        if (better) _state.ChecksSinceBest = 0;
        else if (!again && Options.Patience is not null) _state.ChecksSinceBest++;
        if (!again) _state.Streak = evaluated.Error <= SuccessThreshold ? _state.Streak + 1 : 0;
        bool met = Options.Stop switch
        {
            StopRule.Sustained => _state.Streak >= SustainedChecks,
            StopRule.Zero => evaluated.Error == 0,
            _ => evaluated.Error <= SuccessThreshold,
        };
        if (met && _state.SolvedAt < 0) _state.SolvedAt = _state.Update;

        if (!again && _state.Update % CheckEvery == 0) Rescue(evaluated.Error);
        if (!again) Watch(loss, radius);
        _state.Seconds = elapsed();
        double counted = _state.Counted;
        bool omega = Options.Omega > 0;
        var progress = new TrainingProgress(
            _state.Update, _state.Loss / LossCount(), Task.LossUnit, evaluated.Loss, evaluated.Error, evaluated.StrictError,
            _state.Norm / counted, _state.Clipped / counted, omega ? _state.Omega / counted : null,
            omega ? _state.Kept / counted : null, radius, singular,
            _state.Rate, Task is ILengthTask ? _state.Longest : null, _state.NonFinite,
            _state.UpdateSeconds > 0 ? _state.Counted / _state.UpdateSeconds : 0, _state.Seconds, selected)
        {
            SelectionCost = cost,
            Epoch = UpdatesPerEpoch is { } updates ? (double)_state.Update / updates : null,
            Rescues = Options.Rescue is null ? null : _state.Rescues,
            ClipThreshold = _engine.ClipThreshold,
            Damping = _engine.Damping,
            ContractingSince = _state.ContractingSince > 0 ? _state.ContractingSince - 1 : null,
        };
        _state.CheckedAt = _state.Update; // the next update starts new sums
        if (Options.RateSchedule is RateSchedule.HalveOnRise or RateSchedule.HalveOnTrainingRise)
        {
            double error = Options.RateSchedule == RateSchedule.HalveOnRise ? loss : progress.Loss;
            if (error > _state.PreviousLoss) _state.RateFactor /= 2;
            _state.PreviousLoss = error;
        }

        return progress;
    }

    /// <summary>
    /// A cost at the selection lengths, brought to 0..1 in its order: a model that has not solved the task's own lengths has a
    /// score above 1, and must not come before one that has.
    /// </summary>
    private static double Score(double cost) => double.IsFinite(cost) ? cost / (1 + cost) : 1;

    /// <summary>
    /// Decides whether to return to the best model. The next update does it, so that this check gives the same numbers when it is
    /// repeated after a run ended and was resumed.
    /// </summary>
    private void Rescue(double? error)
    {
        if (Options.Rescue is not { } rule || error is not { } now) return;
        if (!(_state.BestError < rule.Once && now > rule.Above && now > rule.Times * _state.BestError)) return;
        _state.RescueDue = 1;
        _state.Rescues++;
    }

    /// <summary>Counts the checks of a plateau, and those of a spectral radius below 1.</summary>
    private void Watch(double loss, double radius)
    {
        // For other cells a radius below 1 does not imply this.
        if (Options.L1.Count + Options.L2.Count > 0 && Shape.IsOnPreActivations)
            _state.ContractingSince = !(radius < 1) ? 0
                : _state.ContractingSince > 0 ? _state.ContractingSince
                : _state.Update + 1;
        if (Options.RateSchedule != RateSchedule.Plateau) return;
        if (loss < _state.PlateauLoss) (_state.PlateauLoss, _state.PlateauChecks) = (loss, 0);
        else _state.PlateauChecks++;
        if (_state.PlateauChecks < Options.PlateauChecks) return;
        _state.RateFactor /= 2;
        _state.PlateauChecks = 0;
    }

    private bool KeepIfBest(double? error, double loss, double score)
    {
        _state.BestError = Math.Min(_state.BestError, error ?? double.PositiveInfinity);
        if (HasBest && (score > _state.BestScore || (score == _state.BestScore && loss >= _state.BestLoss))) return false;
        _engine.KeepBest();
        (_state.BestUpdate, _state.BestScore, _state.BestLoss) = (_state.Update, score, loss);
        return true;
    }

    /// <summary>The number of terms in the sum of losses: the steps of a corpus, or updates.</summary>
    private double LossCount() => Task is ICorpusTask ? _state.Steps : _state.Counted;

    /// <summary>The number of the interval between checks that the next update falls into: 1, 2, 3, ...</summary>
    private long Interval() => (_state.Update / CheckEvery) + 1;

    private double Rate()
    {
        double rate = Options.RateAt(_state.Update + 1, Interval(), _state.RateFactor);
        return Options.Rescue is { } rescue ? rate * Math.Max(rescue.Slowest, Math.Pow(2, -_state.Rescues)) : rate;
    }

    private double Alpha() => Options.OmegaSchedule == OmegaSchedule.Inverse ? Options.Omega / Interval() : Options.Omega;
}
