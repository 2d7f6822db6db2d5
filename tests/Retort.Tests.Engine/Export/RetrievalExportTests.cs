using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Report;
using Retort.Runs;
using Retort.Runtime;
using Retort.Runtime.Knowledge;
using Retort.Tests.Cli;
using Retort.Tests.Methods;
using Retort.Tests.Recipes;
using Retort.Training;

namespace Retort.Tests.Export;

/// <summary>A student with a knowledge base, from the run to the deployed folder.</summary>
public sealed class RetrievalExportTests
{
    static readonly Lazy<string> s_run = new(() => Experiment.Run(
        RetrievalAugmentedTests.Recipe(new RetrievalAugmentedOptions { ProjectionSteps = 100 }),
        new() { Folder = TestRuns.Folder() }));

    static readonly Lazy<string> s_folder = new(() =>
    {
        SetWeight(StudentOf(s_run.Value), new(5, 0.5, 0.1));                // whatever validation chose
        return StudentFolder.Write(s_run.Value, new() { Folder = Path.Combine(TestRuns.Folder(), "student") }).Folder;
    });

    [Fact]
    public void The_deployed_student_predicts_what_the_run_stored_and_names_its_neighbors()
    {
        using var student = RetrievalStudent.Open(s_folder.Value);
        var data = RetrievalAugmentedTests.Recipe(new RetrievalAugmentedOptions()).Source.Open();
        var stored = PredictionsFile.Read(Path.Combine(StudentOf(s_run.Value), PredictionsFile.Name), "test");
        var batch = new HostBatch();
        data.Test.Load([.. Enumerable.Range(0, 100)], View.Plain, batch);
        var examples = batch.Float32("features", [20]).ToArray();
        var (all, p) = (new float[300], new float[3]);
        student.Probabilities(examples, all);
        for (var i = 0; i < 100; i++)
        {
            Retrieval.Probabilities(stored.Row(i), p);
            var one = student.Predict(examples.AsSpan(i * 20, 20));
            for (var c = 0; c < 3; c++)
            {
                Assert.Equal(p[c], one.Probabilities[c], 1e-4f);
                Assert.Equal(one.Probabilities[c], all[3 * i + c], 1e-5f);
            }
            Assert.Equal(5, one.Neighbors.Count);
            Assert.Equal(1, one.Neighbors.Sum(neighbor => neighbor.Weight), 1e-5f);
            Assert.Equal(one.Neighbors.OrderByDescending(neighbor => neighbor.Similarity), one.Neighbors);
            Assert.All(one.Neighbors, neighbor => Assert.Equal(neighbor.Row, neighbor.Id));
        }
    }

    [Fact] // a search of another kind, such as a vector database: labels, ids and texts are the base's
    public void Another_search_takes_the_place_of_the_bases()
    {
        float[] example = [.. Enumerable.Range(0, 20).Select(i => i / 20f)];
        using var student = RetrievalStudent.Open(s_folder.Value, search: new FixedSearch(7, 3));
        Assert.Equal([7L, 3L], student.Predict(example).Neighbors.Select(neighbor => neighbor.Id));

        using var empty = RetrievalStudent.Open(s_folder.Value, search: new FixedSearch());
        Assert.StartsWith("The search found none of the ",
            Assert.Throws<InvalidOperationException>(() => empty.Predict(example)).Message, StringComparison.Ordinal);
    }

    /// <summary>Finds the same rows for every query.</summary>
    sealed class FixedSearch(params int[] rows) : INeighborSearch
    {
        public int Search(ReadOnlySpan<float> query, Span<Neighbor> nearest)
        {
            for (var i = 0; i < rows.Length; i++) nearest[i] = new(rows[i], 1 - i / 10f);
            return rows.Length;
        }
    }

