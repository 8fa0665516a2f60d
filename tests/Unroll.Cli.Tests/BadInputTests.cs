using System.Diagnostics;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests;

/// <summary>Every refusal is exit 2 and one sentence that says what would be right.</summary>
public class BadInputTests
{
    [Theory]
    [InlineData("train temporal-ordr", "did you mean temporal-order ")]
    [InlineData("train permutaton", "did you mean permutation")]
    [InlineData("train --lenght 20", "did you mean --length?")]
    [InlineData("train --frobnicate", "has no option --frobnicate; did you mean --")]
    [InlineData("train --method sdg-cr", "did you mean sgd-cr ")]
    [InlineData("train --out --jsn", "has no option --jsn; did you mean --json?")]
    [InlineData("train --recipe papr", "did you mean paper")]
    [InlineData("train --init smart", "did you mean smart-tanh")]
    [InlineData("train --activation tan", "did you mean tanh")]
    [InlineData("train --optimizer adm", "did you mean adam")]
    [InlineData("train --stop sustaind", "did you mean sustained")]
    [InlineData("train --on-nonfinite stp", "did you mean stop")]
    [InlineData("train --clip-mode nrm", "did you mean norm")]
    [InlineData("train --variant txt", "did you mean text")]
    [InlineData("train --precision flaot", "did you mean float")]
    [InlineData("train --frozen weight_hh", "did you mean weight_hh_l0")]
    [InlineData("train --lr-schedule halv", "did you mean halve")]
    [InlineData("trian", "did you mean train")]
    [InlineData("tasks shw addition", "did you mean show")]
    [InlineData("bench --shape h5", "did you mean h50")]
    [InlineData("evaluate", "needs MODEL")]
    [InlineData("tasks show", "needs TASK")]
    [InlineData("train --lr", "--lr needs a value")]
    [InlineData("train --lr 1 --lr 2", "--lr was given more than once")]
    [InlineData("train addition multiplication", "does not take the argument 'multiplication'")]
    public void An_unknown_or_missing_word_is_named_with_the_nearest_valid_one(string args, string expected) =>
        Refused(args, expected);

    [Theory]
    [InlineData("--clip 0", "--clip-mode none")]
    [InlineData("--clip -1", "--clip-mode none")]
    [InlineData("--clip nan", "--clip-mode none")]
    [InlineData("--clip inf", "--clip-mode none")]
    [InlineData("--clip -inf", "--clip-mode none")]
    [InlineData("--clip Infinity", "--clip-mode none")]
    [InlineData("--clip 1e999", "--clip-mode none")]
    [InlineData("--clip six", "--clip 'six' is not a number")]
    [InlineData("--clip auto:", "factor of --clip auto '' is not a number")]
    [InlineData("--clip auto:0", "factor of --clip auto 0 must be")]
    [InlineData("--clip auto:p0", "percentile of --clip auto 0 must be")]
    [InlineData("--clip auto:p101", "at most 100")]
    [InlineData("--clip auto:zx", "deviations of --clip auto 'x'")]
    [InlineData("--clip auto:1:-2", "first threshold of --clip -2")]
    [InlineData("--clip auto:1:2:3", "auto:p50")]
    [InlineData("--l1 0.1", "NAME:WEIGHT")]
    [InlineData("--l1 weight:", "weight of --l1 weight ''")]
    [InlineData("--l2 weight:-1", "weight of --l2 weight -1 must be")]
    [InlineData("--rescue 0.3", "best, ABOVE,TIMES,ONCE")]
    [InlineData("--rescue yes", "best, ABOVE,TIMES,ONCE")]
    [InlineData("--rescue 0.3,x,0.2", "TIMES of --rescue 'x'")]
    [InlineData("--rescue 1,3,0.2", "error that is a fall is 1")]
    [InlineData("--gradient-noise -1", "--gradient-noise -1 must be")]
    [InlineData("--plateau-checks 0", "--plateau-checks 0 must")]
    [InlineData("sine --teacher-forcing 1.1", "a share within 0 and 1, or START,END,UPDATES")]
    [InlineData("sine --teacher-forcing 1,0", "a share within 0 and 1, or START,END,UPDATES")]
    [InlineData("sine --init cycle --start-period 2", "more than 2")]
    [InlineData("sine --init cycle --start-margin -1", "above -1")]
    [InlineData("sine-2", "with 3 to 10000 steps a cycle, sine-PERIOD")]
    [InlineData("sine--25", "with 3 to 10000 steps a cycle, sine-PERIOD")]
    [InlineData("sine-0x4039000000000000", "with 3 to 10000 steps a cycle, sine-PERIOD")]
    [InlineData("sine-1e999", "with 3 to 10000 steps a cycle, sine-PERIOD")]
    [InlineData("figure-eight-x", "figure-eight-PERIOD such as figure-eight-50")]
    public void Clipping_at_a_threshold_that_is_not_positive_names_the_way_to_switch_it_off(string args, string expected) =>
        Refused($"train {args}", expected);

