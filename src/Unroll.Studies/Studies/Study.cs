using Unroll.Studies.Corpora;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>
/// A grid of training runs over tasks of your own, tasks of the library, or both: what is trained, what varies, and what is
/// tested. Running it again, after a kill or with a larger grid, trains only what is not in the folder yet.
/// </summary>
/// <remarks>
/// A trial's identity is a hash of everything that can change a bit of its result: the task's name, its version and its
/// parameters, and every training option with the seed. So the same trial is found again in any study, and results of shards
/// join without a doubt.
/// </remarks>
public sealed record Study
{
    private const double LongestSession = 70_000; // minutes; a timer takes no more than 49 days

    /// <summary>Names a study and its own tasks.</summary>
    /// <param name="name">Its name, by which a folder tells it from others: at most 100 characters that a folder's name may
    /// have.</param>
    /// <param name="tasks">The tasks of your own; none where the axis <c>task</c> names tasks of the library.</param>
    public Study(string name, params IReadOnlyList<StudyTask> tasks)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tasks);
        (Name, Tasks) = (name, tasks);
    }

    private Study(StudyDefinition read)
        : this(read.Name)
    {
        (Description, Grids) = (read.Description, read.Grids);
        (DecideAfter, Sample, Test) = (read.DecideAfter, read.Sample, read.Test);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The tasks of your own.</summary>
    public IReadOnlyList<StudyTask> Tasks { get; }

    /// <summary>One line about it.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// What trials of your own tasks begin with; axes change one option each. Trials of the library's tasks begin with their
    /// recipe. The number of threads is no part of a trial's identity.
    /// </summary>
    public TrainingOptions Options { get; init; } = new();

    /// <summary>
    /// Grids, each the product of its axes, the first axis slowest. An axis is a training option by its name on the command line
    /// without dashes (<c>lr</c>, <c>method</c>, <c>hidden</c>, <c>seed</c>), <c>task</c>, or a parameter that a task of your own
    /// reads. A grid without the axis <c>task</c> has all of your own tasks.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<StudyAxis>> Grids { get; init; } = [];

    /// <summary>A cell ends when its first so many seeds agree on success; null runs every seed.</summary>
    public int? DecideAfter { get; init; }

    /// <summary>Random search instead of the whole grid; null for the grid.</summary>
    public StudySample? Sample { get; init; }

    /// <summary>What is tested of solved trials: by default 10,000 fresh sequences as those of the training.</summary>
    public StudyTest Test { get; init; } = new(["x1"], 10_000);

    /// <summary>Reads a study's JSON, as <c>unroll study run</c> does; docs/studies.md has the format.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="StudyException">It cannot be read, is not a study, or has tasks of another program.</exception>
    public static Study Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        StudyDefinition read = StudyReader.ReadFile(path);
        return read.Own is null ? new Study(read) : throw new StudyException($"{path}: {read.Own.Unmade().Message}");
    }

    /// <summary>The study as JSON; your own tasks by name, version and parameters alone.</summary>
    /// <exception cref="StudyException">The study cannot be accepted.</exception>
    public string ToJson() => Definition().ToJson();

    /// <summary>Every trial, in the order of the grids; axes that come to the same run are one trial.</summary>
    /// <exception cref="StudyException">A point of a grid is no run; the sentence names the point.</exception>
    public IReadOnlyList<Trial> Trials() => StudyGrid.Trials(Definition());

    /// <summary>
    /// Trains what is left, several trials at once, and puts every result with its checks into the store of the folder. A trial's
    /// run folder is under <c>trials</c>. A kill at any instant, of the program or of the machine, loses at most the time
    /// between two checkpoints; the same call goes on, with the same bits.
    /// </summary>
    /// <param name="folder">The study's folder, new or to be continued; one program at a time works on it.</param>
    /// <param name="options">How it is run; null for the defaults.</param>
    /// <param name="cancellation">Ends the run early: running trials save where they are. It throws nothing.</param>
    /// <returns>How far it has come. <see cref="StudyProgress.IsComplete"/> tells whether trials are left.</returns>
    /// <exception cref="StudyException">The study or its folder cannot be accepted, or the machine failed.</exception>
    /// <exception cref="IOException">The folder cannot be written, or is in use.</exception>
    public StudyProgress Run(string folder, StudyRunOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new StudyRunOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Jobs, 1, nameof(options));
        if (options.Shard is { } shard && (shard.Number < 1 || shard.Number > shard.Count))
        {
            throw new StudyException(
                Invariant($"The shard {shard.Number} of {shard.Count} is out of range; number them from 1 to {shard.Count}."));
        }

        var request = new StudyRequest(Definition(), folder)
        {
            Jobs = options.Jobs,
            Shard = options.Shard,
            SecondsBetweenCheckpoints = options.BetweenCheckpoints.TotalSeconds,
            SecondsToWait = Seconds(options.LockWait),
        };
        Action<string> notice = options.Notice ?? (_ => { });
        var work = new StudyWork(request);
        return work.InFolder(held =>
        {
            work.Begin(held, notice);
            StudyRunner runner = work.Runner(held, new CorpusCache(new DataSurroundings { Notice = notice }),
                (trial, result, progress) => options.OnFinished?.Invoke(trial, result, progress));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (options.Session is { } session)
                stop.CancelAfter(TimeSpan.FromMinutes(Math.Clamp(session.TotalMinutes, 0, LongestSession)));
            runner.Run(stop.Token);
            return runner.Progress();
        });
    }

    /// <summary><see cref="Run"/> on a thread of its own.</summary>
    /// <inheritdoc cref="Run"/>
    public Task<StudyProgress> RunAsync(
        string folder, StudyRunOptions? options = null, CancellationToken cancellation = default)
    {
        StudyProgress Work() => Run(folder, options, cancellation);
        return Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Joins stores of this study into the one of a folder, all of them or, when anything does not fit, none.</summary>
    /// <param name="folder">The folder, which may have results of its own.</param>
    /// <param name="sources">Folders of stores, or files of exported ones; none for the shards in the folder.</param>
    /// <exception cref="StudyException">A store is of another study, is damaged, or has another result of a trial.</exception>
    /// <exception cref="IOException">The folder cannot be written, or is in use.</exception>
    public StudyMerged Merge(string folder, params IReadOnlyList<string> sources)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(sources);
        return StudyMerge.Join(folder, sources, Definition(), StudyStore.SecondsToWait, null);
    }

    /// <summary>The study as the rest of the library has it, after every check that a study's file gets.</summary>
    internal StudyDefinition Definition()
    {
        string what = $"The study {Name}";
        if (Tasks.GroupBy(task => task.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new StudyException($"{what} has the task {twice.Key} twice.");
        StudyAxis[] tasks = Tasks.Count == 0 ? [] : [new StudyAxis(TrialOptions.Task, [.. Tasks.Select(task => task.Name)])];
        IReadOnlyList<StudyAxis>[] grids =
        [
            .. Grids.DefaultIfEmpty([])
                .Select(grid => grid.Any(axis => axis.Option == TrialOptions.Task) ? grid : [.. tasks, .. grid]),
        ];
        var study = new StudyDefinition(Name, grids)
        {
            Description = Description,
            DecideAfter = DecideAfter,
            Sample = Sample,
            Test = Test,
            Own = Tasks.Count == 0 ? null : Own(what, grids),
        };
        return StudyReader.Read(what, study.ToJson()) with { Own = study.Own };
    }

    private OwnTasks Own(string what, IReadOnlyList<StudyAxis>[] grids)
    {
        string[] parameters = [.. grids.SelectMany(grid => grid).Select(axis => axis.Option).Where(TrialOptions.IsParameter)
            .Distinct().Order(StringComparer.Ordinal)];
        if (parameters.FirstOrDefault(name => !StudyTask.IsName(name)) is { } odd)
        {
            throw new StudyException(
                $"{what}: an axis cannot be called '{odd}'; write small letters, digits and hyphens, first a letter.");
        }

        return new OwnTasks(
            [.. Tasks.Select(task => KeyValuePair.Create(task.Name, task.Version))],
            parameters,
            [.. OptionsText.Identity(Options).Where(option => option.Key != TrialOptions.Threads)])
        {
            Made = Tasks,
            Basis = Options,
        };
    }

    private static int Seconds(TimeSpan wait) => (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, 1_000_000);
}
