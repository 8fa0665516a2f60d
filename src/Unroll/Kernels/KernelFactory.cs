using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Unroll.Kernels;

/// <summary>All kernels, fastest first; tests and benchmarks enumerate the same list.</summary>
internal static class KernelFactory
{
    public const string Reference = "reference";

    /// <summary>The environment variable that forces a kernel by name.</summary>
    public const string Variable = "UNROLL_KERNEL";

    private static readonly ImmutableArray<string> All = ["vector512", "vector256", "vector128", Reference];

    /// <summary>
    /// The names of the kernels that this machine can run, fastest first. Narrower registers always work; wider ones need the
    /// hardware.
    /// </summary>
    public static ImmutableArray<string> Available() => All.RemoveAll(name =>
        (name == "vector512" && !Vector512.IsHardwareAccelerated) || (name == "vector256" && !Vector256.IsHardwareAccelerated));

    /// <summary>The given name, or the name in <see cref="Variable"/>, or the fastest kernel.</summary>
    /// <exception cref="ArgumentException">No such kernel on this machine.</exception>
    public static string Choose(string? name)
    {
        ImmutableArray<string> available = Available();
        name ??= Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } forced ? forced : available[0];
        return available.Contains(name)
            ? name
            : throw new ArgumentException(
                $"The kernel '{name}' is not available on this machine; it has {string.Join(", ", available)}.");
    }

    /// <summary>The kernel of the given name, or the kernel that <see cref="Variable"/> names, or the fastest.</summary>
    /// <exception cref="ArgumentException">No such kernel on this machine.</exception>
    public static IKernel<T> Create<T>(NetworkShape shape, string? name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        name = Choose(name);
        return name switch
        {
            "vector512" => new SimdKernel<Simd512<T>, Vector512<T>, T>(shape, name),
            "vector256" => new SimdKernel<Simd256<T>, Vector256<T>, T>(shape, name),
            "vector128" => new SimdKernel<Simd128<T>, Vector128<T>, T>(shape, name),
            _ => new ReferenceKernel<T>(shape),
        };
    }
}
