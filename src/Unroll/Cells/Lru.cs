using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// A diagonal linear recurrence, the LRU of Orvieto et al., 2023, section 3. Each unit has a complex state z, which only the input
/// drives, and a pole lambda of a size below 1 whatever its parameters are. With the three parts of a = W_ih u_t + b,
/// <code>
///   lambda = exp(-exp(nu) + i exp(theta)),  gamma = exp(g)      one nu, theta and g a unit; g starts at log sqrt(1 - |lambda|^2)
///   z_t    = lambda z_{t-1} + gamma (a_1 + i a_2)
///   h_t    = sigma(Re z_t + a_3)
/// </code>
/// h is what the head or the layer above reads. The paper's y = Re(C z) + D u has a matrix C: here the weights of the layer above
/// or of the head mix units, after sigma; a diagonal C would add nothing, because its sizes and angles can be moved into W_ih.
/// a_3 is D u. There is no W_hh, so Omega has no weights to act on. Backward, with the totals R = dE/dRe z_t, I = dE/dIm z_t,
/// <code>
///   dE/da_3 = dE/dh_t sigma'      R = (through z_{t+1}) + dE/da_3      I = (through z_{t+1})
///   dE/da_1 = gamma R             dE/da_2 = gamma I                    dE/dz_{t-1} = conj(lambda) (R + i I)
///   dE/dlog|lambda| = sum of Re(w),  dE/darg(lambda) = sum of -Im(w),  with w = lambda z_{t-1} (R - i I)
///   dE/dnu = -exp(nu) dE/dlog|lambda|,  dE/dtheta = exp(theta) dE/darg(lambda),  dE/dg = gamma sum of (R a_1 + I a_2)
/// </code>
/// The parts of the state are h, Re z and Im z. A step keeps a_1, a_2 and h.
/// </summary>
internal sealed class LruCell : ICell
{
    private const int Re = 0, Im = 1, Skip = 2;
    private const int Nu = 0, Theta = 1, Gain = 2;

    public CellLayout Layout { get; } = new(
        3, 3, 3, 3, [Re, Im, Skip], [], Vectors: ["nu_log", "theta_log", "gamma_log"]);

    public bool IsOnPreActivations => false;

    public bool HasActivation => true;

    public double? Gamma(LayerShape layer) => null;

    public void Validate(LayerShape layer) => ICell.RefuseOptions(layer, activation: true);

    public bool HasVector(LayerShape layer, bool biases) => true;

    public Activation ActivationOf(LayerShape layer, int kept) => kept == Skip ? layer.Activation : Activation.Identity;

    public string NameOf(int kept) => kept switch { Re => "a_1", Im => "a_2", _ => "h" };

    /// <remarks>The kernels use Re lambda, Im lambda and gamma.</remarks>
    public double VectorValue(int index, ReadOnlySpan<double> parameters)
    {
        double size = Math.Exp(-Math.Exp(parameters[Nu])), angle = Math.Exp(parameters[Theta]);
        return index switch
        {
            Nu => size * Math.Cos(angle),
            Theta => size * Math.Sin(angle),
            _ => Math.Exp(parameters[Gain]),
        };
    }

    /// <remarks>The kernels sum the derivatives by log|lambda|, arg(lambda) and gamma.</remarks>
    public double VectorSlope(int index, double parameter) => index == Nu ? -Math.Exp(parameter) : Math.Exp(parameter);

    public bool Draw(RingStart ring, ref RandomSource random, Span<double> vectors)
    {
        // 1 minus a number below 1 is never 0, so every logarithm is finite.
        double area = 1 - random.NextDouble(), angle = ring.Angle * (1 - random.NextDouble());
        double least = ring.Least * ring.Least, squared = least + (area * ((ring.Greatest * ring.Greatest) - least));
        vectors[Nu] = Math.Log(-0.5 * Math.Log(squared));
        vectors[Theta] = Math.Log(angle);
        vectors[Gain] = 0.5 * Math.Log(1 - squared);
        return true;
    }

