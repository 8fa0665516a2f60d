#:property PublishAot=false
#:property ManagePackageVersionsCentrally=false
#:package Microsoft.ML.OnnxRuntime@1.31.1
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

// Steps a stream through what unroll export --to onnx wrote, by ONNX Runtime alone:
// dotnet run samples/serving/stream-onnx.cs -- net.onnx
// Each line of standard input is a step: numbers with commas between them, in the order of the model's columns; an empty one is
// missing. A model that reads dates has the time before them, as 2024-05-01T13:00. An empty line begins another sequence.
using var session = new InferenceSession(args[0]);
bool symbols = session.InputMetadata.ContainsKey("symbols"), dated = session.InputMetadata.ContainsKey("time");
if (session.InputMetadata.ContainsKey("h0") && session.ModelMetadata.CustomMetadataMap.ContainsKey("unroll.initial_state"))
    throw new NotSupportedException("The model begins from a state of its own; give unroll.initial_state as h0 and c0.");

// A state goes in under a name with 0 (h0, c0, h0_l1) and comes out under the same name with n (hn, cn, hn_l1).
string[] states = [.. session.OutputMetadata.Keys.Where(name => name.Split('_')[0] is "hn" or "cn" or "readn" or "lastn")];
Dictionary<string, DenseTensor<float>> state = Start();
while (Console.ReadLine() is { } line)
{
    string[] words = line.Split(',');
    if (line.Length == 0) state = Start();
    else Console.WriteLine(Step(dated ? words[1..] : words, dated ? words[0] : ""));
}

// One step of one sequence: T = 1, B = 1.
string Step(string[] words, string time)
{
    List<NamedOnnxValue> inputs =
    [
        symbols ? Input("symbols", [long.Parse(words[0], CultureInfo.InvariantCulture)], 1, 1)
            : Input("x", [.. words.Select(Number)], 1, 1, words.Length),
        Input("sequence_lens", [1], 1),
        .. state.Select(one => NamedOnnxValue.CreateFromTensor(one.Key, one.Value)),
    ];
    if (dated) inputs.Add(Input("time", [Seconds(DateTime.Parse(time, CultureInfo.InvariantCulture))], 1, 1));
    using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(inputs);
    foreach (DisposableNamedOnnxValue result in results.Where(result => states.Contains(result.Name)))
        state[result.Name.Replace('n', '0')] = result.AsTensor<float>().ToDenseTensor();
    DisposableNamedOnnxValue answer = results.FirstOrDefault(result => result.Name is "label" or "forecast" or "prediction")
        ?? results.FirstOrDefault(result => result.Name == "probabilities") ?? results.First(result => result.Name == "y");
    return answer.ElementType == TensorElementType.String ? string.Join(',', answer.AsEnumerable<string>())
        : string.Join(',', answer.AsEnumerable<float>().Select(value => value.ToString(CultureInfo.InvariantCulture)));
}

// A model of own data knows what a sequence begins with; a network alone is given zeros.
Dictionary<string, DenseTensor<float>> Start() => states.Select(name => name.Replace('n', '0'))
    .Where(session.InputMetadata.ContainsKey).ToDictionary(name => name,
        name => new DenseTensor<float>([.. session.InputMetadata[name].Dimensions.Select(size => Math.Max(1, size))]));

static long Seconds(DateTime time) => (long)(time - DateTime.UnixEpoch).TotalSeconds;

static float Number(string word) => word.Trim().Length == 0 ? float.NaN : float.Parse(word, CultureInfo.InvariantCulture);

static NamedOnnxValue Input<T>(string name, T[] values, params int[] sizes) =>
    NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, sizes));
