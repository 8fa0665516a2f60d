using ScottPlot;

namespace Unroll.Cli.Tests.Paper;

/// <summary>
/// How colours look to others: the three kinds of dichromats by the matrices of Machado, Oliveira and Fernandes (2009, severity
/// 1), and a print in grey by the luminance of sRGB.
/// </summary>
internal static class ColorVision
{
    private static readonly double[,] s_protanopia =
        { { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } };

    private static readonly double[,] s_deuteranopia =
        { { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } };

    private static readonly double[,] s_tritanopia =
        { { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } };

    private static readonly double[,] s_grey =
        { { 0.2126, 0.7152, 0.0722 }, { 0.2126, 0.7152, 0.0722 }, { 0.2126, 0.7152, 0.0722 } };

    /// <summary>Every way of seeing, by name.</summary>
    public static IReadOnlyDictionary<string, double[,]> All { get; } = new Dictionary<string, double[,]>
    {
        ["all colours"] = new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
        ["protanopia"] = s_protanopia,
        ["deuteranopia"] = s_deuteranopia,
        ["tritanopia"] = s_tritanopia,
        ["grey"] = s_grey,
    };

    /// <summary>How far two colours are apart in CIE L*a*b* (1976); 2.3 is just seen side by side.</summary>
    public static double Distance(Color a, Color b, double[,] vision)
    {
        double[] p = Lab(a, vision), q = Lab(b, vision);
        return Math.Sqrt(p.Zip(q).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));
    }

    /// <summary>L*, a* and b* of a colour as it is seen.</summary>
    public static double[] Lab(Color color, double[,] vision)
    {
        double[] linear = [.. new[] { color.R, color.G, color.B }.Select(part => Linear(part / 255.0))];
        double[] seen = [.. Enumerable.Range(0, 3)
            .Select(i => Math.Clamp(Enumerable.Range(0, 3).Sum(j => vision[i, j] * linear[j]), 0, 1))];
        double x = ((0.4124564 * seen[0]) + (0.3575761 * seen[1]) + (0.1804375 * seen[2])) / 0.95047,
            y = (0.2126729 * seen[0]) + (0.7151522 * seen[1]) + (0.0721750 * seen[2]),
            z = ((0.0193339 * seen[0]) + (0.1191920 * seen[1]) + (0.9503041 * seen[2])) / 1.08883;
        return [(116 * F(y)) - 16, 500 * (F(x) - F(y)), 200 * (F(y) - F(z))];
    }

    private static double Linear(double part) => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);

    private static double F(double t) => t > 216.0 / 24389 ? Math.Cbrt(t) : ((24389.0 / 27 * t) + 16) / 116;
}
