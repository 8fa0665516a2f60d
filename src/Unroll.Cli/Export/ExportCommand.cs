using System.CommandLine;
using System.Text;
using Unroll.Cli.Evaluate;
using Unroll.Cli.Settings;
using Unroll.Files;
using Unroll.Interop;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Export;

/// <summary><c>unroll export MODEL</c>: writes a model for another program.</summary>
internal static class ExportCommand
{
    private static readonly DeclaredArgument<string> Model = new("MODEL")
    { Description = "A model file, such as best.safetensors, the folder of a run, a state dict of PyTorch, or an ONNX model." };
    private static readonly DeclaredOption<string?> To = new("--to")
    {
        HelpName = string.Join('|', ExportFormats.Names.Select(one => one.Name)),
        Description = "A state dict of PyTorch (pt, safetensors), ONNX, or a header of C99. Default: by the ending of --out.",
    };

    private static readonly DeclaredOption<string?> Out = new("--out")
    { HelpName = "FILE", Description = "Where to write; - is standard output. It is needed." };

    private static readonly DeclaredOption<bool> Force = new("--force") { Description = "Replace a file that is there." };
    private static readonly DeclaredOption<string?> Name = new("--name")
    {
        HelpName = "NAME",
        Description = "C: what its names begin with, as in NAME_step. Default: the name of the file.",
    };

    private static readonly DeclaredOption<string?> Quantize = new("--quantize")
    {
        HelpName = "int8",
        Description = "C: store weights in 8 bits, each row with a scale, rounded by what the network reads in training, and say "
            + "what it costs on fresh sequences or the validation fold. Default: 32-bit floats.",
    };

    private static readonly DeclaredOption<string?> Tanh = new("--tanh")
    {
        HelpName = "library|rational",
        Description = "C: tanhf and expf of math.h, or a ratio of polynomials, at most 5e-7 off. Default: library.",
    };

    private static readonly DeclaredOption<string?> Task = new("--task")
    { HelpName = "NAME", Description = "PyTorch: the task it was trained on, which says what inputs and outputs are." };

    private static readonly DeclaredOption<bool> Check = new("--check")
    {
        Description = "Run what is written beside the model, on sequences that are drawn, before the file is there: the ONNX "
            + "graph node by node, the tensors by PyTorch's equations, the header compiled by cc (or CC).",
    };

