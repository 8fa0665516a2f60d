namespace Unroll.Tests.Fuzz;

/// <summary>Changes files and texts. The changes depend only on a seed and the number of the case.</summary>
internal static class Mutation
{
    private static readonly byte[] Extremes = [0, 1, 0x7F, 0x80, 0xFF, (byte)'\n', (byte)'.', (byte)'e'];

    /// <summary>Words that often break readers.</summary>
    private static readonly string[] Words =
    [
        "", "null", "true", "-1", "0", "1e999", "-0.0", "NaN", "9223372036854775807", "9223372036854775808", "1e-400", "[]", "{}",
            "[[[[[[[[", "\"\"", "\"\\ud800\"", "\\u0000", "\u001b[31m",
        "\u202e", "\r\n", "../../x", "/dev/zero", ",", ":", "\"", "//", "\ufeff", "\0", "x", "..", "1..5", "=", "%s", "{0}",
    ];

    /// <summary>The draws of a case.</summary>
    public static RandomSource Draws(ulong seed, long number) => new RandomKey(seed, RandomStream.Test, number).Shared();

    /// <summary>One to four changes; the number of the case decides the position and kind of each.</summary>
    /// <param name="file">What is changed.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="number">The case.</param>
    /// <param name="extremes">Bytes that often break its readers; null for those that break most.</param>
    public static byte[] Bytes(byte[] file, ulong seed, long number, byte[]? extremes = null)
    {
        extremes ??= Extremes;
        RandomSource random = Draws(seed, number);
        List<byte> bytes = [.. file];
        for (int changes = 1 + random.NextInt(4); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.NextInt(bytes.Count);
            byte value = random.NextInt(2) == 0 ? extremes[random.NextInt(extremes.Length)] : (byte)random.NextInt(256);
            switch (random.NextInt(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.NextInt(8)); break;
                case 1: bytes[at] = value; break;
                case 2: bytes.Insert(at, value); break;
                case 3: bytes.RemoveAt(at); break;
                case 4: bytes.RemoveRange(at, random.NextInt(bytes.Count - at)); break;
                default: bytes.InsertRange(at, bytes.GetRange(at, random.NextInt(Math.Min(64, bytes.Count - at)))); break;
            }
        }

        return [.. bytes];
    }

    /// <summary>A text with words and numbers replaced by other words, or with bytes changed.</summary>
    public static byte[] Text(byte[] file, ulong seed, long number)
    {
        RandomSource random = Draws(seed, number);
        if (random.NextInt(3) == 0) return Bytes(file, seed, number);
        string text = System.Text.Encoding.UTF8.GetString(file);
        for (int changes = 1 + random.NextInt(3); changes > 0 && text.Length > 0; changes--)
        {
            int from = random.NextInt(text.Length), to = from;
            if (char.IsLetterOrDigit(text[from]))
            {
                while (from > 0 && char.IsLetterOrDigit(text[from - 1])) from--;
                while (to < text.Length && char.IsLetterOrDigit(text[to])) to++;
            }
            else
            {
                to += random.NextInt(2);
            }

            text = $"{text[..from]}{Words[random.NextInt(Words.Length)]}{text[to..]}";
        }

        return System.Text.Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Flips bits of a file; its length and most of its content stay the same.</summary>
    public static byte[] Bits(byte[] file, ulong seed, long number)
    {
        RandomSource random = Draws(seed, number);
        byte[] bytes = [.. file];
        for (int flips = 1 + random.NextInt(3); flips > 0;
            flips--) bytes[random.NextInt(bytes.Length)] ^= (byte)(1 << random.NextInt(8));
        return bytes;
    }
}