    [Fact]
    public void A_base_of_another_student_is_refused_by_the_run_and_by_the_deployed_folder()
    {
        var (network, deployed) = (Copy(StudentOf(s_run.Value)), Copy(s_folder.Value));
        foreach (var folder in (string[])[network, deployed])
        {
            var file = Path.Combine(folder, RetrievalStudent.FileName);
            using var old = KnowledgeBase.Open(file);
            new KnowledgeBaseBuilder(old.Width, old.Classes, old.Settings).Add(new float[8].Select(_ => 1f).ToArray(),
                [1, 0, 0], 0).Write(file);
        }
        Assert.Contains(
            "must belong to", Assert.Throws<InvalidDataException>(() => SavedNetwork.Open(network)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "belongs to another student",
            Assert.Throws<InvalidDataException>(() => RetrievalStudent.Open(deployed)).Message,
            StringComparison.Ordinal);
    }

    [Fact] // two words that say the class, and noise
    public void A_student_of_texts_shows_the_training_texts_that_decided()
    {
        var file = Path.Combine(Contract.Few.Folder(), "texts.tsv");
        string[] words = ["fine", "poor"];
        File.WriteAllLines(file, Enumerable.Range(0, 80).Select(i => FormattableString.Invariant(
            $"{words[i % 2]}\tthe film number {i} was {words[i % 2]}")).Prepend("label\ttext"));
        var run = Experiment.Run(new()
        {
            Name = "texts",
            Data = new Retort.Data.Text.TextOptions { Path = file, Validation = 16, Test = 16 },
            Teacher = new Retort.Recipes.TrainedTeacherOptions
            {
                Network = new BertOptions { HiddenSize = 16, Layers = 1 }, Training = Training,
            },
            Student = new BertOptions { HiddenSize = 8, Layers = 1 },
            Method = new RetrievalAugmentedOptions { ProjectionSteps = 50, StoreTexts = true, KeyType = KeyType.Int8 },
            Training = Training,
            Seeds = 1,
            Threads = 1,
        }, new() { Folder = TestRuns.Folder() });
        var folder = StudentFolder.Write(run, new() { Folder = Path.Combine(TestRuns.Folder(), "student") }).Folder;
        using var student = RetrievalStudent.Open(folder);
        var found = student.Predict("the film number 7 was poor");
        Assert.Equal(2, found.Probabilities.Length);
        Assert.All(found.Neighbors, neighbor => Assert.Equal(
            FormattableString.Invariant($"the film number {neighbor.Id} was {words[neighbor.Id % 2]}"), neighbor.Text));
        Assert.Equal(KeyType.Int8, student.Knowledge.KeyType);
    }

    static TrainingOptions Training => new()
    {
        Epochs = 4, BatchSize = 16, LearningRate = 0.003, Optimizer = new AdamWOptions(),
    };

    [Fact]
    public async Task The_command_line_describes_a_base_copies_it_and_predicts_with_it()
    {
        var copy = Path.Combine(TestRuns.Folder(), "..", "small.base");
        var (code, described, error) = await ToolTests.Call("index", s_folder.Value);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("8 numbers, float32", described, StringComparison.Ordinal);
        var (_, json, _) = await ToolTests.Call(
            "index", s_folder.Value, "--type", "int8", "--without", "5", "--out", copy, "--json");
        var found = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        Assert.Equal((599, "int8"), ((int)found["rows"]!, (string)found["keyType"]!));
        Assert.Equal(
            $"{copy} is there already: choose another file with --out, or remove it first.\n",
            (await ToolTests.Call("index", s_folder.Value, "--out", copy)).Error);
        Assert.Equal(
            "index changes no file: name one for the copy with --out.\n",
            (await ToolTests.Call("index", s_folder.Value, "--type", "int8")).Error);

        var row = Enumerable.Range(0, 20).Select(i => 0.1f * i).ToArray();
        var table = Path.Combine(Contract.Few.Folder(), "row.csv");
        File.WriteAllText(table, string.Join(',', row.Select(value => FormattableString.Invariant($"{value}"))) + "\n");
        var (_, predicted, _) = await ToolTests.Call(
            "predict", s_folder.Value, table, "--header", "false", "--json");
        using var student = RetrievalStudent.Open(s_folder.Value);
        var expected = student.Predict(row);
        var prediction = System.Text.Json.Nodes.JsonNode.Parse(predicted)!["predictions"]![0]!;
        Assert.Equal(expected.Prediction.Probability, (float)prediction["classes"]![0]!["probability"]!, 1e-5f);
        Assert.Equal(
            expected.Neighbors.Select(neighbor => neighbor.Row),
            prediction["neighbors"]!.AsArray().Select(neighbor => (int)neighbor!["row"]!));
    }

    [Fact]
    public void The_temperature_of_a_student_with_a_base_is_not_scaled()
    {
        var error = Assert.Throws<InvalidOperationException>(() => StudentFolder.Write(s_run.Value, new()
        {
            Folder = Path.Combine(TestRuns.Folder(), "scaled"), ScalesTemperature = true,
        }));
        Assert.StartsWith("Temperature scaling divides the graph's logits", error.Message, StringComparison.Ordinal);
    }

    // writes the base with other settings, and the predictions that it makes then
    static void SetWeight(string folder, RetrievalSettings settings)
    {
        var file = Path.Combine(folder, RetrievalStudent.FileName);
        KnowledgeBaseBuilder builder;
        using (var old = KnowledgeBase.Open(file)) builder = KnowledgeBaseBuilder.From(old, settings: settings);
        builder.Write(file);
        var data = RetrievalAugmentedTests.Recipe(new RetrievalAugmentedOptions()).Source.Open();
        using var saved = SavedNetwork.Open(folder);
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.Name),
            ("validation", saved.Predict(data.Validation)), ("test", saved.Predict(data.Test)));
    }

    static string StudentOf(string run) => Path.Combine(run, "networks", "student-seed1");

    static string Copy(string folder)
    {
        var copy = Directory.CreateDirectory(TestRuns.Folder()).FullName;
        foreach (var file in Directory.GetFiles(folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
