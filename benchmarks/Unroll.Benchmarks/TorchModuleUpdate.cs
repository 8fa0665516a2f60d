using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Unroll.Benchmarks;

/// <summary>
/// The update with TorchSharp's own recurrent module. It gives no dE/dh_t, so it cannot do SGD-CR. Its second bias is frozen
/// at zero: the network has one.
/// </summary>
internal sealed class TorchModuleUpdate : IUpdate
{
    private readonly BenchmarkShape _shape;
    private readonly TorchBatch _batch;
    private readonly RNN _rnn;
    private readonly Linear _head;
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _initial;

    public TorchModuleUpdate(BenchmarkShape shape, Network<float> network, TorchBatch batch)
    {
        (_shape, _batch) = (shape, batch);
        _rnn = nn.RNN(shape.Inputs, shape.Hidden);
        _head = nn.Linear(shape.Hidden, shape.Outputs);
        _rnn.get_bias_hh(0)!.requires_grad_(false);
        _parameters = [_rnn.get_weight_ih(0)!, _rnn.get_weight_hh(0)!, _rnn.get_bias_ih(0)!, _head.weight, _head.bias!];
        _initial = TorchParameters.Create(shape, network);
        using (no_grad()) _rnn.get_bias_hh(0)!.zero_();
        Restore();
    }

    public string Name => "torch.nn.RNN";

    public UpdateReport Run()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (Parameter parameter in _parameters) parameter.grad = null;
        (Tensor states, _) = _rnn.call(_batch.Dense);
        Tensor read = _shape.Network.PredictsEveryStep ? states.flatten(0, 1) : states[-1];
        Tensor cost = _batch.Cost(_head.call(read), _shape.Head);
        cost.backward();
        double norm = nn.utils.clip_grad_norm_(_parameters, Recipe.ClipThreshold);
        using (no_grad())
        {
            foreach (Parameter parameter in _parameters) parameter.add_(parameter.grad!, -Recipe.LearningRate);
        }

        return new UpdateReport(cost.item<float>(), norm);
    }

    public void Restore() => TorchParameters.Copy(_initial, _parameters);

    public void Dispose()
    {
        _rnn.Dispose();
        _head.Dispose();
        foreach (Tensor tensor in _initial) tensor.Dispose();
    }
}

/// <summary>The five parameters as tensors, in the order W_in, W_rec, b, W_out, b_out.</summary>
internal static class TorchParameters
{
    public static Tensor[] Create(BenchmarkShape shape, Network<float> network) =>
    [
        tensor(network.InputWeights.ToArray(), [shape.Hidden, shape.Inputs]),
        tensor(network.RecurrentWeights.ToArray(), [shape.Hidden, shape.Hidden]),
        tensor(network.HiddenBias.ToArray()),
        tensor(network.OutputWeights.ToArray(), [shape.Outputs, shape.Hidden]),
        tensor(network.OutputBias.ToArray()),
    ];

    public static void Copy(Tensor[] from, Parameter[] to)
    {
        using (no_grad())
        {
            for (int i = 0; i < to.Length; i++) to[i].copy_(from[i]);
        }
    }
}
