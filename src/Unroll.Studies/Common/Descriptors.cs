using System.Runtime.InteropServices;

namespace Unroll.Studies.Common;

/// <summary>
/// Whether the caller gave this process a standard stream, which .NET does not tell. A number that the caller closed is taken by
/// the runtime for a pipe of its own before the program's own code runs: reading it would hang.
/// </summary>
internal static partial class Descriptors
{
    private const int GetDescriptorFlags = 1; // F_GETFD

    /// <summary>
    /// Whether a stream came from the caller. What was open when the program was loaded cannot be marked to close at that moment,
    /// and what the runtime opens is.
    /// </summary>
    public static bool IsGiven(int number) =>
        OperatingSystem.IsWindows() || Control(number, GetDescriptorFlags) is >= 0 and var flags && (flags & 1) == 0;

    /// <summary>Refuses a standard input that the caller closed.</summary>
    /// <exception cref="IOException">It is closed.</exception>
    public static void RequireStandardInput()
    {
        if (!IsGiven(0))
            throw new IOException("Standard input is closed; give it what is to be read, by a pipe or by < FILE.");
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int number, int command);
}
