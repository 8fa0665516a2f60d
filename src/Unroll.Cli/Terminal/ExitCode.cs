namespace Unroll.Cli.Terminal;

/// <summary>What the process says at its end.</summary>
internal static class ExitCode
{
    /// <summary>Solved; or finished, for what has no success rule.</summary>
    public const int Success = 0;

    /// <summary>A defect of this program; also where what <c>export --check</c> would write is not what the model does.</summary>
    public const int Defect = 1;

    /// <summary>Bad input: one sentence on standard error says what.</summary>
    public const int BadInput = 2;

    /// <summary>The budget was spent and the task not solved.</summary>
    public const int Unsolved = 3;

    /// <summary>Stopped by a gradient that is not finite.</summary>
    public const int NonFinite = 4;

    /// <summary>
    /// The machine was at fault and not what was asked for: a full disk, one that is gone, a store that is locked. The same
    /// command may do later.
    /// </summary>
    public const int Machine = 5;

    /// <summary>Cancelled by Ctrl-C, SIGTERM or another signal that asks for an end.</summary>
    public const int Cancelled = 130;

    /// <summary>The reader of standard output has gone. The number is that of a shell for SIGPIPE.</summary>
    public const int Abandoned = 141;
}
