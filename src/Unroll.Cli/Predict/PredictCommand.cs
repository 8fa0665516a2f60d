using System.CommandLine;
using System.Numerics;
using System.Threading.Channels;
using Unroll.Cli.Settings;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Predict;

/// <summary>
/// <c>unroll predict MODEL</c>: reads sequences as JSON lines and writes a prediction a line, in order. Lines that are waiting
/// are run together; when no more are waiting, what is known is written at once.
/// </summary>
internal static class PredictCommand
{
    /// <summary>Lines run together at most.</summary>
    private const int MaximumRows = 64;

    /// <summary>Steps of padded sequences run together at most; one sequence alone may be longer.</summary>
    private const int MaximumSteps = 1 << 18;

    private static readonly DeclaredArgument<string> Model = new("MODEL")
    {
        Description = "A model file, such as best.safetensors, the folder of a run, a state dict of PyTorch, or an ONNX model.",
    };
    private static readonly DeclaredOption<string?> Task = new("--task")
    { HelpName = "NAME", Description = "PyTorch: the task it was trained on, which says what inputs and outputs are." };

    private static readonly DeclaredOption<string?> Encoding = new("--inputs")
    {
        HelpName = string.Join('|', Values.Named<InputEncoding>().Select(one => one.Name)),
        Description = "PyTorch: how inputs are meant, in the place of --task.",
    };

    private static readonly DeclaredOption<string?> Predicts = new("--predicts")
    {
        HelpName = string.Join('|', Values.Named<OutputHead>().Select(one => one.Name)),
        Description = "PyTorch: what the outputs are and at which steps, in the place of --task.",
    };

    private static readonly DeclaredOption<string?> Threads = new("--threads")
    {
        HelpName = "N",
        Description = "Worker threads. Default: 1.",
    };

    private static readonly DeclaredOption<string?> Data = new("--data")
    {
        HelpName = "FILE",
        Description = "Your own sequences: the file to predict from. Default: standard input.",
    };

    private static readonly DeclaredOption<bool> Stream = new("--stream")
    {
        Description = "Your own sequences: answer the rows of standard input as they arrive, a forecast or a tag after each row, "
            + "a class or a number after its sequence (another group, an empty line or the end follows it).",
    };

    private static readonly DeclaredOption<string?> Free = new("--free")
    {
        HelpName = "N",
        Description = "Go on by itself: N more steps after each sequence, with the outputs of the step before as inputs. For "
            + "models whose inputs are the values that they predict.",
    };

    private static readonly DeclaredOption<string?> Unknown = SeriesModel.Unknown();

