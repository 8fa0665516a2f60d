namespace Unroll.Cells;

/// <summary>The numbers of one <see cref="Unit{S}"/>, reused from unit to unit.</summary>
internal sealed class UnitBuffer<S>(CellLayout layout)
    where S : struct, IScalar<S>
{
    public S[] Pre { get; } = new S[layout.Blocks];

    public S[] Kept { get; } = new S[layout.Kept];

    public S[] Slopes { get; } = new S[layout.Kept];

    public S[] Before { get; } = new S[layout.Parts];

    public S[] After { get; } = new S[layout.Parts];

    public S[] Signal { get; } = new S[layout.Parts];

    public S[] PreSignal { get; } = new S[layout.Blocks];

    public S[] Back { get; } = new S[layout.Parts];

    public S[] Vectors { get; } = new S[layout.VectorNames.Length];

    public S[] VectorSignal { get; } = new S[layout.VectorNames.Length];

    public Unit<S> Unit => new()
    {
        Pre = Pre,
        Kept = Kept,
        Slopes = Slopes,
        Before = Before,
        After = After,
        Signal = Signal,
        PreSignal = PreSignal,
        Back = Back,
        Vectors = Vectors,
        VectorSignal = VectorSignal,
    };
}
