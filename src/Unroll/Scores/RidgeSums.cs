using System.Numerics.Tensors;

namespace Unroll.Scores;

/// <summary>
/// The sums that least squares need of any number of windows, each W inputs x and H targets y: X'X, X'Y, sums and squares.
/// Windows are kept in blocks of 128 alone.
/// </summary>
internal sealed class RidgeSums(int inputs, int targets)
{
    private const int Block = 128;
    private readonly double[] _x = new double[inputs * Block];  // by input
    private readonly double[] _y = new double[targets * Block]; // by target
    private readonly double[] _products = new double[Square(inputs)]; // its lower triangle
    private readonly double[] _cross = new double[inputs * targets];
    private readonly double[] _xSum = new double[inputs];
    private readonly double[] _ySum = new double[targets];
    private readonly double[] _ySquares = new double[targets];
    private readonly double[] _count = new double[1];
    private int _filled;

    public long Count => (long)_count[0];

    private static int Square(int inputs) => (long)inputs * inputs <= Array.MaxLength ? inputs * inputs
        : throw new ArgumentException(Invariant($"Least squares by {inputs} inputs need a matrix of {inputs} by {inputs}; at ")
            + Invariant($"most {(int)Math.Sqrt(Array.MaxLength)} inputs are possible."));

    /// <summary>All that the sums are, for a checkpoint; what was added is in them after <see cref="Flush"/>.</summary>
    public IEnumerable<(string Name, double[] Values)> Arrays =>
    [
        ("products", _products), ("cross", _cross), ("inputs", _xSum), ("targets", _ySum), ("squares", _ySquares),
        ("count", _count),
    ];

    public void Add(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        for (int i = 0; i < inputs; i++) _x[(i * Block) + _filled] = x[i];
        for (int h = 0; h < targets; h++) _y[(h * Block) + _filled] = y[h];
        _count[0]++;
        if (++_filled == Block) Flush();
    }

    /// <summary>(W): the mean of x.</summary>
    public double[] InputMean() => Mean(_xSum);

    /// <summary>(H): the mean of y.</summary>
    public double[] TargetMean() => Mean(_ySum);

    /// <summary>(W, W): sum of (x - a)(x - a)'.</summary>
    public double[] Products(double[] a)
    {
        Flush();
        var result = new double[inputs * inputs];
        for (int i = 0; i < inputs; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double value = _products[(i * inputs) + j] - (a[i] * _xSum[j]) - (_xSum[i] * a[j]) + (Count * a[i] * a[j]);
                result[(i * inputs) + j] = result[(j * inputs) + i] = value;
            }
        }

        return result;
    }

    /// <summary>(W, H): sum of (x - a)(y - b)'.</summary>
    public double[] Cross(double[] a, double[] b)
    {
        Flush();
        var result = new double[inputs * targets];
        for (int i = 0; i < inputs; i++)
        {
            for (int h = 0; h < targets; h++)
                result[(i * targets) + h] =
                    _cross[(i * targets) + h] - (a[i] * _ySum[h]) - (_xSum[i] * b[h]) + (Count * a[i] * b[h]);
        }

        return result;
    }

    /// <summary>Sum of |y - b|^2.</summary>
    public double TargetSquares(double[] b)
    {
        Flush();
        double sum = 0;
        for (int h = 0; h < targets; h++) sum += _ySquares[h] - (2 * b[h] * _ySum[h]) + (Count * b[h] * b[h]);
        return sum;
    }

    private double[] Mean(double[] sums)
    {
        Flush();
        return [.. sums.Select(sum => sum / Math.Max(1, Count))];
    }

    /// <summary>The sums of both.</summary>
    public RidgeSums Plus(RidgeSums other)
    {
        var sum = new RidgeSums(inputs, targets);
        foreach (RidgeSums part in (RidgeSums[])[this, other])
        {
            part.Flush();
            foreach ((double[] to, double[] from) in sum.Arrays.Zip(part.Arrays, (a, b) => (a.Values, b.Values)))
                Numerics.Vectors.Add(to, 1, from);
        }

        return sum;
    }

    /// <summary>Takes the examples since the last time into the sums.</summary>
    public void Flush()
    {
        if (_filled == 0) return;
        for (int i = 0; i < inputs; i++)
        {
            ReadOnlySpan<double> x = _x.AsSpan(i * Block, _filled);
            _xSum[i] += TensorPrimitives.Sum(x);
            for (int j = 0; j <= i; j++)
                _products[(i * inputs) + j] += TensorPrimitives.Dot(x, _x.AsSpan(j * Block, _filled));
            for (int h = 0; h < targets; h++)
                _cross[(i * targets) + h] += TensorPrimitives.Dot(x, _y.AsSpan(h * Block, _filled));
        }

        for (int h = 0; h < targets; h++)
        {
            ReadOnlySpan<double> y = _y.AsSpan(h * Block, _filled);
            _ySum[h] += TensorPrimitives.Sum(y);
            _ySquares[h] += TensorPrimitives.Dot(y, y);
        }

        _filled = 0;
    }
}
