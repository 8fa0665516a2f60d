using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Interop;

/// <summary>A number in two parts of 32 bits, so that what it is subtracted from keeps its digits.</summary>
internal readonly record struct SplitNumber(float High, float Low)
{
    public static SplitNumber Of(double value) => new((float)value, (float)(value - (float)value));
}

/// <summary>How a model of somebody's own sequences reads a step in the data's units, as the exporters need it.</summary>
internal sealed class SeriesPlan
{
    private SeriesPlan(SeriesCodec codec)
    {
        Codec = codec;
        Encoder = codec.Encoder;
        Numbers = [.. Places(ColumnKind.Number)];
        Categories = [.. Places(ColumnKind.Category)];
        Targets = codec.Kind == SeriesKind.Forecast ? [.. codec.Targets.Select((_, k) => codec.ColumnOf(k))] : [];

        IEnumerable<int> Places(ColumnKind kind) =>
            Enumerable.Range(0, Encoder.Columns.Count).Where(c => Encoder.Columns[c].Kind == kind);
    }

    public SeriesCodec Codec { get; }

    public SequenceEncoder Encoder { get; }

    /// <summary>The columns of numbers, by their places among all.</summary>
    public int[] Numbers { get; }

    /// <summary>The columns of categories, by their places among all.</summary>
    public int[] Categories { get; }

    /// <summary>What is forecast, by places among all columns.</summary>
    public int[] Targets { get; }

    /// <summary>Numbers that a column of numbers gives the network: 2 where one says that the value is missing.</summary>
    public int NumberWidth => Encoder.Options.Missing == MissingPolicy.Mask ? 2 : 1;

    public bool Forwards => Encoder.Options.Missing == MissingPolicy.Forward;

    public bool HasWindowScale => Encoder.Options.Window != WindowScaling.None;

    public bool HasCalendar => Encoder.Options.Calendar.Count > 0;

    public bool Shares => Codec.Options.SharedChannels;

    public int Segment => Codec.Options.Segment;

    public bool HasLabels => Codec.Labels.Count > 0;

    /// <summary>The quantiles by which each number is predicted, side by side; 1 for the number alone.</summary>
    public int Levels => Codec.Levels;

    /// <summary>The target of each of the numbers of one step of a forecast, by its place among all columns: a target is there
    /// once for each of its quantiles.</summary>
    public int[] TargetsByLevel => [.. Targets.SelectMany(target => Enumerable.Repeat(target, Levels))];

    /// <summary>What a model's file says of its data; null for a model of another task.</summary>
    /// <exception cref="ArgumentException">What it says is no description, or not of this network.</exception>
    public static SeriesPlan? Of(ModelInfo info)
    {
        try
        {
            if (SeriesCodec.Read(info.Properties) is not { } codec) return null;
            if (!codec.Fits(info.Shape)) throw new ArgumentException(
                "The model's description of its data is of a network with other inputs or outputs.");
            if (codec.Encoder.Options.Differenced.Count > 0) throw new ArgumentException(
                "The model reads differences over a season, which no exported model does; train it without --difference.");
            if (codec.Options.Decoder == SeriesDecoder.FedBack) throw new ArgumentException(
                "The model feeds its forecasts back, which no exported model does; train it with --decoder direct.");
            return codec.Encoder.GroupScales.Count == 0 ? new SeriesPlan(codec) : throw new ArgumentException(
                "The model scales the columns of each group by themselves, which no exported model does; train it with "
                    + "--scale-by all.");
        }
        catch (FormatException error)
        {
            throw new ArgumentException($"The model does not describe its data: {error.Message}", error);
        }
    }

    /// <summary>Which columns are numbers that are known ahead: no window scales them, and every channel reads them.</summary>
    public bool[] Knowns(int[] columns) =>
        [.. columns.Select(c => Encoder.Columns[c].Kind == ColumnKind.Number && Encoder.IsKnown(c))];

    /// <summary>Whether there are any.</summary>
    public bool HasKnown => Knowns(Numbers).Any(one => one);

    /// <summary>Whether an own logarithm of some column is read.</summary>
    public bool[] Logarithms(int[] columns) => [.. columns.Select(Encoder.ReadsLogarithm)];

    /// <summary>What columns' scales subtract.</summary>
    public SplitNumber[] Centers(int[] columns) => [.. columns.Select(c => SplitNumber.Of(Encoder.Scales[c].Center))];

    /// <summary>
    /// As <see cref="Centers"/>; of a column whose logarithm is read a number whose logarithm is near the center, and what the
    /// center is more than it: log x - center is then log1p((x - High) / High) - Low, whose digits are not lost.
    /// </summary>
    public SplitNumber[] CentersByValue(int[] columns) => [.. columns.Select(c =>
    {
        double center = Encoder.Scales[c].Center;
        if (!Encoder.ReadsLogarithm(c)) return SplitNumber.Of(center);
        float near = (float)Math.Exp(center);
        if (!float.IsNormal(near)) throw new ArgumentException(Printable.Sentence(
            $"Column '{Encoder.Columns[c].Name}' is too large or small for numbers of 32 bits."));
        return new SplitNumber(near, (float)(center - Math.Log(near)));
    })];

    /// <summary>What columns' scales divide by.</summary>
    public float[] Scales(int[] columns) => [.. columns.Select(c => (float)Encoder.Scales[c].Scale)];
}
