using System.Text;
using Unroll.Files;

namespace Unroll.Data.Tests;

public sealed class CsvFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-test-").FullName;

    [Fact]
    public void A_folder_is_a_sequence_a_file_with_labels_by_folder()
    {
        Write("walk/one.csv", "x,y,w\n1,2,a\n3,4,b\n");
        Write("walk/two.csv", "y,x,w\n20,10,\n");
        Write("run/three.csv.gz", "x,y,w\n5,6,c\n7,8,a\n9,,b\n");
        Write("notes.txt", "nothing");
        SequenceData data = SequenceData.FromCsv(_folder, new CsvOptions { LabelByFolder = true });
        Assert.Equal(["run/three", "walk/one", "walk/two"], data.Sequences.Select(one => one.Name));
        Assert.Equal(["run", "walk", "walk"], data.Sequences.Select(one => data.Classes[one.Class]));
        Assert.Equal([10f], data.Values("x", 2));
        Assert.Equal(["c", "a", "b"], data.Labels("w"));
        Assert.Equal(["a", "b"], data.Labels("w", 1));
        Assert.Equal([3, 2, 1], data.Sequences.Select(one => one.Steps));
    }

    [Fact]
    public void Labels_may_stand_in_a_table()
    {
        Write("one.csv", "x\n1\n2\n");
        Write("deep/two.csv", "x\n3\n");
        string table = Write("labels.csv", "file,class\none.csv,up\ndeep/two,down\n");
        SequenceData data = SequenceData.FromCsv(_folder, new CsvOptions { LabelFile = table });
        Assert.Equal(["down", "up"], data.Classes);
        Assert.Equal(["down", "up"], data.Sequences.Select(one => data.Classes[one.Class]));
        Write("three.csv", "x\n3\n");
        Assert.Equal($"{table} has no class for the file 'three.csv'; add a row for it.",
            Refusal(new CsvOptions { LabelFile = table }));
    }

    [Fact]
    public void Files_that_do_not_fit_together_are_named()
    {
        Assert.Equal($"{_folder} has no file named .csv, .tsv, .csv.gz or .tsv.gz.", Refusal());
        string one = Write("one.csv", "x,y\n1,2\n"), two = Write("two.csv", "x,z\n1,2\n");
        Assert.Equal($"{_folder} has files that do not fit together: {two} lacks the column 'y' that {one} has.", Refusal());
        Write("two.csv", "x,y\n1,a\n2,b\n");
        Assert.StartsWith($"{two} has 'a' in row 1 (line 2), column 'y', which is no number; ", Refusal());
        Write("two.csv", "x,y\n1,2\n");
        Assert.Equal($"{_folder} has the file 'one.csv' in no folder of its own, so it has no label; put it into a folder "
            + "named after its class.", Refusal(new CsvOptions { LabelByFolder = true }));
    }

    [Fact]
    public void Rounded_columns_are_named_once_for_all_files()
    {
        for (int i = 0; i < 4; i++) Write($"{i}.csv", $"meter,x\n12345678{i},1\n12345679{i},2\n");
        Assert.StartsWith("Column 'meter' has numbers up to 123456792, which 32 bits",
            Assert.Single(SequenceData.FromCsv(_folder).Notices));
    }

    [Fact]
    public void A_group_may_go_through_each_file()
    {
        Write("one.csv", "id,x\na,1\nb,2\na,3\n");
        Write("two.csv", "id,x\na,4\n");
        SequenceData data = SequenceData.FromCsv(_folder, new CsvOptions { Group = "id" });
        Assert.Equal(["one/a", "one/b", "two/a"], data.Sequences.Select(one => one.Name));
        Assert.Equal([1f, 3], data.Values("x"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Refusal(CsvOptions? options = null) =>
        Assert.Throws<InvalidFileException>(() => CsvFile.Read(_folder, options)).Message;

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        File.WriteAllBytes(path, name.EndsWith(".gz", StringComparison.Ordinal) ? Table.Packed(bytes) : bytes);
        return path;
    }
}
