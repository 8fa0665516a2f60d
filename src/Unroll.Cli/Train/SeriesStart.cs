using System.CommandLine;
using Unroll.Cli.Settings;
using Unroll.Cli.Torch;
using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>The model whose weights a run on somebody's own sequences starts from, <c>--from</c>: one of such sequences, or a
/// state dict of PyTorch, whose inputs and outputs must be those of the run.</summary>
/// <param name="Start">The model.</param>
/// <param name="Model">How it reads data; null where the file does not say, which is one of PyTorch or ONNX.</param>
internal sealed record SeriesStart(StartModel Start, SeriesModel? Model)
{
    /// <summary>The option.</summary>
    public static readonly DeclaredOption<string?> From = new("--from")
    {
        HelpName = "MODEL",
        Description = "Start from the weights of a model of the same kind, or of the best model of a run's folder, which says "
            + "the network's layers and, where nothing else is given, how data are read; or from a state dict of PyTorch, which "
            + "says the layers. Scales are fitted anew.",
    };

    /// <summary>The options of what a file of PyTorch does not say. Columns have an <c>--ignore</c> of their own.</summary>
    public static IReadOnlyList<DeclaredOption> OfTorch => TorchOptions.WithoutIgnore;

    // What the weights were trained for; of reading a table only what is predicted.
    private static readonly string[] s_taken =
        [
            "horizon", "window", "segment", "channels", "decoder", "scale", "scale-by", "window-scale", "missing", "calendar",
            "known", "transform", "difference", SeriesSettings.CombinedKey,
        ],
        s_ofLoss = ["loss", "huber-delta", "quantiles"];

    private const int MostNames = 8;

    // What must agree, and what a codec says of it.
    private static readonly (string Part, Func<SeriesCodec, string[]> Of)[] s_parts =
    [
        ("targets are", codec => codec.Options.SharedChannels ? ["each a series of its own"] : [.. codec.Targets]),
        ("columns that are read are", Columns),
        ("columns known ahead are", codec => [.. codec.Encoder.Options.Known]),
        ("labels are", codec => [.. codec.Encoder.Columns.SelectMany(column =>
            column.Labels.Select(label => $"{label} of {column.Name}"))]),
        ("classes are", codec => [.. codec.Labels]),
        ("loss is", codec => [ValueNames.Of(codec.Options.Loss)]),
        ("quantiles are", codec => codec.Quantiles is { } levels ? [levels.ToString()] : []),
        ("horizon is", codec => [Format.Count(codec.Options.Horizon)]),
        ("segment is", codec => [Format.Count(codec.Options.Segment)]),
        ("decoder is", codec => [OptionsText.Name(codec.Options.Decoder)]),
        ("scale is", codec => [OptionsText.Name(codec.Encoder.Options.Scale)]),
        ("scale is by", codec => [codec.Encoder.Options.ScaleByGroup ? "group" : "all"]),
        ("window scale is", codec => [OptionsText.Name(codec.Encoder.Options.Window)]),
        ("calendar is", codec => [.. codec.Encoder.Options.Calendar.Select(OptionsText.Name)]),
        ("logarithms are of", codec => codec.Encoder.Options.Logarithm.Count == 0 ? []
            : codec.Options.SharedChannels ? ["the targets"] : [.. codec.Encoder.Options.Logarithm]),
        ("differences are over", codec => codec.Encoder.Options.Differenced.Count == 0 ? []
            : [Format.Count(codec.Encoder.Options.Season)]),
        ("values are", codec => [codec.Encoder.Options.Combined ? "combined with differences" : "not combined with differences"]),
        ("missing values are", codec => [codec.Encoder.Options.Missing == MissingPolicy.Mask ? "masked" : "not masked"]),
    ];

    /// <summary>The model's file.</summary>
    public string Path => Start.Path;

    /// <summary>Reads the model.</summary>
    /// <param name="parsed">Has what was given.</param>
    /// <param name="kind">What is to be predicted.</param>
    /// <param name="request">The other options.</param>
    /// <returns>It, or null where none was given.</returns>
    /// <exception cref="UserError">It cannot be read, is of another kind, or an option contradicts it.</exception>
    public static SeriesStart? Read(ParseResult parsed, SeriesKind kind, TrainRequest request)
    {
        if (parsed.GetValue(From) is not { } from)
        {
            return TorchOptions.Read(parsed).Given is { } useless
                ? throw new UserError($"{useless} is for --from with a state dict of PyTorch, and there is none.") : null;
        }

        StartModel.CheckOptions(request);
        string path = SeriesModel.PathOf(from);
        Activation? activation = request.Overrides.FirstOrDefault(change => change.Option == "--activation")?
            .Apply(new TrainingOptions()).Activation;

        // Which inputs and outputs there must be is known when the data are.
        var use = new TorchUse(ValueNames.Of(kind), InputEncoding.Dense, OutputHead.LinearLast, null, null) { CanIgnore = false };
        ModelSource source = ModelSource.Open(parsed, path, null, use, activation);
        if (!source.IsOwn) return new SeriesStart(new StartModel(path, source), null);
        if (activation is not null)
            throw new UserError("--activation says what the model of --from says itself; leave it out.");
        if (SeriesModel.Read(path, source.Info) is not { } model)
            throw new UserError($"{path} is a model of {source.Info.Task ?? "an unknown task"}, not of {ValueNames.Of(kind)}; "
                + "give --from a model of your own data.");
        return model.Codec.Kind == kind ? new SeriesStart(new StartModel(path, source), model)
            : throw new UserError($"{path} is a model of {ValueNames.Of(model.Codec.Kind)}, not of {ValueNames.Of(kind)}.");
    }

