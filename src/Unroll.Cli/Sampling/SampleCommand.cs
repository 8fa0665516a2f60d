using System.CommandLine;
using Unroll.Cli.Kinds;
using Unroll.Cli.Settings;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Sampling;

/// <summary><c>unroll sample MODEL</c>: writes text or music with what a model has learned.</summary>
internal static class SampleCommand
{
    private const int LongestText = 100_000_000;
    private static readonly DeclaredArgument<string> Model = new("MODEL")
    {
        Description = "A model of text or music, such as best.safetensors, the folder of a run, a state dict of PyTorch, or an "
            + "ONNX model.",
    };
    private static readonly DeclaredOption<string?> Task = new("--task")
    {
        HelpName = "text|music",
        Description = "PyTorch: which of the two it writes.",
    };
    private static readonly DeclaredOption<string?> Prompt = new("--prompt")
    {
        HelpName = "TEXT|FILE.mid",
        Description = "What it goes on from: a text, or a MIDI file. Default: nothing.",
    };
    private static readonly DeclaredOption<string?> Temperature = new("--temperature")
    {
        HelpName = "X",
        Description = "1 draws as was learned, less is safer, more is wilder; 0 takes what is likeliest. Default: 1.",
    };
    private static readonly DeclaredOption<string?> Length = new("--length")
    {
        HelpName = "N",
        Description = "Characters or steps after the prompt. Default: 1000 of text, 200 of music.",
    };
    private static readonly DeclaredOption<string?> Seed = new("--seed")
    {
        HelpName = "N",
        Description = "The seed of the draws. Default: 1.",
    };
    private static readonly DeclaredOption<string?> Out = new("--out")
    {
        HelpName = "FILE",
        Description =
            "Where to: for music a MIDI file, which is needed; for text in place of standard output. A - is standard output."
    };
    private static readonly DeclaredOption<string?> Tempo = new("--tempo")
    {
        HelpName = "N",
        Description = "Music: beats a minute, 4 to 1000. Default: 120.",
    };
    private static readonly DeclaredOption<string?> Step = new("--step")
    {
        HelpName = "BEATS",
        Description = "Music: beats a step. Default: as in training, 0.5 for the data sets.",
    };
    private static readonly DeclaredOption<bool> Json = new("--json") { Description = "One JSON object on standard output." };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("sample", "Writes text or music with what a model has learned.")
        {
            Examples = ["unroll sample runs/novel/best.safetensors --prompt \"The \"",
                "unroll sample runs/songs/best.safetensors --out song.mid"],
        };
        command.Add(Model);
        command.AddAll([Prompt, Temperature, Length, Seed, Out, Tempo, Step, Json]);
        command.Add(Task);
        ModelSource.AddOptions(command, text: true);
        command.SetAction(parsed => Execute(parsed, host));
        return command;
    }

    private static int Execute(ParseResult parsed, CommandHost host)
    {
        string path = SeriesModel.PathOfAny(parsed.GetRequiredValue(Model));
        string? prompt = parsed.GetValue(Prompt), target = parsed.GetValue(Out);
        double temperature = parsed.GetValue(Temperature) is { } x ? Values.Number("--temperature", x, zeroAllowed: true) : 1;
        ulong seed = parsed.GetValue(Seed) is { } s ? Values.Seed("--seed", s) : 1;
        int? length = parsed.GetValue(Length) is { } n ? (int)Values.Whole("--length", n, 1, LongestText) : null;
        double? tempo = parsed.GetValue(Tempo) is { } t ? CheckedTempo(t) : null,
            step = parsed.GetValue(Step) is { } b ? CorpusOptionTable.Step(b) : null;
        OutputFile.RequireReplaceable("--out", target);

        if (target is not null && !OutputFile.IsStandardOutput(target)) host = host.WithoutNeedToShow();
        ModelSource model = ModelSource.Open(parsed, path,
            parsed.GetValue(Task) is { } given ? TaskCatalogue.Resolve(given) : null);
        if (model.IsOwn && parsed.GetValue(Task) is not null)
            throw new UserError($"{Task.Name} is for PyTorch files; {path} is a model of Unroll, which says so itself.");
        ModelInfo info = model.Info;
        model.Say(host);
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        try
        {
            CorpusView view = CorpusView.Of(CorpusKind.Find(info.Task)) ?? throw new UserError(
                $"{path} {(info.Task is { } task ? $"is a model of {task}" : "does not say what it is a model of")}; "
                + $"unroll sample writes with models of {CorpusView.Words}.");
            var request = new SampleRequest(model, path, parsed.GetValue(Json))
            {
                Prompt = prompt,
                Target = target,
                Temperature = temperature,
                Length = length,
                Seed = seed,
                Tempo = tempo,
                Step = step,
            };
            return view.Sample(request, host, cancel.Token);
        }
        catch (Exception error) when (error is ArgumentException or ArithmeticException)
        {
            throw UserError.From(error);
        }
    }

    private static double CheckedTempo(string text)
    {
        double tempo = Values.Number("--tempo", text, maximum: 1000);
        return tempo >= 4 ? tempo : throw new UserError($"--tempo {text} must be at least 4 beats a minute.");
    }
}
