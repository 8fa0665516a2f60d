using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Unroll.Benchmarks;

/// <summary>
/// The update with TorchSharp's own recurrent modules, of any cell and depth. They give no dE/dh_t, so they cannot do SGD-CR. Of
/// their two biases the second is frozen at zero, as the network has one; a GRU's is trained where the network has it, for n.
/// </summary>
internal sealed class TorchModuleUpdate : IUpdate
{
    private readonly BenchmarkShape _shape;
    private readonly TorchBatch _batch;
    private readonly nn.Module _module;
    private readonly Func<Tensor, Tensor> _run;
    private readonly Linear _head;
    private readonly Parameter[] _parameters;
    private readonly Parameter[] _secondBiases;
    private readonly Tensor[] _initial;

    public TorchModuleUpdate(BenchmarkShape shape, Network<float> network, TorchBatch batch)
    {
        (_shape, _batch) = (shape, batch);
        (int inputs, int hidden, int depth) = (shape.Inputs, shape.Hidden, shape.Depth);
        switch (shape.Cell)
        {
            case CellKind.Lstm:
                LSTM lstm = nn.LSTM(inputs, hidden, depth);
                (_module, _run) = (lstm, u => lstm.call(u).Item1);
                break;
            case CellKind.Gru:
                GRU gru = nn.GRU(inputs, hidden, depth);
                (_module, _run) = (gru, u => gru.call(u).Item1);
                break;
            default:
                RNN rnn = nn.RNN(inputs, hidden, depth);
                (_module, _run) = (rnn, u => rnn.call(u).Item1);
                break;
        }

        _head = nn.Linear(hidden, shape.Outputs);
        Dictionary<string, Parameter> named = _module.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        _secondBiases = [.. Enumerable.Range(0, depth).Select(layer => named[$"bias_hh_l{layer}"])];
        bool trained = shape.Cell == CellKind.Gru;
        _parameters =
        [
            .. from layer in Enumerable.Range(0, depth)
               from name in new[] { "weight_ih", "weight_hh", "bias_ih" }
               select named[$"{name}_l{layer}"],
            _head.weight, _head.bias!, .. trained ? _secondBiases : [],
        ];
        _initial = TorchParameters.Create(shape, network);
        using (no_grad())
        {
            foreach (Parameter bias in _secondBiases) bias.zero_();
        }

        if (!trained) foreach (Parameter bias in _secondBiases) bias.requires_grad_(false);
        Restore();
    }

    public string Name => $"torch.nn.{(_shape.Cell == CellKind.Plain ? "RNN" : _shape.Cell.ToString().ToUpperInvariant())}";

    public UpdateReport Run()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (Parameter parameter in _parameters) parameter.grad = null;
        Tensor states = _run(_batch.Dense);
        Tensor read = _shape.Network.PredictsEveryStep ? states.flatten(0, 1) : states[-1];
        Tensor cost = _batch.Cost(_head.call(read), _shape.Head);
        cost.backward();
        if (_shape.Cell == CellKind.Gru)
            foreach (Parameter bias in _secondBiases) bias.grad!.narrow(0, 0, 2 * _shape.Hidden).zero_();
        double norm = nn.utils.clip_grad_norm_(_parameters, Recipe.ClipThreshold);
        using (no_grad())
        {
            foreach (Parameter parameter in _parameters) parameter.add_(parameter.grad!, -Recipe.LearningRate);
        }

        return new UpdateReport(cost.item<float>(), norm);
    }

    public void Restore()
    {
        TorchParameters.Copy(_initial, _parameters.AsSpan(0, _initial.Length));
        using (no_grad())
        {
            foreach (Parameter bias in _secondBiases) bias.zero_();
        }
    }

    public void Dispose()
    {
        _module.Dispose();
        _head.Dispose();
        foreach (Tensor tensor in _initial) tensor.Dispose();
    }
}

/// <summary>The parameters as tensors: W_ih, W_hh, b of each layer, W_out, b_out.</summary>
internal static class TorchParameters
{
    public static Tensor[] Create(BenchmarkShape shape, Network<float> network)
    {
        var all = new List<Tensor>();
        for (int layer = 0; layer < shape.Depth; layer++)
        {
            int inputs = layer == 0 ? shape.Inputs : shape.Hidden;
            float[] bias = network.Parameter(ParameterBlock.Of("bias", layer)).ToArray();
            all.Add(tensor(network.Parameter(ParameterBlock.Of("weight_ih", layer)).ToArray(), [bias.Length, inputs]));
            all.Add(tensor(network.Parameter(ParameterBlock.Of("weight_hh", layer)).ToArray(), [bias.Length, shape.Hidden]));
            all.Add(tensor(bias));
        }

        all.Add(tensor(network.OutputWeights.ToArray(), [shape.Outputs, shape.Hidden]));
        all.Add(tensor(network.OutputBias.ToArray()));
        return [.. all];
    }

    public static void Copy(ReadOnlySpan<Tensor> from, ReadOnlySpan<Parameter> to)
    {
        using (no_grad())
        {
            for (int i = 0; i < from.Length; i++) to[i].copy_(from[i]);
        }
    }
}
