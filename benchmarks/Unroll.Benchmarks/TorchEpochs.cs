using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Unroll.Benchmarks;

/// <summary>
/// Epochs of a GRU and a linear head on random windows, for own-data-epoch.sh: the work of own_data_epoch_torch.py by TorchSharp.
/// </summary>
internal static class TorchEpochs
{
    /// <summary>What an epoch is; the names are those of the script's object.</summary>
    /// <param name="Rows">Training windows.</param>
    /// <param name="Validation">Windows of the validation fold.</param>
    /// <param name="Batch">Windows an update.</param>
    /// <param name="Steps">Steps of a window.</param>
    /// <param name="Inputs">Numbers a step.</param>
    /// <param name="Units">Units of the GRU.</param>
    /// <param name="Outputs">Outputs of the head.</param>
    /// <param name="Epochs">The epochs to make.</param>
    /// <param name="Cost">classes, squared or absolute.</param>
    /// <param name="Dropout">The rate of dropout before the head.</param>
    /// <param name="Noise">The deviation of the noise on inputs.</param>
    /// <param name="Lengths">The lengths of sequences, where they are unequal.</param>
    private sealed record Work(int Rows, int Validation, int Batch, int Steps, int Inputs, int Units, int Outputs, int Epochs,
        string Cost, double Dropout = 0, double Noise = 0, long[]? Lengths = null);

    /// <summary>(N, T, I), (N, O) or (N), and (N): the last step of each window where they are unequal.</summary>
    private sealed record Fold(Tensor X, Tensor Y, Tensor? Last);

    /// <summary>Prints the processor seconds of an epoch, without the first, and the greatest memory in MB.</summary>
    public static void Run(string json)
    {
        Work work = JsonSerializer.Deserialize<Work>(json, JsonSerializerOptions.Web)!;
        set_num_threads(1);
        random.manual_seed(1);
        GRU gru = nn.GRU(work.Inputs, work.Units, batchFirst: true);
        Linear head = nn.Linear(work.Units, work.Outputs);
        Parameter[] parameters = [.. gru.parameters(), .. head.parameters()];
        optim.Optimizer adam = optim.Adam(parameters, lr: 0.001);
        Fold training = Make(work, work.Rows), validation = Make(work, work.Validation);
        using Process self = Process.GetCurrentProcess();
        TimeSpan first = default, last = default;
        for (int epoch = 0; epoch < work.Epochs; epoch++)
        {
            using (DisposeScope all = NewDisposeScope())
            {
                Tensor order = randperm(work.Rows);
                for (int at = 0; at < work.Rows; at += work.Batch)
                {
                    using DisposeScope update = NewDisposeScope();
                    Fold some = Take(training, order.narrow(0, at, Math.Min(work.Batch, work.Rows - at)));
                    Tensor x = work.Noise > 0 ? some.X + (work.Noise * randn_like(some.X)) : some.X;
                    adam.zero_grad();
                    Cost(work, Outputs(work, gru, head, x, some.Last, trains: true), some.Y).backward();
                    nn.utils.clip_grad_norm_(parameters, 1);
                    adam.step();
                }
            }

            using (no_grad())
            {
                for (int at = 0; at < work.Validation; at += 256)
                {
                    using DisposeScope scope = NewDisposeScope();
                    Fold some = Take(validation, arange(at, Math.Min(at + 256, work.Validation), int64));
                    Cost(work, Outputs(work, gru, head, some.X, some.Last, trains: false), some.Y).item<float>();
                }
            }

            self.Refresh();
            last = self.TotalProcessorTime;
            if (epoch == 0) first = last;
        }

        self.Refresh();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(last - first).TotalSeconds / (work.Epochs - 1)} {self.PeakWorkingSet64 / 1048576.0}"));
    }

    private static Fold Make(Work work, int count)
    {
        Tensor x = randn(count, work.Steps, work.Inputs);
        Tensor y = work.Cost == "classes" ? randint(0, work.Outputs, [count], int64) : randn(count, work.Outputs);
        if (work.Lengths is null) return new Fold(x, y, null);
        long[] lengths = [.. work.Lengths];
        new Random(1).Shuffle(lengths);
        return new Fold(x, y, tensor(lengths.AsSpan(0, count).ToArray()) - 1);
    }

    /// <summary>Some windows of a fold, padded to the longest of them.</summary>
    private static Fold Take(Fold fold, Tensor some)
    {
        Tensor x = fold.X.index_select(0, some), y = fold.Y.index_select(0, some);
        if (fold.Last is null) return new Fold(x, y, null);
        Tensor last = fold.Last.index_select(0, some);
        return new Fold(x.narrow(1, 0, last.max().item<long>() + 1), y, last);
    }

    private static Tensor Outputs(Work work, GRU gru, Linear head, Tensor x, Tensor? last, bool trains)
    {
        Tensor states = gru.call(x).Item1;
        Tensor read = last is null ? states.select(1, states.shape[1] - 1)
            : states.index(TensorIndex.Tensor(arange(states.shape[0], int64)), TensorIndex.Tensor(last));
        return head.call(work.Dropout > 0 ? nn.functional.dropout(read, work.Dropout, trains) : read);
    }

    private static Tensor Cost(Work work, Tensor outputs, Tensor targets) => work.Cost switch
    {
        "classes" => nn.functional.cross_entropy(outputs, targets),
        "absolute" => nn.functional.l1_loss(outputs, targets),
        _ => nn.functional.mse_loss(outputs, targets),
    };
}
