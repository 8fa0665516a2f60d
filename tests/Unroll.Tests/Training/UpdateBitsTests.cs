using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Unroll.Files;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Tests.Tasks.Natural;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// Training gives the same bits as when they were recorded: the parameters and the whole checkpoint after sixty updates of every
/// recipe under every method, and of every option that affects an update. The bits depend on the kernel and on the mathematical
/// functions of Linux on x64; for other platforms nothing was recorded.
/// </summary>
/// <remarks>
/// <c>UNROLL_UPDATE_BITS=1</c> records the cases that have no line yet, for the kernel in use (UNROLL_KERNEL chooses one). An
/// existing line is never rewritten: to change bits on purpose, remove the line first.
/// </remarks>
public static class UpdateBitsTests
{
    private const int Updates = 60;
    private static readonly string Data = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Tests", "Training",
        "update-bits.txt");
    private static readonly (string Name, bool Clips, bool Regularizes)[] Methods = [("sgd", false, false),
        ("sgd-c", true, false), ("sgd-r", false, true), ("sgd-cr", true, true)];

    [Fact]
    public static void The_bits_are_those_that_were_recorded()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("Bits are recorded for Linux on x64.");
        string kernel = KernelFactory.Choose(null);
        Dictionary<string, string> recorded = Read();
        bool record = Environment.GetEnvironmentVariable("UNROLL_UPDATE_BITS") == "1";
        if (!record && !recorded.Keys.Any(key => key.StartsWith($"{kernel} ", StringComparison.Ordinal)))
            Assert.Skip($"No bits are recorded for the kernel {kernel}.");
        List<string> problems = [];
        foreach ((string name, ITask task, TrainingOptions options) in Cases())
        {
            string key = $"{kernel} {name}", now = Hashes(task, options);
            if (!recorded.TryGetValue(key, out string? before) && record) recorded[key] = now;
            else if (before is null) problems.Add($"{key}: never recorded.");
            else if (before != now) problems.Add($"{key}: "
                + (before[..16] == now[..16]
                    ? "the parameters are the same, the rest of the checkpoint differs."
                    : "the parameters differ."));
        }

        if (record)
            File.WriteAllLines(Data,
            recorded.OrderBy(line => line.Key, StringComparer.Ordinal).Select(line => $"{line.Key} {line.Value}"));
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private const int PapersTasks = 7;

    private static IEnumerable<(string Name, ITask Task, TrainingOptions Options)> Cases() =>
        [.. OfRecipes().Select(c => (c.Name, c.Task, Small(c.Task, c.Options))),
            .. OfCorpora().Select(c => (c.Name, c.Task, Small(c.Task, c.Options))), .. OfOptions()];

    private static IEnumerable<(string Name, ITask Task, TrainingOptions Options)> OfRecipes() =>
        from task in SyntheticTasks.All.Take(PapersTasks) // those whose bits were recorded on every instruction set
        from recipe in Recipes.NamesFor(task.Name)
        from method in Methods
        from precision in recipe == "paper" ? (Precision[])[Precision.Float, Precision.Double] : [Precision.Float]
        let options = Recipes.Get(task.Name, recipe) with { StateNoise = 0, Rescue = null } // as when they were recorded
        select ($"{task.Name}/{recipe}/{method.Name}/{OptionsText.Name(precision)}",
            (ITask)SyntheticTasks.Create(task.Name, new LengthRange(12, 20)), options with
            {
                Precision = precision,
                ClipMode = method.Clips ? ClipMode.Norm : ClipMode.None,
                Omega = method.Regularizes ? Math.Max(options.Omega, 0.5) : 0,
            });

    private static IEnumerable<(string Name, ITask Task, TrainingOptions Options)> OfCorpora() =>
        from recipe in CorpusRecipes.Names
        from method in Methods
        from which in (string[])["music/jsb", "music/musedata", "text/ptb", "text/own", "text/ptb-5-ahead"]
        let text = which[0] == 't'
        let ahead = which.EndsWith("ahead", StringComparison.Ordinal) ? 5 : 1
        select ($"{which}/{recipe}/{method.Name}",
            text ? (ITask)new TextTask(Corpora.Text(400), 12, ahead) : new MusicTask(Corpora.Music(30, 17, 41), 12),
            CorpusRecipes.Get(text ? TextTask.TaskName : MusicTask.TaskName, which.Split('/', '-')[1], ahead, method.Clips,
                method.Regularizes, recipe));

    private static IEnumerable<(string Name, ITask Task, TrainingOptions Options)> OfOptions()
    {
        TrainingOptions small = Runs.Small with { MaximumUpdates = Updates };
        List<(string, TrainingOptions)> all =
        [
            ("plain", small),
            ("averaging", small with { Averaging = 0.9 }),
            ("weight-noise", small with { WeightNoise = 0.05 }),
            ("state-noise", small with { StateNoise = 0.1 }),
            ("bias-noise", small with { BiasNoise = 0.1 }),
            ("weight-decay", small with { WeightDecay = 0.01 }),
            ("frozen", small with { Frozen = [ParameterBlock.RecurrentWeights, ParameterBlock.OutputBias] }),
            ("all", small with { Averaging = 0.9, WeightNoise = 0.05, WeightDecay = 0.01, Frozen = [ParameterBlock.InputWeights],
                LearnedInitialState = true, Optimizer = OptimizerKind.Adam, LearningRate = 0.01 }),
            ("curriculum", small with { Curriculum = new LengthCurriculum(2, 1.4, 0.6, 7), SelectionLengths = [12] }),
            ("no-bias", small with { Biases = false }),
            ("skip", small with { OnNonFinite = NonFinitePolicy.Skip, Activation = Activation.Identity, ClipMode = ClipMode.None,
                LearningRate = 1e4 }),
            ("rescue", small with { OnNonFinite = NonFinitePolicy.Rescue, Activation = Activation.Identity,
                ClipMode = ClipMode.None, LearningRate = 1e4 }),
            .. Runs.GradientOptimizers.Select(kind =>
                ($"optimizer-{kind}", small with { Optimizer = kind, LearningRate = kind == OptimizerKind.Adam ? 0.01 : 0.1 })),
            .. Enum.GetValues<ClipMode>().Select(mode => ($"clip-{mode}", small with { ClipMode = mode, ClipThreshold = 0.05 })),
            .. Enum.GetValues<OmegaForm>().Select(form => ($"omega-{form}", small with { OmegaForm = form })),
            .. Enum.GetValues<OmegaSchedule>().Select(schedule => ($"omega-{schedule}", small with { OmegaSchedule = schedule })),
            .. Enum.GetValues<RateSchedule>().Select(schedule => ($"rate-{schedule}", small with { RateSchedule = schedule })),
        ];
        foreach ((string name, TrainingOptions options) in all)
        {
            foreach (Precision precision in Enum.GetValues<Precision>())
            {
                yield return ($"option/{name}/{OptionsText.Name(precision)}", Runs.Task, options with { Precision = precision });
                if (name is "plain" or "all")
                    yield return ($"option/{name}-carried/{OptionsText.Name(precision)}", ResumeTests.Carrying(),
                    options with { Precision = precision });
            }
        }
    }

    private static TrainingOptions Small(ITask task, TrainingOptions options) => options with
    {
        Hidden = 12,
        BatchSize = 5,
        MaximumUpdates = Updates,
        MaximumEpochs = null,
        CheckEvery = 20,
        ValidationSequences = 40,
        SelectionLengths = options.SelectionLengths.Count > 0 ? [24, 30] : [],
        Patience = null,
        Stop = StopRule.Budget,
    };

    /// <summary>
    /// Sixteen digits of the hash of the parameters, then of the hash of everything in a checkpoint except the times.
    /// </summary>
    private static string Hashes(ITask task, TrainingOptions options)
    {
        Checkpoint end = Runs.Run(task, options).End;
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, string value) in end.Properties.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (name is not ("seconds" or "update-seconds")) whole.AppendData(Encoding.UTF8.GetBytes($"{name}={value}\n"));
        }

        foreach ((string name, Array values) in end.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            whole.AppendData(Encoding.UTF8.GetBytes($"{name} {values.GetType().Name}\n"));
            whole.AppendData(Runs.Bytes(values));
        }

        return $"{Short(SHA256.HashData(Runs.Bytes(end.Tensors["parameters"])))} {Short(whole.GetHashAndReset())}";

        static string Short(byte[] hash) => Convert.ToHexStringLower(hash)[..16];
    }

    private static Dictionary<string, string> Read() => !File.Exists(Data) ? [] :
        File.ReadAllLines(Data).Select(line => line.Split(' ')).ToDictionary(parts => $"{parts[0]} {parts[1]}", parts =>
            $"{parts[2]} {parts[3]}", StringComparer.Ordinal);
}
