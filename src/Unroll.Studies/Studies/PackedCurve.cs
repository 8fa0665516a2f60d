namespace Unroll.Studies;

/// <summary>A trial's checks as the store keeps them.</summary>
/// <param name="Points">How many.</param>
/// <param name="Data">What <see cref="Curve.Pack"/> made of them.</param>
internal readonly record struct PackedCurve(int Points, byte[] Data)
{
    /// <summary>Packs checks.</summary>
    public static PackedCurve Of(IReadOnlyList<CurvePoint> points) => new(points.Count, Curve.Pack(points));
}
