#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Data;
using Unroll.Sampling;
using Unroll.Tasks;
using Unroll.Training;

// Pieces of broken chords over a bass note (C, A minor, F, G) in four keys. Learn them and write a new piece.
int[][] chords = [[0, 4, 7], [-3, 0, 4], [-7, -3, 0], [-5, -1, 2]];
PianoRoll[] pieces = [.. Enumerable.Range(0, 24).Select(number =>
{
    var piece = new PianoRoll($"piece {number}", 64);
    for (int t = 0; t < piece.Steps; t++)
    {
        int[] chord = chords[((t / 8) + (number / 8)) % chords.Length];
        int root = 39 + (number % 4); // key 39 is middle C
        piece[t, root - 12 + chord[0]] = true;
        piece[t, root + chord[number / 4 % 2 == 0 ? t % 3 : 2 - (t % 3)]] = true;
    }

    return piece;
})];

var options = new TrainingOptions
{
    Hidden = 100,
    Initialization = Initialization.Orthogonal,
    Optimizer = OptimizerKind.Adam,
    LearningRate = 0.005,
    ClipThreshold = 1,
    Omega = 0,
    BatchSize = 4,
    Stop = StopRule.Budget,
    CheckEvery = 0, // once an epoch
    MaximumEpochs = 300,
};
var task = new MusicTask(new MusicCorpus("broken chords", pieces[..20], pieces[20..22], pieces[22..]));
using var trainer = new Trainer(task, options);
TrainingResult result = trainer.Run();
Console.WriteLine($"{result.Updates} updates: {result.Last?.ValidationLoss:F2} nats a step");

PianoRoll written = new MusicSampler<float>(trainer.BestNetwork<float>())
    .Sample(null, new SamplingOptions { Temperature = 0.5, Length = 64, Seed = 1 });
string file = Path.Combine(Path.GetTempPath(), "broken-chords.mid");
MidiFile.Write(file, written, tempo: 140);
Console.WriteLine($"{file}: {MidiFile.Read(file).Steps} steps");
