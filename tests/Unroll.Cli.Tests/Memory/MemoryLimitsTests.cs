using System.Diagnostics;
using System.Globalization;
using Unroll.Studies.Memory;

namespace Unroll.Cli.Tests.Memory;

/// <summary>
/// The smallest of the machine's, the control groups' and the process's limits, over trees of files made for it and in a real
/// process.
/// </summary>
public class MemoryLimitsTests
{
    private const double Gibibyte = 1L << 30;
    private const string Unlimited1 = "9223372036854771712"; // what version 1 says for none

    [Fact]
    public void The_machine_alone() => Check([], 8, "the machine has 8 GiB");

    [Fact]
    public void Without_any_file_the_runtimes_own_number()
    {
        using var folder = new TempFolder();
        MemoryLimit limit = MemoryLimits.Smallest(folder.At("none"), 3 * Gibibyte);
        Assert.Equal((3 * Gibibyte, "the machine has 3 GiB"), (limit.Bytes, limit.Words));
    }

    [Theory]
    [InlineData("2147483648", "max", "max", 2, "/a/b/c")]
    [InlineData("max", "2147483648", "4294967296", 2, "/a/b")]
    [InlineData("max", "max", "1073741824", 1, "/a")]
    [InlineData("3221225472", "2147483648", "1073741824", 1, "/a")]
    public void Groups_of_version_2_nested(string inner, string middle, string outer, double gibibytes, string group) => Check(
        [
            ("proc/self/cgroup", "0::/a/b/c\n"), ("proc/self/mountinfo", Mount2("/", "/sys/fs/cgroup")),
            ("sys/fs/cgroup/a/b/c/memory.max", inner), ("sys/fs/cgroup/a/b/memory.max", middle),
            ("sys/fs/cgroup/a/memory.max", outer),
        ],
        gibibytes, $"its control group {group} is limited to {gibibytes} GiB (memory.max)");

