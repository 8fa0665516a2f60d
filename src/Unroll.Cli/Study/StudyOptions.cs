using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Cli.Paper;
using Unroll.Cli.Train;
using Unroll.Studies;

namespace Unroll.Cli.Study;

/// <summary>The options that everything which runs a study takes.</summary>
internal static class StudyOptions
{
    /// <summary>How large a built-in study is.</summary>
    public static readonly DeclaredOption<string?> Scale = new("--scale")
    {
        HelpName = string.Join('|', BuiltInStudies.Scales),
        Description = "How large: two minutes, a night on two cores, or as in the paper. Default: laptop.",
    };

    /// <summary>
    /// The variable for seconds from one checkpoint of a trial to the next: fewer where machines go away often, more where disks
    /// are slow.
    /// </summary>
    public const string CheckpointVariable = "UNROLL_CHECKPOINT_SECONDS";

    /// <summary>The variable for seconds for which a store that another program has locked is waited for.</summary>
    public const string LockVariable = "UNROLL_LOCK_SECONDS";

    private const double SecondsBetweenCheckpoints = 10;

    /// <summary>Minutes; a timer takes no more than 49 days.</summary>
    private const double LongestSession = 70_000;

    private static readonly DeclaredOption<string?> Jobs = new("--jobs")
    {
        HelpName = "N",
        Description = "Trials at once, one core each. Default: the cores there are.",
    };
    private static readonly DeclaredOption<string?> TheShard = new("--shard")
    {
        HelpName = "K/N",
        Description = "Run the K-th of N parts, into its own folder. Default: as the variables of a Slurm, AWS Batch or "
            + "Kubernetes array say.",
    };
    private static readonly DeclaredOption<string?> Session = new("--session", "--sitting")
    {
        HelpName = "MINUTES",
        Description = "Save and end after so many minutes; the same command continues.",
    };

    private static readonly DeclaredOption<string[]> Only = new("--only")
    {
        HelpName = "OPTION=VALUE,...",
        Arity = ArgumentArity.OneOrMore,
        Description = "Run only the trials with these values now; the study stays the same. May be repeated.",
    };

    private static readonly DeclaredOption<string?> TensorBoard = new("--tensorboard")
    {
        HelpName = "DIR",
        Description = "Events for TensorBoard, in a folder for each trial of this session, named by its hash.",
    };

    /// <summary>How it is run.</summary>
    public static DeclaredOption[] Running => [Jobs, TheShard, Only, Session, TensorBoard];

    /// <summary>Seconds for which a store that another program has locked is waited for, in every command.</summary>
    public static int SecondsToWait(CommandHost host) =>
        host.Variable(LockVariable) is { Length: > 0 } wait ? (int)Values.Whole(LockVariable, wait, 1, 1_000_000)
            : StudyStore.SecondsToWait;

    /// <summary>The request that the options make.</summary>
    public static StudyRequest Read(ParseResult parsed, CommandHost host, StudyDefinition study, string folder) =>
        new(study, folder)
        {
            Jobs = parsed.GetValue(Jobs) is { } jobs ? (int)Values.Whole("--jobs", jobs, 1, 1024) : Environment.ProcessorCount,
            Shard = parsed.GetValue(TheShard) is { } shard ? Shard.Parse("--shard", shard) : Shard.FromEnvironment(host.Variable),
            Session = parsed.GetValue(Session) is { } minutes
                ? Values.Number("--session", minutes, maximum: LongestSession) : null,
            Events = RunLogs.Events(parsed.GetValue(TensorBoard)),
            Only = [.. (parsed.GetValue(Only) ?? []).Select(text => StudyReader.ReadAxis("--only", text))],
            SecondsBetweenCheckpoints = host.Variable(CheckpointVariable) is { Length: > 0 } seconds
            ? Values.Number(CheckpointVariable, seconds, zeroAllowed: true, maximum: 1_000_000) : SecondsBetweenCheckpoints,
            SecondsToWait = SecondsToWait(host),
        };
}