    [Theory]
    [InlineData("evaluate")]
    [InlineData("predict")]
    [InlineData("diagnose")]
    [InlineData("export --to onnx --out x.onnx")]
    [InlineData("train sine --from")]
    [InlineData("train forecast --data DATA --horizon 2 --from")]
    public void A_model_without_a_name_is_refused(string args)
    {
        using var folder = new TempFolder();
        string[] words = args.Replace("DATA", SeriesFiles.Readings(folder), StringComparison.Ordinal).Split(' ');
        words = words[0] == "train" ? [.. words, ""] : [words[0], "", .. words[1..]];
        Assert.Contains("The name of the model is empty", Cli.Run(words).RefusedWith());
    }

    [Theory]
    [InlineData("--hidden 0", "1..16384")]
    [InlineData("--hidden -5", "1..16384")]
    [InlineData("--hidden 99999999999999999999999", "1..16384")]
    [InlineData("--hidden 10.5", "not a whole number")]
    [InlineData("--batch 0", "1..65536")]
    [InlineData("--batch 1000000", "1..65536")]
    [InlineData("--length 0", "1..1000000")]
    [InlineData("--length -3", "1..1000000")]
    [InlineData("--length 5000000", "1..1000000")]
    [InlineData("--length 200..50", "write 50..200")]
    [InlineData("--length 5..", "not a length")]
    [InlineData("--length abc", "not a length")]
    [InlineData("--updates 0", "1..")]
    [InlineData("--minutes 0", "above 0")]
    [InlineData("--minutes -1", "above 0")]
    [InlineData("--check-every 0", "1..")]
    [InlineData("--validation 0", "1..")]
    [InlineData("--threads 0", "1..256")]
    [InlineData("--threads 257", "1..256")]
    [InlineData("--lr 0", "above 0")]
    [InlineData("--lr nan", "above 0")]
    [InlineData("--omega -1", "at least 0")]
    [InlineData("--omega inf", "at least 0")]
    [InlineData("--seed -1", "from 0 to")]
    [InlineData("--optimizer momentum --momentum 1", "below 1")]
    [InlineData("--averaging 1", "below 1")]
    [InlineData("--curriculum 20,1,0.1", "above 1")]
    [InlineData("--curriculum 20", "START,GROWTH,THRESHOLD")]
    [InlineData("--curriculum 20,1.5,1", "between 0 and 1")]
    [InlineData("--hidden 16384 --length 1000000 --batch 65536", "too many for one buffer")]
    public void Negative_or_absurd_sizes_are_refused_with_the_range(string args, string expected) =>
        Refused($"train {args}", expected);

    [Theory]
    [InlineData("train permutation --variant text --hidden 1 --length 200000", "100 sequences")]
    [InlineData("train --hidden 1 --batch 65536 --length 2100 --curriculum none", "65536 sequences")]
    [InlineData("train --recipe long --select-length 400000", "--select-length")]
    [InlineData("train --hidden 50 --length 400000", "100 sequences")]
    public void More_than_one_buffer_holds_is_refused_before_the_run(string args, string expected) =>
        Assert.Contains("too many for one buffer", Refused(args, expected));

    [Theory]
    [InlineData("train", "--updates", "1")]
    [InlineData("evaluate", "none.safetensors")]
    [InlineData("predict", "none.safetensors")]
    [InlineData("bench")]
    public void A_kernel_that_is_not_there_is_refused_by_every_command(params string[] args)
    {
        using Process process = Cli.Start(new Dictionary<string, string> { ["UNROLL_KERNEL"] = "vector7" }, args);
        string error = process.Finish().RefusedWith();
        Assert.Contains("'vector7' is not available", error);
        Assert.Contains("UNROLL_KERNEL", error);
    }

