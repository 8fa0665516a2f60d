using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <content>Updates, and the lengths of their sequences.</content>
public sealed partial class Trainer
{
    /// <summary>An update that was cancelled has left no trace: the run that goes on makes it first.</summary>
    private bool TryUpdate(CancellationToken cancellation, out string? failure)
    {
        try
        {
            failure = Update(cancellation);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            failure = null;
            return false;
        }
    }

    private string? Update(CancellationToken cancellation)
    {
        long started = Clock.Now;
        var key = new RandomKey(Options.Seed, RandomStream.Training, _state.Update);
        _trainingTask.Fill(_batch, Rows, key);
        double rate = Rate();
        if (_state.RescueDue != 0) _engine.GoBackToBest();
        _state.RescueDue = 0;
        var fresh = new FreshSequences(_trainingTask, cancellation);
        UpdateReport report = _engine.Update(_batch, Alpha(), rate, _state.Update + 1, fresh);
        if (report.Failure is not null) return report.Failure;
        if (_state.CheckedAt == _state.Update)
        {
            _state.ClearSums();
            _clippedNorms = default;
        }

        (_state.Update, _state.Rate) = (_state.Update + 1, rate);
        Volatile.Write(ref _updates, _state.Update);
        if (report.NonFinite)
        {
            _state.NonFinite++;
        }
        else
        {
            _state.Counted++;
            _state.Loss += report.Loss;
            _state.Steps += report.Steps;
            _state.Norm += report.Clip.NormBefore;
            _clippedNorms = (_clippedNorms.Counted + 1, _clippedNorms.Sum + report.Clip.NormAfter);
            _state.Clipped += report.Clip.Clipped ? 1 : 0;
            _state.Omega += report.Omega.Omega;
            _state.Kept += report.Omega.Kept;
            Volatile.Write(ref _recentLoss, _state.Loss / LossCount());
        }

        if (Options.Curriculum is { } curriculum) Grow(curriculum);
        _state.UpdateSeconds += Clock.SecondsSince(started);
        return null;
    }

    private void Grow(LengthCurriculum curriculum)
    {
        int longest = ((ILengthTask)Task).Length.Maximum;
        if (_state.Longest >= longest) return;
        _engine.CopyOutputs(_predictions);
        _trainingTask.MarkCorrect(_batch, _predictions, _correct);
        foreach (bool correct in _correct) _state.CurriculumWrong += correct ? 0 : 1;
        _state.CurriculumSeen += Rows;
        if (_state.Update % curriculum.Every != 0) return;
        if (_state.CurriculumWrong <= curriculum.Threshold * _state.CurriculumSeen)
        {
            _state.Longest = (int)Math.Min(longest, Math.Max(_state.Longest + 1, Math.Round(_state.Longest * curriculum.Growth)));
            SetTrainingLengths();
        }

        (_state.CurriculumWrong, _state.CurriculumSeen) = (0, 0);
    }

    private void SetTrainingLengths()
    {
        if (Options.Curriculum is null || Task is not ILengthTask task || _state.Longest >= task.Length.Maximum)
        {
            _trainingTask = Task;
            return;
        }

        int shortest = Math.Max(task.MinimumLength, Math.Min(task.Length.Minimum, _state.Longest / 2));
        _trainingTask = task.WithLength(new LengthRange(Math.Min(shortest, _state.Longest), _state.Longest));
    }
}
