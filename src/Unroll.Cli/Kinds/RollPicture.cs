using System.Text;
using Unroll.Data;

namespace Unroll.Cli.Kinds;

/// <summary>
/// A piano roll as lines of text: time to the right, pitch upwards, two keys a line where half blocks can be shown.
/// </summary>
internal static class RollPicture
{
    private const int LabelWidth = 5;
    private static readonly string[] Pitches = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

    /// <summary>The beginning of a piece, between its lowest and highest key there.</summary>
    public static IEnumerable<string> Lines(PianoRoll roll, bool unicode, int width)
    {
        int steps = Math.Min(roll.Steps, width - LabelWidth);
        int[] used = [.. Enumerable.Range(0, PianoRoll.Keys).Where(key => Enumerable.Range(0, steps).Any(t => roll[t, key]))];
        if (used.Length == 0)
        {
            yield return "(silence)";
            yield break;
        }

        int keys = unicode ? 2 : 1;
        for (int high = used[^1]; high >= used[0]; high -= keys)
        {
            var line = new StringBuilder($"{Name(high),4} ");
            for (int t = 0; t < steps; t++)
            {
                bool upper = roll[t, high], lower = unicode && high > 0 && roll[t, high - 1];
                line.Append(!unicode ? upper ? '#' : '.' : upper ? lower ? '█' : '▀' : lower ? '▄' : ' ');
            }

            yield return line.ToString().TrimEnd();
        }
    }

    /// <summary>The name of a key, such as C4 for the middle one.</summary>
    public static string Name(int key)
    {
        int note = key + PianoRoll.LowestNote;
        return $"{Pitches[note % 12]}{(note / 12) - 1}";
    }
}
