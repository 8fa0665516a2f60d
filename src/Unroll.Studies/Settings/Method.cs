using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>The four methods of the paper: which of the two remedies are in force.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Clips">Whether gradients are clipped (section 3.2).</param>
/// <param name="Regularizes">Whether Omega is added (section 3.3).</param>
internal sealed record Method(string Name, bool Clips, bool Regularizes)
{
    /// <summary>All of them.</summary>
    public static readonly (string Name, Method Value)[] All =
    [
        .. from method in new Method[] { new("sgd", false, false), new("sgd-c", true, false), new("sgd-r", false, true),
            new("sgd-cr", true, true) }
           select (method.Name, method),
    ];

    /// <summary>The method that options amount to.</summary>
    public static Method Of(TrainingOptions options) =>
        All.Single(m => m.Value.Clips == (options.ClipMode != ClipMode.None) && m.Value.Regularizes == options.Omega > 0).Value;
}
