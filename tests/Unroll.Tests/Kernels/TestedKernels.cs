using System.Collections.Immutable;
using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

/// <summary>
/// The kernels that a test goes through. In a child process without some instructions the reference kernel is left out: its
/// scalar code uses none of them.
/// </summary>
internal static class TestedKernels
{
    /// <summary>Tells a child process which instruction set it must not have.</summary>
    public const string Expectation = "UNROLL_EXPECT_ISA";

    /// <summary>The kernels, fastest first.</summary>
    public static ImmutableArray<string> All { get; } = Environment.GetEnvironmentVariable(Expectation) is null
        ? KernelFactory.Available()
        : KernelFactory.Available().Remove(KernelFactory.Reference);
}
