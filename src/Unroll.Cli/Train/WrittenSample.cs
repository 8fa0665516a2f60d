using Unroll.Cli.Kinds;
using Unroll.Cli.Watch;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>What a network of text or music writes as it learns, for <c>--sample-every</c>.</summary>
/// <param name="Text">The text; null for music.</param>
/// <param name="Roll">The piano roll; null for text.</param>
/// <param name="Problem">Why nothing was written; null where something was.</param>
internal sealed record WrittenSample(string? Text, PianoRoll? Roll, string? Problem)
{
    /// <summary>Refuses a task of which nothing can be written.</summary>
    /// <exception cref="UserError">The task is not text of the next character, and not music.</exception>
    public static void Require(ITask task)
    {
        if (task is MusicTask or TextTask { Ahead: 1 }) return;
        throw new UserError(task is TextTask
            ? "--sample-every needs a network that predicts the next character; this one predicts a later one."
            : $"--sample-every is for text and music; {task.Name} writes nothing.");
    }

    /// <summary>Lets the network write, always with the same draws, so that samples differ by what it has learned.</summary>
    /// <param name="trainer">The run, whose network is copied.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static WrittenSample Of(Trainer trainer, CancellationToken cancellation)
    {
        try
        {
            return trainer.Task is TextTask text
                ? new WrittenSample(new ExampleView.TextExample(text).Write(trainer), null, null)
                : new WrittenSample(null, ExampleView.MusicExample.Write(trainer, cancellation), null);
        }
        catch (ArithmeticException error)
        {
            return new WrittenSample(null, null, error.Message);
        }
        catch (OperationCanceledException)
        {
            return new WrittenSample(null, null, "It was cancelled.");
        }
    }

    /// <summary>The example that a page shows; null where nothing was written.</summary>
    public byte[]? Example => Text is not null ? ExampleView.TextExample.ToJson(Text)
        : Roll is not null ? ExampleView.MusicExample.ToJson(Roll) : null;

    /// <summary>The sample as lines of a terminal.</summary>
    /// <param name="unicode">Whether half blocks can be shown.</param>
    /// <param name="width">Columns.</param>
    public IEnumerable<string> Lines(bool unicode, int width) =>
        Problem is not null ? Format.Wrap(Problem, width)
        : Roll is not null ? RollPicture.Lines(Roll, unicode, width)
        : Printable.Lines(Text!).Split('\n').SelectMany(line => Cut(line, width));

    /// <summary>Text may have no blank to be broken at.</summary>
    private static IEnumerable<string> Cut(string line, int width)
    {
        for (; line.Length > width; line = line[width..]) yield return line[..width];
        yield return line;
    }
}
