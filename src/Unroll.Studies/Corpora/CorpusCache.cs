using Unroll.Data;

namespace Unroll.Studies.Corpora;

/// <summary>Reads each corpus once, whoever asks: the trials of a study share it. It may be used from several threads.</summary>
/// <param name="around">The environment, standard input, and where notices go.</param>
/// <param name="folder">The folder of <c>--data-dir</c>, or null.</param>
internal sealed class CorpusCache(DataSurroundings around, string? folder = null)
{
    private readonly DataSource _source = new(around, folder);
    private readonly Lock _gate = new();
    private readonly Dictionary<CorpusSettings, TextCorpus> _texts = [];
    private readonly Dictionary<CorpusSettings, MusicCorpus> _music = [];

    /// <summary>A text, in its own alphabet or in that of a model.</summary>
    /// <exception cref="UserError">It is not there or cannot be read.</exception>
    public TextCorpus Text(CorpusSettings settings, Alphabet? alphabet = null)
    {
        lock (_gate)
        {
            if (alphabet is not null) return _source.Text(settings.Data, settings.TextOptions(alphabet), settings.ValidationFile, settings.TestFile);
            CorpusSettings key = settings with { Window = 0, Ahead = 0 }; // which do not change what is read
            if (_texts.TryGetValue(key, out TextCorpus? known)) return known;
            return _texts[key] = _source.Text(settings.Data, settings.TextOptions(), settings.ValidationFile, settings.TestFile);
        }
    }

    /// <summary>Somebody's own sequences.</summary>
    /// <exception cref="UserError">They are not there, cannot be read or cannot be split.</exception>
    public SequenceFolds Series(SeriesSettings settings)
    {
        lock (_gate) return Own ?? around.ReadSeries(settings);
    }

    /// <summary>Sequences that were read already.</summary>
    public SequenceFolds? Own { get; init; }

    /// <summary>Music.</summary>
    /// <exception cref="UserError">It is not there or cannot be read.</exception>
    public MusicCorpus Music(CorpusSettings settings)
    {
        lock (_gate)
        {
            CorpusSettings key = settings with { Window = 0, Ahead = 0 };
            if (_music.TryGetValue(key, out MusicCorpus? known)) return known;
            return _music[key] = _source.Music(settings.Data, settings.MusicOptions());
        }
    }
}
