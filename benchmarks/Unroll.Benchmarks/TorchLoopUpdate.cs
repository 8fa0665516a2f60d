using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Unroll.Benchmarks;

/// <summary>
/// The update as a loop over the steps, which gives every dE/dh_t. The inputs of all steps are projected before the loop and
/// the head reads all steps after it, so the loop holds one product and one tanh.
/// </summary>
/// <param name="shape">What to time.</param>
/// <param name="network">The first weights.</param>
/// <param name="batch">The batch.</param>
/// <param name="gather">Look the one-hot inputs up (index_select) rather than multiply by them.</param>
/// <param name="functional">torch.autograd.grad over parameters and states rather than backward() with retained
/// gradients.</param>
internal sealed class TorchLoopUpdate(BenchmarkShape shape, Network<float> network, TorchBatch batch, bool gather,
    bool functional)
    : IUpdate
{
    private readonly Tensor[] _initial = TorchParameters.Create(shape, network);
    private readonly Parameter[] _parameters = Start(shape, network, gather);
    private readonly Tensor _zeroState = zeros(shape.Rows, shape.Hidden);

    public string Name =>
        $"torch loop, {(gather ? "index_select" : "dense inputs")}, {(functional ? "autograd.grad" : "backward")}";

    public UpdateReport Run()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor cost, Tensor[] states) = Forward();
        Tensor[] gradients = functional ? Gradients(cost, states) : Backward(cost, states);
        double norm;
        using (no_grad())
        {
            if (functional)
            {
                norm = stack(gradients.Select(g => g.norm())).norm().item<float>();
                float scale = (float)Math.Min(1, Recipe.ClipThreshold / (norm + 1e-6));
                for (int i = 0; i < gradients.Length; i++) _parameters[i].add_(gradients[i], -Recipe.LearningRate * scale);
            }
            else
            {
                norm = nn.utils.clip_grad_norm_(_parameters, Recipe.ClipThreshold);
                foreach (Parameter parameter in _parameters) parameter.add_(parameter.grad!, -Recipe.LearningRate);
            }
        }

        return new UpdateReport(cost.item<float>(), norm);
    }

    private (Tensor Cost, Tensor[] States) Forward()
    {
        Tensor projected = gather
            ? (_parameters[0].index_select(0, batch.Symbols!) + _parameters[2]).view(shape.Steps, shape.Rows, shape.Hidden)
            : nn.functional.linear(batch.Dense, _parameters[0], _parameters[2]);
        Tensor[] inputs = projected.unbind(0);
        Tensor recurrent = _parameters[1].t();
        var states = new Tensor[shape.Steps];
        Tensor state = _zeroState;
        for (int t = 0; t < states.Length; t++) states[t] = state = inputs[t].addmm(state, recurrent, 1, 1).tanh_();
        Tensor read = shape.Network.PredictsEveryStep ? cat(states, 0) : state;
        return (batch.Cost(nn.functional.linear(read, _parameters[3], _parameters[4]), shape.Head), states);
    }

    private Tensor[] Backward(Tensor cost, Tensor[] states)
    {
        foreach (Parameter parameter in _parameters) parameter.grad = null;
        if (shape.Omega) foreach (Tensor state in states) state.retain_grad();
        cost.backward();
        if (shape.Omega)
        {
            using (no_grad())
                _parameters[1].grad!.add_(OmegaGradient([.. states.Select(s => s.grad!)], states), Recipe.Alpha);
        }

        return [];
    }

    private Tensor[] Gradients(Tensor cost, Tensor[] states)
    {
        Tensor[] wanted = shape.Omega ? [.. _parameters, .. states] : _parameters;
        Tensor[] all = [.. autograd.grad([cost], wanted)];
        if (shape.Omega)
        {
            using (no_grad())
                all[1].add_(OmegaGradient(all[_parameters.Length..], states), Recipe.Alpha);
        }

        return all[.._parameters.Length];
    }

    /// <summary>dOmega/dW_rec in the authors' form: two products over all (step, sequence) entries together.</summary>
    private Tensor OmegaGradient(Tensor[] stateGradients, Tensor[] states)
    {
        Tensor a = cat(stateGradients, 0);                                  // (T B, H) dE/dh
        Tensor h = cat(states, 0);
        Tensor d = h.square().neg_().add_(1).mul_(a);                       // a * sigma'
        Tensor v = d.mm(_parameters[1]);
        Tensor aa = a.square().sum(1);
        Tensor keep = aa >= 1e-20;
        Tensor safe = aa.masked_fill_(keep.logical_not(), 1);
        Tensor c = v.square().sum(1).div_(safe).sub_(1).mul_(4).div_(safe).mul_(keep).div_(keep.sum());
        return d.t().mm(v.mul_(c.unsqueeze(1)));
    }

    public void Restore()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] initial = [.. _initial];
        if (gather) initial[0] = initial[0].t();
        TorchParameters.Copy(initial, _parameters);
    }

    /// <summary>The parameters; W_in lies as (I, H) where it is looked up, as an embedding's weight does.</summary>
    private static Parameter[] Start(BenchmarkShape shape, Network<float> network, bool gather)
    {
        Tensor[] values = TorchParameters.Create(shape, network);
        if (gather) values[0] = values[0].t().contiguous();
        return [.. values.Select(value => new Parameter(value))];
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _initial.Concat(_parameters)) tensor.Dispose();
        _zeroState.Dispose();
    }
}
