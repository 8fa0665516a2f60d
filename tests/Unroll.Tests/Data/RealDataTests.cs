using System.Diagnostics;
using Unroll.Data;

namespace Unroll.Tests.Data;

/// <summary>The published files, against the numbers published with them.</summary>
public sealed class RealDataTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("Piano_midi", 87, 75_911, 12, 8_540, 25, 19_036)]
    [InlineData("Nottingham", 694, 176_561, 173, 45_513, 170, 44_463)]
    [InlineData("MuseData", 524, 245_202, 135, 82_755, 124, 64_339)]
    public void Music_has_the_published_pieces_and_steps(
        string name, int train, int trainSteps, int validation, int validationSteps, int test, int testSteps)
    {
        string path = RealData.File($"music/{name}.mat");
        var clock = Stopwatch.StartNew();
        MusicCorpus corpus = MusicFile.Read(path);
        output.WriteLine($"{name} {clock.ElapsedMilliseconds} ms");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.Equal(name, corpus.Name);
        Assert.Equal((train, trainSteps), Size(corpus.Train));
        Assert.Equal((validation, validationSteps), Size(corpus.Validation));
        Assert.Equal((test, testSteps), Size(corpus.Test));
        Assert.Equal("traindata{1}", corpus.Train[0].Name);

        static (int, int) Size(IReadOnlyList<PianoRoll> fold) => (fold.Count, fold.Sum(piece => piece.Steps));
    }

    [Fact]
    public void Music_has_its_notes_where_they_were()
    {
        // Counted by an independent script.
        MusicCorpus corpus = MusicFile.Read(RealData.File("music/Nottingham.mat"));
        Assert.Equal((694, 173, 170), (corpus.Train.Count, corpus.Validation.Count, corpus.Test.Count));
        Assert.Equal((699_403, 180_192, 177_421),
            (corpus.Train.Sum(Notes), corpus.Validation.Sum(Notes), corpus.Test.Sum(Notes)));
        PianoRoll second = corpus.Test[1];
        Assert.Equal([39, 43, 46, 51], Enumerable.Range(0, PianoRoll.Keys).Where(key => second[0, key]));
        Assert.Equal(192, second.Steps);

        static long Notes(PianoRoll roll)
        {
            long count = 0;
            for (int t = 0; t < roll.Steps; t++)
            {
                foreach (ulong word in roll.Words(t)) count += System.Numerics.BitOperations.PopCount(word);
            }

            return count;
        }
    }

    [Fact]
    public void Penn_Treebank_has_the_published_characters()
    {
        string[] files = [.. ((string[])["train", "valid", "test"]).Select(fold => RealData.File($"ptb/ptb.{fold}.txt"))];
        var options = new TextReadOptions { Name = "ptb", TrimLines = true };
        TextCorpus corpus = null!;
        for (int i = 0; i < 4; i++)
        {
            var clock = Stopwatch.StartNew();
            corpus = TextFile.Read(files[0], files[1], files[2], options);
            output.WriteLine($"ptb {clock.Elapsed.TotalMilliseconds:F1} ms");
        }

        Assert.Equal((5_017_482, 393_042, 442_423, 50),
            (corpus.Train.Length, corpus.Validation.Length, corpus.Test.Length, corpus.Alphabet.Count));
        string text = TextCodec.Decode(corpus.Test.Span, corpus.Alphabet);
        string expected = string.Concat(File.ReadLines(files[2]).Select(line => line.Trim() + "\n"));
        Assert.Equal(expected, text);
        Assert.StartsWith("no it was n't black monday\n", text, StringComparison.Ordinal);
    }
}
