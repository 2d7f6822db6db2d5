using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Runtime;
using Retort.Tests.Teachers;

namespace Retort.Tests.Runtime;

/// <summary>An exported student, used as a program uses it.</summary>
public sealed class StudentTests
{
    static readonly float[] s_white = [1, 1, 1, 1];

    [Fact] // white: logits -2 and 2, so the probability of bright is 1 / (1 + e⁻⁴) = .98201
    public void A_student_predicts_the_probability_of_each_class()
    {
        using var student = Student.Open(StudentFolders.OfBright(scale: 16));
        Assert.Equal("pixel_values", student.InputName);
        Assert.Equal(new ImageSize(1, 2, 2), student.ImageSize);
        Assert.Equal(16, student.Scale);
        Assert.Equal(["dark", "bright"], student.Classes);

        var probabilities = new float[2];
        Assert.Equal(1, student.Predict(s_white, probabilities));
        Assert.Equal(0.98201, probabilities[1], tolerance: 1e-5);
        Assert.Equal(0.01799, probabilities[0], tolerance: 1e-5);
        var prediction = student.Predict(new float[4]);
        Assert.Equal((0, "dark"), (prediction.Class, prediction.Name));
        Assert.Equal(0.98201, prediction.Probability, tolerance: 1e-5);
        student.Logits(s_white, probabilities);
        Assert.Equal([-2, 2], probabilities);
    }

    [Fact] // row i has pixels i / 150 · (1 1 1 1): bright's logit is 4i / 150 - 2; 150 examples are 64, 64 and 22
    public void A_long_batch_keeps_its_order()
    {
        using var student = Student.Open(StudentFolders.OfBright());
        var (examples, logits) = (new float[4 * 150], new float[2 * 150]);
        for (var i = 0; i < examples.Length; i++) examples[i] = i / 4 / 150f;
        student.Logits(examples, logits);
        for (var i = 0; i < 150; i++)
        {
            Assert.Equal(4 * i / 150.0 - 2, logits[2 * i + 1], tolerance: 1e-5);
            Assert.Equal(-logits[2 * i + 1], logits[2 * i], tolerance: 1e-5);
        }
    }

    [Fact] // e¹⁰⁰⁰ is no float; minus the largest logit it is 1, and e⁻¹⁰⁰⁰ is 0
    public void Logits_of_any_size_become_probabilities()
    {
        using var student = Student.Open(StudentFolders.OfLarger());
        var probabilities = new float[3];
        Assert.Equal(1, student.Predict([-1000, 1000], probabilities));
        Assert.Equal([0, 1, 0], probabilities);
    }

    [Fact]
    public void A_call_with_a_batch_size_seen_before_allocates_nothing()
    {
        using var student = Student.Open(StudentFolders.OfBright());
        var (three, six) = (new float[12], new float[6]);
        AllocatedBytes(3);
        Assert.Equal(0, AllocatedBytes(100));

        long AllocatedBytes(int calls)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < calls; i++)
            {
                student.Predict(s_white, six);
                student.Predict(s_white);
                student.Logits(s_white, six);
                student.Probabilities(three, six);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact] // each size twice: what is created the first time is reused the second
    public void Batches_of_every_size_in_turn_allocate_nothing_once_each_was_seen()
    {
        using var student = Student.Open(StudentFolders.OfBright());
        var examples = new float[4 * Student.MaxBatchSize];
        var logits = new float[2 * Student.MaxBatchSize];
        RunEverySize();
        var before = GC.GetAllocatedBytesForCurrentThread();
        RunEverySize();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void RunEverySize()
        {
            for (var count = 1; count <= Student.MaxBatchSize; count++)
                student.Logits(examples.AsSpan(0, 4 * count), logits);
        }
    }

    [Fact] // forty in use at once, twice
    public void The_pool_keeps_as_many_calls_as_were_ever_in_use_at_once()
    {
        var created = 0;
        var onnx = new OnnxModel(Tiny.At("tiny.onnx"));                     // the pool disposes it
        using var pool = new CallPool(onnx, 4, count =>
        {
            created++;
            return onnx.Prepare([[count, 1, 6, 5]], "logits");
        });
        for (var round = 0; round < 2; round++)
        {
            var calls = Enumerable.Range(0, 40).Select(_ => pool.Rent(3)).ToList();
            calls.ForEach(pool.Return);
        }
        Assert.Equal(40, created);
    }

    [Fact]
    public void Threads_that_call_at_once_get_each_their_own_outputs()
    {
        using var student = Student.Open(StudentFolders.OfBright());
        Parallel.For(0, 2000, new() { MaxDegreeOfParallelism = 8 }, i =>
        {
            var (count, grey) = (1 + i % 3, i % 101 / 100f);
            var (examples, logits) = (new float[4 * count], new float[2 * count]);
            Array.Fill(examples, grey);
            student.Logits(examples, logits);
            for (var k = 0; k < count; k++) Assert.Equal(4 * grey - 2, logits[2 * k + 1], tolerance: 1e-5);
        });
    }

