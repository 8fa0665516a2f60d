using Unroll.Data;

namespace Unroll.Studies.Corpora;

/// <summary>Reads each corpus once: the trials of a study share it. It may be used from several threads.</summary>
/// <param name="around">The environment, standard input, and where notices go.</param>
/// <param name="folder">The folder of <c>--data-dir</c>, or null.</param>
internal sealed class CorpusCache(DataSurroundings around, string? folder = null)
{
    private readonly DataSource _source = new(around, folder);
    private readonly Lock _gate = new();
    private readonly Dictionary<CorpusSettings, object> _known = [];
    private readonly Dictionary<string, SequenceFolds> _series = [];

    /// <summary>What settings read, which is kept.</summary>
    /// <param name="key">The settings, without those that do not change what is read.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="UserError">It is not there or cannot be read.</exception>
    public T Read<T>(CorpusSettings key, Func<DataSource, T> read)
        where T : class
    {
        lock (_gate)
        {
            if (_known.TryGetValue(key, out object? known)) return (T)known;
            T corpus = read(_source);
            _known.Add(key, corpus);
            return corpus;
        }
    }

    /// <summary>Somebody's own sequences.</summary>
    /// <exception cref="UserError">They are not there, cannot be read or cannot be split.</exception>
    public SequenceFolds Series(SeriesSettings settings)
    {
        lock (_gate)
        {
            if (Own is not null) return Own;
            string key = settings.FoldsKey();
            if (!_series.TryGetValue(key, out SequenceFolds? folds)) _series.Add(key, folds = around.ReadSeries(settings));
            return folds;
        }
    }

    /// <summary>Sequences that were read already.</summary>
    public SequenceFolds? Own { get; init; }

    /// <summary>As <see cref="Read"/>, but nothing is kept.</summary>
    public T ReadAnew<T>(Func<DataSource, T> read)
    {
        lock (_gate) return read(_source);
    }
}
