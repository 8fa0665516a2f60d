using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Every option has the same value after it is written as text and read again.</summary>
public static class OptionsTextTests
{
    public static TheoryData<string> Properties => OptionChanges.Data();

    [Theory]
    [MemberData(nameof(Properties))]
    public static void Every_property_survives(string property)
    {
        var defaults = new TrainingOptions();
        TrainingOptions changed = OptionChanges.Change(defaults, property);
        AssertSame(changed, Read(changed));
        _ = OptionChanges.Text(defaults, changed); // exactly one text belongs to the property
    }

    [Fact]
    public static void All_at_once_and_none()
    {
        var options = new TrainingOptions();
        AssertSame(options, Read(options));
        AssertSame(options, OptionsText.FromProperties(new Dictionary<string, string>()));
        foreach (string property in OptionChanges.Names) options = OptionChanges.Change(options, property);
        AssertSame(options, Read(options));
        IReadOnlyList<KeyValuePair<string, string>> texts = OptionsText.ToProperties(options);
        const int MoreOfHessianFree = 3, MoreOfReservoir = 4, MoreOfBoundary = 1; // their records have four, five and two values
        Assert.Equal(OptionChanges.Names.Length + MoreOfHessianFree + MoreOfReservoir + MoreOfBoundary, texts.Count);
        Assert.Equal(texts.Count, texts.Select(text => text.Key).Distinct().Count());
    }

