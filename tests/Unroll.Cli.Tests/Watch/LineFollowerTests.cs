using System.Diagnostics;
using System.Text;
using Unroll.Cli.Watch;

namespace Unroll.Cli.Tests.Watch;

/// <summary>A file is followed while another writes it.</summary>
public sealed class LineFollowerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _lines = [];
    private int _resets;

    private string File => _folder.At("lines");

    [Fact]
    public void Lines_come_once_and_a_torn_one_when_it_is_whole()
    {
        var follower = new LineFollower(File, 100, 1_000_000);
        Assert.False(Read(follower));
        Write("a\nb");
        Assert.True(Read(follower));
        Assert.Equal(["a"], _lines);
        Assert.False(Read(follower));
        Write("c\n\nd\n");
        Assert.True(Read(follower));
        Assert.Equal(["a", "bc", "", "d"], _lines);
        Assert.Equal(0, _resets);
    }

    [Fact]
    public void A_file_that_went_back_or_is_another_one_is_read_anew()
    {
        var follower = new LineFollower(File, 100, 1_000_000);
        Write("a\nb\n");
        Read(follower);
        System.IO.File.WriteAllText(File, "a\n");
        Read(follower);
        Assert.Equal((1, "a,b,a"), (_resets, string.Join(',', _lines)));
        System.IO.File.WriteAllText(File, "x\ny\nz\n");
        Read(follower);
        Assert.Equal((2, "a,b,a,x,y,z"), (_resets, string.Join(',', _lines)));
        System.IO.File.Delete(File);
        Assert.True(Read(follower));
        Assert.False(Read(follower));
        Write("q\n");
        Read(follower);
        Assert.Equal((3, "q"), (_resets, _lines[^1]));
    }

    [Fact]
    public void A_line_without_end_takes_no_memory_and_counts_as_one_that_is_too_long()
    {
        var follower = new LineFollower(File, 100, 100_000_000);
        Write(new string('x', 5_000_000));
        Read(follower);
        Write("\nshort\n" + new string('y', 101) + "\n" + new string('z', 100) + "\n");
        Read(follower);
        Assert.Equal(["", "short", "", new string('z', 100)], _lines);
    }

    [Fact]
    public void Not_more_than_the_most_is_read()
    {
        var follower = new LineFollower(File, 100, 10);
        Write("aaaa\nbbbb\ncccc\n");
        Read(follower);
        Assert.Equal(["aaaa", "bbbb"], _lines);
        Assert.False(Read(follower));
    }

    [Fact]
    public void A_pipe_and_a_folder_are_nothing_to_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs named pipes");
        Process.Start("mkfifo", [File]).WaitForExit();
        Assert.False(Read(new LineFollower(File, 100, 1_000)));
        Assert.False(Read(new LineFollower(_folder.At("."), 100, 1_000)));
        Assert.Empty(_lines);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string text) => System.IO.File.AppendAllText(File, text);

    private bool Read(LineFollower follower) =>
        follower.Read(line => _lines.Add(Encoding.UTF8.GetString(line.Span)), () => _resets++);
}
