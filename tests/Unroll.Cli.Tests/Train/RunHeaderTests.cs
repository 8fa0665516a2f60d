using Unroll.Studies.Settings;

namespace Unroll.Cli.Tests.Train;

/// <summary>
/// The header of a run shows every resolved value that matters: another value of any option gives another header.
/// </summary>
public class RunHeaderTests
{
    /// <summary>An option, a value that is not the default, and what must be given with it.</summary>
    private static readonly Dictionary<string, (string Value, string[] With)> Others = new()
    {
        ["--stop"] = ("zero", []),
        ["--cost"] = ("mean", []),
        ["--hidden"] = ("11", []),
        ["--cell"] = ("gru", []),
        ["--layers"] = ("3", []),
        ["--stack"] = ("lstm:13,gru:14", []),
        ["--leak"] = ("0.37", ["--cell", "leaky"]),
        ["--train-leak"] = ("", ["--cell", "leaky", "--leak", "0.4"]),
        ["--layer-norm"] = ("", []),
        ["--dropout"] = ("0.21", ["--layers", "2"]),
        ["--input-dropout"] = ("0.22", []),
        ["--output-dropout"] = ("0.23", []),
        ["--read"] = ("mean", []),
        ["--forget-bias"] = ("2.25", ["--cell", "lstm"]),
        ["--chrono"] = ("77", ["--cell", "gru"]),
        ["--ring"] = ("0.37:0.77:0.29", ["--cell", "lru", "--omega", "0"]),
        ["--start-period"] = ("12.5", ["--init", "cycle"]),
        ["--start-margin"] = ("0.029", ["--init", "bistable"]),
        ["--init-block"] = ("weight_hh_l0:identity", []),
        ["--activation"] = ("sigmoid", []),
        ["--init"] = ("basic-tanh", []),
        ["--no-bias"] = ("", []),
        ["--learn-initial-state"] = ("", []),
        ["--frozen"] = ("weight_hh_l0", []),
        ["--optimizer"] = ("nesterov", []),
        ["--lr"] = ("0.0123", []),
        ["--lr-schedule"] = ("inverse", []),
        ["--momentum"] = ("0.77", ["--optimizer", "momentum"]),
        ["--damping"] = ("0.023", ["--optimizer", "hessian-free"]),
        ["--structural-damping"] = ("0.037", ["--optimizer", "hessian-free"]),
        ["--cg-iterations"] = ("13", ["--optimizer", "hessian-free"]),
        ["--gradient-batches"] = ("3", ["--optimizer", "hessian-free"]),
        ["--clip-temporal"] = ("0.35,value", ["--omega", "0"]),
        ["--averaging"] = ("0.5", []),
        ["--warmup"] = ("211", []),
        ["--spectral-radius"] = ("1.25", ["--init", "reservoir"]),
        ["--density"] = ("0.29", ["--init", "reservoir"]),
        ["--input-scale"] = ("0.37", ["--init", "reservoir"]),
        ["--input-density"] = ("0.31", ["--init", "reservoir"]),
        ["--bias-scale"] = ("0.41", ["--init", "reservoir"]),
        ["--ridge"] = ("0.0017", ["--optimizer", "ridge"]),
        ["--washout"] = ("31", ["--optimizer", "ridge"]),
        ["--plateau-checks"] = ("17", ["--lr-schedule", "plateau"]),
        ["--state-noise"] = ("0.06", []),
        ["--bias-noise"] = ("0.083", []),
        ["--l1"] = ("weight_hh_l0:0.0023", []),
        ["--l2"] = ("weight_hh_l0:0.0045", []),
        ["--gradient-noise"] = ("0.07", []),
        ["--gradient-noise-decay"] = ("0.83", ["--gradient-noise", "0.1"]),
        ["--rescue"] = ("0.5,4,0.3", []),
        ["--weight-noise"] = ("0.03", []),
        ["--weight-decay"] = ("0.0004", []),
        ["--clip"] = ("0.321", []),
        ["--clip-mode"] = ("value", []),
        ["--omega"] = ("0.7", []),
        ["--omega-form"] = ("paper", ["--omega", "1"]),
        ["--omega-schedule"] = ("inverse", ["--omega", "1"]),
        ["--on-nonfinite"] = ("skip", []),
        ["--batch"] = ("7", []),
        ["--curriculum"] = ("15,1.5,0.1", []),
        ["--seed"] = ("9", []),
        ["--updates"] = ("2", []),
        ["--minutes"] = ("3.5", []),
        ["--check-every"] = ("3", []),
        ["--validation"] = ("44", []),
        ["--select-length"] = ("33", []),
        ["--select-by"] = ("cost", ["--select-length", "33"]),
        ["--threads"] = ("2", []),
        ["--precision"] = ("double", []),
    };

