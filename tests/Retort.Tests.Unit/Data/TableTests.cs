using Retort.Data;

namespace Retort.Tests.Data;

public sealed class TableTests
{
    [Fact]
    public void The_shipped_digits_are_pixels_of_seventeen_greys()
    {
        var data = new CsvOptions
        {
            Path = Path.Combine(DataFiles.Shipped("digits"), "digits.csv.gz"),
            Label = "digit", Test = 597, Validation = 200,
            Pixels = new() { Height = 8, Width = 8, Scale = 16 },
        }.Open();
        Assert.Equal((1000, 200, 597), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal((1L, 8L, 8L), data.Info.ImageShape);
        Assert.Equal("0123456789", string.Concat(data.Info.Classes));
        // 4.884 is the mean of all 1,797
        Assert.Equal(4.884 / 16, data.Info.Normalization!.Mean[0], tolerance: 0.005);
    }

    [Fact] // x is 1 and 3: mean 2, deviation 1, and 7 becomes 5; y is constant and becomes 0
    public void Features_are_normalised_column_by_column()
    {
        var rows = new TableExamples([[1, 5], [3, 5], [7, 5]]) { Name = "t", Classes = ["a"], Labels = [0, 0, 0] };
        var found = rows.Measure([0, 1]);
        Assert.Equal([2, 5], found.Mean);
        Assert.Equal([1, 1], found.StandardDeviation);
        var filled = new float[2];
        rows.Fill(2, rows.Constants(found), filled);
        Assert.Equal([5, 0], filled);
    }

    [Fact]
    public void Class_names_are_kept_and_ordered()
    {
        var table = Table("\"sepal, wide\",kind\n" + Repeat("1,\"iris \"\"b\"\"\"\n2,ash\n"));
        var data = new CsvOptions { Path = table, Label = "kind" }.Open();
        Assert.Equal(["ash", "iris \"b\""], data.Info.Classes);
        Assert.Equal([1L], data.Info.Input("features")!.Shape);
        var numbers = new TsvOptions { Path = Table(Repeat("1\t10\n2\t9\n5\t2\n"), ".tsv") }.Open();
        Assert.Equal(["2", "9", "10"], numbers.Info.Classes);
    }

    [Fact]
    public void Columns_may_be_named_by_numbers_where_the_label_has_a_name()
    {
        var data = new CsvOptions { Path = Table("0,1,label\n" + Repeat("5,6,a\n7,8,b\n")), Label = "label" }.Open();
        Assert.Equal(10, data.Training.Count + data.Validation.Count + data.Test.Count);
        Assert.Equal(["a", "b"], data.Info.Classes);
    }

    [Theory]
    [InlineData(
        "x,y,k\n1,2,a\n1,NaN,a\n",
        "line 3: column 2 (y): the value must be a finite number; it is \"NaN\"; every feature must have a value.")]
    [InlineData("1,2,a\n1,1e99,a\n", "line 2: column 2: the value must be a finite number; it is \"1e99\".")]
    [InlineData(
        "1,2,a\n1,,a\n",
        "line 2: column 2: the value must be a finite number; it is \"\"; every feature must have a value.")]
    [InlineData("1,2,a\n1,2\n", "line 2: the line must have 3 columns; it has 2.")]
    [InlineData("1,2,a\n1,2,\n", "line 2: column 3: the class is missing.")]
    [InlineData("1,2,\"a\n", "line 1: a quoted field must end on its line; one does not.")]
    [InlineData("x,y\n", "holds no example.")]
    [InlineData("", "holds no example.")]
    public void Bad_lines_are_refused(string text, string why) => Refused(new CsvOptions { Path = Table(text) }, why);

    [Theory]
    [InlineData("1,2,3,17,a\n", "line 1: column 4: a pixel must be an integer from 0 to 16; it is 17.")]
    [InlineData("1,2.5,3,4,a\n", "line 1: column 2: a pixel must be an integer from 0 to 16; it is 2.5.")]
    [InlineData("1,2,3,a\n", "line 1: the line must have 4 pixels of 2 × 2 beside the label; it has 3.")]
    public void Numbers_that_are_no_pixels_are_refused(string text, string why) =>
        Refused(new CsvOptions { Path = Table(text), Pixels = new() { Height = 2, Width = 2, Scale = 16 } }, why);

    [Fact]
    public void A_missing_label_column_and_a_class_outside_the_training_table_are_refused()
    {
        Refused(
            new CsvOptions { Path = Table("x,y\n1,a\n"), Label = "z" },
            "the label \"z\" must be one of 2 columns: x, y.");
        Refused(
            new CsvOptions { Path = Table("1,a\n2,b\n"), TestPath = Table("1,c\n") },
            "example 1 is of class \"c\"; the classes of the training table are a, b.");
    }

    [Fact] // 0.5 and empty; rows are shuffled into splits, ids tell which
    public void Several_columns_of_values_are_targets_with_unknown_ones()
    {
        var data = new CsvOptions
        {
            Path = Table("x,price,y,weight\n1,0.5,2,\n3,1.5,4,-2\n5,2.5,6,7\n7,3.5,8,1e2\n"),
            ValueColumns = ["weight", "price"], Test = 1, Validation = 1,
        }.Open();
        Assert.Equal((TargetKind.Values, 2L), (data.Info.Targets, data.Info.Input("features")!.Shape[0]));
        Assert.Equal(["weight", "price"], data.Info.Classes);
        var found = new Dictionary<long, float[]>();
        foreach (var split in new[] { data.Training, data.Validation, data.Test })
        {
            var batch = new HostBatch();
            split.Load([.. Enumerable.Range(0, split.Count)], View.Plain, batch);
            for (var i = 0; i < split.Count; i++)
            {
                found[batch.Ids[i]] = batch.KnownTargets.Slice(2 * i, 2).ToArray();
                Assert.Equal(-1, batch.Labels[i]);
            }
        }
        Assert.Equal([float.NaN, 0.5f], found[0]);
        Assert.Equal([[-2, 1.5f], [7, 2.5f], [100, 3.5f]], [found[1], found[2], found[3]]);
    }

    [Fact]
    public void Hidden_examples_have_unknown_labels()
    {
        var lines = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i},{i % 2},{1 - i % 2}\n"));
        var data = new CsvOptions
        {
            Path = Table(lines), LabelColumns = ["-2", "3"], Test = 4, Validation = 4, LabelledExamples = 5,
        }.Open();
        Assert.Equal(TargetKind.Labels, data.Info.Targets);
        Assert.Equal(["column 2", "column 3"], data.Info.Classes);
        var batch = new HostBatch();
        data.Training.Load([.. Enumerable.Range(0, 12)], View.Plain, batch);
        Assert.Equal(14, batch.KnownTargets.ToArray().Count(float.IsNaN));
        data.Labelled.Load([.. Enumerable.Range(0, 5)], View.Plain, batch);
        Assert.DoesNotContain(float.NaN, batch.KnownTargets.ToArray());
    }