    [Fact]
    public void Disposing_while_other_threads_call_ends_in_an_exception_and_not_in_a_crash()
    {
        for (var round = 0; round < 20; round++)
        {
            var student = Student.Open(StudentFolders.OfBright());
            using var started = new CountdownEvent(3);
            var tasks = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
                () => CallForever(student, started), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default)).ToArray();
            started.Wait();
            student.Dispose();
            student.Dispose();
            foreach (var task in tasks)
                Assert.IsType<ObjectDisposedException>(Assert.Throws<AggregateException>(task.Wait).InnerException);
        }

        static void CallForever(Student student, CountdownEvent started)
        {
            started.Signal();
            var logits = new float[2];
            while (true) student.Logits(s_white, logits);
        }
    }

    [Fact]
    public void Input_that_is_no_example_is_refused()
    {
        using var student = Student.Open(StudentFolders.OfBright());
        var logits = new float[2];
        AssertRefused("pixel_values of one example are 4 numbers (2 × 2); 3 came.", () => student.Predict([0, 0, 0]));
        AssertRefused(
            "pixel_values of one example are 4 numbers (2 × 2); 6 are no whole examples.",
            () => student.Logits(new float[6], logits));
        AssertRefused(
            "2 examples of 2 classes need room for 4 numbers; there is room for 2.",
            () => student.Logits(new float[8], logits));
        AssertRefused(
            "Pixels must be from 0 to 1 (a byte divided by 255); these go from 0 to 255.",
            () => student.Predict([0, 255, 0, 0]));
        AssertRefused("Pixels must be from 0 to 1", () => student.Predict([0, float.NaN, 0, 0]));
        using var ofFeatures = Student.Open(StudentFolders.OfLarger());
        AssertRefused("The student's output is not a number", () => ofFeatures.Predict([float.NaN, 0]));

        static void AssertRefused(string sentence, Action action) =>
            Assert.StartsWith(sentence, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_has_changed_is_refused()
    {
        var folder = StudentFolders.OfBright();
        var model = Path.Combine(folder, "model.onnx");
        var content = File.ReadAllBytes(model);
        Student.Verify(folder);
        content[^30] ^= 1;
        File.WriteAllBytes(model, content);
        var actual = Convert.ToHexStringLower(SHA256.HashData(content));
        foreach (var message in (string[])[OpenRefusal(folder), VerifyRefusal(folder)])
        {
            Assert.StartsWith(
                $"{model} is not the file that was exported: its SHA-256 must be ", message, StringComparison.Ordinal);
            Assert.EndsWith($"; it is {actual}.", message, StringComparison.Ordinal);
        }
        File.Delete(model);
        Assert.Equal($"{model} is missing; config.json lists it.", OpenRefusal(folder));
    }

    [Fact]
    public void A_graph_that_does_not_match_its_config_is_refused()
    {
        AssertRefused(
            StudentFolders.Bright with { Output = "scores" }, ["dark", "bright"],
            "has no output \"logits\"; it has scores float [batch, 2].");
        AssertRefused(
            StudentFolders.Bright, ["one"],
            "should return logits float [batch, 1], as config.json says; it returns logits float [batch, 2].");
        AssertRefused(
            StudentFolders.Bright, ["bright", "dark"],
            "was exported with the classes [\"dark\",\"bright\"]; those of config.json are others.");
        AssertRefused(
            StudentFolders.Bright with { Shape = [1, 1, 4] }, ["dark", "bright"],
            "should take pixel_values float [batch, 1, 2, 2], as config.json says; "
            + "it takes pixel_values float [batch, 1, 1, 4].", shapeInConfig: [1, 2, 2]);

        static void AssertRefused(TinyGraph graph, string[] classes, string sentence, long[]? shapeInConfig = null)
        {
            var folder = StudentFolders.Write(graph with { Shape = shapeInConfig ?? graph.Shape }, classes, 255);
            if (shapeInConfig is not null) StudentFolders.Write(folder, graph.Bytes(), ConfigOf(folder));
            Assert.Equal($"{Path.Combine(folder, "model.onnx")} {sentence}", OpenRefusal(folder));
        }
    }

    [Fact]
    public void A_file_that_is_no_graph_is_refused_with_its_path()
    {
        var folder = StudentFolders.OfBright();
        var config = ConfigOf(folder);
        var whole = StudentFolders.Bright.Bytes();
        foreach (var model in (byte[][])[[], [1, 2, 3], whole[..(whole.Length / 2)]])
        {
            StudentFolders.Write(folder, model, config);
            Assert.StartsWith(Path.Combine(folder, "model.onnx"), OpenRefusal(folder), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_variant_that_the_folder_does_not_have_is_refused()
    {
        var folder = StudentFolders.OfBright();
        Assert.Equal(
            $"{Path.Combine(folder, "config.json")} lists no model.int8.onnx; it lists model.onnx.",
            Assert.Throws<InvalidDataException>(() => Student.Open(folder, "int8")).Message);
        Assert.Equal("nothing-here: there is no such folder.", OpenRefusal("nothing-here"));
    }

    static JsonObject ConfigOf(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();

    static string OpenRefusal(string folder) =>
        Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message;

    static string VerifyRefusal(string folder) =>
        Assert.Throws<InvalidDataException>(() => Student.Verify(folder)).Message;
}
