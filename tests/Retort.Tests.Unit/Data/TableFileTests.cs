using System.IO.Compression;
using System.Text;
using Retort.Data;

namespace Retort.Tests.Data;

/// <summary>Tables as other programs write them: encodings, line ends, classes, numbers.</summary>
public sealed class TableFileTests
{
    const string Rows = "1,2,Ä\n3,4,Ö\n5,6,Ä\n7,8,Ö\n9,1,Ä\n2,3,Ö\n4,5,Ä\n6,7,Ö\n8,9,Ä\n1,3,Ö\n";

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public void Text_with_a_byte_order_mark_is_read(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] marked = [.. encoding.Preamble, .. encoding.GetBytes("x,y,kind\n" + Rows)];
        Assert.Equal(["Ä", "Ö"], new CsvOptions { Path = File(marked), Label = "kind" }.Open().Info.Classes);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Lines_end_with_LF_or_CR_or_both(string end)
    {
        var plain = new CsvOptions { Path = File("x,y,kind\n" + Rows) }.Open();
        Assert.Equal(plain.Hash, new CsvOptions { Path = File(("x,y,kind\n" + Rows).Replace("\n", end)) }.Open().Hash);
        Refused(("x,y,kind\n1,2,a\n1,z,a\n").Replace("\n", end), "line 3: column 2 (y)");
    }

    [Fact]
    public void Text_in_another_encoding_is_refused()
    {
        const string Text = "x,y,kind\n1,2,a\n" + Rows;
        Refused(Encoding.Latin1.GetBytes(Text), "line 3: the text must be UTF-8; the bytes C4 are not");
        Refused(Encoding.Unicode.GetBytes(Text), "must be text in UTF-8; it is UTF-16 without a byte order mark.");
    }

    [Fact] // reports show them as \u001b
    public void Class_names_may_have_control_characters_and_numbers_may_not()
    {
        Refused("x,y,kind\n1,\u001b[31m,a\n", "line 2: column 2 (y): the value must be a finite number");
        var text = "x,y,kind\n" + Rows.Replace("Ä", "\u001b[31mÄ", StringComparison.Ordinal);
        Assert.Contains("\u001b[31mÄ", new CsvOptions { Path = File(text) }.Open().Info.Classes);
    }

    [Theory]
    [InlineData("504b0304140000", "a zip archive (an Excel workbook is one)")]
    [InlineData("1f8b080000000000", "packed by gzip")]
    [InlineData("28b52ffd24", "packed by zstd")]
    [InlineData("fd377a585a0000", "packed by xz")]
    [InlineData("d0cf11e0a1b11ae1", "an old Excel or Office file")]
    [InlineData("50415231", "a Parquet file")]
    [InlineData("255044462d312e34", "a PDF document")]
    [InlineData("3c21444f43545950452068746d6c3e", "an HTML page")]
    [InlineData("0a3c68746d6c3e", "an HTML page")]
    [InlineData("7b2261223a317d", "JSON")]
    public void A_file_of_another_format_is_named(string bytes, string kind) =>
        Refused(Convert.FromHexString(bytes), $"must be a table as text; it is {kind}.");

    [Fact]
    public void A_packed_file_of_another_format_is_named()
    {
        var path = File([], ".csv.gz");
        using (var packed = new GZipStream(System.IO.File.Create(path), CompressionMode.Compress))
            packed.Write("PK\u0003\u0004 and so on"u8);
        Refused(new CsvOptions { Path = path }, "it is a zip archive");
    }

    [Fact] // cut after a whole line too
    public void A_truncated_packed_table_is_refused()
    {
        var whole = DataFiles.Zipped(Encoding.UTF8.GetBytes(Repeat("1,2,a\n3,4,b\n")));
        Assert.NotNull(new CsvOptions { Path = File(whole, ".csv.gz") }.Open());
        foreach (var length in (int[])[whole.Length - 1, whole.Length - 8, whole.Length - 9])
            Refused(
                new CsvOptions { Path = File(whole[..length], ".csv.gz") },
                "the file cannot be unpacked: it is truncated: it ends before its content does.");
        byte[] twice = [.. whole, .. DataFiles.Zipped("5,6,a\n"u8.ToArray())];
        var data = new CsvOptions { Path = File(twice, ".csv.gz") }.Open();
        Assert.Equal(11, data.Training.Count + data.Validation.Count + data.Test.Count);
    }