    private static readonly DeclaredOption<bool> Json = new("--json") { Description = "One JSON object on standard output." };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("export", "Writes a model for another program: PyTorch, ONNX Runtime, or C.")
        {
            Examples =
            [
                "unroll export runs/addition/best.safetensors --out addition.onnx",
                "unroll export runs/addition/best.safetensors --out addition.h --check",
            ],
        };
        command.Add(Model);
        command.AddAll([To, Out, Force, Name, Quantize, Tanh, Check, Task, Json]);
        ModelSource.AddOptions(command, text: true);
        command.SetAction(parsed => Execute(parsed, host));
        return command;
    }

    private static int Execute(ParseResult parsed, CommandHost host)
    {
        string path = SeriesModel.PathOf(parsed.GetRequiredValue(Model));
        ExportRequest request = Read(parsed);
        bool json = parsed.GetValue(Json);
        OutputFile.RequireOneStream(("--out", request.Out), ("--json", json ? OutputFile.StandardOutput : null));
        if (!parsed.GetValue(Force)) RefuseExisting(request.Out);
        ModelSource model = ModelSource.Open(
            parsed, path, parsed.GetValue(Task) is { } task ? TaskCatalogue.Resolve(task) : null);
        ModelInfo info = model.Info;
        model.Say(host);
        EightBits? eight = request.Header?.Weights == CWeights.Int8 ? EightBits.Of(path, info, model.Load<float>(), host) : null;
        ExportResult result = eight is not null ? request.Write(eight.Network, info, host)
            : info.Precision == Precision.Double ? request.Write(model.Load<double>(), info, host)
            : request.Write(model.Load<float>(), info, host);
        if (result.Check is { IsSame: false } differs) return Refuse(request, differs, host);
        if (OutputFile.IsStandardOutput(request.Out))
        {
            // The file is all that belongs there.
            if (result.Check is { } check) host.Error.WriteLine($"unroll: {string.Join("; ", check.Lines())}.");
            return ExitCode.Success;
        }

        if (eight is not null) result = Measured(result with { RoundedBy = eight.By }, path, model, eight.Network, host);
        if (json) host.Out.WriteLine(Encoding.UTF8.GetString(ExportReport.Json(request, path, info, result)));
        else ExportReport.Write(host.Out, request, info, result);
        return ExitCode.Success;
    }

    private static int Refuse(ExportRequest request, CheckResult check, CommandHost host)
    {
        host.Error.WriteLine($"unroll: {Printable.Line(request.Out)} was not written: "
            + (check.Fault is { } fault ? $"what was to be written cannot be run: {Printable.Line(fault)}."
                : $"{check.By}, it differs from the model by {Format.Number(check.Difference)}, where "
                + $"{Format.Number(check.Allowed)} is allowed."));
        return ExitCode.Defect;
    }

    /// <summary>With what the 8 bits cost, where the task and its data are at hand; the header is written anyway.</summary>
    private static ExportResult Measured(
        ExportResult result, string path, ModelSource model, Network<float> eight, CommandHost host)
    {
        try
        {
            return result with { Loss = QuantizedLoss.Of(path, model.Info, model.Load<float>(), eight, host) };
        }
        catch (Exception error) when (error is UserError or InvalidFileException)
        {
            host.Error.WriteLine($"unroll: the loss of 8 bits was not measured: {error.Message} unroll evaluate MODEL --quantize "
                + "int8 measures it.");
            return result;
        }
    }

    private static ExportRequest Read(ParseResult parsed)
    {
        string? path = parsed.GetValue(Out);
        OutputFile.RequireName("--out", path);
        if (path is null) throw new UserError("unroll export needs --out FILE, where to write.");
        if (parsed.GetValue(To) is null && OutputFile.IsStandardOutput(path))
            throw new UserError($"--out - does not tell the format; "
                + $"give --to {string.Join('|', ExportFormats.Names.Select(one => one.Name))}.");
        ExportFormat format = parsed.GetValue(To) is { } to ? Values.Choice("--to", to, ExportFormats.Names)
            : ExportFormats.OfFile(path);
        string? name = parsed.GetValue(Name), quantize = parsed.GetValue(Quantize), tanh = parsed.GetValue(Tanh);
        bool check = parsed.GetValue(Check);
        if (format == ExportFormat.C) return new ExportRequest(format, path, Header(path, name, quantize, tanh), check);
        string? useless = name is not null ? "--name" : quantize is not null ? "--quantize" : tanh is not null ? "--tanh" : null;
        return useless is null ? new ExportRequest(format, path, null, check)
            : throw new UserError($"{useless} is for --to c; the format here is "
                + $"{ExportFormats.Names.First(one => one.Value == format).Name}.");
    }

    private static CHeaderOptions Header(string path, string? name, string? quantize, string? tanh)
    {
        if (name is not null && !CHeaderOptions.IsName(name))
        {
            throw new UserError(
                $"--name '{name}' cannot begin names of C: it must be a letter, then letters, digits and _, "
                + $"at most {CHeaderOptions.LongestName} in all.");
        }

        return new CHeaderOptions(name ?? NameOf(path))
        {
            Weights = quantize is null ? CWeights.Float32 : Values.Choice("--quantize", quantize, [("int8", CWeights.Int8)]),
            Tanh = tanh is null ? CTanh.Library : Values.Choice("--tanh", tanh, Values.Named<CTanh>()),
        };
    }

    /// <summary>A name of C from that of a file: other characters become _.</summary>
    private static string NameOf(string path)
    {
        string stem = OutputFile.IsStandardOutput(path) ? "" : Path.GetFileNameWithoutExtension(path);
        string name = new([.. stem.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_')]);
        if (name.Length == 0 || !char.IsAsciiLetter(name[0])) name = "model" + (name.Length == 0 ? "" : $"_{name}");
        return name.Length <= CHeaderOptions.LongestName ? name : name[..CHeaderOptions.LongestName];
    }

    private static void RefuseExisting(string path)
    {
        if (!OutputFile.IsStandardOutput(path) && AtomicFile.FindTarget(path, out string target) && File.Exists(target))
            throw new UserError($"{path} is there already; give --force to replace it, or another --out.");
    }
}
