using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Unroll.Tests.Recorded;

/// <summary>
/// A text file of digests, one on each line: a description of the run, then the SHA-256 of the result. With UNROLL_RECORD_BITS=1
/// the tests write their results instead of comparing them; lines of kernels that this machine lacks stay.
/// </summary>
internal sealed class RecordedBits
{
    private const string Variable = "UNROLL_RECORD_BITS";
    private readonly string _path;
    private readonly SortedDictionary<string, string> _lines = new(StringComparer.Ordinal);

    public RecordedBits(string file)
    {
        _path = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Tests", "Recorded", file);
        if (!File.Exists(_path)) return;
        foreach (string line in File.ReadLines(_path))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            int at = line.LastIndexOf(' ');
            _lines[line[..at]] = line[(at + 1)..];
        }
    }

    /// <summary>Whether this run writes the file.</summary>
    public static bool Records => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>
    /// A fingerprint of the mathematical functions of the platform, on which the reference kernel's last bits depend.
    /// </summary>
    public static string Platform { get; } = FingerprintOfMath();

    /// <summary>Compares or records. Returns false when there is nothing to compare with.</summary>
    public bool Check(string what, string digest)
    {
        if (Records)
        {
            _lines[what] = digest;
            return true;
        }

        if (!_lines.TryGetValue(what, out string? recorded)) return false;
        Assert.True(recorded == digest, $"{what}: the bits have changed; they have the digest {digest}, not {recorded}.");
        return true;
    }

    public void Save()
    {
        if (Records) File.WriteAllLines(_path, _lines.Select(line => $"{line.Key} {line.Value}"));
    }

    public static string Digest<T>(ReadOnlySpan<T> numbers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(numbers)));

    public static string Digest(Array numbers) =>
        numbers is float[] floats ? Digest<float>(floats) : Digest<double>((double[])numbers);

    private static string FingerprintOfMath()
    {
        var text = new StringBuilder();
        for (int i = -300; i <= 300; i++)
        {
            double x = i * 0.0371;
            text.Append(CultureInfo.InvariantCulture, $"{Math.Tanh(x):R} {Math.Exp(x):R} {Math.Log(1 + Math.Abs(x)):R} ");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12];
    }
}
