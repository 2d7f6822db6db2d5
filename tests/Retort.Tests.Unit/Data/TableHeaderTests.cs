using Retort.Data;

namespace Retort.Tests.Data;

/// <summary>Which lines hold names, and which columns are meant by names and positions.</summary>
public sealed class TableHeaderTests
{
    const string Numbers = "5,6,7,a\n7,8,9,b\n";

    [Theory]
    [InlineData("0,1,2,label\n" + Numbers, null, 10)]                          // pandas' names of columns
    [InlineData("1,2,3,kind\n" + Numbers, null, 10)]
    [InlineData("400.5,401,402.5,target\n" + Numbers, null, 10)]               // a spectrum with a known name
    [InlineData("9,8,7,kind\n1,2,3,0\n4,5,6,1\n", null, 10)]                   // a word over classes that are numbers
    [InlineData("id,1,2,kind\n" + Numbers, null, 10)]
    [InlineData("x,y,z,kind\n" + Numbers, null, 10)]
    [InlineData("x,y,z,kind\n" + Numbers, true, 10)]
    [InlineData("5,6,7,a\n" + Numbers, null, 11)]
    [InlineData("-1,0,1,-1\n1,2,3,-1\n2,3,4,1\n", null, 11)]                   // the label "-1" is a position
    [InlineData("0,1,2,3\n5,6,7,3\n7,8,9,4\n", false, 11)]
    [InlineData("0,1,2,3\n5,6,7,3\n7,8,9,4\n", true, 10)]
    public void The_first_line_holds_names_where_it_is_no_example(string text, bool? header, int count)
    {
        var (first, rest) = (text[..(text.IndexOf('\n') + 1)], text[(text.IndexOf('\n') + 1)..]);
        var path = File(first + string.Concat(Enumerable.Repeat(rest, 5)));
        Assert.Equal(count, CountOf(new CsvOptions { Path = path, Header = header }));
    }

    [Theory]
    [InlineData("0,1,2,3\n5,6,7,3\n7,8,9,4\n")]
    [InlineData("2019,2020,2021,kind\n5,6,7,a\n7,8,9,b\n5,6,7,a\n7,8,9,b\n")]
    [InlineData("1,2,3,4\n5,6,7,a\n7,8,9,b\n")]                                 // all other classes are words
    [InlineData("1.5,oops,3,kind\n5,6,7,a\n7,8,9,b\n")]
    public void A_line_that_may_be_either_is_refused(string text) => Refused(
        new CsvOptions { Path = File(text) },
        "line 1: this may be an example or the columns' names: "
        + text[..text.IndexOf('\n')].Replace(",", ", ")
        + "; the option \"header\" (true or false) must say which.");

