using Retort.Data.Text;
using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime;
using Retort.Runtime.Features;
using Retort.Tests.Cli;
using Retort.Tests.Contract;
using Retort.Tests.Data;
using Retort.Tests.Proofs;
using Retort.Training;
using SkiaSharp;

namespace Retort.Tests.Export;

/// <summary>A student that answers questions about images: its run, its folder, and answers out of it.</summary>
public sealed class QuestionStudentTests(QuestionStudentTests.OneRun one) : IClassFixture<QuestionStudentTests.OneRun>
{
    /// <summary>Images of one color, with a question of varying length; teacher and student have other heads.</summary>
    public sealed class OneRun
    {
        static readonly string[] s_answers = ["yes", "no"];

        public OneRun()
        {
            var files = new Dictionary<string, byte[]>
            {
                ["0.png"] = DataFiles.Picture(8, 8, SKColors.Red), ["1.png"] = DataFiles.Picture(8, 8, SKColors.Blue),
            };
            for (var i = 2; i < 60; i++) files[$"{i}.png"] = files[$"{i % 2}.png"];
            var lines = Enumerable.Range(0, 60).Select(i => $"{i}.png,is it{
                string.Concat(Enumerable.Repeat(" really", i % 4))} red?,{s_answers[i % 2]}\n");
            files["set.csv"] = System.Text.Encoding.UTF8.GetBytes("image,question,answer\n" + string.Concat(lines));
            Images = DataFiles.OnDisk(files);
            var network = new ViltOptions { PatchSize = 4, Layers = 1, HiddenSize = 12, Heads = 2, MaxPositions = 16 };
            Run = ProofRun.Whole(new()
            {
                Name = "questions",
                Data = new VisualQuestionOptions { Path = Path.Combine(Images, "set.csv"), MaxTokens = 16 },
                Teacher = new TrainedTeacherOptions { Network = network with { Heads = 3 }, Training = Training },
                Student = network,
                Method = new AttentionAlignmentOptions(),
                Training = Training,
                Seeds = 1,
                Threads = 1,
            });
            Student = Path.Combine(Few.Folder(), "student");
            StudentFolder.Write(Run, new() { Network = "student-seed1", Folder = Student });
        }

        public string Run { get; }
        public string Images { get; }
        public string Student { get; }

        static TrainingOptions Training =>
            new() { Epochs = 2, BatchSize = 8, Optimizer = new AdamOptions(), LearningRate = 0.01 };
    }

    [Fact] // one at a time and without padding, against batches with padding
    public void The_student_of_a_folder_answers_what_the_run_answered()
    {
        using var student = Student.Open(one.Student);
        Assert.Equal((true, false), (student.TakesQuestions, student.TakesTexts));
        var rows = ((TextExamples)new VisualQuestionOptions { Path = Path.Combine(one.Images, "set.csv") }.Read()).Rows;
        var stored = PredictionsFile.Read(
            Path.Combine(one.Run, "networks/student-seed1", PredictionsFile.Name), "test");
        var pixels = new float[student.ImageSize.Count];
        Assert.NotEmpty(stored.Ids);
        foreach (var (i, id) in stored.Ids.Index())
        {
            var file = Path.Combine(one.Images, $"{id}.png");
            ImageLoader.Read(File.ReadAllBytes(file), file, student.ImageSize, pixels);
            var logits = student.Logits(pixels, rows[(int)id].Text);
            Assert.Equal(stored.Values[2 * i], logits[0], tolerance: 1e-4f);
            Assert.Equal(stored.Values[2 * i + 1], logits[1], tolerance: 1e-4f);
        }
        Assert.Contains(student.Predict(pixels, "is it red?").Name, student.Classes);
        Assert.Throws<ArgumentException>(() => student.Predict(pixels.AsSpan(1), "is it red?"));
    }

    [Fact]
    public async Task The_command_asks_each_question_about_each_image()
    {
        var (red, blue) = (Path.Combine(one.Images, "0.png"), Path.Combine(one.Images, "1.png"));
        var (code, output, error) = await ToolTests.Call(
            "predict", one.Student, "--image", red, "--image", blue, "--question", "is it red?", "--question",
            "really?");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            [$"{red} | is it red?", $"{red} | really?", $"{blue} | is it red?", $"{blue} | really?"],
            output.TrimEnd('\n').Split('\n').Select(line => line.Split('\t')[0]));
    }

    [Fact]
    public async Task An_image_or_a_question_alone_is_refused()
    {
        var (code, _, error) = await ToolTests.Call("predict", one.Student, "--question", "is it red?");
        Assert.Equal(
            (1, "This student takes images with texts: give --image with a file, and --question with a text.\n"),
            (code, error));
        Assert.Equal(1, (await ToolTests.Call("predict", one.Student, Path.Combine(one.Images, "0.png"))).Code);
    }
}