    [Theory]
    [InlineData("2147483648", Unlimited1, 2, "/a/b")]
    [InlineData(Unlimited1, "1073741824", 1, "/a")]
    public void Groups_of_version_1_nested(string inner, string outer, double gibibytes, string group) => Check(
        [
            ("proc/self/cgroup", "12:cpu,cpuacct:/other\n5:memory:/a/b\n0::/\n"),
            ("proc/self/mountinfo", Mount1("/", "/sys/fs/cgroup/memory", "memory")
                + Mount1("/", "/sys/fs/cgroup/cpu", "cpu,cpuacct")),
            ("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", inner), ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", outer),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", Unlimited1),
        ],
        gibibytes, $"its control group {group} is limited to {gibibytes} GiB (memory.limit_in_bytes)");

    [Fact]
    public void A_container_sees_only_its_part_of_the_tree_as_the_mounts_root() => Check(
        [
            ("proc/self/cgroup", "5:memory:/docker/abc/job\n"),
            ("proc/self/mountinfo", Mount1("/docker/abc", "/sys/fs/cgroup/memory", "memory")),
            ("sys/fs/cgroup/memory/job/memory.limit_in_bytes", Unlimited1),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824"),
        ],
        1, "its control group / is limited to 1 GiB (memory.limit_in_bytes)");

    [Theory]
    [InlineData("0::/\n")]
    [InlineData("0::/../../elsewhere\n")]
    public void A_group_of_its_own_namespace_is_the_root(string cgroup) => Check(
        [("proc/self/cgroup", cgroup), ("proc/self/mountinfo", Mount2("/", "/sys/fs/cgroup")),
            ("sys/fs/cgroup/memory.max", "536870912")],
        0.5, "its control group / is limited to 0.5 GiB (memory.max)");

    [Fact]
    public void A_group_named_as_the_start_of_another_is_another() => Check(
        [
            ("proc/self/cgroup", "5:memory:/docker/abcdef\n"),
            ("proc/self/mountinfo", Mount1("/docker/abc", "/sys/fs/cgroup/memory", "memory")),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824"), ("sys/fs/cgroup/memory/def/memory.limit_in_bytes", "1"),
        ],
        1, "its control group / is limited to 1 GiB (memory.limit_in_bytes)");

    [Fact]
    public void Names_may_hold_blanks_and_colons() => Check(
        [
            ("proc/self/cgroup", "0::/a b:c\n"), ("proc/self/mountinfo", Mount2("/", "/sys/fs/my\\040groups")),
            ("sys/fs/my groups/a b:c/memory.max", "1073741824"),
        ],
        1, "its control group /a b:c is limited to 1 GiB (memory.max)");

    [Fact]
    public void The_processs_address_space_half_of_which_is_the_heaps() => Check(
        [("proc/self/limits", Limits("4294967296", "unlimited"))],
        2, "the address space of this process is limited to 4 GiB (ulimit -v), half of which is for its heap");

    [Fact]
    public void The_processs_data_less_what_it_has_taken() => Check(
        [("proc/self/limits", Limits("unlimited", "4294967296")),
            ("proc/self/status", "Name:\tx\nVmSize:\t   99 kB\nVmData:\t 1048576 kB\n")],
        3, "the data of this process are limited to 4 GiB (ulimit -d), some of which it has taken already");

    [Fact]
    public void The_smallest_of_all_kinds_wins() => Check(
        [
            ("proc/self/cgroup", "0::/a\n"), ("proc/self/mountinfo", Mount2("/", "/sys/fs/cgroup")),
            ("sys/fs/cgroup/a/memory.max", "3221225472"),
            ("proc/self/limits", Limits("4294967296", "unlimited")),
        ],
        2, "the address space of this process is limited to 4 GiB (ulimit -v), half of which is for its heap");

    [Fact]
    public void The_runtimes_heap_may_be_smaller_than_the_group_allows() => Check(
        [("proc/self/cgroup", "0::/a\n"), ("proc/self/mountinfo", Mount2("/", "/sys/fs/cgroup")),
            ("sys/fs/cgroup/a/memory.max", "4294967296")],
        3, "the runtime's heap may take 3 GiB where its control group /a is limited to 4 GiB (memory.max)", heap: 3);

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\n")]
    [InlineData("0::\n5:memory\n:::\n")]
    [InlineData("0::/gone\n")]
    public void What_cannot_be_read_limits_nothing(string text) => Check(
        [("proc/self/cgroup", text), ("proc/self/mountinfo", text + Mount2("/", "/sys/fs/cgroup")), ("proc/self/limits", text),
            ("sys/fs/cgroup/memory.max", text)],
        8, "the machine has 8 GiB");

    [Theory]
    [InlineData(3_000_000, 4_000, "ulimit -v")] // 3 GB of address space; a run that needs 4 GB or so
    public void A_real_process_refuses_what_its_address_space_cannot_hold(int kibibytes, int hidden, string words)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc/self/limits");
        CliResult refused = Limited(kibibytes, "train", "--length", "100", "--hidden", $"{hidden}", "--batch", "200", "--updates",
            "1", "--validation", "100");
        string sentence = refused.RefusedWith();
        Assert.Contains(words, sentence);
        Assert.Contains("take a smaller --hidden, --batch or --length", sentence);
        Assert.Contains(" 2.861 GiB", sentence);
        Assert.Equal(ExitCode.Unsolved, Limited(kibibytes, ["train", "--updates", "1", "--threads", "2", .. Cli.Small]).Code);
    }

    /// <summary>One trial of half a gibibyte fits, four at once do not.</summary>
    [Fact]
    public void A_study_is_refused_before_it_starts_where_its_jobs_do_not_fit_together()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc/self/limits");
        using var folder = new TempFolder();
        string[] Study(string jobs, params string[] values) =>
            ["study", "run", "temporal-order", "--out", folder.At("study"), "--jobs", jobs,
            "--set", "length=100", "--set", "batch=200", "--set", "seed=1..4",
            .. values.SelectMany(value => (string[])["--set", value])];
        string sentence = Limited(3_000_000, Study("4", "hidden=1000")).RefusedWith();
        Assert.Contains("of memory for 4 trials at once and the address space of this process is limited to 2.861 GiB", sentence);
        Assert.Contains("run at most 2 at once, or take a smaller hidden, batch or length (--jobs)", sentence);
        Assert.False(Directory.Exists(folder.At("study")));
        string[] small = ["hidden=10", "updates=1", "check-every=1", "validation=10", "curriculum=none"];
        Assert.Equal(ExitCode.Success, Limited(3_000_000, Study("4", small)).Code);
    }

    [Theory]
    [InlineData(1, new[] { 5.0, 5, 5 }, null)]
    [InlineData(2, new[] { 5.0, 5, 5 }, null)]
    [InlineData(3, new[] { 5.0, 5, 5 }, "2")]
    [InlineData(64, new[] { 5.0, 5 }, null)]
    [InlineData(2, new[] { 1.0, 9, 1, 1 }, null)]
    [InlineData(2, new[] { 1.0, 9, 1, 9 }, "1")]
    [InlineData(3, new[] { 1.0, 9, 1, 1 }, "2")]
    [InlineData(4, new double[0], null)]
    public void Jobs_are_looked_at_by_the_largest_trials_that_may_meet(int jobs, double[] gibibytes, string? advised)
    {
        void Check() => MemoryNeed.CheckJobs(
            "The study x", gibibytes.Select(need => need * Gibibyte), jobs,
            new MemoryLimit(10 * Gibibyte, "the machine has 10 GiB"));
        if (advised is null) Check();
        else Assert.Contains($"trials at once and the machine has 10 GiB; run at most {advised} at once, or",
            Assert.Throws<UserError>(Check).Message);
    }

    [Fact]
    public void The_script_says_what_address_space_the_runtime_needs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs ulimit -v");
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Unroll.slnx"))) root = Path.GetDirectoryName(root);
        Assert.SkipWhen(root is null, "the tests run without their sources");
        var info = new ProcessStartInfo("bash", ["-c", "ulimit -v 1000000; exec \"$0\" tasks", Path.Combine(root!, "unroll")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(info)!;
        Assert.Contains("ulimit -v 1000000 is too little: the .NET runtime needs", process.Finish().RefusedWith());
    }

    private static CliResult Limited(int kibibytes, params string[] args)
    {
        string limit = kibibytes.ToString(CultureInfo.InvariantCulture);
        var info = new ProcessStartInfo("sh",
            ["-c", $"ulimit -v {limit}; exec dotnet \"$0\" \"$@\"", typeof(UnrollCommand).Assembly.Location, .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(info)!;
        return process.Finish();
    }

    private static void Check((string Path, string Text)[] files, double gibibytes, string words, double heap = 100)
    {
        using var root = new TempFolder();
        foreach ((string path, string text) in files.Prepend(("proc/meminfo", "MemTotal:        8388608 kB\nMemFree:  1 kB\n")))
        {
            string file = root.At(path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        MemoryLimit limit = MemoryLimits.Smallest(root.At(""), heap * Gibibyte);
        Assert.Equal(words, limit.Words);
        Assert.Equal(gibibytes * Gibibyte, limit.Bytes);
    }

    private static string Mount2(string root, string point) =>
        $"41 31 0:38 {root} {point} rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

    private static string Mount1(string root, string point, string controllers) =>
        $"35 31 0:32 {root} {point} rw,relatime - cgroup cgroup rw,{controllers}\n";

    private static string Limits(string space, string data) =>
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        + $"Max data size             {data,-20} unlimited            bytes     \n"
        + $"Max address space         {space,-20} unlimited            bytes     \n";
}
