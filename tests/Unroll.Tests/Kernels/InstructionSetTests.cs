using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using Unroll.Kernels;
using Unroll.Tests.Analysis;

namespace Unroll.Tests.Kernels;

/// <summary>
/// Repeats the tests of kernels, network and remedies in child processes whose runtime may not use AVX-512, or AVX2. A test
/// inside the child asserts that this took effect.
/// </summary>
public static partial class InstructionSetTests
{
    private const string NoAvx512 = "no-avx512";
    private const string NoAvx2 = "no-avx2";
    private const int LeastTests = 250;

    [Theory]
    [InlineData("DOTNET_EnableAVX512", NoAvx512)]
    [InlineData("DOTNET_EnableAVX2", NoAvx2)]
    public static async Task All_kernel_tests_pass_without(string variable, string expectation)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "Only x64 has these instruction sets.");
        Assert.SkipWhen(
            Environment.GetEnvironmentVariable(TestedKernels.Expectation) is not null, "This is a child process already.");
        Assert.SkipUnless(expectation == NoAvx2 ? Avx2.IsSupported : Vector512.IsHardwareAccelerated,
            $"This machine is {expectation} anyway.");

        string executable = Environment.ProcessPath!;
        var start = new ProcessStartInfo(executable) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
            start.ArgumentList.Add(typeof(InstructionSetTests).Assembly.Location);
        foreach (string folder in (string[])["Analysis", "Kernels", "Network", "Remedies"])
        {
            start.ArgumentList.Add("-class");
            start.ArgumentList.Add($"Unroll.Tests.{folder}.*");
        }

        // Tests of three analyses would take much of the child's time and do not test kernels.
        foreach (string left in (string[])[
            nameof(All_kernel_tests_pass_without),
            nameof(SpectrumTests.Five_hundred_units_are_cheap_and_give_the_same_bits_again),
            nameof(CellComponentsTests.Components_are_derivatives_by_the_parameters_of_one_step),
            "The_bound_of_the_learning_rate_is_found_on_the_plateau_*"])
        {
            start.ArgumentList.Add("-method-");
            start.ArgumentList.Add($"*.{left}");
        }

        start.ArgumentList.Add("-noColor");
        foreach (string inherited in start.Environment.Keys
            .Where(name => name.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(inherited);
        start.Environment[variable] = "0";
        start.Environment[TestedKernels.Expectation] = expectation;
        start.Environment.Remove(KernelFactory.Variable);

        using Process child = Process.Start(start)!;
        try
        {
            CancellationToken cancelled = TestContext.Current.CancellationToken;
            Task<string> errors = child.StandardError.ReadToEndAsync(cancelled);
            string output = await child.StandardOutput.ReadToEndAsync(cancelled) + await errors;
            await child.WaitForExitAsync(cancelled);
            Assert.True(child.ExitCode == 0, $"With {variable}=0 the tests end with {child.ExitCode}:\n{output}");
            Match total = TotalPattern().Match(output);
            Assert.True(total.Success, $"No summary in:\n{output}");
            int tests = int.Parse(total.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(tests >= LeastTests, $"With {variable}=0 only {tests} tests ran.");
        }
        finally
        {
            if (!child.HasExited) child.Kill(entireProcessTree: true);
        }
    }

    /// <summary>
    /// In a child, checks that the runtime obeyed; everywhere, checks that the list of kernels matches the hardware.
    /// </summary>
    [Fact]
    public static void The_kernels_are_those_of_the_instruction_set()
    {
        string? expectation = Environment.GetEnvironmentVariable(TestedKernels.Expectation);
        if (expectation is NoAvx512 or NoAvx2) Assert.False(Vector512.IsHardwareAccelerated || Avx512F.IsSupported);
        if (expectation is NoAvx2) Assert.False(Vector256.IsHardwareAccelerated || Avx2.IsSupported || Fma.IsSupported);
        Assert.Contains(expectation, (string?[])[null, NoAvx512, NoAvx2]);
        List<string> expected = ["vector128", KernelFactory.Reference];
        if (Vector256.IsHardwareAccelerated) expected.Insert(0, "vector256");
        if (Vector512.IsHardwareAccelerated) expected.Insert(0, "vector512");
        Assert.Equal(expected, KernelFactory.Available());
    }

    [GeneratedRegex(@"Total: (\d+), Errors: 0, Failed: 0, Skipped: 0")]
    private static partial Regex TotalPattern();
}
