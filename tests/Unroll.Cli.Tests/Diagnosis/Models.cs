using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>Model files that were built to vanish, to explode, to be healthy; of Unroll and of PyTorch.</summary>
internal static class Models
{
    /// <summary>A model of Unroll whose W_rec is orthogonal times a factor.</summary>
    public static string Rotation(TempFolder folder, double factor, string task = "temporal-order",
        Activation activation = Activation.Identity, int hidden = 17)
    {
        ITask of = SyntheticTasks.Create(task, 60);
        var shape = new NetworkShape(of.Inputs, hidden, of.Outputs)
        {
            Encoding = of.Encoding,
            Head = of.Head,
            Activation = activation,
        };
        var network = new Network<float>(shape);
        Initializer.Initialize(network, Initialization.Orthogonal, 5);
        foreach (ref float weight in network.RecurrentWeights) weight *= (float)factor;
        string path = folder.At($"{task}-{factor}.safetensors");
        ModelFile.Save(path, network, new ModelInfo(shape)
        {
            Reduction = of.Reduction,
            Properties = new Dictionary<string,
            string>
            { ["task"] = task, ["length"] = "60" }
        });
        return path;
    }

    /// <summary>
    /// A state_dict of an nn.RNN with a linear head for temporal order; changed by the caller before it is written.
    /// </summary>
    public static string Torch(TempFolder folder, string name, Action<Dictionary<string, SafeTensor>>? change = null,
        string prefix = "rnn.", string head = "fc", int hidden = 8)
    {
        Dictionary<string, SafeTensor> tensors = [];
        void Add(string tensor, params long[] shape) => tensors[tensor] = Filled(tensor, shape);
        Add($"{prefix}weight_ih_l0", hidden, 6);
        Add($"{prefix}weight_hh_l0", hidden, hidden);
        Add($"{prefix}bias_ih_l0", hidden);
        Add($"{prefix}bias_hh_l0", hidden);
        Add($"{head}.weight", 4, hidden);
        Add($"{head}.bias", 4);
        change?.Invoke(tensors);
        string path = folder.At(name);
        using FileStream stream = File.Create(path);
        SafeTensors.Write(stream, [], [.. tensors.Values]);
        return path;
    }

    /// <summary>A tensor of numbers that differ.</summary>
    public static SafeTensor Filled(string name, params long[] shape)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        float[] values = [.. Enumerable.Range(0, (int)count).Select(i => 0.3f * MathF.Sin((i * 1.7f) + name.Length))];
        return SafeTensor.Of(name, values, shape);
    }
}
