using Retort.Data;
using Retort.Data.Text;
using Retort.Recipes;
using SkiaSharp;

namespace Retort.Tests.Data;

/// <summary>Questions about images: both layouts, splits by image, and what is refused.</summary>
public sealed class VisualQuestionTests
{
    static readonly SKColor[] s_colors = [SKColors.Red, SKColors.Lime, SKColors.Blue];
    static readonly string[] s_names = ["red", "green", "blue"];

    [Fact]
    public void The_layout_of_easy_VQA()
    {
        var data = new VisualQuestionOptions { Path = Layout() }.Open();
        Assert.Equal(["blue", "green", "no", "red", "yes"], data.Info.Classes);
        Assert.Equal((22, 2, 6), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal(
            ["input_ids", "attention_mask", "token_type_ids", "pixel_values"],
            data.Info.Inputs.Select(input => input.Name));
        Assert.Equal([3, 4, 6], data.Info.Input("pixel_values")!.Shape);
        Assert.Contains(data.StudentFiles, file => file.Name == "tokenizer.json");
    }

    [Fact] // each image has two questions
    public void Validation_asks_about_images_of_its_own()
    {
        var data = new VisualQuestionOptions { Path = Layout(), Validation = 4 }.Open();
        Assert.Equal((16, 8), (data.Training.Count, data.Validation.Count));
        var (training, validation) = (Images(data.Training), Images(data.Validation));
        Assert.Empty(training.Intersect(validation));

        static HashSet<int> Images(IDataSplit split)
        {
            var batch = new HostBatch();
            split.Load([.. Enumerable.Range(0, split.Count)], View.Plain, batch);
            return [.. batch.Ids.ToArray().Select(id => id / 2)];
        }
    }

    [Fact] // red, green and blue in turn: each channel is 255 in a third of the images: mean 1/3, sd √2/3
    public void A_question_has_the_pixels_of_its_image_and_its_tokens()
    {
        var data = new VisualQuestionOptions { Path = Layout(), Validation = 3, SplitSeed = 2 }.Open();
        var normalization = data.Info.Normalization!;
        var batch = new HostBatch();
        data.Test.Load([0, 2, 4], View.Plain, batch);
        var tensors = batch.Float32("pixel_values", [3, 4, 6]);
        for (var i = 0; i < 3; i++)
            for (var c = 0; c < 3; c++)
            {
                var expected = ((c == i ? 1 : 0) - normalization.Mean[c]) / normalization.StandardDeviation[c];
                Assert.Equal(expected, tensors[i * 72 + c * 24], tolerance: 1e-5);
            }
        Assert.Equal("what color is it?", data.Test.TextOf(0));
        var image = ((IImageSource)data.Test).Image(2);
        Assert.Equal((4, 6, 3), (image.Height, image.Width, image.Channels));
        Assert.Equal([0, 255, 0], image.Bytes[..3]);
    }

    [Theory]
    [InlineData("set.jsonl", """{"image":"pictures/0.png","question":"what color?","answer":"red"}""",
        """{"image":"pictures/1.png","question":"what color?","answer":"green"}""")]
    [InlineData("set.csv", "image,question,answer\npictures/0.png,what color?,red", "pictures/1.png,what color?,green")]
    public void A_file_with_columns(string name, string first, string second)
    {
        var folder = Pictures();
        var lines = string.Concat(Enumerable.Repeat($"{second}\n", 9));
        File.WriteAllText(Path.Combine(folder, name), $"{first}\n{lines}{second.Replace("green", "red")}\n");
        var read = new VisualQuestionOptions { Path = Path.Combine(folder, name) }.Read();
        var examples = (TextExamples)read;
        Assert.Equal((11, 2), (examples.Count, examples.Images!.Images.Count));
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], examples.Images.Of);
        Assert.All(examples.Rows, row => Assert.Equal(("what color?", null), (row.Text, row.Second)));
    }

    [Fact] // validation has two images of 12: of the rest one each is asked about again
    public void Questions_without_answers_about_images_of_other_splits_are_left_out()
    {
        var folder = Layout();
        var file = Path.Combine(folder, "more.jsonl");
        File.WriteAllLines(file, Enumerable.Range(0, 12).Select(
            i => $$"""{"image":"train/images/{{i}}.png","question":"what is it?"}"""));
        var data = new VisualQuestionOptions { Path = folder, Unlabelled = file, Validation = 2 }.Open();
        Assert.Equal((20 + 10, 4), (data.Training.Count, data.Validation.Count));
        Assert.Contains("2 examples without labels are of images in validation or test, and left out", data.Notes);
    }

    [Fact]
    public void Files_of_two_splits_differ_and_images_that_they_share_are_counted()
    {
        var folder = Layout();
        string[] files = [Path.Combine(folder, "a.jsonl"), Path.Combine(folder, "b.jsonl")];
        foreach (var (first, file) in files.Index())
            File.WriteAllLines(file, Enumerable.Range(4 * first, 8).Select(i =>
                $$"""{"image":"train/images/{{i}}.png","question":"is it red?","answer":"{{s_names[i % 3]}}"}"""));
        Assert.Equal(
            $"{files[0]} must be the file of one split; it is named for 2.", Assert.Throws<InvalidDataException>(
                () => new VisualQuestionOptions { Path = files[0], TestPath = files[0] }.Open()).Message);
        Assert.Contains("4 of the images in the test file are in the training file too",
            new VisualQuestionOptions { Path = files[0], TestPath = files[1] }.Open().Notes);
    }

    [Theory] // messages name the columns of questions
    [InlineData("img,question,answer\na.png,q?,yes\n",
        "the image \"image\" must be one of 3 columns: img, question, answer")]
    [InlineData("image,question,answer\n,q?,yes\n", "the image is empty")]
    [InlineData("image,question,answer\ntrain/images/0.png,q?,\n", "the answer is missing")]
    public void Columns_that_are_missing(string table, string message)
    {
        var file = Path.Combine(Layout(), "set.csv");
        File.WriteAllText(file, table);
        var error = Assert.Throws<InvalidDataException>(() => new VisualQuestionOptions { Path = file }.Open());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact] // there is no option to leave it out
    public void A_damaged_image_is_to_be_repaired()
    {
        var folder = Layout();
        File.WriteAllBytes(Path.Combine(folder, "train/images/3.png"), [1, 2, 3]);
        Assert.EndsWith("Repair or delete it.", Assert.Throws<InvalidDataException>(
            () => new VisualQuestionOptions { Path = folder }.Open()).Message);
    }

    [Theory]
    [InlineData("[[\"a?\", \"b\"]]",
        "question 1 must be [question, answer, number of the image]; it is [\"a?\", \"b\"].")]
    [InlineData("[[\"\", \"b\", 0]]", "question 1 has an empty question.")]
    [InlineData("[[\"a?\", \"b\", 77]]", "77.png is not there; a question names it.")]
    [InlineData("[]", "holds no question.")]
    [InlineData("{", "must be a JSON list of [question, answer, image]: ")]
    public void A_damaged_list_of_questions(string json, string message)
    {
        var folder = Layout();
        File.WriteAllText(Path.Combine(folder, "train/questions.json"), json);
        var error = Assert.Throws<InvalidDataException>(() => new VisualQuestionOptions { Path = folder }.Open());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../elsewhere.png", "images must lie in the file's folder or below; one is ../elsewhere.png.")]
    [InlineData("/etc/passwd", "images must lie in the file's folder or below; one is /etc/passwd.")]
    [InlineData("pictures/none.png", "none.png is not there; a question names it.")]
    [InlineData("set.jsonl", "must be a PNG, JPEG, WebP or BMP file with its usual ending, as a question names it.")]
    public void Images_that_cannot_be_read(string image, string message)
    {
        var file = Path.Combine(Pictures(), "set.jsonl");
        File.WriteAllText(file, $$"""{"image":"{{image}}","question":"what color?","answer":"red"}""" + "\n");
        var error = Assert.Throws<InvalidDataException>(() => new VisualQuestionOptions { Path = file }.Open());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_has_its_splits_and_another_file_is_refused()
    {
        var folder = Layout();
        var error = Assert.Throws<InvalidDataException>(
            () => new VisualQuestionOptions { Path = folder, TestPath = "test.jsonl" }.Open());
        Assert.EndsWith(
            "is a folder with splits of its own: leave out test.jsonl, or name files for all splits.", error.Message);
        Assert.Throws<InvalidDataException>(() => new VisualQuestionOptions { Path = Pictures() }.Open());
    }

    [Fact]
    public void Recipes_call_it_vqa() => Assert.Equal(typeof(VisualQuestionOptions), Registry.Data["vqa"]);

    // twelve training and three test images of 4 × 6, red, green and blue in turn, with two questions each
    internal static string Layout()
    {
        var files = new Dictionary<string, byte[]>();
        foreach (var (split, count) in new[] { ("train", 12), ("test", 3) })
        {
            var questions = new List<string>();
            for (var i = 0; i < count; i++)
            {
                files[$"{split}/images/{i}.png"] = DataFiles.Picture(4, 6, s_colors[i % 3]);
                questions.Add($"""["what color is it?", "{s_names[i % 3]}", {i}]""");
                questions.Add($"""["is it red?", "{(i % 3 == 0 ? "yes" : "no")}", {i}]""");
            }
            files[$"{split}/questions.json"] = System.Text.Encoding.UTF8.GetBytes($"[{string.Join(", ", questions)}]");
        }
        return DataFiles.OnDisk(files);
    }

    static string Pictures() => DataFiles.OnDisk(new Dictionary<string, byte[]>
    {
        ["pictures/0.png"] = DataFiles.Picture(4, 6, SKColors.Red),
        ["pictures/1.png"] = DataFiles.Picture(4, 6, SKColors.Lime),
    });
}