    private static readonly DeclaredOption<bool> Json =
        new("--json") { Description = "Your own sequences: one JSON object a sequence, in the place of a table." };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("predict",
            "Reads sequences and writes predictions: a table of your own, or one JSON value a line.")
        {
            Examples =
            [
                "unroll predict runs/addition/best.safetensors <sequences.jsonl",
                "unroll predict runs/power <new.csv",
                "unroll predict runs/power --stream <meter.pipe",
                "unroll predict runs/sine --free 500 <sequences.jsonl",
            ],
            Notes = (output, _) => output.WriteLine("""
                Models of your own sequences (unroll train forecast and the like) read a
                table with the columns of training, in any order, and write a table: the next
                steps of each group, the class or number of each sequence, or a row a step.
                Others read lines:
                Input, a line a sequence (or an object {"input": ...}):
                  one-hot inputs     [3,1,2]              an index a step, -1 for a zero vector
                  dense inputs       [[0,0.5],[1,0.25]]   a list of numbers a step
                  multi-hot inputs   [[60,64],[],[67]]    a list of indices a step
                Output:
                  softmax heads      {"class":1,"probabilities":[...]}
                  linear heads       {"output":[...]}
                  Bernoulli heads    {"probabilities":[[...],...]}
                Where a head predicts at every step, each value is a list with one entry a step.
                With --free N the list has N entries more, for the steps that the model went
                on by itself. A model of which only some inputs are its outputs, such as one of
                narma-feedback, reads its own where a step leaves those out.
                """),
        };
        command.Add(Model);
        command.AddAll([Data, Stream, Json, Unknown, Free, Threads, Task, Encoding, Predicts]);
        ModelSource.AddOptions(command, text: false);
        command.SetAction(parsed => Execute(parsed, host));
        return command;
    }

    private static int Execute(ParseResult parsed, CommandHost host)
    {
        int threads = parsed.GetValue(Threads) is { } text ? (int)Values.Whole("--threads", text, 1, 256) : 1;
        string path = SeriesModel.PathOf(parsed.GetRequiredValue(Model));
        ModelSource model = ModelSource.Open(
            parsed, path, parsed.GetValue(Task) is { } task ? TaskCatalogue.Resolve(task) : null, Use(parsed, path));
        ModelInfo info = model.Info;
        bool json = parsed.GetValue(Json);
        string? data = parsed.GetValue(Data);
        bool stream = parsed.GetValue(Stream);
        if (stream && data is not null)
            throw new UserError("--stream answers standard input as it arrives, so --data cannot be given with it.");
        int free = parsed.GetValue(Free) is { } more ? (int)Values.Whole("--free", more, 1, MaximumSteps) : 0;
        if (SeriesModel.Read(path, info) is { } series)
        {
            if (free > 0)
                throw new UserError(
                    $"--free is for models whose inputs are the values that they predict; {path} is of {series.Settings.Task}, "
                    + (series.Codec.Kind == SeriesKind.Forecast ? "whose horizon says how far it goes."
                        : "which predicts nothing behind the rows that it is given."));
            series = series.With(parsed.GetValue(Unknown));
            return stream ? SeriesStreaming.Run(model, series, Lines(host.In), json, host)
                : SeriesPrediction.Run(model, series, data, threads, json, host);
        }

        if (stream)
            throw new UserError($"--stream is for models of your own sequences; {path} answers lines as they arrive anyway.");
        if (data is not null || json || parsed.GetValue(Unknown) is not null)
            throw new UserError(
                $"{(json ? Json.Name : data is not null ? Data.Name : Unknown.Name)} is for models of your own sequences; {path} "
                    + "reads JSON lines from standard input and writes them.");
        CorpusModel.Refuse(info, path, "predict");
        var own = OwnOutputs.Of(path, info, free);
        model.Say(host);
        if (info.Precision == Precision.Double) Run(model.Load<double>(), threads, own, host);
        else Run(model.Load<float>(), threads, own, host);
        return ExitCode.Success;
    }

    /// <summary>What was given in the place of a task about a file of PyTorch.</summary>
    private static TorchUse? Use(ParseResult parsed, string path)
    {
        string? encoding = parsed.GetValue(Encoding), head = parsed.GetValue(Predicts);
        if (encoding is null && head is null) return null;
        if (encoding is null || head is null)
            throw new UserError($"--inputs and --predicts say together what {path} does not; give both, or --task NAME.");
        return new TorchUse(
            "this use", Values.Choice("--inputs", encoding, Values.Named<InputEncoding>()),
            Values.Choice("--predicts", head, Values.Named<OutputHead>()), null, null);
    }

    private static void Run<T>(Network<T> network, int threads, OwnOutputs own, CommandHost host)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        OutputFeedback<T>? feedback = own.Any ? new OutputFeedback<T>(network, own.Column) : null;
        using var unrolled = new UnrolledNetwork<T>(network, threads);
        var reader = new SequenceReader(
            network.Shape, typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue, own.LeftOut);
        using var text = new StringWriter();
        var writer = new PredictionWriter(network.Shape, text);
        Batch batch = Batch.For(network.Shape);
        var predictions = new Predictions();
        var group = new List<InputSequence>(MaximumRows);
        Channel<string> lines = Lines(host.In);
        long number = 0;
        while (lines.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            int longest = 0;
            UserError? bad = null;
            while (bad is null && group.Count < MaximumRows && (group.Count + 1) * (long)longest <= MaximumSteps
                && lines.Reader.TryRead(out string? line))
            {
                number++;
                if (string.IsNullOrWhiteSpace(line)) continue;
                try
                {
                    InputSequence sequence = reader.Read(line, number);
                    longest = Math.Max(longest, sequence.Length + own.More);
                    group.Add(sequence);
                }
                catch (UserError error)
                {
                    bad = error;
                }
            }

            Predict();
            if (bad is not null) throw bad;
        }

        void Predict()
        {
            // In input order, in as few batches as the limit on padded steps allows.
            for (int first = 0; first < group.Count;)
            {
                int rows = 0, steps = 0;
                while (first + rows < group.Count)
                {
                    int padded = Math.Max(steps, group[first + rows].Length + own.More);
                    if (rows > 0 && (rows + 1) * (long)padded > MaximumSteps) break;
                    (rows, steps) = (rows + 1, padded);
                }

                batch.Resize(rows, steps);
                for (int r = 0; r < rows; r++) group[first + r].Fill(batch, r);
                if (feedback is not null) own.Run(feedback, batch, group.Slice(first, rows).ToArray());
                unrolled.Predict(batch, predictions);
                for (int r = 0; r < rows; r++) writer.Write(predictions, r, batch.Lengths[r]);
                first += rows;
            }

            group.Clear();
            Write();
        }

        void Write()
        {
            host.Out.Write(text.ToString());
            host.Out.Flush();
            text.GetStringBuilder().Clear();
        }
    }

    /// <summary>
    /// Reads ahead on a thread of its own, so that an idle input is told from a busy one; a few batches at most.
    /// </summary>
    private static Channel<string> Lines(TextReader input)
    {
        Channel<string> lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(4 * MaximumRows) { SingleReader = true, SingleWriter = true });
        var thread = new Thread(() =>
        {
            try
            {
                while (input.ReadLine() is { } line) lines.Writer.WriteAsync(line).AsTask().GetAwaiter().GetResult();
                lines.Writer.Complete();
            }
            catch (Exception error)
            {
                lines.Writer.Complete(error);
            }
        })
        {
            IsBackground = true,
            Name = "standard input",
        };
        thread.Start();
        return lines;
    }
}