    [Theory]
    [InlineData("x,a,b\n1,0,2\n", "line 2: column 3 (b): a label must be 0, 1 or empty; it is \"2\".")]
    [InlineData("x,a,b\n1,yes,0\n", "line 2: column 2 (a): a label must be 0, 1 or empty; it is \"yes\".")]
    [InlineData("a,b\n1,0\n", "line 1: the line must have a number beside its 2 targets; it has none.")]
    public void Wrong_labels_are_refused(string text, string why) =>
        Refused(new CsvOptions { Path = Table(text), LabelColumns = ["a", "b"] }, why);

    [Fact]
    public void Wrong_values_and_two_kinds_of_targets_are_refused()
    {
        Refused(new CsvOptions { Path = Table("x,a\n1,inf\n"), ValueColumns = ["a"] },
            "line 2: column 2 (a): the value must be a finite number or empty; it is \"inf\".");
        Refused(new CsvOptions { Path = Table("x,a\n1,2\n"), ValueColumns = ["a", "2"] },
            "line 1: a column is named twice in a, 2.");
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            new CsvOptions { Path = "t.csv", ValueColumns = ["a"], LabelColumns = ["b"] }.Open);
        Assert.Contains("must be left out beside labelColumns", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentOutOfRangeException>(
            new CsvOptions { Path = "t.csv", Label = "a", ValueColumns = ["b"] }.Open);
        Assert.Contains(
            "Label must be left out beside valueColumns, which name the targets; it is \"a\".", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_table_that_is_the_training_table_is_refused()
    {
        var path = Table(Repeat("1,a\n2,b\n"));
        var link = Path.Combine(Path.GetDirectoryName(path)!, "link.csv");
        File.CreateSymbolicLink(link, path);
        foreach (var test in (string[])[path, link])
            Refused(
                new CsvOptions { Path = path, TestPath = test },
                $"{test} must be another file than the training table {path}; it is the same.");
        var copy = Table(File.ReadAllText(path));
        Assert.Equal(10, new CsvOptions { Path = path, TestPath = copy }.Open().Test.Count);
    }

    [Fact] // the hash of data with classes does not depend on it
    public void Other_values_are_other_data()
    {
        var hashes = ((string[])["1", "2", ""]).Select(value => new CsvOptions
        {
            Path = Table($"x,a\n1,{value}\n2,3\n3,4\n4,5\n"), ValueColumns = ["a"],
        }.Open().Hash);
        Assert.Equal(3, hashes.Distinct().Count());
    }

    static string Repeat(string lines) => string.Concat(Enumerable.Repeat(lines, 5));

    static string Table(string text, string ending = ".csv")
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-table-").FullName, "t" + ending);
        File.WriteAllText(path, text);
        return path;
    }

    static void Refused(TableOptions options, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);
}