    /// <summary>Of data, of inputs that are numbers, which symbols are not, and of outputs that are inputs.</summary>
    private static readonly string[] OfCorpora = ["--epochs", "--patience", "--input-noise", "--teacher-forcing"];

    public static TheoryData<string> Options => [.. TrainOptionTable.All.Select(option => option.Name).Except(OfCorpora)];

    [Theory]
    [MemberData(nameof(Options))]
    public void Another_value_of_any_option_shows(string option)
    {
        (string value, string[] with) = Others[option];
        // A stack has sizes of its own.
        string[] basis = Without([.. Cli.Small, "--updates", with.Contains("ridge") ? "20" : "1"], // ridge ends at a check
            option == "--stack" ? "--hidden" : option);
        string header = Header([.. basis, .. with, option, .. value.Length > 0 ? [value] : Array.Empty<string>()]);
        Assert.NotEqual(Header([.. basis, .. with]), header);
        if (value.Length > 0 && value.Any(char.IsAsciiDigit) && !value.Contains(',')) Assert.Contains(value, header);
    }

    [Fact]
    public void Epochs_and_patience_show_too()
    {
        using var folder = new TempFolder();
        string text = folder.At("text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("a text of some letters. ", 200)));
        string Header(params string[] more) => HeaderOf(["train", "text", "--data", text, "--hidden", "5", .. more]);
        string basis = Header("--epochs", "1", "--patience", "3");
        Assert.NotEqual(basis, Header("--epochs", "2", "--patience", "3"));
        Assert.NotEqual(basis, Header("--epochs", "1", "--patience", "4"));
        Assert.Contains("weight decay 0.25", Header("--epochs", "1", "--weight-decay", "0.25"));
    }

    [Fact]
    public void Noise_on_inputs_shows_for_a_task_of_numbers()
    {
        string[] run = ["train", "addition", .. Cli.Small, "--updates", "1"];
        Assert.NotEqual(HeaderOf(run), HeaderOf([.. run, "--input-noise", "0.065"]));
        Assert.Contains("noise of 0.065 on the inputs", HeaderOf([.. run, "--input-noise", "0.065"]));
    }

    [Theory]
    [InlineData("0.65", "the true values as inputs at 0.65 of the steps")]
    [InlineData("0", "the network's own outputs as inputs")]
    [InlineData("1,0.25,500", "at 1 of the steps, going to 0.25 over 500 updates")]
    public void Teacher_forcing_shows_for_a_task_whose_outputs_feed_back(string share, string says)
    {
        string[] run = ["train", "sine", .. Cli.Small, "--updates", "1"];
        Assert.Contains("the true values as inputs (teacher forcing)", HeaderOf(run));
        Assert.Contains("which go on with the network's own outputs", HeaderOf(run));
        Assert.Contains(says, HeaderOf([.. run, "--teacher-forcing", share]));
    }

    private static string Header(string[] options) => HeaderOf(["train", "temporal-order", .. options]);

    private static string HeaderOf(string[] args)
    {
        CliResult run = Cli.Run(args);
        Assert.Equal("", run.Error);
        return string.Join(' ', run.Out[..run.Out.IndexOf("\n\n", StringComparison.Ordinal)]
            .Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }

    private static string[] Without(string[] options, string name)
    {
        int at = Array.IndexOf(options, name);
        return at < 0 ? options : [.. options[..at], .. options[(at + 2)..]];
    }
}