    public void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        (S re, S im, S gamma) = Pole(unit);
        (unit.Kept[Re], unit.Slopes[Re]) = (unit.Pre[Re], S.Of(1));
        (unit.Kept[Im], unit.Slopes[Im]) = (unit.Pre[Im], S.Of(1));
        unit.After[1] = (re * unit.Before[1]) - (im * unit.Before[2]) + (gamma * unit.Pre[Re]);
        unit.After[2] = (re * unit.Before[2]) + (im * unit.Before[1]) + (gamma * unit.Pre[Im]);
        S x = unit.After[1] + unit.Pre[Skip];
        unit.Kept[Skip] = unit.After[0] = S.Sigma(layer.Activation, x);
        unit.Slopes[Skip] = S.Slope(layer.Activation, x);
    }

    public void Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        (S re, S im, S gamma) = Pole(unit);
        S skip = unit.Signal[0] * unit.Slopes[Skip], toRe = unit.Signal[1] + skip, toIm = unit.Signal[2];
        unit.PreSignal[Re] = gamma * toRe;
        unit.PreSignal[Im] = gamma * toIm;
        unit.PreSignal[Skip] = skip;
        unit.Back[0] = S.Of(0);
        unit.Back[1] = (re * toRe) + (im * toIm);
        unit.Back[2] = (re * toIm) - (im * toRe);

        S along = (toRe * unit.Before[1]) + (toIm * unit.Before[2]), across = (toIm * unit.Before[1]) - (toRe * unit.Before[2]);
        unit.VectorSignal[Nu] = S.Of(-1) * S.Exp(unit.Vectors[Nu]) * ((re * along) + (im * across));
        unit.VectorSignal[Theta] = S.Exp(unit.Vectors[Theta]) * ((re * across) - (im * along));
        unit.VectorSignal[Gain] = gamma * ((toRe * unit.Kept[Re]) + (toIm * unit.Kept[Im]));
    }

    public TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<LruLanes<TSimd, TVector, T>>();

    private static (S Re, S Im, S Gamma) Pole<S>(in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        S size = S.Exp(S.Of(-1) * S.Exp(unit.Vectors[Nu])), angle = S.Exp(unit.Vectors[Theta]);
        return (size * S.Cos(angle), size * S.Sin(angle), S.Exp(unit.Vectors[Gain]));
    }
}