    [Theory]
    [InlineData(0.1 + 0.2)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(-0.0)]
    [InlineData(double.NaN)]
    public static void Numbers_keep_their_bits(double value)
    {
        TrainingOptions read = Read(new TrainingOptions { LearningRate = value, MaximumMinutes = value });
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(read.LearningRate));
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(read.MaximumMinutes!.Value));
    }

    [Fact]
    public static void Every_named_value_survives()
    {
        Check<CellKind>((o, v) => o with { Cell = v }, o => o.Cell);
        Check<Activation>((o, v) => o with { Activation = v }, o => o.Activation);
        Check<Initialization>((o, v) => o with { Initialization = v }, o => o.Initialization);
        Check<OptimizerKind>((o, v) => o with { Optimizer = v }, o => o.Optimizer);
        Check<RateSchedule>((o, v) => o with { RateSchedule = v }, o => o.RateSchedule);
        Check<ClipMode>((o, v) => o with { ClipMode = v }, o => o.ClipMode);
        Check<OmegaForm>((o, v) => o with { OmegaForm = v }, o => o.OmegaForm);
        Check<OmegaSchedule>((o, v) => o with { OmegaSchedule = v }, o => o.OmegaSchedule);
        Check<NonFinitePolicy>((o, v) => o with { OnNonFinite = v }, o => o.OnNonFinite);
        Check<CostReduction>((o, v) => o with { Reduction = v }, o => o.Reduction!.Value);
        Check<StopRule>((o, v) => o with { Stop = v }, o => o.Stop);
        Check<Precision>((o, v) => o with { Precision = v }, o => o.Precision);

        static void Check<TEnum>(Func<TrainingOptions, TEnum, TrainingOptions> with, Func<TrainingOptions, TEnum> get)
            where TEnum : struct, Enum
        {
            foreach (TEnum value in Enum.GetValues<TEnum>()) Assert.Equal(value, get(Read(with(new TrainingOptions(), value))));
        }
    }

    [Fact]
    public static void Names_are_those_of_the_command_line()
    {
        Assert.Equal("smart-tanh", OptionsText.Name(Initialization.SmartTanh));
        Assert.Equal("halve-on-rise", OptionsText.Name(RateSchedule.HalveOnRise));
        Assert.Equal("sgd", OptionsText.Name(OptimizerKind.Sgd));
    }

    [Fact]
    public static void A_curriculum_may_leave_out_how_often() =>
        Assert.Equal(new LengthCurriculum(20, 1.5, 0.25), Read("curriculum", "20,1.5,0.25").Curriculum);

    public static TheoryData<string, string> BadTexts()
    {
        var data = new TheoryData<string, string>();
        foreach ((string name, string _) in OptionsText.ToProperties(new TrainingOptions()))
        {
            if (name == "frozen") continue; // accepts any names: the network checks them
            data.Add(name, "rubbish");
            data.Add(name, "");
        }

        foreach (string name in (string[])["hidden", "batch", "check-every", "validation", "select-length", "threads"])
        {
            data.Add(name, "2147483648");
            data.Add(name, "1.5");
        }

        data.Add("updates", "9223372036854775808");
        data.Add("seed", "-1");
        data.Add("seed", "18446744073709551616");
        data.Add("lr", "1,5");
        data.Add("lr", "0x12");
        data.Add("biases", "True");
        data.Add("activation", "Tanh");
        data.Add("activation", "0");
        data.Add("cost", "Sum");
        foreach (string text in (string[])["20", "20,1.1", "20,1.1,0.1,5,6", "20,1.1,0.1,", "x,1.1,0.1", "20,x,0.1", "20,1.1,x",
            "20,1.1,0.1,x", "-20,1.1,0.1"])
            data.Add("curriculum", text);
        foreach (string text in (string[])["0.3,3,0.2", "0.3,3,0.2,0.1,1", "x,3,0.2,0.1", "0.3,x,0.2,0.1", "best"])
            data.Add("rescue", text);
        foreach (string text in (string[])["mean", "mean:x", "median:1", "mean:1:2", "auto"]) data.Add("clip-rule", text);
        foreach (string text in (string[])["bias", "bias:x", "bias:1,", ":1", "bias:1:2"]) data.Add("l1", text);
        foreach (string text in (string[])["lstm", "lstm:x", "lstm 5", "rnn:5", "lstm:5,", "leaky:5:tanh:x",
            "leaky:5:tanh:0.5:taught", "lstm:99999999999", "norm", "lstm:norm"])
            data.Add("stack", text);
        foreach (string text in (string[])["weight", "weight:", ":uniform", "weight:Uniform", "weight:uniform,",
            "weight:uniform:1"])
            data.Add("init-block", text);
        foreach (string text in (string[])["0x2", "2.5", "NONE"]) data.Add("chrono", text);
        data.Add("cell", "LSTM");
        data.Add("train-leak", "True");
        return data;
    }

    [Theory]
    [MemberData(nameof(BadTexts))]
    public static void A_bad_text_is_refused_by_name(string name, string text)
    {
        var error = Assert.Throws<FormatException>(() => Read(name, text));
        Assert.Contains($"The option {name} is '{text}'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public static void A_refusal_lists_what_is_possible()
    {
        Assert.Contains("paper", Assert.Throws<FormatException>(() => Read("omega-form", "x")).Message, StringComparison.Ordinal);
        Assert.Contains("sum, mean, task", Assert.Throws<FormatException>(() => Read("cost", "x")).Message,
            StringComparison.Ordinal);
    }

    private static TrainingOptions Read(string name, string text) =>
        OptionsText.FromProperties(new Dictionary<string, string> { [name] = text });

    private static TrainingOptions Read(TrainingOptions options) =>
        OptionsText.FromProperties(new Dictionary<string, string>(OptionsText.ToProperties(options)));

    private static void AssertSame(TrainingOptions expected, TrainingOptions actual)
    {
        Assert.Equal(expected.Frozen, actual.Frozen);
        Assert.Equal(expected.SelectionLengths, actual.SelectionLengths);
        Assert.Equal(expected.L1, actual.L1);
        Assert.Equal(expected.L2, actual.L2);
        Assert.Equal(expected.InitializationByBlock, actual.InitializationByBlock);
        Assert.Equal(expected,
            actual with
            {
                Frozen = expected.Frozen,
                InitializationByBlock = expected.InitializationByBlock,
                SelectionLengths = expected.SelectionLengths,
                L1 = expected.L1,
                L2 = expected.L2
            });
    }
}
