namespace Unroll.Data;

/// <summary>The readers as members of <see cref="SequenceData"/>: <c>SequenceData.FromCsv("readings.csv")</c>.</summary>
public static class SequenceReaders
{
    extension(SequenceData)
    {
        /// <summary>Reads a table or a folder of tables (<see cref="CsvFile.Read(string, CsvOptions)"/>).</summary>
        /// <param name="path">A file or a folder.</param>
        /// <param name="options">How.</param>
        public static SequenceData FromCsv(string path, CsvOptions? options = null) => CsvFile.Read(path, options);

        /// <summary>Reads labelled sequences in the format of the time-series-classification archive (<see
        /// cref="TsFile.Read(string)"/>).</summary>
        /// <param name="path">A .ts file.</param>
        public static SequenceData FromTs(string path) => TsFile.Read(path);

        /// <summary>Reads arrays of NumPy (<see cref="NpyFile.Read(string, NpyOptions)"/>).</summary>
        /// <param name="path">A .npy or .npz file.</param>
        /// <param name="options">How.</param>
        public static SequenceData FromNpy(string path, NpyOptions? options = null) => NpyFile.Read(path, options);
    }
}