    [Fact]
    public void What_follows_a_packed_table_is_zeros_or_refused()
    {
        var whole = DataFiles.Zipped(Encoding.UTF8.GetBytes(Repeat("1,2,a\n3,4,b\n")));
        var plain = new CsvOptions { Path = File(whole, ".csv.gz") }.Open();
        byte[] padded = [.. whole, .. new byte[512]];
        Assert.Equal(plain.Hash, new CsvOptions { Path = File(padded, ".csv.gz") }.Open().Hash);
        Refused(
            new CsvOptions { Path = File([.. whole, 7, 8, 9], ".csv.gz") },
            "the file cannot be unpacked: its content is followed by 3 bytes that are not gzip.");
    }

    [Fact]
    public void A_file_that_is_not_gzip_or_has_a_wrong_checksum_is_refused()
    {
        var text = Encoding.UTF8.GetBytes(Repeat("1,2,a\n3,4,b\n"));
        Refused(
            new CsvOptions { Path = File(text, ".csv.gz") },
            "t.csv.gz is not gzip, as its name says: its first two bytes are not 1f 8b.");
        var wrong = DataFiles.Zipped(text);
        wrong[^6] ^= 1;
        Refused(
            new CsvOptions { Path = File(wrong, ".csv.gz") },
            "the file cannot be unpacked: it is damaged, or its checksum is wrong.");
    }

