using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

// OnnxLabels MODEL.onnx SEQUENCES: the label of each sequence, a line each, in the data's units and without a state given.
string[] words = File.ReadAllText(args[1]).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
int count = int.Parse(words[0], CultureInfo.InvariantCulture), columns = int.Parse(words[1], CultureInfo.InvariantCulture),
    at = 2;
using var session = new InferenceSession(args[0]);
for (int i = 0; i < count; i++)
{
    int steps = int.Parse(words[at++], CultureInfo.InvariantCulture);
    float[] values = [.. words.AsSpan(at, steps * columns).ToArray().Select(word => float.Parse(word,
        CultureInfo.InvariantCulture))];
    at += steps * columns;
    using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(
    [
        NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(values, [steps, 1, columns])),
        NamedOnnxValue.CreateFromTensor("sequence_lens", new DenseTensor<int>(new[] { steps }, [1])),
    ]);
    Console.WriteLine(results.First(result => result.Name == "label").AsEnumerable<string>().First());
}
