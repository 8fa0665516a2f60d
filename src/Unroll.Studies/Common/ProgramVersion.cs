using System.Reflection;

namespace Unroll.Studies.Common;

/// <summary>The version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>As <c>--version</c> prints it, and as runs and studies record it.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split(
            '+')[0] ?? "0.0.0";
}
