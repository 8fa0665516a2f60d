using Unroll.Cli.Settings;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Interop;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Cli.Export;

/// <summary>Says what was written and how to use it.</summary>
internal static class ExportReport
{
    /// <summary>As text: for a state dict the Python that takes it.</summary>
    public static void Write(TextWriter output, ExportRequest request, ModelInfo info, ExportResult result)
    {
        string network = $"{Counted.Of(info.Shape.Inputs, "input")}, {NetworkWords.Units(info.Shape)}, "
            + $"{Counted.Of(info.Shape.Outputs, "output")}";
        switch (request.Format)
        {
            case ExportFormat.Pt or ExportFormat.SafeTensors:
                // As a whole a file of Python, the first line being a comment.
                output.WriteLine($"# {Printable.Line(request.Out)}: {network}, {Format.Count(result.Bytes)} bytes. In Python:");
                foreach (string line in result.Check?.Lines() ?? []) output.WriteLine($"# {line}");
                output.Write(result.Python);
                output.WriteLine();
                output.WriteLine();
                foreach (string line in Loading(request)) output.WriteLine(line);
                break;
            case ExportFormat.Onnx:
                output.WriteLine($"{request.Out}: {network}, {Format.Count(result.Bytes)} bytes");
                foreach (string line in OnnxUse(info)) output.WriteLine(line);
                foreach (string line in result.Check?.Lines() ?? []) output.WriteLine(line);
                break;
            default:
                CSizes sizes = result.Sizes!.Value;
                string name = request.Header!.Name;
                output.WriteLine($"{request.Out}: {network}");
                output.WriteLine($"{Format.Count(sizes.Constants)} bytes of constants, "
                    + $"{sizes.State} of state, {sizes.Stack} on the stack");
                if (result.RoundedBy is { } by) output.WriteLine($"rounded to 8 bits by {by}");
                if (result.Loss is { } loss) output.WriteLine(loss.Text());
                foreach (string line in result.Check?.Lines() ?? []) output.WriteLine(line);
                output.WriteLine(SeriesCodec.Read(info.Properties) is { } codec && codec.Kind != SeriesKind.Tag
                    ? $"{name}_predict(in, steps{(codec.Encoder.Options.Calendar.Count > 0 ? ", times" : "")}, out);"
                    : $"{name}_state state; {name}_reset(&state); {name}_step(&state, in, out);");
                break;
        }
    }

    /// <summary>As one JSON object.</summary>
    public static byte[] Json(ExportRequest request, string model, ModelInfo info, ExportResult result) => JsonLine.Object(json =>
    {
        json.WriteString("event", "export");
        json.WriteString("model", model);
        json.WriteString("format", ExportFormats.Names.First(one => one.Value == request.Format).Name);
        json.WriteString("file", request.Out);
        json.WriteNumber("bytes", result.Bytes);
        json.WriteNumber("parameters", info.Shape.ParameterCount);
        if (result.Python is { } python)
            json.WriteString("python", python + string.Concat(Loading(request).Select(line => $"\n{line}")) + "\n");
        if (result.Check is { } check)
        {
            json.WriteString("checked_by", check.By);
            json.WriteNumber("check_sequences", check.Sequences);
            json.WriteNumber("check_steps", check.Steps);
            json.WriteNumber("check_difference", check.Difference);
            json.WriteNumber("check_allowed", check.Allowed);
        }

        if (result.Sizes is not { } sizes) return;
        json.WriteString("name", request.Header!.Name);
        json.WriteNumber("constant_bytes", sizes.Constants);
        json.WriteNumber("state_bytes", sizes.State);
        json.WriteNumber("stack_bytes", sizes.Stack);
        if (result.RoundedBy is { } by) json.WriteString("rounded_by", by);
        if (result.Loss is not { } loss) return;
        json.WriteString("loss_on", loss.On);
        json.WriteString("loss_measure", loss.Measure);
        json.WriteNumber("loss_float32", loss.Float);
        json.WriteNumber("loss_int8", loss.Eight);
    });

    private static IEnumerable<string> Loading(ExportRequest request)
    {
        bool safe = request.Format == ExportFormat.SafeTensors;
        if (safe) yield return "from safetensors.torch import load_file";
        yield return "model = Model()";
        string load = safe ? "load_file" : "torch.load";
        yield return $"model.load_state_dict({load}({TorchRemedy.Text(request.Out)}), strict=True)";
    }

    private static IEnumerable<string> OnnxUse(ModelInfo info)
    {
        NetworkShape shape = info.Shape;
        SeriesCodec? codec = SeriesCodec.Read(info.Properties);
        bool c = shape.Layers.Any(layer => layer.Cell == CellKind.Lstm);
        bool stacked = shape.Layers.All(layer => layer.Hidden == shape.Hidden);
        string input = shape.Encoding == InputEncoding.OneHot ? "symbols (T, B)" : $"x (T, B, {shape.Inputs})";
        string layers = stacked ? $" ({shape.Layers.Count}, B, {shape.Hidden})" : " of each layer (1, B, H)";
        string output = shape.PredictsEveryStep ? $"(T, B, {shape.Outputs})" : $"(B, {shape.Outputs})";
        if (codec is not null)
        {
            // In the data's units; what a sequence begins with need not be given.
            string time = codec.Encoder.Options.Calendar.Count > 0 ? ", time (T, B)" : "";
            yield return $"in:  x (T, B, {codec.Encoder.Columns.Count}) in the data's units{time}, sequence_lens (B)";
            string each = shape.PredictsEveryStep ? "(T, B)" : "(B)";
            string quantiles = codec.Levels == 1 ? "" : $", {codec.Levels} quantiles";
            yield return "out: " + (codec.Kind == SeriesKind.Forecast
                ? $"forecast (B, {codec.Options.Horizon}, {codec.Targets.Count}{quantiles})"
                : codec.Labels.Count > 0 ? $"label, class {each}, probabilities {output}"
                : $"prediction {each[..^1]}{quantiles})");
            yield break;
        }

        yield return $"in:  {input}, sequence_lens (B), h0{(c ? ", c0" : "")}{layers}";
        string probabilities = shape.Head.Cost().HasValues() ? "" : ", probabilities";
        yield return $"out: y{probabilities} {output}, hn{(c ? ", cn" : "")}";
    }
}
