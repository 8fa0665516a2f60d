namespace Unroll.Tests.Training;

/// <summary>
/// Another task with parts replaced that a test observes or scripts. Tasks made from it at other lengths share the hooks.
/// </summary>
internal sealed class ProbeTask(ILengthTask inner) : ILengthTask
{
    private RandomKey _key;
    private int _evaluated;

    /// <summary>Called with every batch after it is filled.</summary>
    public Action<ProbeTask, Batch, RandomKey>? Filled { get; init; }

    /// <summary>
    /// The number of wrong sequences at one check (or in one training batch): the first ones are wrong. The update is the number
    /// made before the training batch, or at the check.
    /// </summary>
    public Func<ProbeTask, RandomStream, long, int>? Wrong { get; init; }

    public bool HasSuccessRule { get; init; } = true;

    public string Name => inner.Name;

    public LengthRange Length => inner.Length;

    public int MinimumLength => inner.MinimumLength;

    public InputEncoding Encoding => inner.Encoding;

    public int Inputs => inner.Inputs;

    public OutputHead Head => inner.Head;

    public int Outputs => inner.Outputs;

    public string LossUnit => inner.LossUnit;

    public CostReduction Reduction => inner.Reduction;

    public int? WholeSet => inner.WholeSet;

    /// <summary>The update of a validation key.</summary>
    public static long UpdateOf(RandomKey key) => key.Stream == RandomStream.Validation ? key.Index >> 17 : key.Index;

    public ILengthTask WithLength(LengthRange length) =>
        new ProbeTask(inner.WithLength(length)) { Filled = Filled, Wrong = Wrong, HasSuccessRule = HasSuccessRule };

    public void Fill(Batch batch, int rows, RandomKey key)
    {
        inner.Fill(batch, rows, key);
        if (key.Stream != _key.Stream || UpdateOf(key) != UpdateOf(_key) || key.Index <= _key.Index) _evaluated = 0;
        _key = key;
        Filled?.Invoke(this, batch, key);
    }

    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        if (!HasSuccessRule) throw new InvalidOperationException("There is nothing to evaluate.");
        inner.MarkCorrect(batch, predictions, correct);
        if (Wrong is null) return;
        int wrong = Wrong(this, _key.Stream, UpdateOf(_key));
        for (int row = 0; row < batch.Rows; row++) correct[row] = _evaluated++ >= wrong;
    }
}
