using Microsoft.Data.Sqlite;
using Unroll.Cli.Tests.Report;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

/// <summary>What is counted on SQLite's own bytes is what whole rows give, and every damage is left to them to name.</summary>
public static class QuickCountsTests
{
    private const string Definition = """
        {"name": "small", "grid": {"task": "temporal-order", "method": ["sgd", "sgd-cr"], "length": [10, 20], "seed": "1..3"}}
        """;

    [Fact]
    public static void They_are_those_of_whole_rows()
    {
        using var folder = new TempFolder();
        Make(folder);
        using StudyStore store = StudyStore.OpenToRead(folder.At("study"), 1);
        StudyCounts? quick = store.QuickCounts();
        StudyCounts thorough = store.ThoroughCounts();
        Assert.NotNull(quick);
        Assert.Equal(thorough.Cells, quick.Cells);
        Assert.Equal(thorough.Sets, quick.Sets);
        Assert.Equal(0, quick.WithoutChecksum);
        Assert.Equal((4, 12), (quick.Cells.Count, quick.Cells.Sum(cell => cell.Trials)));
        Assert.All(quick.Cells, cell => Assert.Equal("temporal-order", cell.Task));
    }

    [Theory]
    [InlineData("UPDATE trial SET options = options || ' ' WHERE position = 3")]
    [InlineData("UPDATE trial SET seconds = seconds + 1e-9 WHERE position = 3")]
    [InlineData("UPDATE trial SET seconds = 'one' WHERE position = 3")]
    [InlineData("UPDATE trial SET kernel = NULL WHERE position = 3")]
    [InlineData("UPDATE trial SET kernel = CAST(kernel AS BLOB) WHERE position = 3")]
    [InlineData("UPDATE trial SET hash = hash || 'a' WHERE position = 3")]
    [InlineData("UPDATE trial SET position = position + 1")]
    [InlineData("DELETE FROM trial WHERE position = 3")]
    [InlineData("DELETE FROM test WHERE rowid = 1")]
    [InlineData("UPDATE test SET sequences = sequences + 1 WHERE rowid = 1")]
    [InlineData("UPDATE test SET hash = 'ffffffffffffffffffffffff' WHERE rowid = 1")]
    [InlineData(
        "UPDATE checksum SET crc = crc + 1 WHERE part = 'trial' AND id = (SELECT MAX(id) FROM checksum WHERE part = 'trial')")]
    [InlineData("UPDATE checksum SET id = 'ffffffffffffffffffffffff' WHERE part = 'trial' AND id = (SELECT MAX(id) FROM checksum "
        + "WHERE part = 'trial')")]
    public static void Damage_is_left_to_whole_rows_which_name_it(string statement)
    {
        using var folder = new TempFolder();
        Make(folder);
        using (var connection = new SqliteConnection($"Data Source={folder.At("study/study.db")};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = statement;
            Assert.True(command.ExecuteNonQuery() > 0);
        }

        using StudyStore store = StudyStore.OpenToRead(folder.At("study"), 1);
        Assert.Null(store.QuickCounts());
        Assert.Contains("is damaged", Assert.Throws<UserError>(store.Counts).Message);
    }

    private static void Make(TempFolder folder) => SyntheticStudy.Make(
        folder.At("study"), Definition, trial => SyntheticStudy.Result(trial.Position, trial.Position % 3 == 0));
}