    [Theory]
    [InlineData("train --length 5", "5")]
    [InlineData("train addition --length 3..50", "length 3")]
    [InlineData("tasks show temporal-order-3bit --length 2", "2")]
    public void A_length_too_short_for_the_positions_is_refused(string args, string expected)
    {
        string error = Refused(args, expected);
        Assert.Contains("10", error);
    }

    [Theory]
    [InlineData("--method sgd --clip 6", "use --method sgd-c or")]
    [InlineData("--method sgd-r --clip 6", "use --method sgd-cr or")]
    [InlineData("--method sgd-c --omega 2", "use --method sgd-cr or")]
    [InlineData("--method sgd --omega 2", "use --method sgd-r or")]
    [InlineData("--method sgd-cr --omega 0", "use --method sgd-c or")]
    [InlineData("--method sgd-c --clip-mode none", "use --method sgd or")]
    [InlineData("--method sgd --clip-mode value", "use --method sgd-c or")]
    [InlineData("--clip-mode none --clip 6", "contradicts")]
    [InlineData("--omega 0 --omega-form paper", "no effect without Omega")]
    [InlineData("--method sgd-c --omega-schedule inverse", "no effect without Omega")]
    [InlineData("--optimizer adam --momentum 0.9", "no effect with --optimizer adam")]
    [InlineData("--optimizer rmsprop --momentum 0.9", "use --optimizer momentum, nesterov or sutskever")]
    [InlineData("--plateau-checks 3", "--lr-schedule plateau")]
    [InlineData("--select-by cost", "--select-by has no effect without --select-length")]
    [InlineData("--teacher-forcing 1", "--teacher-forcing is for tasks whose inputs are the targets of the step before")]
    [InlineData("addition --teacher-forcing 0.5", "addition has no output that can be fed back")]
    [InlineData("text --data ptb --teacher-forcing 1", "text has no output that can be fed back")]
    [InlineData("forecast --data x.csv --horizon 2 --teacher-forcing 1", "--teacher-forcing")]
    [InlineData("sine --optimizer hessian-free --teacher-forcing 0.5", "leave teacher forcing at 1")]
    [InlineData("sine --optimizer ridge --teacher-forcing 0", "leave teacher forcing at 1")]
    [InlineData("sine --start-period 30", "no effect without --init cycle")]
    [InlineData("sine --init bistable --start-period 30", "no effect without --init cycle")]
    [InlineData("sine --start-margin 0.1", "no effect without --init cycle or bistable")]
    [InlineData("sine --cell lstm --init cycle", "plain tanh units")]
    [InlineData("sine --init cycle --hidden 1", "two hidden units")]
    [InlineData("--gradient-noise-decay 1", "no effect without --gradient-noise")]
    [InlineData("--clip auto --clip-mode value", "--clip-mode norm")]
    [InlineData("--clip auto --clip-mode none", "contradicts --clip")]
    [InlineData("--method sgd --clip auto", "use --method sgd-c or")]
    [InlineData("--l1 weight_hh_l1:0.1",
        "L1 penalty is of the parameter 'weight_hh_l1'; the network has weight_ih_l0, weight_hh_l0")]
    [InlineData("--l2 bias:0.1 --no-bias", "L2 penalty is of the parameter 'bias'")]
    [InlineData("--l2 bias:0.1,bias:0.2", "given twice")]
    [InlineData("--l1 weight_hh_l0:0.1 --frozen weight_hh_l0", "frozen")]
    [InlineData("addition --bits 5", "--bits is for the task memorization")]
    [InlineData("memorization-20bit --bits 5", "contradicts the task")]
    [InlineData("memorization --batch 50", "whole set of 32 sequences")]
    [InlineData("memorization --validation 500", "--validation has no effect")]
    [InlineData("permutation --recipe long", "for temporal-order, addition, multiplication only")]
    [InlineData("--out a --resume b", "--out cannot be given")]
    public void Contradictions_are_refused_with_a_way_out(string args, string expected) => Refused($"train {args}", expected);