/// <inheritdoc cref="LruCell"/>
internal readonly unsafe struct LruLanes<TSimd, TVector, T> : ILanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static void Step(in RowLayout<T> at, T* gates, T* before, T* after, int rows)
    {
        nint w = at.Width, part = at.Before;
        T* lambda = at.Vector.Pointer, gamma = lambda + (2 * (nint)at.State);
        for (int r = 0; r < rows; r++, gates += at.Gates, before += at.State, after += at.State)
        {
            T* skip = gates + (2 * w);
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                TVector re = TSimd.Load(lambda + j), im = TSimd.Load(lambda + at.State + j), g = TSimd.Load(gamma + j);
                TVector x = TSimd.Load(before + part + j), y = TSimd.Load(before + (2 * part) + j);
                TVector real = TSimd.MultiplyAdd(
                    re, x, TSimd.Subtract(TSimd.Multiply(g, TSimd.Load(gates + j)), TSimd.Multiply(im, y)));
                TSimd.Store(after + part + j, real);
                TSimd.Store(
                    after + (2 * part) + j,
                    TSimd.MultiplyAdd(re, y, TSimd.MultiplyAdd(im, x, TSimd.Multiply(g, TSimd.Load(gates + w + j)))));
                TSimd.Store(skip + j, TSimd.Add(real, TSimd.Load(skip + j)));
            }

            SimdMath<TSimd, TVector, T>.Activate(at.Activation, skip, w);
            if (at.Activation == Activation.Sigmoid) new Span<T>(skip + at.Units, (int)w - at.Units).Clear(); // sigma(0) is 0.5
            for (nint j = 0; j < w; j += TSimd.Lanes) TSimd.Store(after + j, TSimd.Load(skip + j));
        }
    }

    public static void Pull(in RowLayout<T> at, T* gates, T* before, T* after, T* signal, T* pre, T* back, int rows)
    {
        nint w = at.Width, part = at.Back;
        T* lambda = at.Vector.Pointer, gamma = lambda + (2 * (nint)at.State);
        for (int r = 0; r < rows; r++, gates += at.Gates, signal += at.State, pre += at.Signals, back += at.State)
        {
            T* skip = pre + (2 * w);
            SimdMath<TSimd, TVector, T>.TimesSlope(at.Activation, signal, gates + (2 * w), skip, w);
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                TVector re = TSimd.Load(lambda + j), im = TSimd.Load(lambda + at.State + j), g = TSimd.Load(gamma + j);
                TVector toRe = TSimd.Add(TSimd.Load(signal + part + j), TSimd.Load(skip + j));
                TVector toIm = TSimd.Load(signal + (2 * part) + j);
                TSimd.Store(pre + j, TSimd.Multiply(g, toRe));
                TSimd.Store(pre + w + j, TSimd.Multiply(g, toIm));

                // Beginning from 0, no sum of nothing is -0, which would tell a padded batch from the batch itself.
                TSimd.Store(back + part + j, TSimd.MultiplyAdd(re, toRe, TSimd.MultiplyAdd(im, toIm, default)));
                TSimd.Store(
                    back + (2 * part) + j, TSimd.MultiplyAdd(re, toIm, TSimd.Subtract(default, TSimd.Multiply(im, toRe))));
            }
        }
    }

    public static void Push(
        in RowLayout<T> at, T* gates, T* before, T* after, T* pre, T* beforeR, T* afterR, T* vectorR, int rows)
    {
        nint w = at.Width, part = at.Before;
        T* lambda = at.Vector.Pointer, gamma = lambda + (2 * (nint)at.State), gammaR = vectorR + (2 * (nint)at.State);
        for (int r = 0; r < rows; r++)
        {
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                TVector re = TSimd.Load(lambda + j), im = TSimd.Load(lambda + at.State + j), g = TSimd.Load(gamma + j);
                TVector size = TSimd.Load(vectorR + j), angle = TSimd.Load(vectorR + at.State + j), gR = TSimd.Load(gammaR + j);
                TVector reR = TSimd.Subtract(TSimd.Multiply(re, size), TSimd.Multiply(im, angle));
                TVector imR = TSimd.MultiplyAdd(im, size, TSimd.Multiply(re, angle));
                TVector x = TSimd.Load(before + part + j), y = TSimd.Load(before + (2 * part) + j);
                TVector xR = TSimd.Load(beforeR + part + j), yR = TSimd.Load(beforeR + (2 * part) + j);
                TVector real = TSimd.MultiplyAdd(g, TSimd.Load(pre + j), TSimd.Multiply(gR, TSimd.Load(gates + j)));
                real = TSimd.MultiplyAdd(re, xR, TSimd.MultiplyAdd(reR, x, real));
                real = TSimd.Subtract(real, TSimd.MultiplyAdd(im, yR, TSimd.Multiply(imR, y)));
                TVector other = TSimd.MultiplyAdd(g, TSimd.Load(pre + w + j), TSimd.Multiply(gR, TSimd.Load(gates + w + j)));
                other = TSimd.MultiplyAdd(re, yR, TSimd.MultiplyAdd(reR, y, other));
                other = TSimd.MultiplyAdd(im, xR, TSimd.MultiplyAdd(imR, x, other));
                TSimd.Store(afterR + part + j, real);
                TSimd.Store(afterR + (2 * part) + j, other);
                TSimd.Store(afterR + j, TSimd.Add(real, TSimd.Load(pre + (2 * w) + j)));
            }

            SimdMath<TSimd, TVector, T>.TimesSlope(at.Activation, afterR, gates + (2 * w), afterR, w);
            gates += at.Gates;
            pre += at.Gates;
            before += at.State;
            beforeR += at.State;
            afterR += at.State;
        }
    }

    public static void Direct(in RowLayout<T> at, T* gates, T* signal, T* flow, int rows) =>
        new Span<T>(flow, rows * at.State).Clear();

    public static void AddVector(in RowLayout<T> at, T* gates, T* before, T* signal, T* pre, T* sum)
    {
        nint w = at.Width, state = at.State;
        T* lambda = at.Vector.Pointer;
        for (nint j = 0; j < w; j += TSimd.Lanes)
        {
            TVector re = TSimd.Load(lambda + j), im = TSimd.Load(lambda + state + j);
            TVector x = TSimd.Load(before + at.Before + j), y = TSimd.Load(before + (2 * at.Before) + j);
            TVector toRe = TSimd.Add(TSimd.Load(signal + at.Back + j), TSimd.Load(pre + (2 * w) + j));
            TVector toIm = TSimd.Load(signal + (2 * at.Back) + j);
            TVector along = TSimd.MultiplyAdd(toRe, x, TSimd.Multiply(toIm, y));
            TVector across = TSimd.Subtract(TSimd.Multiply(toIm, x), TSimd.Multiply(toRe, y));
            Add(sum + j, TSimd.MultiplyAdd(re, along, TSimd.Multiply(im, across)));
            Add(sum + state + j, TSimd.Subtract(TSimd.Multiply(re, across), TSimd.Multiply(im, along)));
            Add(sum + (2 * state) + j, TSimd.MultiplyAdd(
                toRe, TSimd.Load(gates + j), TSimd.Multiply(toIm, TSimd.Load(gates + w + j))));
        }

        static void Add(T* sum, TVector value) => TSimd.Store(sum, TSimd.Add(TSimd.Load(sum), value));
    }
}
