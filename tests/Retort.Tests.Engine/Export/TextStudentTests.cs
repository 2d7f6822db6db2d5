using System.Text.Json;
using Retort.Data.Text;
using Retort.Export;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime;
using Retort.Tests.Cli;
using Retort.Tests.Contract;
using Retort.Tests.Proofs;
using Retort.Tests.Recipes;
using Retort.Training;

namespace Retort.Tests.Export;

/// <summary>A student of texts: its run, its folder with the tokenizer, and predictions out of it.</summary>
public sealed class TextStudentTests(TextStudentTests.OneRun one) : IClassFixture<TextStudentTests.OneRun>
{
    /// <summary>Pairs of texts, of which the second says the class; a teacher and a student of a few steps.</summary>
    public sealed class OneRun
    {
        public OneRun()
        {
            string[] words = ["dawn", "dusk", "noon", "rain", "snow", "wind"];
            var rows = Enumerable.Range(0, 60).Select(i =>
                $"{words[i % 6]} and {words[i / 6 % 6]} of old,{(i % 2 == 0 ? "yes indeed" : "no")},{i % 2}\n");
            var table = Path.Combine(Few.Folder(), "pairs.csv");
            File.WriteAllText(table, "question,reply,label\n" + string.Concat(rows));
            var network = new BertOptions { HiddenSize = 16, Heads = 2, Layers = 1, Pooling = BertPooling.Pooler };
            Run = ProofRun.Whole(new()
            {
                Name = "pairs",
                Data = new TextOptions
                {
                    Path = table, SecondText = "reply", MaxTokens = 12,
                    Tokenizer = new LearnedTokenizerOptions { Size = 100 },
                },
                Student = network,
                Seeds = 1,
                Threads = 1,
                Method = new Retort.Methods.SoftTargetsOptions(),
                Teacher = new TrainedTeacherOptions { Network = network, Training = Training },
                Training = Training,
            });
            Student = Path.Combine(Few.Folder(), "student");
            StudentFolder.Write(Run, new() { Network = "student-seed1", Folder = Student, Outputs = Output.Embedding });
        }

        public string Run { get; }

        public string Student { get; }

        static TrainingOptions Training =>
            new() { Epochs = 2, BatchSize = 8, Optimizer = new AdamOptions(), LearningRate = 0.01 };
    }

    [Fact] // through the folder's tokenizer, one text at a time, against batches with padding
    public void The_student_of_a_folder_predicts_what_the_run_predicted()
    {
        using var student = Student.Open(one.Student);
        var recipe = Recipe.Read(Path.Combine(one.Run, "recipe.json"));
        var options = (TextOptions)recipe.Source;
        var rows = ((TextExamples)options.Read()).Rows;
        var stored = PredictionsFile.Read(
            Path.Combine(one.Run, "networks/student-seed1", PredictionsFile.Name), "test");
        Assert.NotEmpty(stored.Ids);
        foreach (var (i, id) in stored.Ids.Index())
        {
            var logits = student.Logits(rows[(int)id].Text, rows[(int)id].Second);
            Assert.Equal(stored.Values[2 * i], logits[0], tolerance: 1e-4f);
            Assert.Equal(stored.Values[2 * i + 1], logits[1], tolerance: 1e-4f);
        }
        Assert.Equal(16, student.Embedding("dawn", "no").Length);
        Assert.Equal(1, student.Probabilities("dawn", "no").Sum(), tolerance: 1e-5f);
        Assert.Contains(student.Predict("dawn", "no").Name, student.Classes);
        Assert.Equal(["question", "reply"], student.Columns!);
    }

    [Fact]
    public void The_folder_is_one_of_Hugging_Face_too()
    {
        var config = TestRuns.Json(Path.Combine(one.Student, "config.json"));
        Assert.Equal("BertForSequenceClassification", (string?)config["architectures"]![0]);
        Assert.Equal(("bert", 16, 2, 1), ((string?)config["model_type"], (int)config["hidden_size"]!,
            (int)config["num_attention_heads"]!, (int)config["num_hidden_layers"]!));
        Assert.Equal((int)config["inputs"]![0]!["vocabulary"]!, (int)config["vocab_size"]!);
        Assert.Equal("1", (string?)config["id2label"]!["1"]);
        string[] files = ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"];
        Assert.All(files, file => Assert.NotNull(config["files"]![file]));
        Student.Verify(one.Student);
    }

    [Fact]
    public void A_folder_can_be_the_pretrained_network_of_another_run()
    {
        var options = new BertPretrainedOptions { Path = one.Student, Pooling = BertPooling.Pooler };
        var recipe = Recipe.Read(Path.Combine(one.Run, "recipe.json"));
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var copy = options.Build(recipe.Source.Open().Info);
        using var saved = SavedNetwork.Open(Path.Combine(one.Run, "networks/student-seed1"));
        var expected = saved.Network.state_dict();
        Assert.All(copy.state_dict(), pair => Assert.True(pair.Value.allclose(expected[pair.Key])));
    }

    [Fact]
    public async Task The_command_predicts_texts_and_files_of_them()
    {
        var file = Path.Combine(Few.Folder(), "more.csv");
        File.WriteAllText(file, "reply,question,other\nno,dawn,1\nyes indeed,dusk,2\n");
        using var student = Student.Open(one.Student);
        var (first, second) = (student.Predict("dawn", "no").Name, student.Predict("dusk", "yes indeed").Name);
        var (code, output, error) = await ToolTests.Call("predict", one.Student, file, "--json");
        Assert.Equal((0, ""), (code, error));
        var predictions = JsonDocument.Parse(output).RootElement.GetProperty("predictions").EnumerateArray();
        Assert.Equal([first, second],
            predictions.Select(found => found.GetProperty("classes")[0].GetProperty("class").GetString()));

        (code, output, _) = await ToolTests.Call("predict", one.Student, "--text", "dawn", "--second-text", "no");
        Assert.Equal(0, code);
        Assert.StartsWith($"dawn\t{first}\t", output, StringComparison.Ordinal);
        Assert.Equal((1, "", "--second-text needs one --text; there are 2.\n"), await ToolTests.Call(
            "predict", one.Student, "--text", "a", "--text", "b", "--second-text", "c"));
    }

    [Fact]
    public void Another_tokenizer_is_refused()
    {
        var folder = Path.Combine(Few.Folder(), "changed");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(one.Student))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var path = Path.Combine(folder, "tokenizer.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("dawn", "down", StringComparison.Ordinal));
        Assert.Contains("tokenizer.json is not the file that was exported",
            Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message);
        File.Delete(path);
        Assert.Contains("tokenizer.json is missing; config.json lists it.",
            Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message);
    }

    [Fact]
    public async Task A_recipe_is_suggested_for_a_table_of_texts()
    {
        var folder = Few.Folder();
        var rows = string.Concat(Enumerable.Range(0, 40).Select(i => $"a text {i},{i % 2}\n"));
        File.WriteAllText(Path.Combine(folder, "t.csv"), "text,label\n" + rows);
        var recipe = Path.Combine(folder, "mine.json");
        var (code, _, error) = await ToolTests.Call("new", recipe, Path.Combine(folder, "t.csv"));
        Assert.Equal((0, ""), (code, error));
        Assert.IsType<TextOptions>(Recipe.Read(recipe).Data);
        Assert.IsType<BertOptions>(Recipe.Read(recipe).Student);
    }
}
