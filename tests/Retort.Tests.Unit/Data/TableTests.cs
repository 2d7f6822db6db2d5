using Retort.Data;

namespace Retort.Tests.Data;

public sealed class TableTests
{
    [Fact]
    public void The_shipped_digits_are_pixels_of_seventeen_greys()
    {
        var data = new CsvOptions
        {
            Path = Path.Combine(Written.Shipped("digits"), "digits.csv.gz"),
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
        var table = Table("\"sepal, wide\",kind\n1,\"iris \"\"b\"\"\"\n2,ash\n3,ash\n4,ash\n5,ash\n");
        var data = new CsvOptions { Path = table, Label = "kind" }.Open();
        Assert.Equal(["ash", "iris \"b\""], data.Info.Classes);
        Assert.Equal([1L], data.Info.Input("features")!.Shape);
        var numbers = new TsvOptions { Path = Table("1\t10\n2\t9\n3\t9\n4\t10\n5\t2\n", ".tsv") }.Open();
        Assert.Equal(["2", "9", "10"], numbers.Info.Classes);
    }

    [Fact]
    public void Columns_may_be_named_by_numbers_where_the_label_has_a_name()
    {
        var data = new CsvOptions { Path = Table("0,1,label\n5,6,a\n7,8,b\n5,6,a\n"), Label = "label" }.Open();
        Assert.Equal(3, data.Training.Count + data.Validation.Count + data.Test.Count);
        Assert.Equal(["a", "b"], data.Info.Classes);
    }

    [Theory]
    [InlineData("x,y,k\n1,2,a\n1,NaN,a\n", "line 3: column 2 (y): the value must be a finite number; it is \"NaN\".")]
    [InlineData("1,2,a\n1,1e99,a\n", "line 2: column 2: the value must be a finite number; it is \"1e99\".")]
    [InlineData("1,2,a\n1,,a\n", "line 2: column 2: the value must be a finite number; it is \"\".")]
    [InlineData("1,2,a\n1,2\n", "line 2: the line must have 3 columns; it has 2.")]
    [InlineData("1,2,a\n1,2,\n", "line 2: column 3: the class is missing.")]
    [InlineData("1,2,\"a\n", "line 1: a quote is not closed.")]
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

    static string Table(string text, string ending = ".csv")
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-table-").FullName, "t" + ending);
        File.WriteAllText(path, text);
        return path;
    }

    static void Refused(TableOptions options, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);
}
