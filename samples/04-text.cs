#:project ../src/Unroll/Unroll.csproj
using Unroll;
using System.Text;
using Unroll.Data;
using Unroll.Sampling;
using Unroll.Tasks;
using Unroll.Training;

// A cumulative rhyme, which repeats itself. Learn it character by character, then write more of it.
string[] built = ["house that jack built", "malt that lay in the", "rat that ate the", "cat that killed the",
    "dog that worried the", "cow with the crumpled horn that tossed the", "maiden all forlorn that milked the"];
var text = new StringBuilder();
for (int round = 0; round < 4; round++)
{
    for (int last = 0; last < built.Length; last++)
    {
        text.Append("this is the ");
        for (int i = last; i >= 0; i--) text.Append(built[i]).Append(i > 0 ? ' ' : '\n');
    }
}

TextCorpus corpus = TextFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), "the house");
var options = new TrainingOptions
{
    Hidden = 100,
    Initialization = Initialization.Orthogonal,
    Optimizer = OptimizerKind.Adam,
    Reduction = CostReduction.Mean,
    LearningRate = 0.003,
    ClipThreshold = 1,
    Omega = 0,
    BatchSize = 4,
    Stop = StopRule.Budget,
    CheckEvery = 0, // once an epoch
    MaximumEpochs = 60,
};
using var trainer = new Trainer(new TextTask(corpus, window: 40), options);
TrainingResult result = trainer.Run();
Console.WriteLine($"{result.Updates} updates: {result.Last?.ValidationLoss:F2} bits a character");

var sampler = new TextSampler<float>(trainer.BestNetwork<float>(), corpus.Alphabet);
Console.WriteLine("this is the " + sampler.Sample("this is the ",
    new SamplingOptions { Temperature = 0.5, Length = 300, Seed = 1 }));
