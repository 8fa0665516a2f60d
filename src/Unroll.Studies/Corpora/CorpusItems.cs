using Unroll.Training;

namespace Unroll.Studies.Corpora;

/// <summary>A part of a fold with its cost: a piece of music, a line of a text.</summary>
/// <param name="Number">Its place in the fold, from 1.</param>
/// <param name="Name">Its name; empty where it has none.</param>
/// <param name="Steps">Its predicted steps.</param>
/// <param name="Cost">Its total cost.</param>
/// <param name="Begin">Where it begins in its stream.</param>
internal sealed record CorpusItem(int Number, string Name, long Steps, double Cost, int Begin)
{
    /// <summary>The cost of a step.</summary>
    public double Loss => Cost / Steps;
}

/// <summary>The costs of the parts of a fold. Here each stream is a part.</summary>
/// <param name="unit">The unit of a cost.</param>
internal class CorpusItems(string unit)
{
    /// <summary>What a part is called, in the singular.</summary>
    public virtual string Noun => "piece";

    /// <summary>What the steps of a part are called.</summary>
    public virtual string StepNoun => "steps";

    /// <summary>Whether parts are shown by what is in them, and not by their names.</summary>
    public virtual bool HasText => false;

    /// <summary>Takes the costs of the steps of a stream; null where the costs of the streams are enough.</summary>
    public virtual StepCostsHandler? OnStepCosts => null;

    /// <summary>The unit of a cost.</summary>
    public string Unit { get; } = unit;

    /// <summary>The parts so far.</summary>
    public List<CorpusItem> All { get; } = [];

    /// <summary>Takes the costs of the streams.</summary>
    public virtual void Add(FoldCost cost)
    {
        foreach (StreamCost stream in cost.Streams)
            All.Add(new CorpusItem(All.Count + 1, stream.Name, stream.Steps, stream.Cost, 0));
    }

    /// <summary>What is in a part, shortened.</summary>
    public virtual string Text(CorpusItem item, int longest) => "";
}
