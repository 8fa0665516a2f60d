using System.Runtime.InteropServices;

namespace Unroll.Cli.Terminal.Streams;

/// <summary>
/// What the system knows about the three standard streams and .NET does not tell. A number that the caller closed is taken by the
/// runtime for a pipe of its own before the program's own code runs: reading it would hang, writing it would break the runtime.
/// </summary>
internal static partial class NativeStreams
{
    private const short PollError = 8, PollHangUp = 16;

    /// <summary>EINTR, EAGAIN (35 on macOS), EPIPE.</summary>
    public const int Interrupted = 4, BrokenPipe = 32;

    /// <summary>EAGAIN.</summary>
    public static int WouldBlock { get; } = OperatingSystem.IsLinux() ? 11 : 35;

    /// <summary>Writes some bytes; the count, or less than 0 with the system's number in <paramref name="error"/>.</summary>
    public static nint Write(int number, ReadOnlySpan<byte> bytes, out int error)
    {
        nint count = Write(number, ref MemoryMarshal.GetReference(bytes), bytes.Length);
        error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        return count;
    }

    /// <summary>Whether the reader of a pipe has closed it.</summary>
    public static bool IsAbandoned(int number)
    {
        var state = new PollState { Number = number };
        return !OperatingSystem.IsWindows() && Poll(ref state, 1, 0) > 0 && (state.Returned & (PollError | PollHangUp)) != 0;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int number, ref byte bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollState state, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollState
    {
        public int Number;
        public short Asked;
        public short Returned;
    }
}
