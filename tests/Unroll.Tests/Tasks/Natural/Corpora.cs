using Unroll.Data;

namespace Unroll.Tests.Tasks.Natural;

/// <summary>Small corpora that tests make.</summary>
internal static class Corpora
{
    /// <summary>A text whose symbols follow a rule with noise, so that there is something to learn.</summary>
    public static TextCorpus Text(int train, int validation = 40, int test = 50, int symbols = 5)
    {
        var alphabet = new Alphabet(SymbolKind.Scalar, Enumerable.Range('a', symbols));
        return new TextCorpus("made", alphabet, Draw(1, train), Draw(2, validation), Draw(3, test));

        ushort[] Draw(int index, int length)
        {
            RandomSource random = new RandomKey(7, RandomStream.Test, index).Shared();
            var text = new ushort[length];
            for (int i = 0; i < length; i++)
                text[i] = (ushort)(random.NextInt(4) == 0 ? random.NextInt(symbols) : ((i > 0 ? text[i - 1] : 0) + 1) % symbols);
            return text;
        }
    }

    /// <summary>Pieces of the given lengths in each fold, about four keys down at a step.</summary>
    public static MusicCorpus Music(params int[] lengths)
    {
        return new MusicCorpus("made", Fold(1), Fold(2), Fold(3));

        PianoRoll[] Fold(int fold) => [.. lengths
            .Select((length, piece) => Piece($"piece {piece}", length, (fold * 1000) + piece))];
    }

    private static PianoRoll Piece(string name, int length, int index)
    {
        RandomSource random = new RandomKey(7, RandomStream.Test, index).Shared();
        var piece = new PianoRoll(name, length);
        for (int t = 0; t < length; t++)
        {
            for (int n = 0; n < 4; n++) piece[t, (random.NextInt(12) * 7) + (t % 4)] = true;
        }

        return piece;
    }
}
