using Retort.Data.Images;
using Retort.Data.Text;
using Retort.Recipes;
using Retort.Tests.Contract;
using Retort.Tests.Data;
using SkiaSharp;

namespace Retort.Tests.Recipes;

/// <summary>Recipes that are written for data: they read it, and their sizes follow from it.</summary>
public sealed class RecipeSuggestionTests
{
    readonly string _folder = Few.Folder();

    [Theory]
    [InlineData(32, false, null)]
    [InlineData(40, true, 32)]
    [InlineData(90, true, 64)]
    public void Images_in_folders(int side, bool varies, int? size)
    {
        foreach (var (name, color) in new[] { ("cat", SKColors.Red), ("dog", SKColors.Blue) })
            for (var i = 0; i < 20; i++)
            {
                var path = Path.Combine(_folder, "pictures", name, $"{i}.png");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, DataFiles.Picture(side, side + (varies ? i : 0), color));
            }
        var text = RecipeSuggestion.For(Path.Combine(_folder, "pictures"), Path.Combine(_folder, "photos.json"));
        Assert.StartsWith(
            "{\n  // 2 classes; 29 training examples, 3 for validation, 8 for the test\n  // some classes have fewer "
                + "than 10 examples for validation or for the test: scores on so few say little\n", text);
        Assert.Contains("\"path\": \"pictures\"", text);
        var recipe = Recipe.Parse(text, Path.Combine(_folder, "photos.json"));
        Assert.Equal(size, Assert.IsType<ImageFolderOptions>(recipe.Data).Size);
        Assert.Equal(29, recipe.Source.Open().Training.Count);
        Assert.Equal(40, recipe.Training.Epochs);
        Assert.InRange(text.Split('\n').Length, 15, 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Questions_about_images(bool isLayout)
    {
        var folder = VisualQuestionTests.Layout();
        var table = Path.Combine(folder, "questions.jsonl");
        File.WriteAllLines(table, Enumerable.Range(0, 24).Select(i => $$"""
            {"image":"train/images/{{i % 12}}.png","question":"is it red?","answer":"{{(i % 3 == 0 ? "yes" : "no")}}"}
            """));
        var path = Path.Combine(folder, "shapes.json");
        var recipe = Recipe.Parse(RecipeSuggestion.For(isLayout ? folder : table, path), path);
        Assert.Equal(32, Assert.IsType<VisualQuestionOptions>(recipe.Data).Size);
        Assert.Contains(recipe.Source.Open().Info.Inputs, input => input.Name == "pixel_values");
        Assert.Equal("vqa", RecipeSuggestion.FormatOf(isLayout ? folder : table));
    }

    [Fact]
    public void Sound_in_folders()
    {
        var sounds = DataFiles.OnDisk(AudioFolderTests.Tones());
        var path = Path.Combine(_folder, "sounds.json");
        var text = RecipeSuggestion.For(sounds, path);
        Assert.StartsWith("{\n  // 2 classes; 27 training examples, 3 for validation, 6 for the test: an", text);
        Assert.Equal(27, Recipe.Parse(text, path).Source.Open().Training.Count);
        Assert.Equal("audio-folder", RecipeSuggestion.FormatOf(sounds));
    }

    [Fact]
    public void Unreadable_images_are_left_out_and_named()
    {
        var files = DataFiles.Pets();
        files["train/cat/a.png"] = "hello"u8.ToArray();
        var path = DataFiles.OnDisk(files);
        var text = RecipeSuggestion.For(path, Path.Combine(path, "r.json"));
        Assert.Contains("  // 1 image cannot be read and was left out, as \"skipUnreadable\" says: ", text);
        Assert.Single(Recipe.Parse(text, Path.Combine(path, "r.json")).Source.Open().Findings);
    }

    [Fact]
    public void Without_a_readable_image_the_first_is_named()
    {
        var path = DataFiles.OnDisk(new Dictionary<string, byte[]>
        {
            ["cat/a.png"] = "hello"u8.ToArray(),
            ["dog/b.png"] = [1, 2],
        });
        Assert.Contains("a.png", Assert.Throws<InvalidDataException>(
            () => RecipeSuggestion.For(path, Path.Combine(path, "r.json"))).Message);
    }

    [Fact]
    public void A_table()
    {
        var path = Path.Combine(_folder, "t.csv");
        var rows = Enumerable.Range(0, 40).Select(i => $"{i},{"ab"[i % 2]}\n");
        File.WriteAllText(path, "x,kind\n" + string.Concat(rows));
        var recipe = Recipe.Parse(
            RecipeSuggestion.For(path, Path.Combine(_folder, "in", "r.json")), Path.Combine(_folder, "in", "r.json"));
        Assert.Equal(["a", "b"], recipe.Source.Open().Info.Classes);
    }

    [Fact] // a fifth for the test and a tenth of the rest for validation: 19 examples of two classes, and 20
    public void Few_examples_of_a_class_for_validation_are_pointed_out()
    {
        Assert.Contains("  // some classes have fewer than 10 examples for validation", For(rows: 240));
        Assert.DoesNotContain("some classes", For(rows: 250));

        string For(int rows)
        {
            var path = Path.Combine(_folder, $"{rows}.csv");
            File.WriteAllLines(path, Enumerable.Range(0, rows + 1).Select(i => i == 0 ? "x,y" : $"{i},{"ab"[i % 2]}"));
            return RecipeSuggestion.For(path, Path.Combine(_folder, "r.json"));
        }
    }

    [Fact]
    public void The_column_of_labels_of_a_table_is_a_choice()
    {
        var path = Path.Combine(_folder, "t.csv");
        var rows = Enumerable.Range(0, 40).Select(i => $"{"ab"[i % 2]},{i}\n");
        File.WriteAllText(path, "kind,x\n" + string.Concat(rows));
        var text = RecipeSuggestion.For(path, Path.Combine(_folder, "r.json"), "kind", "s.json");
        Assert.StartsWith("{\n  \"$schema\": \"s.json\",\n", text, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], Recipe.Parse(text, Path.Combine(_folder, "r.json")).Source.Open().Info.Classes);
    }

    [Fact]
    public void What_is_no_data_is_refused()
    {
        File.WriteAllText(Path.Combine(_folder, "notes.txt"), "x");
        foreach (var path in (string[])[_folder, Path.Combine(_folder, "notes.txt")])
            Assert.StartsWith($"{path} holds no data of a known format", Assert.Throws<InvalidDataException>(
                () => RecipeSuggestion.For(path, Path.Combine(_folder, "r.json"))).Message);
    }
}
