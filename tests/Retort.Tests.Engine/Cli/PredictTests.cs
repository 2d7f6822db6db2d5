using System.Text.Json;
using Retort.Tests.Data;
using Retort.Tests.Runtime;
using SkiaSharp;

namespace Retort.Tests.Cli;

/// <summary>
/// <c>retort predict</c> with files of each kind. The student's probability of bright is 1 / (1 + e^(4 - 2 Σ pixels)).
/// </summary>
public sealed class PredictTests
{
    readonly string _folder = Contract.Few.Folder();

    [Fact] // white: Σ = 4 and e⁻⁴: .9820; black: e⁴: .0180 for bright
    public async Task Images_and_folders_of_them()
    {
        var white = Put("white.png", DataFiles.Picture(2, 2, SKColors.White));
        var black = Put("more/black.jpg", DataFiles.Picture(6, 9, SKColors.Black, jpeg: true));
        Put("more/notes.txt", [1]);
        var (code, output, error) = await ToolTests.Call(
            "predict", StudentFolders.OfBright(), white, Path.Combine(_folder, "more"), "--top", "2");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            $"{white}\tbright\t0.9820\tdark\t0.0180\n{black}\tdark\t0.9820\tbright\t0.0180\n", output);
    }

    [Fact]
    public async Task Nothing_to_predict_is_refused() => Assert.Equal(
        (1, "", "predict needs a FILE, --text with a text, or --image with --question; `retort predict --help` shows "
            + "examples.\n"),
        await ToolTests.Call("predict", StudentFolders.OfBright()));

    [Theory] // 255, 255, 0, 0: Σ = 2, and both probabilities are .5; the first of equals is printed
    [InlineData(false)]
    [InlineData(true)]
    public async Task Images_of_an_IDX_file(bool zipped)
    {
        var content = DataFiles.IdxImages(3, 2, 2, i => (byte)(i < 4 ? 255 : i < 8 ? 0 : i < 10 ? 255 : 0));
        var file = Put(zipped ? "images.gz" : "images", zipped ? DataFiles.Zipped(content) : content);
        var (code, output, error) = await ToolTests.Call("predict", StudentFolders.OfBright(), file);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal($"{file}:1\tbright\t0.9820\n{file}:2\tdark\t0.9820\n{file}:3\tdark\t0.5000\n", output);
    }

    [Fact] // white is 16 there
    public async Task A_table_of_pixels_in_the_scale_of_the_training_data()
    {
        var file = Put("t.csv", "16,16,16,16\n0,0,0,0\n"u8.ToArray());
        Assert.Equal(
            (0, $"{file}:1\tbright\t0.9820\n{file}:2\tdark\t0.9820\n", ""),
            await ToolTests.Call("predict", StudentFolders.OfBright(scale: 16), file));
        var far = Put("far.csv", "16,16,16,16\n0,0,17,0\n"u8.ToArray());
        var refused = await ToolTests.Call("predict", StudentFolders.OfBright(scale: 16), far);
        Assert.Equal(
            (1, $"{far}:2: a pixel is a number from 0 to 16; one is 17.\n"), (refused.Code, refused.Error));
    }

    [Fact] // a = x, b = y, c = 0: the probability of a for (2, 1) is e² / (e² + e + 1) = .6652
    public async Task A_table_of_features_with_names_and_a_label_that_is_ignored()
    {
        var file = Put("t.tsv", "kind\tx\ty\nb\t2\t1\n\nc\t-9\t-9\n"u8.ToArray());
        var (code, output, error) = await ToolTests.Call(
            "predict", StudentFolders.OfLarger(), file, "--label", "kind", "--json");
        Assert.Equal((0, ""), (code, error));
        var json = JsonDocument.Parse(output).RootElement;
        var predictions = json.GetProperty("predictions").EnumerateArray().ToList();
        Assert.Equal([$"{file}:2", $"{file}:4"], predictions.Select(one => one.GetProperty("example").GetString()));
        var best = predictions[0].GetProperty("classes")[0];
        Assert.Equal("a", best.GetProperty("class").GetString());
        Assert.Equal(0.6652, best.GetProperty("probability").GetDouble(), tolerance: 1e-4);
        Assert.Equal("c", predictions[1].GetProperty("classes")[0].GetProperty("class").GetString());
        var bare = Put("bare.csv", "x,y\n2,1\n"u8.ToArray());
        Assert.Equal(
            (0, $"{bare}:2\ta\t0.6652\n", ""), await ToolTests.Call("predict", StudentFolders.OfLarger(), bare));
    }

    [Theory]
    [InlineData(
        "t.csv",
        "1,2,x\n1,2,3\n",
        "t.csv, line 1: the line must have 2 numbers; it has 3 columns; "
            + "columns that are no input, such as the class, are named with --label.")]
    [InlineData("t.csv", "1,2\n1\n", "t.csv, line 2: the line must have 2 columns; it has 1.")]
    [InlineData(
        "t.csv",
        "1,2\n1,nan\n",
        "t.csv, line 2: column 2: the value must be a finite number; it is \"nan\"; every feature must have a value.")]
    [InlineData("t.png", "x", "t.png: the student takes 2 features an example, which .csv and .tsv files have.")]
    public async Task A_file_that_is_no_table_for_the_student_is_refused(string name, string content, string sentence)
    {
        var file = Put(name, System.Text.Encoding.UTF8.GetBytes(content));
        var (code, _, error) = await ToolTests.Call("predict", StudentFolders.OfLarger(), file);
        Assert.Equal((1, $"{_folder}{Path.DirectorySeparatorChar}{sentence}\n"), (code, error));
    }

    [Theory]
    [InlineData(
        "t.bin",
        "xxxx",
        "t.bin must be PNG, JPEG, WebP or BMP, a folder or archive of them, IDX images, .csv or .tsv; "
            + "it is none of these.")]
    [InlineData(
        "t.gz",
        "xxxx",
        "t.gz must be PNG, JPEG, WebP or BMP, a folder or archive of them, IDX images, .csv or .tsv; "
            + "it is none of these.")]
    [InlineData(
        "t.png", "xxxx", "t.png is no PNG, JPEG, WebP or BMP image (4 bytes, beginning with 78787878).")]
    [InlineData(
        "t",
        "\0\0\u0008\u0003\0\0\0\u0002\0\0\0\u0002\0\0\0\u0002abcd",
        "t ends in image 2 of 2: it must have 4 bytes and has 0.")]
    public async Task A_file_that_is_no_image_is_refused(string name, string content, string sentence)
    {
        var file = Put(name, System.Text.Encoding.Latin1.GetBytes(content));
        var (code, output, error) = await ToolTests.Call("predict", StudentFolders.OfBright(), file);
        Assert.Equal((1, "", $"{_folder}{Path.DirectorySeparatorChar}{sentence}\n"), (code, output, error));
    }

    [Theory]
    [InlineData("x: there is no such folder.", "predict", "x")]
    [InlineData(
        "retort predict: --top must be a whole number of at least 1; it is \"0\".", "predict", "x", "y", "--top", "0")]
    [InlineData(
        "retort predict: --variant must be int8 or float16; it is \"int4\".",
        "predict", "x", "y", "--variant", "int4")]
    [InlineData("nothing-here: there is no such folder.", "predict", "nothing-here", "x.png")]
    public async Task A_failure_is_one_sentence(string sentence, params string[] arguments) =>
        Assert.Equal((1, "", sentence + "\n"), await ToolTests.Call(arguments));

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var missing = Path.Combine(_folder, "missing.png");
        Assert.Equal(
            (1, "", $"{missing} does not exist.\n"),
            await ToolTests.Call("predict", StudentFolders.OfBright(), missing));
    }

    string Put(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }
}