    [Fact]
    public void A_path_is_that_of_a_file()
    {
        var folder = Directory.CreateTempSubdirectory("retort-table-").FullName;
        Refused(new CsvOptions { Path = folder }, $"{folder} must be a regular file; it is a folder.");
        Refused(
            new CsvOptions { Path = File("x,kind\n" + Repeat("1,a\n2,b\n")), TestPath = folder },
            $"{folder} must be a regular file; it is a folder.");
        foreach (var (path, why) in new[] { ("", "it is empty."), ("t\0.csv", "it has a NUL character.") })
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(new CsvOptions { Path = path }.Open);
            Assert.StartsWith(
                $"Path must be the path of a file or folder; {why}", error.Message, StringComparison.Ordinal);
            error = Assert.Throws<ArgumentOutOfRangeException>(
                new CsvOptions { Path = "t.csv", TestPath = path }.Open);
            Assert.StartsWith("TestPath must be", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact] // both are 2⁵³ in float64
    public void Classes_that_are_large_integers_are_compared_exactly()
    {
        var rows = Repeat("1,9007199254740993\n2,9007199254740992\n");
        Assert.Equal(
            ["9007199254740992", "9007199254740993"],
            new CsvOptions { Path = File("x,kind\n" + rows) }.Open().Info.Classes);
        rows = Repeat("1,100000000000000000000\n2,1e20\n");
        Refused("x,kind\n" + rows, "differ only in how the number is written");
    }

    [Fact]
    public void Blanks_around_fields_do_not_count_also_with_quotes()
    {
        var blanks = "a, b, kind\n" + Repeat("1, 2, \"cat \"\n3, 4,  dog\n 5 ,6,\" dog\" \n7,8,cat\n");
        var data = new CsvOptions { Path = File(blanks), Label = "kind" }.Open();
        Assert.Equal(["cat", "dog"], data.Info.Classes);
        Assert.Equal(["a", "b"], data.Info.Columns);
        var tabs = new TsvOptions { Path = File("a \tkind\n" + Repeat("1\tcat \n2\tdog\n3\t cat\n"), ".tsv") };
        Assert.Equal(["cat", "dog"], (tabs with { Label = "kind" }).Open().Info.Classes);
    }

    [Theory]
    [InlineData("Cat", "cat", "letter case or blanks")]
    [InlineData("New  york", "New York", "letter case or blanks")]
    [InlineData("cat", "cat\u200b", "letter case or blanks")]                  // a blank without a width
    [InlineData("1", "1.0", "how the number is written")]
    public void Classes_that_are_alike_are_refused(string one, string other, string why)
    {
        var rows = Repeat($"1,{one}\n2,{other}\n");
        Refused("x,kind\n" + rows, $"the classes \"{one}\" and \"{other}\" differ only in {why}");
    }

    [Fact] // e and U+0301 are é
    public void A_class_is_one_in_both_forms_of_Unicode()
    {
        var rows = "x,kind\n" + Repeat("1,caf\u00e9\n2,the\n3,cafe\u0301\n");
        Assert.Equal(["caf\u00e9", "the"], new CsvOptions { Path = File(rows) }.Open().Info.Classes);
        Assert.Equal("\ud55c\u1ec7\u30ac", UnicodeForm.Compose("\u1112\u1161\u11abe\u0323\u0302\u30ab\u3099"));
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("NA")]
    [InlineData("null")]
    [InlineData("None")]
    [InlineData("?")]
    [InlineData("#N/A")]
    public void A_missing_class_is_refused(string text) => Refused(
        "x,kind\n1,a\n2," + text + "\n",
        $"line 3: column 2 (kind): the class must not be missing; it is \"{text}\"");

    [Fact]
    public void Classes_that_are_numbers_are_in_their_order()
    {
        var rows = Repeat(string.Concat(Enumerable.Range(0, 12).Select(i => $"{i},{i}.0\n")));
        Assert.Equal(
            Enumerable.Range(0, 12).Select(i => $"{i}.0"),
            new CsvOptions { Path = File("x,y\n" + rows) }.Open().Info.Classes);
    }

    [Theory]
    [InlineData("\"1,5\"", "a number has a decimal point and no thousands separator")]
    [InlineData("1 234.5", "a number has a decimal point and no thousands separator")]
    [InlineData("true", "write true and false as 1 and 0")]
    [InlineData("2024-02-29", "write a date or time as a number")]
    [InlineData("red", "write a category as one column of 0 and 1 for each of its values")]
    [InlineData("NA", "every feature must have a value")]
    public void A_feature_that_is_no_number_has_a_way_out(string field, string hint) =>
        Refused($"x,y,kind\n1,2,a\n1,{field},a\n", $"\"; {hint}");

    [Theory]
    [InlineData("x;y;kind\n1;2;a\n", "\",\" must be between two columns, and this line has \";\"")]
    [InlineData("x\tkind\n1\ta\n", "\",\" must be between two columns, and this line has a tab")]
    [InlineData("x,y,kind\n1,2,a,\n", "the line must have 3 columns; it has 4; it ends with a separator.")]
    [InlineData("x,kind,\n1,a,\n", "column 3 has none; the line may end with a separator")]
    [InlineData("x,x,kind\n1,2,a\n", "each column must have its own name; \"x\" is there 2 times.")]
    public void Separators_and_names_that_are_wrong_are_refused(string text, string why) => Refused(
        new CsvOptions { Path = File(text), Label = "2" }, why);

    [Fact] // float32 has steps of 128 at 1.7 · 10⁹; over a year they do not matter
    public void Numbers_that_float32_cannot_tell_apart_are_refused_where_it_matters()
    {
        var near = string.Concat(Enumerable.Range(0, 20).Select(i => $"{1_700_000_000 + 40 * (i % 2)},{i % 2}\n"));
        Refused("time,kind\n" + near,
            "column 1 (time): 1700000000 and 1700000040 are the same number in float32, in which networks compute; "
            + "subtract 1700000000, say, from the whole column, or scale its values.");
        var far = string.Concat(Enumerable.Range(0, 20).Select(i => $"{1_700_000_000 + 1_000_001 * i},{i % 2}\n"));
        Assert.Equal(2, new CsvOptions { Path = File("time,kind\n" + far) }.Open().Info.Classes.Count);
    }

    [Fact] // a row takes 4 bytes and its array 100: 10,000 rows are 1.04 MB
    public void The_memory_limit_counts_the_arrays_of_short_rows() => Refused(
        new CsvOptions { Path = File(string.Concat(Enumerable.Repeat("1,a\n", 10_000))), MemoryLimit = 1 },
        "the option \"memoryLimit\" allows 1 MB.");

    static string Repeat(string lines) => string.Concat(Enumerable.Repeat(lines, 5));

    static string File(string text, string ending = ".csv") => File(Encoding.UTF8.GetBytes(text), ending);

    static string File(byte[] content, string ending = ".csv")
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-table-").FullName, "t" + ending);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    static void Refused(string text, string why) => Refused(new CsvOptions { Path = File(text) }, why);

    static void Refused(byte[] content, string why) => Refused(new CsvOptions { Path = File(content) }, why);

    static void Refused(TableOptions options, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);
}
