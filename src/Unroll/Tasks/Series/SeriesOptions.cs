using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How a network reads sequences, and what it predicts of them.</summary>
public sealed record SeriesOptions
{
    /// <summary>The most steps of a window, of a horizon and of a segment.</summary>
    public const int Longest = 65_536;

    /// <summary>Which columns are read, and how. Default: all (without the targets, where those are no inputs), standard
    /// scale.</summary>
    public EncoderOptions Encoder { get; init; } = new();

    /// <summary>Steps of the data in a window: what a forecast is made from, or a training example of tags (0: a whole sequence).
    /// Classes and numbers of sequences are read from whole sequences. 0..65536; default: 24.</summary>
    public int Window { get; init; } = 24;

    /// <summary>Steps that are forecast, 1..65536. Default: 1.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>Steps of the data that the network reads in one of its own, 1..65536: its memory must reach so many times less
    /// far. The first of its steps is padded in front with zeros where they do not fill it. Default: 1.</summary>
    public int Segment { get; init; } = 1;

    /// <summary>Whether each target column of a forecast is a series of its own, with one set of weights for all: it is forecast
    /// from its own past, the categories and the calendar. Default: all columns are read at once.</summary>
    public bool SharedChannels { get; init; }

    /// <summary>How the steps of a forecast come from the state behind the window. Default: all of them are outputs at the
    /// window's last step.</summary>
    public SeriesDecoder Decoder { get; init; }

    /// <summary>Steps from a training window of a forecast to the next, 1..65536. Default: 1. Checks use every window.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Whether a window of the validation or the test fold may read steps of the fold before; what it forecasts never
    /// lies there. Default: no.</summary>
    public bool LooksBack { get; init; }

    /// <summary>By which error numbers are trained, in units of the scales; not for classes. Default: squared.</summary>
    public SeriesLoss Loss { get; init; }

    /// <summary>The error up to which that of Huber is squared, in units of the scales, above 0. Default: 1.</summary>
    public double HuberDelta { get; init; } = 1;

    /// <summary>The levels that a loss of quantiles predicts, ascending, each inside 0..1. Default: 0.1, 0.5, 0.9.</summary>
    public QuantileLevels Quantiles { get; init; } = [0.1, 0.5, 0.9];

    /// <summary>How much the classes of sequences or of tags count in the cost; not of numbers. Default: all alike. A model's
    /// file does not keep it: it matters in training only.</summary>
    public LabelWeights? LabelWeights { get; init; }

    /// <summary>Checks the sizes.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    internal void Validate()
    {
        foreach ((string what, int size, int least) in (ReadOnlySpan<(string, int, int)>)
            [("window", Window, 0), ("horizon", Horizon, 1), ("segment", Segment, 1), ("stride", Stride, 1)])
        {
            if (size < least || size > Longest)
                throw new ArgumentException(Invariant($"The {what} is {size} steps; it must lie in {least}..{Longest}."));
        }

        if (!Enum.IsDefined(Decoder)) throw new ArgumentException($"The decoder {Decoder} is not a known value.");
        if (!Enum.IsDefined(Loss)) throw new ArgumentException($"The loss {Loss} is not a known value.");
        if (!(HuberDelta > 0 && double.IsFinite(HuberDelta)))
            throw new ArgumentException(Invariant($"The delta of Huber's error is {HuberDelta}; it must be above 0 and finite."));
        Quantiles.Validate();
    }
}
