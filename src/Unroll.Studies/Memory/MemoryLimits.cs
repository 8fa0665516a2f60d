using System.Globalization;

namespace Unroll.Studies.Memory;

/// <summary>How much memory there is, and what says so.</summary>
/// <param name="Bytes">What a run may take.</param>
/// <param name="Words">Who allows it and how much, to follow "and": <c>the machine has 8 GiB</c>.</param>
internal sealed record MemoryLimit(double Bytes, string Words);

/// <summary>
/// The limits on this process's memory: the machine's, those of its control group and of all groups around it (versions 1
/// and 2), its own (<c>ulimit -v</c>, <c>ulimit -d</c>) and that of the runtime's heap. Where the system has no /proc only the
/// runtime's is known.
/// </summary>
internal static class MemoryLimits
{
    private const string GroupFile2 = "memory.max";
    private const string GroupFile1 = "memory.limit_in_bytes";
    private const double NoLimit = 1L << 60; // version 1 says "none" by about 2^63

    /// <summary>The smallest limit on this process.</summary>
    public static MemoryLimit Smallest() => Smallest("/", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>The smallest limit.</summary>
    /// <param name="root">The folder that holds <c>proc</c> and the mount points that it names.</param>
    /// <param name="heap">Bytes that the runtime's heap may take.</param>
    public static MemoryLimit Smallest(string root, double heap)
    {
        MemoryLimit[] limits = [.. Machine(root), .. Groups(root), .. Process(root)];
        MemoryLimit? least = limits.MinBy(limit => limit.Bytes);
        if (least is null) return new MemoryLimit(heap, $"the machine has {Gibibytes(heap)}");
        if (least.Bytes <= heap) return least;

        // The runtime's heap is given three quarters of a control group's limit, or what DOTNET_GCHeapHardLimit says.
        return new MemoryLimit(heap, $"the runtime's heap may take {Gibibytes(heap)} where {least.Words}");
    }

    /// <summary>Bytes as people read them.</summary>
    public static string Gibibytes(double bytes) => $"{Format.Number(bytes / (1L << 30))} GiB";

    private static IEnumerable<MemoryLimit> Machine(string root)
    {
        if (Kibibytes(root, "proc/meminfo", "MemTotal:") is { } bytes)
            yield return new MemoryLimit(bytes, $"the machine has {Gibibytes(bytes)}");
    }

    /// <summary>
    /// The process's own limits. Of a limited address space the runtime reserves half for its heap, which cannot grow beyond.
    /// </summary>
    private static IEnumerable<MemoryLimit> Process(string root)
    {
        foreach (string line in Lines(root, "proc/self/limits"))
        {
            if (Soft(line, "Max address space") is { } space)
            {
                yield return new MemoryLimit(
                    space / 2, $"the address space of this process is limited to {Gibibytes(space)} (ulimit -v), half of which "
                        + "is for its heap");
            }

            if (Soft(line, "Max data size") is { } data)
            {
                double taken = Kibibytes(root, "proc/self/status", "VmData:") ?? 0;
                yield return new MemoryLimit(
                    Math.Max(0, data - taken),
                    $"the data of this process are limited to {Gibibytes(data)} (ulimit -d), some of which it has taken already");
            }
        }
    }

    private static double? Soft(string line, string name)
    {
        if (!line.StartsWith(name, StringComparison.Ordinal)) return null;
        string[] words = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 ? Whole(words[0]) : null;
    }

    /// <summary>The limits of the groups of this process and of those around them, as far as they are mounted.</summary>
    private static IEnumerable<MemoryLimit> Groups(string root)
    {
        string[] mounts = Lines(root, "proc/self/mountinfo");
        foreach (string line in Lines(root, "proc/self/cgroup"))
        {
            // "4:memory:/path" is of version 1, "0::/path" of version 2.
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3) continue;
            bool second = parts[0] == "0" && parts[1].Length == 0;
            if (!second && !parts[1].Split(',').Contains("memory")) continue;
            string file = second ? GroupFile2 : GroupFile1;
            foreach (string mount in mounts)
            {
                if (Mount(mount) is not { } at) continue;
                bool holds = second ? at.Type == "cgroup2" : at.Type == "cgroup" && at.Options.Split(',').Contains("memory");
                if (!holds) continue;
                foreach (MemoryLimit limit in Group(root, at.Point, Below(parts[2], at.Root), file)) yield return limit;
            }
        }
    }

    /// <summary>The limits from a group up to the mount point.</summary>
    private static IEnumerable<MemoryLimit> Group(string root, string point, string path, string file)
    {
        for (string group = path; ; group = group[..group.LastIndexOf('/')])
        {
            string folder = Path.Join(root, point, group);
            if (Lines(folder, file) is [var text, ..] && Whole(text) is { } bytes and < NoLimit)
            {
                string name = group.Length == 0 ? "/" : group;
                yield return new MemoryLimit(bytes, $"its control group {name} is limited to {Gibibytes(bytes)} ({file})");
            }

            if (group.Length == 0) break;
        }
    }

    /// <summary>The group's path below what is mounted: a container may see only its own part of the tree.</summary>
    private static string Below(string path, string mountRoot)
    {
        if (mountRoot == "/") return path.Contains("..", StringComparison.Ordinal) ? "" : path.TrimEnd('/');
        bool inside = path.StartsWith(mountRoot, StringComparison.Ordinal)
            && (path.Length == mountRoot.Length || path[mountRoot.Length] == '/');
        return inside ? path[mountRoot.Length..].TrimEnd('/') : "";
    }

    /// <summary>A line of mountinfo: <c>id parent device root point options tags... - type source options</c>.</summary>
    private static (string Type, string Options, string Root, string Point)? Mount(string line)
    {
        string[] halves = line.Split(" - ", 2);
        if (halves.Length < 2) return null;
        string[] before = halves[0].Split(' '), after = halves[1].Split(' ');
        return before.Length < 5 || after.Length < 3 ? null : (after[0], after[2], Unescape(before[3]), Unescape(before[4]));
    }

    private static string Unescape(string path) => path.Replace("\\040", " ", StringComparison.Ordinal);

    private static double? Kibibytes(string root, string file, string name)
    {
        foreach (string line in Lines(root, file))
        {
            if (!line.StartsWith(name, StringComparison.Ordinal)) continue;
            string[] words = line[name.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return words.Length > 0 ? Whole(words[0]) * 1024 : null;
        }

        return null;
    }

    private static double? Whole(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null;

    /// <summary>The lines of a file, none when it cannot be read: a limit that cannot be read refuses nothing.</summary>
    private static string[] Lines(string root, string file)
    {
        try
        {
            return File.ReadAllLines(Path.Join(root, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
