namespace Unroll.Numerics;

/// <summary>A root in a bracket, to the last bit that the function's own rounding allows.</summary>
internal static class Bisection
{
    /// <summary>
    /// Halves the bracket until no number lies between its ends. Slow but it cannot fail: about 60 evaluations. A secant method
    /// would save half of them but need safeguards at folds.
    /// </summary>
    /// <param name="f">A function that changes its sign between the ends.</param>
    /// <param name="from">One end; on its side f keeps the sign that it has here.</param>
    /// <param name="to">The other end.</param>
    public static double Root(Func<double, double> f, double from, double to)
    {
        double atFrom = f(from);
        if (atFrom == 0) return from;
        double atTo = f(to);
        while (atTo != 0)
        {
            double middle = from + ((to - from) / 2);
            if (middle == from || middle == to) break;
            double value = f(middle);
            if (value == 0) return middle;
            if (double.IsNegative(value) == double.IsNegative(atFrom)) (from, atFrom) = (middle, value);
            else (to, atTo) = (middle, value);
        }

        return Math.Abs(atFrom) < Math.Abs(atTo) ? from : to;
    }
}
