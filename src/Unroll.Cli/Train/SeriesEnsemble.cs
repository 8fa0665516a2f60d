using System.Globalization;
using System.Numerics;
using Unroll.Cli.Terminal.Streams;
using Unroll.Data;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary><c>--ensemble</c>: trains several networks from other seeds, and gives the settings of the run that keeps them joined
/// as one network, whose weights are frozen.</summary>
internal static class SeriesEnsemble
{
    // A prime: networks of two seeds of the command have none of theirs in common.
    private const ulong SeedStep = 1_000_003;

    /// <summary>Whether networks of these options cannot be joined, as a layer of theirs is normalized.</summary>
    public static bool IsNormalized(TrainingOptions o) => o.LayerNorm || o.Stack?.Any(layer => layer.LayerNorm) == true;

    /// <summary>Trains the networks.</summary>
    /// <param name="settings">The settings of the run that keeps them.</param>
    /// <param name="members">The settings of each, the seed aside; of several ways to read the data one for each, whose networks
    /// the reading of <paramref name="settings"/> combines.</param>
    /// <param name="count">How many of each.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="start">The parts that give them their weights; null for none.</param>
    /// <param name="json">Whether objects are written.</param>
    /// <param name="host">What surrounds the command.</param>
    /// <returns>The settings of the run, and the part that gives it the joined weights.</returns>
    /// <exception cref="UserError">They cannot be joined.</exception>
    /// <exception cref="OperationCanceledException">Somebody ended it.</exception>
    public static (TrainSettings Settings, Func<ITask, Precision, TrainingParts?> Parts) Train(TrainSettings settings,
        IReadOnlyList<TrainSettings> members, int count, SequenceFolds folds,
        Func<ITask, Precision, TrainingParts?>? start, bool json, CommandHost host)
    {
        TrainingOptions o = settings.Options;
        if (o.Optimizer == OptimizerKind.Ridge)
            throw new UserError("--ensemble is for networks that are trained by gradients; leave it out with --optimizer ridge, "
                + "and take more units.");
        if (IsNormalized(o))
            throw new UserError("--ensemble joins networks side by side, and --layer-norm would normalize over the units of all; "
                + "leave one of them out.");
        Dictionary<string, string> texts = settings.Series!.Texts.ToDictionary();
        texts["ensemble"] = count.ToString(CultureInfo.InvariantCulture);
        SeriesTask joint = settings.Series.Create(folds);
        int all = count * members.Count;
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        try
        {
            Func<ITask, Precision, TrainingParts?> parts = o.Precision == Precision.Double ? Joined<double>() : Joined<float>();
            NetworkShape one = OptionsRules.Check(joint, o);
            return (settings with
            {
                Series = settings.Series with { Texts = texts },
                Options = o with
                {
                    Hidden = o.Hidden * all,
                    Stack = o.Stack?.Select(layer => layer with { Hidden = layer.Hidden * all }),
                    Frozen = [.. one.Blocks().Select(block => block.Name)],
                    L1 = [],
                    L2 = [],
                    Rescue = null,
                    MaximumUpdates = 1,
                    CheckEvery = 1,
                    Patience = null,
                },
            }, parts);
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            throw UserError.From(error);
        }

        Func<ITask, Precision, TrainingParts?> Joined<T>()
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var networks = new List<Network<T>>();
            foreach (TrainSettings member in members)
            {
                SeriesTask task = members.Count == 1 ? joint : member.Series!.Create(folds);
                for (int k = 0; k < count; k++)
                {
                    Network<T> network = One<T>(task, member, k, networks.Count);
                    networks.Add(members.Count == 1 ? network : CombinedReading.Express(network, task.Codec, joint.Codec));
                }
            }

            Network<T> joined = NetworkEnsemble.Join(networks);
            return (_, _) => new TrainingParts<T>
            {
                Initializer = (network, _) => joined.Parameters.CopyTo(network.Parameters),
            };
        }

        Network<T> One<T>(SeriesTask task, TrainSettings member, int k, int place)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            TrainingOptions options = member.Options;
            using var trainer = new Trainer(task, options with { Seed = unchecked((options.Seed * SeedStep) + (ulong)k) },
                start?.Invoke(task, options.Precision));
            TrainingResult result = trainer.Run(cancellation: cancel.Token);
            cancel.Token.ThrowIfCancellationRequested();
            if (result.Outcome == TrainingOutcome.NonFinite) throw new ArgumentException(result.Message);
            bool isLast = settings.Series!.IsRefit || !trainer.HasBest;
            Tell(place, isLast ? result.Updates : result.BestUpdate, result.Last?.ValidationLoss);
            return isLast ? trainer.LastNetwork<T>() : trainer.BestNetwork<T>();
        }

        void Tell(int k, long update, double? loss)
        {
            if (json)
            {
                JsonLine.Write(host.Out, line =>
                {
                    line.WriteString("event", "network");
                    line.WriteNumber("network", k + 1);
                    line.WriteNumber("update", update);
                    if (loss is { } cost && double.IsFinite(cost)) line.WriteNumber("validation_loss", cost);
                });
                return;
            }

            host.Say($"network {Format.Count(k + 1)} of {Format.Count(all)}: trained, that of update "
                + $"{Format.Count(update)} kept");
        }
    }
}
