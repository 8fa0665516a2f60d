using System.Numerics;
using Unroll.Cells;
using Unroll.Heads;
using Unroll.Remedies;

namespace Unroll.Kernels;

/// <summary>The fast kernel, one body for every register width: layer by layer over all steps, then the head.</summary>
internal sealed class SimdKernel<TSimd, TVector, T> : IKernel<T>, ITangentKernel<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ILayer<T>[] _layers;
    private readonly IHead<T> _head;

    public SimdKernel(NetworkShape shape, string name)
    {
        Name = name;
        _layers = new ILayer<T>[shape.Layers.Count];
        for (int l = 0; l < _layers.Length; l++)
            _layers[l] = shape.Layers[l].Definition.Lanes<TSimd, TVector, T, ILayer<T>>(new LayerMaker(shape, l));
        _head = HeadTable.Of(shape).Lanes<TSimd, TVector, T, IHead<T>>(new HeadMaker(shape));
    }

    public string Name { get; }

    public int Stride(int width) => Panels<TSimd, TVector, T>.Stride(width);

    public int BlockWidth(int units) => Panels<TSimd, TVector, T>.Width(units);

    public void Pack(Network<T> network, PassNoise noise)
    {
        for (int l = 0; l < _layers.Length; l++) _layers[l].Pack(network, noise.RateInto(l) > 0);
        _head.Pack(network);
    }

    public void Forward(Batch batch, Tape<T> tape, int first, int end)
    {
        if (end <= first) return;
        for (int l = 0; l < _layers.Length; l++) _layers[l].Forward(batch, tape, HeadOf(l), first, end);
        _head.AfterAll(batch, tape, first, end);
    }

    public void Backward(Batch batch, Tape<T> tape, int first, int end)
    {
        if (end <= first) return;
        for (int l = _layers.Length - 1; l >= 0; l--) _layers[l].Backward(batch, tape, HeadOf(l), first, end);
    }

    public void PackTangent(Network<T> network, Network<T> direction)
    {
        foreach (ILayer<T> layer in _layers) layer.PackTangent(network, direction);
        _head.PackTangent(direction);
    }

    public void ForwardTangent(Batch batch, Tape<T> tape, Tape<T> tangents, int first, int end)
    {
        if (end <= first) return;
        for (int l = 0; l < _layers.Length; l++) _layers[l].ForwardTangent(batch, tape, tangents, HeadOf(l), first, end);
        _head.AfterAllTangent(batch, tape, tangents, first, end);
    }

    public void OmegaNorms(Tape<T> tape, OmegaForm form, int first, int end)
    {
        if (end <= first) return;
        foreach (ILayer<T> layer in _layers) layer.OmegaNorms(tape, form, first, end);
    }

    public void OmegaRight(Tape<T> tape, OmegaForm form, bool withStates, int first, int end)
    {
        foreach (ILayer<T> layer in _layers) layer.OmegaRight(tape, form, withStates, first, end);
    }

    public void WeightGradients(Batch batch, Tape<T> tape, bool useRight, bool recurrentOnly, int part, int parts)
    {
        foreach (ILayer<T> layer in _layers) layer.WeightGradients(batch, tape, useRight, recurrentOnly, part, parts);
        if (!recurrentOnly) _head.WeightGradients(batch, tape, part, parts);
    }

    public void Collect(Network<T> network, Span<T> gradient, bool addRecurrentOnly)
    {
        foreach (ILayer<T> layer in _layers) layer.Collect(network, gradient, addRecurrentOnly);
        if (!addRecurrentOnly) _head.Collect(network, gradient);
    }

    private IHead<T>? HeadOf(int layer) => layer == _layers.Length - 1 ? _head : null;

    private sealed class LayerMaker(NetworkShape shape, int index) : ILanesVisitor<T, ILayer<T>>
    {
        public ILayer<T> Visit<TLanes>()
            where TLanes : ILanes<T> => new SimdLayer<TSimd, TVector, T, TLanes>(shape, index);
    }

    private sealed class HeadMaker(NetworkShape shape) : IHeadVisitor<T, IHead<T>>
    {
        public IHead<T> Visit<THead>(THead head)
            where THead : struct, IHeadLanes<T> => new SimdHead<TSimd, TVector, T, THead>(shape, head);
    }
}
