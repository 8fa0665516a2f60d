using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Unroll.Cli.Predict;

/// <summary>Writes predictions as JSON lines; what overflowed to infinity or is not a number becomes null.</summary>
internal sealed class PredictionWriter(NetworkShape shape, TextWriter output)
{
    private readonly double[] _values = new double[shape.Outputs];
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Writes the prediction for a row.</summary>
    /// <param name="predictions">The outputs, before softmax or sigmoid.</param>
    /// <param name="row">The row.</param>
    /// <param name="length">The steps of its sequence.</param>
    public void Write(Predictions predictions, int row, int length)
    {
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer, JsonLine.Writer))
        {
            json.WriteStartObject();
            if (shape.Head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery)
            {
                Steps(json, "class", length, t =>
                {
                    int label = predictions.Argmax(t, row);
                    if (label < 0) json.WriteNullValue();
                    else json.WriteNumberValue(label);
                });
                Steps(json, "probabilities", length, t => Vector(json, Softmax(predictions.At(t, row))));
            }
            else if (shape.Head.Cost() == HeadCost.Bernoulli)
            {
                Steps(json, "probabilities", length, t => Vector(json, Sigmoid(predictions.At(t, row))));
            }
            else
            {
                Steps(json, "output", length, t => Vector(json, predictions.At(t, row)));
            }

            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(_buffer.WrittenSpan));
        output.Write('\n');
    }

    /// <summary>One value, or for an every-step head a list of them.</summary>
    private void Steps(Utf8JsonWriter json, string name, int length, Action<int> write)
    {
        json.WritePropertyName(name);
        if (!shape.PredictsEveryStep)
        {
            write(0);
            return;
        }

        json.WriteStartArray();
        for (int t = 0; t < length; t++) write(t);
        json.WriteEndArray();
    }

    private static void Vector(Utf8JsonWriter json, ReadOnlySpan<double> values)
    {
        json.WriteStartArray();
        foreach (double value in values)
        {
            if (double.IsFinite(value)) json.WriteNumberValue(value);
            else json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    private double[] Softmax(ReadOnlySpan<double> y)
    {
        double top = double.NegativeInfinity, sum = 0;
        foreach (double value in y) top = Math.Max(top, value);
        for (int i = 0; i < y.Length; i++) sum += _values[i] = Math.Exp(y[i] - top);
        for (int i = 0; i < y.Length; i++) _values[i] /= sum;
        return _values;
    }

    private double[] Sigmoid(ReadOnlySpan<double> y)
    {
        for (int i = 0; i < y.Length; i++) _values[i] = 1 / (1 + Math.Exp(-y[i]));
        return _values;
    }
}
