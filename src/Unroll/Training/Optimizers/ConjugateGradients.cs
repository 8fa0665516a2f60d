using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>
/// Minimizes the model q(x) = x A x / 2 - b x by conjugate gradients without a preconditioner, until it falls slowly (Martens,
/// 2010, section 4.4). The buffers are kept from call to call.
/// </summary>
/// <param name="size">The number of parameters.</param>
internal sealed class ConjugateGradients(int size)
{
    private const double LeastFall = 5e-4; // of the model an iteration, relative
    private readonly double[] _residual = new double[size];
    private readonly double[] _direction = new double[size];
    private readonly double[] _product = new double[size];
    private readonly List<double> _model = [];

    /// <summary>An iterate and the model's value there.</summary>
    /// <param name="x">The iterate; valid during the call.</param>
    /// <param name="model">q(x).</param>
    public delegate void IterateHandler(ReadOnlySpan<double> x, double model);

    /// <summary>q at the start and behind each iteration of the last call.</summary>
    public IReadOnlyList<double> Model => _model;

    /// <summary>Iterates from x on.</summary>
    /// <param name="multiply">A v, symmetric and positive definite.</param>
    /// <param name="b">b.</param>
    /// <param name="x">The start; receives the last iterate.</param>
    /// <param name="most">The most iterations.</param>
    /// <param name="every">Iterations from one call of <paramref name="onIterate"/> to the next; the last is shown too.</param>
    /// <param name="onIterate">Sees iterates.</param>
    /// <returns>The iterations made.</returns>
    public int Minimize(
        SymmetricProduct multiply, ReadOnlySpan<double> b, Span<double> x, int most, int every, IterateHandler onIterate)
    {
        multiply(x, _product);
        for (int i = 0; i < x.Length; i++) _residual[i] = b[i] - _product[i];
        _residual.CopyTo(_direction, 0);
        double squares = Vectors.Dot(_residual, _residual);
        _model.Clear();
        _model.Add(ValueAt(x, b));
        int made = 0, shown = 0;
        while (made < most && squares > 0)
        {
            multiply(_direction, _product);
            double curvature = Vectors.Dot(_direction, _product);
            if (!(curvature > 0 && double.IsFinite(curvature))) break; // rounding has the last word, or an overflow
            double step = squares / curvature;
            Vectors.Add(x, step, _direction);
            Vectors.Add(_residual, -step, _product);
            double before = squares;
            squares = Vectors.Dot(_residual, _residual);
            double turn = squares / before;
            for (int i = 0; i < _direction.Length; i++) _direction[i] = _residual[i] + (turn * _direction[i]);
            _model.Add(ValueAt(x, b));
            if (++made % every == 0) onIterate(x, _model[shown = made]);
            if (FallsSlowly(made)) break;
        }

        if (shown < made || made == 0) onIterate(x, _model[made]);
        return made;
    }

    /// <summary>
    /// Whether over the last max(10, i / 10) iterations the model fell by less than their number times the least fall.
    /// </summary>
    private bool FallsSlowly(int i)
    {
        int over = Math.Max(10, i / 10);
        double now = _model[i];
        return !double.IsFinite(now) || (i > over && now < 0 && (now - _model[i - over]) / now < over * LeastFall);
    }

    /// <summary>q(x) = -x (r + b) / 2, as r = b - A x.</summary>
    private double ValueAt(ReadOnlySpan<double> x, ReadOnlySpan<double> b) =>
        -0.5 * (Vectors.Dot(x, _residual) + Vectors.Dot(x, b));
}