    [Fact]
    public void A_column_called_as_the_label_is_before_the_last_is_refused_unless_the_option_says_which()
    {
        var rows = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 3},{i},{i % 2}\n"));
        foreach (var name in (string[])["label", "Class", "TARGET", "y"])
        {
            var options = new CsvOptions { Path = File($"{name},p0,p1\n{rows}") };
            Refused(
                options,
                $"line 1: the classes may be in column 1 ({name}) or in the last (p1); the option \"label\" must say "
                    + $"which: \"{name}\" or \"3\".");
            Assert.Equal(["0", "1", "2"], (options with { Label = name }).Open().Info.Classes);
            Assert.Equal(["0", "1"], (options with { Label = "3" }).Open().Info.Classes);
            Assert.Equal(["0", "1"], (options with { Label = "p1" }).Open().Info.Classes);
        }
        Assert.Equal(["0", "1"], new CsvOptions { Path = File($"y,x,p1\n{rows}") }.Open().Info.Classes);
    }

    [Fact]
    public void The_header_option_says_what_a_name_can_be()
    {
        Refused(
            new CsvOptions { Path = File("x,y\n1,a\n"), Label = "y", Header = false },
            "the label \"y\" must be one of 2 columns: x, y, and the option \"header\" says that the table has no "
                + "names.");
        Refused(
            new CsvOptions { Path = File("0,1,2,3\n5,6,7,8\n"), Label = "2", Header = true },
            "the label \"2\" is a position and the name of column 3; -3 or -2, from the end, says which is meant.");
    }

    [Fact]
    public void A_column_without_a_name_is_left_out_or_refused()
    {
        var path = File(",x,kind\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"{i},{i % 3},{i % 2}\n")));
        Refused(
            new CsvOptions { Path = path },
            "column 1 has none, as the index that pandas writes: \"ignoreColumns\": [\"1\"] leaves it out.");
        var data = new CsvOptions { Path = path, IgnoreColumns = ["1"] }.Open();
        Assert.Equal(["x"], data.Info.Columns);
        Assert.Equal([1L], data.Info.Input("features")!.Shape);
        Refused(new CsvOptions { Path = path, IgnoreColumns = ["x", "3"] }, "column 3 is both a label and ignored.");
    }

    [Fact] // x is below 10, y above 100
    public void A_test_table_is_read_by_names_in_any_order()
    {
        var training = File("x,y,kind\n1,101,a\n2,102,b\n3,103,a\n4,104,b\n5,105,a\n6,106,b\n7,107,a\n8,108,b\n");
        var options = new CsvOptions
        {
            Path = training, Label = "kind", Validation = 1, Normalization = new(1, [0, 0], [1, 1]),
            TestPath = File("kind,y,x\nb,104,4\na,105,5\n"),
        };
        var batch = new HostBatch();
        options.Open().Test.Load([0, 1], View.Plain, batch);
        Assert.Equal([4, 104, 5, 105], batch.Float32("features", [2]).ToArray());
        Assert.Equal([1, 0], batch.Labels.ToArray());

        Assert.Equal(10, CountOf(options with { TestPath = File("4,104,b\n5,105,a\n") }));
        Refused(options with { TestPath = File("x,z,kind\n4,104,b\n") }, "; \"y\" is missing.");
        Refused(options with { TestPath = File("x,y,z,kind\n4,104,1,b\n") }, "; \"z\" is none of them.");
    }

    [Fact] // the first row's class is 1, and the label 1 is a position
    public void A_test_table_without_names_loses_no_row()
    {
        var rows = string.Concat(Enumerable.Range(0, 12).Select(i => $"{i % 3 + 1},{i},5\n"));
        Assert.Equal(24, CountOf(new CsvOptions { Path = File(rows), TestPath = File(rows), Label = "1" }));
    }

    [Fact]
    public void A_student_takes_its_columns_by_name()
    {
        var notes = new List<string>();
        var reader = new InferenceData("features", new(3, 1, 1), 1) { Columns = ["a", "b", "c"], Note = notes.Add };
        Assert.Equal([1, 2, 3], Only(reader, "c,a,kind,b\n3,1,x,2\n"));
        Assert.EndsWith(
            ": the student has no column \"kind\"; it is left out.", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], Only(reader, "1,2,3\n"));
        var error = Assert.Throws<InvalidDataException>(() => Only(reader, "a,c,d\n1,2,3\n"));
        Assert.EndsWith(
            "line 1: the student's column \"b\" is missing; the table has a, c, d.", error.Message,
            StringComparison.Ordinal);
        var named = new InferenceData("features", new(3, 1, 1), 1, "kind") { Columns = ["a", "b", "c"] };
        Assert.Equal([1, 2, 3], Only(named, "c,a,kind,b\n3,1,x,2\n"));

        var nameless = new InferenceData("features", new(3, 1, 1), 1);
        Assert.Equal([3, 1, 2], Only(nameless, "c,a,b\n3,1,2\n"));
        error = Assert.Throws<InvalidDataException>(() => Only(nameless, "0,1,2\n3,1,2\n"));
        Assert.Contains("the option --header (true or false) says which", error.Message, StringComparison.Ordinal);
        var headed = new InferenceData("features", new(3, 1, 1), 1) { Header = true };
        Assert.Equal([3, 1, 2], Only(headed, "0,1,2\n3,1,2\n"));
        var numbers = new InferenceData("features", new(3, 1, 1), 1) { Columns = ["0", "1", "2"] };
        Assert.Equal([1, 2, 3], Only(numbers, "2,0,1\n3,1,2\n"));
        Assert.Equal([0, 1, 1], Only(numbers, "0,1,1\n"));
    }

    [Fact]
    public void A_first_line_that_may_be_names_is_refused_for_a_student_with_columns()
    {
        var reader = new InferenceData("features", new(3, 1, 1), 1) { Columns = ["a", "b", "c"] };
        var error = Assert.Throws<InvalidDataException>(() => Only(reader, "0,1,2\n3,1,2\n"));
        Assert.EndsWith(
            "line 1: this may be an example or the columns' names: 0, 1, 2; the option --header (true or false) says "
                + "which.",
            error.Message,
            StringComparison.Ordinal);
        Assert.Equal([0, 1, 2], Only(reader, "0,1,2\n"));

        var labelled = new InferenceData("features", new(3, 1, 1), 1, "4") { Columns = ["a", "b", "c"] };
        error = Assert.Throws<InvalidDataException>(() => Only(labelled, "2019,2020,2021,kind\n3,1,2,d\n"));
        Assert.Contains("this may be an example", error.Message, StringComparison.Ordinal);
        var named = new InferenceData("features", new(3, 1, 1), 1, "kind") { Columns = ["a", "b", "c"] };
        error = Assert.Throws<InvalidDataException>(() => Only(named, "2019,2020,2021,kind\n3,1,2,d\n"));
        Assert.Contains("the student's column \"a\" is missing", error.Message, StringComparison.Ordinal);
    }

    static float[] Only(InferenceData reader, string text) => Assert.Single(reader.Read(File(text))).Numbers;

    static int CountOf(TableOptions options)
    {
        var data = options.Open();
        return data.Training.Count + data.Validation.Count + data.Test.Count;
    }

    static string File(string text)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-table-").FullName, "t.csv");
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    static void Refused(TableOptions options, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);
}
