using Retort.Report;
using Retort.Runs;
using Retort.Recipes;
using Retort.Tests.Contract;
using Retort.Tests.Teachers;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Recipes whose teacher was made elsewhere, from JSON to the report.</summary>
public sealed class ForeignTeacherTests
{
    public static TheoryData<string> Teachers => new(
        """
        {
          "name": "onnx", "path": "tiny.onnx",
          "outputs": { "logits": "logits", "embedding": "embedding", "hidden_states": ["stage"] },
          "normalization": { "scale": 255, "mean": [0.5], "standardDeviation": [0.5] }
        }
        """,
        """{ "name": "torchscript", "path": "tiny-parts.pt", "outputs": ["logits", "other", "hidden_states"] }""",
        """
        {
          "name": "ensemble",
          "members": [{ "name": "onnx", "path": "tiny-of-four.onnx" }, { "name": "torchscript", "path": "tiny.pt" }]
        }
        """);

    [Theory, MemberData(nameof(Teachers))]
    public void A_student_learns_from_a_file(string teacher) => LearnsFrom(Read(teacher));

    [Fact]
    public void A_student_learns_from_a_service()
    {
        using var server = new TeacherServer();
        LearnsFrom(Read($$"""{ "name": "remote", "url": "{{server.Url}}" }"""));
        Assert.Contains("POST /teacher/predict?outputs=logits", server.Requests);
    }

    [Theory]
    [InlineData("""{ "name": "ensemble", "members": [{ "name": "trained", "network": { "name": "mlp" } }] }""",
        "teacher.members must be teachers that exist already, such as files; one of them would be trained first.")]
    [InlineData(
        """{ "name": "ensemble", "members": [] }""", "teacher.members must have at least one teacher; it is empty.")]
    [InlineData(
        """{ "name": "ensemble", "members": [{ "name": "onnx" }] }""",
        "teacher.members.0.path is missing; it must be text.")]
    [InlineData(
        """{ "name": "onnx", "path": "x", "layout": "hwc" }""",
        "teacher.layout must be one of \"nchw\", \"nhwc\", \"flat\"; it is \"hwc\".")]
    [InlineData(
        """{ "name": "torchscript", "path": "x", "outputs": ["logits", "label"] }""",
        "teacher.outputs must be of logits, embedding, hidden_states, attentions, token_embeddings, action, other; "
        + "one is \"label\".")]
    [InlineData(
        """{ "name": "remote", "url": "here" }""",
        "teacher.url must be an address that begins with http:// or https://; it is \"here\".")]
    [InlineData(
        """{ "name": "remote", "url": "http://x", "timeout": 0 }""",
        "teacher.timeout must be greater than 0; it is 0.")]
    public void An_invalid_recipe_is_refused_with_the_place(string teacher, string sentence) =>
        Assert.Contains(
            sentence, Assert.Throws<InvalidDataException>(() => Read(teacher)).Message, StringComparison.Ordinal);

    static void LearnsFrom(Recipe recipe)
    {
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        var data = recipe.Source.Open();
        using var teacher = ((PretrainedTeacherOptions)recipe.Teacher!).Open(data.Info, torch.CPU);
        Assert.Equal(
            (teacher.Fingerprint(), teacher.Fingerprint()),
            (TestRuns.Card(run, "teacher").GivenHash, TestRuns.Card(run, "student-seed1").TeacherHash));
        var expected = Evaluator.Predict(teacher, data.Test, Output.Logits);
        var found = PredictionsFile.Read(Path.Combine(run, "networks", "teacher", "predictions.safetensors"), "test");
        for (var i = 0; i < expected.Values.Length; i++)
            Assert.Equal(expected.Values[i], found.Values[i], tolerance: 1e-5);
        Assert.True(File.Exists(Path.Combine(run, "report.html")));
    }

    /// <summary>80 pictures [1, 6, 5] of noise in four classes.</summary>
    static Recipe Read(string teacher)
    {
        var (folder, chance) = (Few.Folder(), new Random(3));
        File.WriteAllLines(Path.Combine(folder, "noise.csv"), Enumerable.Range(0, 80)
            .Select(i => string.Join(',', Enumerable.Range(0, 30).Select(_ => chance.Next(256))) + $",class {i % 4}"));
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Tiny.At("x"))!))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return Recipe.Parse($$"""
            {
              "data": { "name": "csv", "path": "{{Path.Combine(folder, "noise.csv").Replace('\\', '/')}}",
                "pixels": { "height": 6, "width": 5 } },
              "teacher": {{teacher}}, "student": { "name": "mlp", "hidden": [4] }, "method": { "name": "kd" },
              "training": { "epochs": 1, "batchSize": 16 }, "seeds": 1
            }
            """, Path.Combine(folder, "foreign.json"));
    }
}