    /// <summary>The request with the model's network, and with how the model reads data where nothing else was given.</summary>
    public TrainRequest Give(TrainRequest request, SeriesKind kind)
    {
        string task = ValueNames.Of(kind); // is given, so that the model need not say which synthetic task it is of
        if (Model is null) return Start.Give(request with { Task = task }) with { Task = request.Task };
        var texts = new Dictionary<string, string>(request.Series, StringComparer.Ordinal);
        string[] predicted = Model.Codec.Targets.Count > 0 ? ["target"] : [];
        string[] costs = s_ofLoss.Any(texts.ContainsKey) ? [] : s_ofLoss;
        foreach (string key in s_taken.Concat(predicted).Concat(costs))
        {
            if (Model.Settings.Texts.TryGetValue(key, out string? text)) texts.TryAdd(key, text);
        }

        return Start.Give(request with { Task = task }) with { Task = request.Task, Series = texts };
    }

    /// <summary>The part of a trainer that sets the weights.</summary>
    /// <exception cref="UserError">The model does not fit the task.</exception>
    public TrainingParts Parts(ITask task, Precision precision)
    {
        SeriesCodec codec = ((SeriesTask)task).Codec;
        if (Model is null)
        {
            RequireSizes(codec);
            return Start.Weights(precision);
        }

        foreach ((string part, Func<SeriesCodec, string[]> of) in s_parts)
        {
            string[] found = of(Model.Codec), expected = of(codec);
            if (found.SequenceEqual(expected)) continue;
            (string his, string ours) = Difference(found, expected);
            throw new UserError($"{Path} does not fit this run: its {part} {his}, and {ours} here.");
        }

        return Start.Parts(task, precision);
    }

    /// <summary>A file of PyTorch says no more of what it reads and predicts than two numbers.</summary>
    private void RequireSizes(SeriesCodec codec)
    {
        NetworkShape shape = Start.Source.Info.Shape;
        SeriesOptions options = codec.Options;
        string steps = options.Segment == 1 ? "a step" : $"a segment of {Format.Count(options.Segment)} steps";
        string decoder = codec.DecoderSteps == 0 ? "" : ", with those that say which part of the horizon is forecast";
        if (shape.Inputs != codec.Inputs)
            throw new UserError($"{Path} does not fit this run: it has {Format.Counted(shape.Inputs, "input")}, and {steps} "
                + $"of this data has {Format.Count(codec.Inputs)}{decoder}; columns, --segment, --channels, --calendar and "
                + "--missing decide that.");
        if (shape.Outputs == codec.Outputs) return;
        string predicted = codec.Kind switch
        {
            SeriesKind.Forecast when options.SharedChannels => $"{Format.Counted(codec.PartSteps, "step")} of one target",
            SeriesKind.Forecast => $"{Format.Counted(codec.PartSteps, "step")} of "
                + $"{Format.Counted(codec.Targets.Count, "target")}",
            _ when codec.Labels.Count > 0 => Format.Counted(codec.Labels.Count, "class"),
            _ => "a number",
        };
        string levels = codec.Levels == 1 ? "" : $" with {Format.Count(codec.Levels)} quantiles";
        throw new UserError($"{Path} does not fit this run: it has {Format.Counted(shape.Outputs, "output")}, and {predicted}"
            + $"{levels}, {Format.Counted(codec.Outputs, "output")}, are predicted here.");
    }

    // Channels that share their weights read nothing of a column but its own values, so its name does not matter.
    private static string[] Columns(SeriesCodec codec) => [.. codec.Encoder.Columns
        .Where(column => !codec.Options.SharedChannels || column.Kind == ColumnKind.Category).Select(column => column.Name)];

    /// <summary>Two lists in words; of long ones the first place at which they differ.</summary>
    private static (string Found, string Expected) Difference(string[] found, string[] expected)
    {
        if (found.Length <= MostNames && expected.Length <= MostNames) return (All(found), All(expected));
        int at = 0;
        while (at < found.Length && at < expected.Length && found[at] == expected[at]) at++;
        return (One(found), One(expected));

        string One(string[] names) => $"{Format.Count(names.Length)}, number {Format.Count(at + 1)} "
            + (at < names.Length ? names[at] : "is not there");

        static string All(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
    }
}
