namespace Unroll.Cli.Diagnosis;

/// <summary>
/// How well what is said of examples, (examples, outputs), agrees with what is true: a correlation. Of classes it is that of what
/// is said of each class with whether it is there, over examples and classes: where one class is nearly always there, the
/// share that is right says nothing.
/// </summary>
internal sealed class TruthAgreement
{
    private readonly double[] _said, _truth; // centred
    private readonly int _outputs;
    private readonly double _size;

    /// <param name="said">(examples, outputs).</param>
    /// <param name="truth">(examples): the class, or with one output the number.</param>
    /// <param name="outputs">The classes, or 1.</param>
    /// <param name="areClasses">Whether the truth is classes.</param>
    public TruthAgreement(double[] said, double[] truth, int outputs, bool areClasses)
    {
        _outputs = outputs;
        _said = Centred(said, outputs);
        var there = new double[said.Length];
        for (int i = 0; i < there.Length; i++)
            there[i] = areClasses ? (truth[i / outputs] == i % outputs ? 1 : 0) : truth[i];
        _truth = Centred(there, outputs);
        _size = Math.Sqrt(_said.Sum(x => x * x) * _truth.Sum(x => x * x));
    }

    /// <summary>The correlation with the truth so many examples later, the first ones behind the last; 0 where one of the two
    /// is always the same.</summary>
    public double Moved(int move)
    {
        if (_size == 0) return 0;
        double sum = 0;
        for (int i = 0, j = move * _outputs; i < _said.Length; i++, j++)
        {
            if (j == _said.Length) j = 0;
            sum += _said[i] * _truth[j];
        }

        return sum / _size;
    }

    /// <summary>The correlation with the truth of the examples in another order.</summary>
    public double Permuted(int[] order)
    {
        if (_size == 0) return 0;
        double sum = 0;
        for (int i = 0; i < order.Length; i++)
        {
            for (int k = 0; k < _outputs; k++) sum += _said[(i * _outputs) + k] * _truth[(order[i] * _outputs) + k];
        }

        return sum / _size;
    }

    private static double[] Centred(double[] values, int outputs)
    {
        var mean = new double[outputs];
        for (int i = 0; i < values.Length; i++) mean[i % outputs] += values[i] / (values.Length / outputs);
        return [.. values.Select((value, i) => value - mean[i % outputs])];
    }
}
