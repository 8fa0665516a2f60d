using System.CommandLine;
using System.Text;
using System.Text.Json;
using Unroll.Cli.Settings;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll tasks</c> lists the tasks; <c>unroll tasks show TASK</c> prints an example.</summary>
internal static class TasksCommand
{
    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "One JSON object a line on standard output.",
        Recursive = true,
    };
    private static readonly DeclaredArgument<string> Task = new("TASK")
    {
        Description = "The task.",
        Completions = () => TaskCatalogue.Names,
    };
    private static readonly DeclaredOption<string?> Length = new("--length")
    {
        HelpName = "T|T1..T2",
        Description = "The length. Default: the shortest.",
    };
    private static readonly DeclaredOption<string?> Seed = new("--seed")
    {
        HelpName = "N",
        Description = "Which example. Default: 1.",
    };
    private static readonly DeclaredOption<string?> Variant = new("--variant")
    {
        HelpName = string.Join('|', Values.Named<TaskVariant>().Select(one => one.Name)),
        Description = "The task as in the authors' code or as in the paper's text. Default: code.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("tasks", "Lists the tasks, or shows an example of one.")
        {
            Examples = ["unroll tasks show addition --length 20", "unroll tasks"],
        };
        command.Add(Json);
        command.SetAction(parsed => List(parsed.GetValue(Json), host));
        var show = new VerbCommand("show", "Prints an example that a person can read.")
        {
            Examples = ["unroll tasks show addition --length 20 --seed 2"],
        };
        show.Add(Task);
        show.AddAll([Length, Seed, Variant]);
        show.SetAction(parsed => Show(parsed, host));
        command.Add(show);
        return command;
    }

    private static int List(bool json, CommandHost host)
    {
        foreach (string name in TaskCatalogue.Names)
        {
            ILengthTask task = TaskCatalogue.Create(name, Recipes.DefaultLength(name), TaskVariant.Code);
            string summary = TaskCatalogue.Summary(name);
            string[] recipe = [.. TypedOptions.Of(Recipes.Get(name, "best"))];
            string input = $"{task.Inputs} {OptionsText.Name(task.Encoding)}",
                head = $"{task.Outputs} {OptionsText.Name(task.Head)}";
            if (json)
            {
                JsonLine.Write(host.Out, line =>
                {
                    line.WriteString("name", name);
                    line.WriteString("summary", summary);
                    line.WriteNumber("inputs", task.Inputs);
                    line.WriteString("encoding", OptionsText.Name(task.Encoding));
                    line.WriteNumber("outputs", task.Outputs);
                    line.WriteString("head", OptionsText.Name(task.Head));
                    line.WriteString("loss_unit", task.LossUnit);
                    line.WriteNumber("shortest_length", task.MinimumLength);
                    line.WriteString("default_length", task.Length.ToString());
                    line.WriteString("best_recipe", string.Join(' ', recipe));
                });
                continue;
            }

            host.Out.WriteLine(name);
            foreach (string line in Format.Wrap(summary, host.Width - 2)) host.Out.WriteLine($"  {line}");
            host.Say($"  {input} inputs, {head} outputs, loss in {task.LossUnit}; lengths from {task.MinimumLength}, by default "
                + $"{task.Length}", 4);
            foreach (string line in Format.Wrap(recipe.Prepend("best recipe:"), host.Width - 4)) host.Out.WriteLine($"  {line}");
            host.Out.WriteLine();
        }

        foreach (string name in TaskCatalogue.Corpora)
        {
            (string summary, string encoding, OutputHead head, string unit) = TaskCatalogue.AboutCorpus(name);
            if (!json)
            {
                host.Out.WriteLine(name);
                host.Out.WriteLine($"  {summary}");
                host.Say($"  {encoding} inputs, {OptionsText.Name(head)} outputs, loss in {unit}; needs --data NAME|FILE (see "
                    + "unroll data list)", 4);
                host.Out.WriteLine();
                continue;
            }

            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("name", name);
                line.WriteString("summary", summary);
                line.WriteString("encoding", encoding);
                line.WriteString("head", OptionsText.Name(head));
                line.WriteString("loss_unit", unit);
                line.WriteBoolean("needs_data", true);
            });
        }

        if (!json) host.Out.WriteLine("See one with: unroll tasks show addition --length 20 --seed 1");
        return ExitCode.Success;
    }

    private static int Show(ParseResult parsed, CommandHost host)
    {
        string name = TaskCatalogue.Resolve(parsed.GetRequiredValue(Task));
        if (TaskCatalogue.Corpora.Contains(name))
            throw new UserError($"The task {name} is made of data, which unroll data show NAME|FILE shows.");
        TaskVariant variant = parsed.GetValue(Variant) is { } v ? Values.Choice("--variant", v, Values.Named<TaskVariant>())
            : TaskVariant.Code;
        ulong seed = parsed.GetValue(Seed) is { } s ? Values.Seed("--seed", s) : 1;
        LengthRange length = parsed.GetValue(Length) is { } l
            ? Values.Length("--length", l)
            : TaskCatalogue.Create(name, Recipes.DefaultLength(name), variant).MinimumLength;
        ILengthTask task = TaskCatalogue.Create(name, length, variant);
        Batch batch = Batch.For(task);
        task.Fill(batch, task.WholeSet ?? 1, new RandomKey(seed, RandomStream.Test, 0));

        // A whole set is the same for every seed; the seed chooses from it.
        int row = (int)(seed % (ulong)batch.Rows);
        if (parsed.GetValue(Json)) JsonLine.Write(host.Out, json => WriteExample(json, task, batch, row));
        else if (task is IDescribeExamples example)
            foreach (string line in example.Describe(batch, row).Split('\n')) host.Say(line, 8);
        else JsonLine.Write(host.Out, json => WriteExample(json, task, batch, row));
        return ExitCode.Success;
    }

    /// <summary>
    /// The input in the form that <c>unroll predict</c> reads, and the target: per step for a head that predicts at every step.
    /// </summary>
    private static void WriteExample(Utf8JsonWriter json, ITask task, Batch batch, int row)
    {
        int steps = batch.Lengths[row];
        json.WriteString("task", task.Name);
        json.WriteNumber("length", steps);
        json.WriteStartArray("input");
        for (int t = 0; t < steps; t++) WriteInput(t);
        json.WriteEndArray();
        json.WritePropertyName("target");
        if (batch.EveryStep) json.WriteStartArray();
        for (int t = batch.EveryStep ? 0 : steps - 1; t < steps; t++)
        {
            if (batch.IsPredicted(t, row)) WriteTarget(t);
            else json.WriteNullValue();
        }

        if (batch.EveryStep) json.WriteEndArray();

        void WriteInput(int t)
        {
            switch (task.Encoding)
            {
                case InputEncoding.OneHot:
                    json.WriteNumberValue(batch.Symbol(t, row));
                    break;
                case InputEncoding.Dense:
                    json.WriteStartArray();
                    foreach (double value in batch.Dense(t, row)) json.WriteNumberValue(value);
                    json.WriteEndArray();
                    break;
                default:
                    WriteBits(batch.Bits(t, row));
                    break;
            }
        }

        void WriteTarget(int t)
        {
            switch (task.Head)
            {
                case OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery:
                    json.WriteNumberValue(batch.Class(t, row));
                    break;
                case OutputHead.BernoulliEvery or OutputHead.BernoulliLast:
                    WriteBits(batch.TargetBits(t, row));
                    break;
                default:
                    json.WriteStartArray();
                    foreach (double value in batch.Values(t, row)) json.WriteNumberValue(value);
                    json.WriteEndArray();
                    break;
            }
        }

        void WriteBits(ReadOnlySpan<ulong> words)
        {
            json.WriteStartArray();
            for (int i = 0; i < words.Length * 64; i++)
            {
                if ((words[i >> 6] >> (i & 63) & 1) != 0) json.WriteNumberValue(i);
            }

            json.WriteEndArray();
        }
    }
}
