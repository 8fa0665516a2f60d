using Unroll.Interop;
using Unroll.Tasks;

namespace Unroll.Cli.Export;

/// <summary>Runs an ONNX file on sequences, as a caller of ONNX Runtime would: all rows in one call.</summary>
internal static class GraphCheck
{
    /// <summary>What the graph predicts of each sequence.</summary>
    /// <exception cref="FormatException">The graph cannot be run.</exception>
    public static double[][] Run(ReadOnlyMemory<byte> file, CheckedSequences sequences, Network<float> network)
    {
        var program = GraphProgram.Read(file);
        int rows = sequences.All.Count, steps = sequences.All.Max(one => one.Steps), columns = sequences.Columns;
        var x = new double[steps * rows * columns];
        var time = new double[steps * rows];
        for (int b = 0; b < rows; b++)
        {
            CheckedSequence one = sequences.All[b];
            for (int t = 0; t < one.Steps; t++)
            {
                for (int c = 0; c < columns; c++) x[(((t * rows) + b) * columns) + c] = one.Rows[(t * columns) + c];
                if (one.Times.Length > 0) time[(t * rows) + b] = one.Times[t];
            }
        }

        var inputs = new Dictionary<string, GraphValue>(StringComparer.Ordinal);
        foreach (string name in program.Inputs)
        {
            if (name == "x") inputs[name] = new GraphValue(OnnxType.Float, [steps, rows, columns], x);
            else if (name == "symbols") inputs[name] = new GraphValue(OnnxType.Int64, [steps, rows], x);
            else if (name == "time") inputs[name] = new GraphValue(OnnxType.Int64, [steps, rows], time);
            else if (name == "sequence_lens")
                inputs[name] = new GraphValue(OnnxType.Int32, [rows], [.. sequences.All.Select(one => (double)one.Steps)]);
            else if (!program.HasOwn(name)) inputs[name] = State(name, network, rows);
        }

        string wanted = sequences.Codec switch
        {
            null => "y",
            { Kind: SeriesKind.Forecast } => "forecast",
            { Labels.Count: > 0 } => "probabilities",
            _ => "prediction",
        };
        GraphValue all = program.Run(inputs).GetValueOrDefault(wanted) ?? throw new FormatException($"lacks the output {wanted}");
        int width = sequences.Width;
        if (!sequences.EveryStep)
            return [.. Enumerable.Range(0, rows).Select(b => all.Numbers[(b * width)..((b + 1) * width)])];
        return [.. sequences.All.Select((one, b) => Enumerable.Range(0, one.Steps).SelectMany(t =>
            all.Numbers[(((t * rows) + b) * width)..((((t * rows) + b) + 1) * width)]).ToArray())];
    }

    /// <summary>What a sequence begins with: h0 or c0 of all layers, or of the one that the name says, as in h0_l1.</summary>
    private static GraphValue State(string name, Network<float> network, int rows)
    {
        NetworkShape shape = network.Shape;
        bool c = name.StartsWith("c0", StringComparison.Ordinal);
        int only = name.Length > 4 && int.TryParse(name.AsSpan(4), out int layer) ? layer : -1;
        var numbers = new List<double>();
        int layers = 0, hidden = 0, offset = 0;
        for (int k = 0; k < shape.Layers.Count; offset += shape.Layers[k++].StateWidth)
        {
            if ((only >= 0 && k != only) || (c && shape.Layers[k].Cell != CellKind.Lstm)) continue;
            hidden = shape.Layers[k].Hidden;
            layers++;
            float[] start = shape.LearnedInitialState ? network.InitialState.Slice(offset + (c ? hidden : 0), hidden).ToArray()
                : new float[hidden];
            for (int b = 0; b < rows; b++) numbers.AddRange(start.Select(one => (double)one));
        }

        return new GraphValue(OnnxType.Float, [layers, rows, hidden], [.. numbers]);
    }
}
