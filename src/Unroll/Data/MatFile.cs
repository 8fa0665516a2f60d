using System.IO.Compression;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Piano rolls in a MATLAB 5 file: the variables <c>traindata</c>, <c>validdata</c> and <c>testdata</c>, each a cell of numeric
/// matrices of steps x 88 zeros and ones, key 0 being MIDI note 21, or another form of <see cref="MatPieces"/>. Elements may be
/// compressed; other variables are skipped, whatever they hold. Memory grows with the bytes read, never with a claimed length: at
/// most 500 times the file's size plus 8 MB.
/// </summary>
internal static class MatFile
{
    /// <summary>Bytes of the text and version in front of the elements.</summary>
    public const int HeaderLength = 128;

    /// <summary>The most decompressed bytes of one variable.</summary>
    private const long MaximumVariable = 1L << 32;

    /// <summary>The most variables, including those that are skipped: each takes a decompressor.</summary>
    private const int MaximumVariables = 256;

    private static readonly string[] Names = ["traindata", "validdata", "testdata"];

    /// <summary>Whether a file's first bytes are those of a MATLAB file of version 5 or later.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start) => start.StartsWith("MATLAB "u8);

    /// <summary>Reads the three folds.</summary>
    /// <param name="stream">The file's content, from its beginning.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <returns>The pieces of each fold, in the order of <see cref="Fold"/>.</returns>
    /// <exception cref="InvalidFileException">The content does not have this form.</exception>
    public static IReadOnlyList<PianoRoll>[] Read(Stream stream, string file)
    {
        var reader = new MatReader(stream, file, long.MaxValue, bigEndian: false);
        ReadHeader(reader);
        var folds = new IReadOnlyList<PianoRoll>?[Names.Length];
        var pieces = new MatPieces(reader);
        for (int variables = 1; !reader.AtEnd(); variables++)
        {
            if (variables > MaximumVariables) throw reader.Wrong($"has more than {MaximumVariables} variables");
            MatTag tag = reader.Tag();
            if (tag.Type == MatTag.Compressed) ReadCompressed(reader, tag.Length, folds, pieces);
            else if (tag.Type == MatTag.Matrix) ReadVariable(reader, reader.Position + tag.Length, folds, pieces, canSkip: true);
            else throw reader.Wrong(
                Invariant($"has an element of type {tag.Type} at byte {reader.Position - 8} where a variable is expected"));
        }

        for (int i = 0; i < Names.Length; i++)
        {
            if (folds[i] is null)
                throw new InvalidFileException(
                    file, $"lacks the variable {Names[i]}; piano rolls are in {string.Join(", ", Names)}");
        }

        return folds!;
    }

    private static void ReadHeader(MatReader reader)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        reader.Exactly(header);
        if (header[126..].SequenceEqual("MI"u8)) reader.BigEndian = true;
        else if (!header[126..].SequenceEqual("IM"u8))
            throw reader.Wrong("is not a MATLAB 5 file: its bytes 126 and 127 are not MI");
        int version = reader.BigEndian ? header[124] : header[125];
        if (version == 2) throw reader.Wrong("is a MATLAB 7.3 (HDF5) file, which is not read; save it with save -v7");
        if (version != 1) throw reader.Wrong(Invariant($"is a MATLAB file of version {version}, where 1 is read"));
    }

    /// <summary>
    /// Reads a variable that is a separate zlib stream. Of a variable that is not one of the three, only the beginning is
    /// decompressed.
    /// </summary>
    private static void ReadCompressed(MatReader outer, long length, IReadOnlyList<PianoRoll>?[] folds, MatPieces pieces)
    {
        long begin = outer.Position;
        using var part = new MatPart(outer, length);
        try
        {
            using var plain = new ZLibStream(part, CompressionMode.Decompress);
            var reader = new MatReader(plain, outer.File, MaximumVariable, outer.BigEndian)
            {
                Where = Invariant($" of the variable compressed at byte {begin}"),
            };
            MatTag tag = reader.Tag();
            if (tag.Type != MatTag.Matrix) throw reader.Wrong(
                Invariant($"has an element of type {tag.Type} where a variable is expected, at byte 0{reader.Where}"));
            bool read = ReadVariable(reader, reader.Position + tag.Length, folds, pieces, canSkip: false);
            if (read && !reader.AtEnd()) throw reader.Wrong(
                Invariant($"goes on after byte {reader.Position}{reader.Where}, where it should end"));
        }
        catch (Exception error) when (error is InvalidDataException || (error is IOException && !part.HasFailed))
        {
            // For some damage the decompressor throws an IOException.
            throw outer.Wrong(Invariant($"cannot be decompressed: the variable at byte {begin} is damaged"));
        }

        part.SkipRest();
    }

    /// <summary>Reads a variable if it is one of the three; false if it is another one, which may hold anything.</summary>
    private static bool ReadVariable(MatReader reader, long end, IReadOnlyList<PianoRoll>?[] folds, MatPieces pieces,
        bool canSkip)
    {
        MatArray? read = MatArray.Read(reader, end);
        int fold = read is { } head ? Array.IndexOf(Names, head.Name) : -1;
        if (read is not { } array || fold < 0)
        {
            if (canSkip) reader.Skip(end - reader.Position);
            return false;
        }

        if (folds[fold] is not null) throw reader.Wrong($"has the variable {Names[fold]} twice");
        folds[fold] = pieces.Read(reader, array, Names[fold], end);
        return true;
    }
}
