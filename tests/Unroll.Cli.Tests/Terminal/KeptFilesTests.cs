using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Terminal;

/// <summary>What a command writes never takes the place of a store, of a run's files or of a model.</summary>
public class KeptFilesTests
{
    private static readonly string[] s_run = ["addition", "--length", "10", "--hidden", "4", "--updates", "20", "--check-every",
        "10", "--validation", "50"];

    [Fact]
    public void A_study_and_a_run_outlive_what_is_named_after_their_files()
    {
        using var folder = new TempFolder();
        string study = folder.At("study"), store = Path.Combine(study, "study.db"), run = folder.At("run");
        string text = folder.At("t.txt"), both = folder.At("both.svg");
        Assert.Equal(0, Cli.Run("study", "run", "addition", "--set", "length=10", "--set", "seed=1,2", "--set", "updates=20",
            "--set", "check-every=10", "--set", "validation=50", "--set", "hidden=4", "--out", study).Code);
        Cli.Run(["train", .. s_run, "--out", run]);
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("abc de. ", 200)));
        string novel = folder.At("novel"), model = Path.Combine(novel, "best.safetensors");
        Assert.Equal(0, Cli.Run("train", "text", "--data", text, "--hidden", "4", "--epochs", "1", "--out", novel).Code);
        string alone = folder.At("alone.safetensors");
        File.Copy(model, alone);
        byte[] before = File.ReadAllBytes(store), trained = File.ReadAllBytes(model);

        Refused("a store of studies", "study", "export", study, "--csv", "--out", store);
        Refused("a store of studies", "study", "export", study, "--checks", store, "--out", folder.At("a.csv"));
        Refused("a store of studies", "study", "report", study, "--out", store);
        Refused("a store of studies", "diagnose", run, "--batches", "1", "--html", store);
        Refused("a file of the run in its folder", "report", novel, "--out", Path.Combine(novel, "run.json"));
        Refused("a file of the run in its folder", "sample", novel, "--length", "5", "--out", model);
        Refused("a file of the run in its folder", "diagnose", novel, "--batches", "1", "--html", model);
        Refused("a model", "sample", novel, "--length", "5", "--out", alone);
        Assert.Equal(before, File.ReadAllBytes(store));
        Assert.Equal(trained, File.ReadAllBytes(model));

        Refused("--out and --checks cannot both write", "study", "export", study, "--out", both, "--checks", both);
        Refused("--out and --store cannot both write", "study", "export", study, "--out", both, "--store", both);
        Refused("--html and --plot cannot both write", "diagnose", run, "--html", both, "--plot", both);
        Assert.Equal(0, Cli.Run("study", "export", study, "--out", folder.At("b"), "--checks", folder.At("c")).Code);
        Assert.Equal(0, Cli.Run("study", "export", study, "--out", folder.At("b")).Code); // a table may be replaced

        Refused("holds a study (study.db); a run needs a folder of its own", ["train", .. s_run, "--out", study]);
        Assert.Equal(0, Cli.Run("study", "run", study).Code);
    }

    private static void Refused(string words, params string[] line) => Assert.Contains(words, Cli.Run(line).RefusedWith());
}
