using Unroll.Cells;

namespace Unroll.Training;

/// <content>The network that options describe, and the options that only some networks have.</content>
internal static partial class OptionsRules
{
    /// <summary>The shape of the network; its sizes and cells are not yet checked.</summary>
    /// <exception cref="ArgumentException">There are too many layers, or none.</exception>
    public static NetworkShape ShapeOf(ITask task, TrainingOptions o)
    {
        Require(o.Layers is >= 1 and <= NetworkShape.MaximumLayers,
            Invariant($"There are {o.Layers} layers; a network has 1..{NetworkShape.MaximumLayers}."));
        var layer = new LayerShape(o.Hidden)
        {
            Cell = o.Cell,
            Activation = o.Activation,
            Leak = o.Leak,
            TrainedLeak = o.TrainedLeak,
            LayerNorm = o.LayerNorm,
        };
        return task.Complete(new NetworkShape(task.Inputs, o.Stack ?? LayerList.Repeat(layer, o.Layers), task.Outputs)
        {
            Encoding = task.Encoding,
            Head = task.Head,
            Biases = o.Biases,
            LearnedInitialState = o.LearnedInitialState,
            Read = o.Read,
        });
    }

    /// <summary>How the network is initialized.</summary>
    public static InitializerOptions StartOf(TrainingOptions o) => new()
    {
        Kind = o.Initialization,
        ForgetBias = o.ForgetBias,
        LongestLag = o.LongestLag,
        Ring = o.Ring,
        Boundary = o.Boundary,
        Reservoir = o.Reservoir,
        ByBlock = o.InitializationByBlock.ToDictionary(block => block.Block, block => block.Kind),
    };

    /// <summary>Whether the nonlinearity of the units can be chosen.</summary>
    public static bool HasActivation(CellKind cell) => CellTable.Of(cell).HasActivation;

    /// <summary>Whether some layer has a gate that a forget bias keeps open.</summary>
    public static bool HasForgetGate(NetworkShape shape) =>
        shape.Biases && shape.Layers.Any(layer => layer.Definition.MemoryBiases(1, null).Any());

    /// <summary>Whether some layer has parameters that chrono initialization sets.</summary>
    public static bool HasChrono(NetworkShape shape) => shape.Layers.Any(layer =>
    {
        ICell cell = layer.Definition;
        bool byBias = shape.Biases && cell.MemoryBiases(1, 3).Any();
        return byBias || (cell.HasVector(layer, shape.Biases) && cell.InitialVector(layer, 3) is not null);
    });

    private static void CheckNetwork(TrainingOptions o, NetworkShape shape)
    {
        Require(o.Optimizer != OptimizerKind.HessianFree || Heads.HeadTable.Of(shape).HasCurvature,
            $"Hessian-Free needs a cost with a curvature, which that of the head {OptionsText.Name(shape.Head)} has not; take a "
            + "squared or a Huber error, or another optimizer.");
        CheckDropout(o.Dropout, "between layers");
        CheckDropout(o.InputDropout, "of the inputs");
        CheckDropout(o.OutputDropout, "of the outputs");
        Require(o.Dropout == 0 || shape.Layers.Count > 1,
            Invariant($"The dropout between layers is {o.Dropout}, and there is one layer; ")
            + "take two or more, or the dropout of inputs or outputs.");
        Require(double.IsFinite(o.ForgetBias), Invariant($"The forget bias is {o.ForgetBias}; it must be finite."));
        Require(o.ForgetBias == 1 || HasForgetGate(shape),
            Invariant($"The forget bias is {o.ForgetBias}, which is an option of LSTM layers with biases; ")
            + $"this network has {Words(shape)}.");
        Require(o.LongestLag is null or (>= 3 and <= LengthRange.Longest),
            Invariant($"The longest lag of chrono initialization is {o.LongestLag}; it must lie in 3..{LengthRange.Longest}."));
        Require(o.LongestLag is null || HasChrono(shape),
            "Chrono initialization is for LSTM and GRU layers with biases and for trained leaks; "
            + $"this network has {Words(shape)}.");
        Require(o.LongestLag is null || o.ForgetBias == 1,
            Invariant($"Chrono initialization sets the forget gates, so a forget bias of {o.ForgetBias} has no effect; ")
            + "leave one of them out.");
        o.Ring.Validate();
        o.Boundary.Validate();
        for (int l = 0; l < shape.Layers.Count; l++)
        {
            string name = ParameterBlock.Of("weight_hh", l);
            Initialization kind = o.InitializationByBlock.FirstOrDefault(block => block.Block == name)?.Kind ?? o.Initialization;
            if (BoundaryStart.Is(kind)) BoundaryStart.Require(kind, shape.Layers[l]);
        }

        Require(o.Omega == 0 || shape.Branches == 0,
            Invariant($"Omega, whose weight is {o.Omega}, measures error signals along one chain of steps, and a parallel ")
            + "decoder has a part of the horizon at each of several; take the direct decoder, or no Omega.");
        Require(o.Omega == 0 || shape.Layers.All(layer => layer.Definition.Layout.RecurrentGates > 0),
            Invariant($"Omega, whose weight is {o.Omega}, changes the recurrent weights, which LRU and dense layers do not ")
            + "have; give it the weight 0, or take another cell.");
        CheckInitializations(o, shape);
        Initializer.RequireStart(shape, StartOf(o));
    }

    private static void CheckInitializations(TrainingOptions o, NetworkShape shape)
    {
        if (o.InitializationByBlock.Count == 0) return;
        string[] weights = [.. shape.Blocks().Where(block => block.IsWeight).Select(block => block.Name)];
        var seen = new HashSet<string>();
        foreach (BlockInitialization block in o.InitializationByBlock)
        {
            RequireNamed(block.Kind, "initialization");
            Require(weights.Contains(block.Block),
                $"The weights '{block.Block}' cannot be initialized by themselves: "
                + $"the network has {string.Join(", ", weights)}.");
            Require(seen.Add(block.Block), $"The initialization of {block.Block} is given twice; give it once.");
        }
    }

    private static void CheckDropout(double rate, string where) =>
        Require(rate is >= 0 and < 1, Invariant($"The dropout {where} is {rate}; it must be at least 0 and below 1."));

    private static string Words(NetworkShape shape)
    {
        string cells = string.Join(", ", shape.Layers.Select(layer => OptionsText.Name(layer.Cell)).Distinct());
        return $"{cells} layers{(shape.Biases ? "" : " without biases")}";
    }
}