    [Fact]
    public void A_missing_or_foreign_model_file_is_refused()
    {
        using var folder = new TempFolder();
        string missing = folder.At("none.safetensors"), foreign = folder.At("foreign.safetensors");
        File.WriteAllText(foreign, "this is not a model, but it is longer than eight bytes");
        foreach (string verb in (string[])["evaluate", "predict"])
        {
            Assert.Contains(missing, Cli.Run(verb, missing).RefusedWith());
            Assert.Contains(foreign, Cli.Run(verb, foreign).RefusedWith());
            Assert.Contains("folder", Cli.Run(verb, folder.At("")).RefusedWith());
        }

        string checkpoint = folder.At("run");
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", checkpoint, .. Cli.Small]).Code);
        Assert.Contains("checkpoint", Cli.Run("evaluate", Path.Combine(checkpoint, "checkpoint.safetensors")).RefusedWith());
    }

    [Fact]
    public void A_model_of_another_task_is_refused()
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", folder.At("run"), .. Cli.Small]).Code);
        string error = Cli.Run("evaluate", folder.At("run/model.safetensors"), "--task", "addition").RefusedWith();
        Assert.Contains("6 one-hot inputs", error);
        Assert.Contains("2 dense inputs", error);
    }

    [Fact]
    public void An_output_folder_that_cannot_be_or_is_a_file_is_refused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("file"), "");
        Assert.Contains("is a file", Train(folder.At("file")));
        Assert.Contains("could not be made", Train(folder.At("file/run")));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc, where nobody can make a folder");
        Assert.Contains("/proc/unroll", Train("/proc/unroll"));
    }

    [Fact]
    public void An_output_folder_without_permission_is_refused()
    {
        Assert.SkipWhen(Environment.UserName == "root", "root writes everywhere");
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("locked"));
        if (OperatingSystem.IsWindows()) Assert.Skip("needs Unix permissions");
        else File.SetUnixFileMode(folder.At("locked"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Contains("permission is denied", Train(folder.At("locked")));
    }

    [Fact]
    public void An_output_folder_that_holds_a_run_is_refused_and_left_alone()
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", run, .. Cli.Small]).Code);
        byte[] before = File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors"));
        Assert.Contains($"--resume {run}", Train(run));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors")));
    }

    [Fact]
    public void Bad_options_leave_no_folder_behind()
    {
        using var folder = new TempFolder();
        Cli.Run("train", "--length", "5", "--out", folder.At("run")).RefusedWith();
        Cli.Run("train", "--lr", "0", "--out", folder.At("run")).RefusedWith();
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public void A_resume_without_a_run_or_with_a_damaged_one_is_refused()
    {
        using var folder = new TempFolder();
        Assert.Contains("does not exist", Cli.Run("train", "--resume", folder.At("none")).RefusedWith());
        Assert.Contains("holds no run", Cli.Run("train", "--resume", folder.At("")).RefusedWith());
        string run = folder.At("run");
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", run, .. Cli.Small]).Code);
        string json = File.ReadAllText(Path.Combine(run, "run.json"));
        foreach (string damaged in (string[])["", "[]", "{", json.Replace("\"format\": 1", "\"format\": 2"),
            json.Replace("\"hidden\": \"10\"", "\"hidden\": \"ten\""), json.Replace("temporal-order", "temporal")])
        {
            File.WriteAllText(Path.Combine(run, "run.json"), damaged);
            Cli.Run("train", "--resume", run, "--updates", "2").RefusedWith();
        }

        File.WriteAllText(Path.Combine(run, "run.json"), json);
        byte[] bytes = File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors"));
        File.WriteAllBytes(Path.Combine(run, "checkpoint.safetensors"), bytes[..(bytes.Length / 2)]);
        Assert.Contains("checkpoint.safetensors", Cli.Run("train", "--resume", run, "--updates", "2").RefusedWith());
    }

    private static string Train(string target) =>
        Cli.Run(["train", "--updates", "1", "--out", target, .. Cli.Small]).RefusedWith();

    private static string Refused(string args, string expected)
    {
        string error = Cli.Run(args.Split(' ')).RefusedWith();
        Assert.Contains(expected, error);
        return error;
    }
}
