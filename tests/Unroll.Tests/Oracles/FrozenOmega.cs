using Unroll.Remedies;

namespace Unroll.Tests.Oracles;

/// <summary>
/// Omega of section 3.3 as a function of W_rec alone, with states and dE/dx fixed at the last backward pass, in plain loops over
/// the public accessors; written from equation (9) and the authors' form, not from the library.
/// </summary>
internal static class FrozenOmega
{
    /// <summary>Omega at <paramref name="recurrent"/>, (H, H), from column to row.</summary>
    public static double Value(UnrolledNetwork<double> unrolled, OmegaForm form, ReadOnlySpan<int> lengths, double[] recurrent)
    {
        Activation activation = unrolled.Network.Shape.Activation;
        int h = unrolled.Network.Shape.Hidden, kept = 0;
        double omega = 0;
        for (int r = 0; r < lengths.Length; r++)
        {
            // The link from state k to state k + 1; x_0 does not exist, so the paper's form starts at k = 1.
            for (int k = form == OmegaForm.Code ? 0 : 1; k < lengths[r]; k++)
            {
                ReadOnlySpan<double> dx = unrolled.PreActivationGradient(k + 1, r);
                ReadOnlySpan<double> a = form == OmegaForm.Code ? unrolled.StateGradient(k + 1, r) : dx;
                double signal = 0, flow = 0;
                for (int i = 0; i < h; i++)
                {
                    double v = 0;
                    for (int j = 0; j < h; j++) v += dx[j] * recurrent[(j * h) + i];
                    if (form == OmegaForm.Paper) v *= Slope(activation, unrolled.State(k, r)[i]);
                    flow += v * v;
                    signal += a[i] * a[i];
                }

                if (signal < 1e-20 || (form == OmegaForm.Paper && flow < 1e-20)) continue;
                kept++;
                omega += form == OmegaForm.Code
                    ? Math.Pow((flow / signal) - 1, 2)
                    : Math.Pow((Math.Sqrt(flow) / Math.Sqrt(signal)) - 1, 2);
            }
        }

        return form == OmegaForm.Paper ? omega / lengths.Length : kept == 0 ? 0 : omega / kept;
    }

    private static double Slope(Activation activation, double h) => activation switch
    {
        Activation.Tanh => 1 - (h * h),
        Activation.Sigmoid => h * (1 - h),
        Activation.Relu => h > 0 ? 1 : 0,
        _ => 1,
    };
}
