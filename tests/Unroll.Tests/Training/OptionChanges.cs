using System.Reflection;
using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// Every property of <see cref="TrainingOptions"/>, found by reflection, with a value that differs from the default and is in
/// range.
/// </summary>
internal static class OptionChanges
{
    private static readonly MethodInfo Clone = typeof(TrainingOptions).GetMethod("<Clone>$")!;

    public static string[] Names { get; } = [.. typeof(TrainingOptions).GetProperties().Where(p => p.CanWrite)
        .Select(p => p.Name)];

    public static TheoryData<string> Data() => [.. Names];

    /// <summary>The options with that property changed.</summary>
    public static TrainingOptions Change(TrainingOptions options, string name)
    {
        PropertyInfo property = typeof(TrainingOptions).GetProperty(name)!;
        var changed = (TrainingOptions)Clone.Invoke(options, null)!;
        property.SetValue(changed, Other(property.GetValue(options), property.PropertyType));
        return changed;
    }

    /// <summary>The only text that changes with a property: its name, its value before and after.</summary>
    public static (string Name, string Before, string After) Text(TrainingOptions before, TrainingOptions after) =>
        Assert.Single(OptionsText.ToProperties(before).Zip(OptionsText.ToProperties(after))
            .Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => (pair.First.Key, pair.First.Value, pair.Second.Value)));

    private static object Other(object? value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
        {
            Array values = Enum.GetValues(type);
            return values.GetValue(value is null ? 1 : (Array.IndexOf(values, value) + 1) % values.Length)!;
        }

        return type switch
        {
            _ when type == typeof(bool) => !(bool)value!,
            _ when type == typeof(int) => (int?)value + 1 ?? 17,
            _ when type == typeof(long) => (long)value! + 1,
            _ when type == typeof(ulong) => ulong.MaxValue - (ulong)value!,
            _ when type == typeof(double) => ((double?)value ?? 0) / 3 + 0.1,
            _ when type == typeof(LengthCurriculum) => new LengthCurriculum(7, 1.0 / 3 + 1, 0.1 + 0.2, 33),
            _ when type == typeof(RescueRule) => new RescueRule(1.0 / 3, 2.5, 0.1 + 0.2, 0.07),
            _ when type == typeof(TemporalClipping) => new TemporalClipping(0.1 + 0.2, ClipMode.Value),
            _ when type == typeof(HessianFreeOptions) => new HessianFreeOptions { StructuralDamping = 1.0 / 3 },
            _ when type == typeof(ReservoirOptions) => new ReservoirOptions { InputScales = [0.1 + 0.2] },
            _ when type == typeof(RingStart) => new RingStart(1.0 / 3, 0.5, 0.1 + 0.2),
            _ when type == typeof(BoundaryStart) => new BoundaryStart(7.1 + 0.2),
            _ when type == typeof(TeacherForcing) => new TeacherForcing(0.1 + 0.2, 1.0 / 3, 70),
            _ when type == typeof(AdaptiveThreshold) => new AdaptiveThreshold(ThresholdRule.Percentile, 100.0 / 3),
            _ when type == typeof(IReadOnlyList<BlockPenalty>) =>
                (BlockPenalty[])[new(ParameterBlock.RecurrentWeights, 0.1 + 0.2), new(ParameterBlock.InputWeights, 1e-300)],
            _ when type == typeof(LayerList) => Layers(
                [new LayerShape(7) { Cell = CellKind.Leaky, Leak = 1.0 / 3, TrainedLeak = true },
                    new LayerShape(9) { Cell = CellKind.Lstm, LayerNorm = true }]),
            _ when type == typeof(IReadOnlyList<BlockInitialization>) =>
                (BlockInitialization[])[new(ParameterBlock.RecurrentWeights, Initialization.SmartTanh),
                    new(ParameterBlock.InputWeights, Initialization.Uniform)],
            _ when type == typeof(IReadOnlyList<string>) => (string[])[ParameterBlock.OutputBias, ParameterBlock.InputWeights],
            _ when type == typeof(IReadOnlyList<int>) => (int[])[30, 40],
            _ => throw new NotSupportedException($"Say here which other value a {type.Name} can have."),
        };
    }

    private static LayerList Layers(LayerList layers) => layers;
}
