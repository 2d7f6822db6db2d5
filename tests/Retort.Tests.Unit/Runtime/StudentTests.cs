using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Runtime;

namespace Retort.Tests.Runtime;

/// <summary>An exported student as a program meets it.</summary>
public sealed class StudentTests
{
    const string Start = "{ \"format\": \"retort-student/2\", \"task\": { \"name\": \"classification\" }, \"classes\": [\"a\"], ";

    static readonly float[] White = [1, 1, 1, 1];

    [Fact] // white: logits -2 and 2, so bright is 1 / (1 + e⁻⁴) = .98201 likely
    public void A_student_says_how_likely_each_class_is()
    {
        using var student = Student.Open(StudentFolders.OfBright(scale: 16));
        Assert.Equal(("pixel_values", new ImageSize(1, 2, 2), 16.0), (student.InputName, student.ImageSize, student.Scale));
        Assert.Equal(["dark", "bright"], student.Classes);
        var probabilities = new float[2];
        Assert.Equal(1, student.Predict(White, probabilities));
        Assert.Equal(0.98201, probabilities[1], tolerance: 1e-5);
        Assert.Equal(0.01799, probabilities[0], tolerance: 1e-5);
        var answer = student.Predict(new float[4]);
        Assert.Equal((0, "dark"), (answer.Class, answer.Name));
        Assert.Equal(0.98201, answer.Probability, tolerance: 1e-5);
        student.Logits(White, probabilities);
        Assert.Equal([-2, 2], probabilities);
    }

    [Fact] // row i has pixels i / 150 · (1 1 1 1): bright's logit is 4i / 150 - 2; 150 examples are 64, 64 and 22
    public void A_long_batch_is_answered_in_order()
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

    [Fact] // e¹⁰⁰⁰ is no float; shifted by the largest it is 1, and e⁻¹⁰⁰⁰ is 0
    public void Logits_of_any_size_become_probabilities()
    {
        using var student = Student.Open(StudentFolders.OfLarger());
        var probabilities = new float[3];
        Assert.Equal(1, student.Predict([-1000, 1000], probabilities));
        Assert.Equal([0, 1, 0], probabilities);
    }

    [Fact]
    public void A_call_of_a_size_seen_before_allocates_nothing()
    {
        using var student = Student.Open(StudentFolders.OfBright());
        var (three, six) = (new float[12], new float[6]);
        long Allocated(int calls)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < calls; i++)
            {
                student.Predict(White, six);
                student.Predict(White);
                student.Logits(White, six);
                student.Probabilities(three, six);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Allocated(3);
        Assert.Equal(0, Allocated(100));
    }

    [Fact] // each length twice: what was made the first time waits for the second
    public void Batches_of_every_length_in_turn_allocate_nothing_once_each_was_seen()
    {
        using var student = Student.Open(StudentFolders.OfBright());
        var (examples, logits) = (new float[4 * Student.MaxBatchSize], new float[2 * Student.MaxBatchSize]);
        void Round() { for (var count = 1; count <= Student.MaxBatchSize; count++) student.Logits(examples.AsSpan(0, 4 * count), logits); }
        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact] // forty at work at once, twice
    public void As_many_calls_wait_as_were_ever_at_work_at_once()
    {
        var made = 0;
        var onnx = new OnnxModel(Teachers.Tiny.At("tiny.onnx"));                 // the pool's
        using var pool = new CallPool(onnx, 4, count =>
        {
            made++;
            return onnx.Prepare([[count, 1, 6, 5]], "logits");
        });
        for (var round = 0; round < 2; round++)
        {
            var calls = Enumerable.Range(0, 40).Select(_ => pool.Rent(3)).ToList();
            calls.ForEach(pool.Return);
        }
        Assert.Equal(40, made);
    }

    [Fact]
    public void Threads_that_ask_at_once_get_each_its_own_answer()
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
    public void Disposing_while_others_ask_ends_in_a_sentence_and_not_in_a_crash()
    {
        for (var round = 0; round < 20; round++)
        {
            var student = Student.Open(StudentFolders.OfBright());
            using var started = new CountdownEvent(3);
            var asking = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(() =>
            {
                started.Signal();
                var logits = new float[2];
                for (; ; ) student.Logits(White, logits);
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
            started.Wait();
            student.Dispose();
            student.Dispose();
            foreach (var task in asking) Assert.IsType<ObjectDisposedException>(Assert.Throws<AggregateException>(task.Wait).InnerException);
        }
    }

    [Fact]
    public void What_is_no_example_is_refused()
    {
        using var student = Student.Open(StudentFolders.OfBright());
        var room = new float[2];
        Assert.StartsWith("pixel_values of one example are 4 numbers (2 × 2); 3 came.", Assert.Throws<ArgumentException>(() => student.Predict([0, 0, 0])).Message, StringComparison.Ordinal);
        Assert.StartsWith("pixel_values of one example are 4 numbers (2 × 2); 6 are no whole examples.", Assert.Throws<ArgumentException>(() => student.Logits(new float[6], room)).Message, StringComparison.Ordinal);
        Assert.StartsWith("2 examples of 2 classes need room for 4 numbers; there is room for 2.", Assert.Throws<ArgumentException>(() => student.Logits(new float[8], room)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Pixels must be from 0 to 1 (a byte divided by 255); these go from 0 to 255.", Assert.Throws<ArgumentException>(() => student.Predict([0, 255, 0, 0])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => student.Predict([0, float.NaN, 0, 0]));
        using var table = Student.Open(StudentFolders.OfLarger());
        Assert.StartsWith("The student's logits are not finite", Assert.Throws<ArgumentException>(() => table.Predict([float.NaN, 0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_was_changed_is_refused()
    {
        var folder = StudentFolders.OfBright();
        var model = Path.Combine(folder, "model.onnx");
        var content = File.ReadAllBytes(model);
        Student.Verify(folder);
        content[^30] ^= 1;
        File.WriteAllBytes(model, content);
        var found = Convert.ToHexStringLower(SHA256.HashData(content));
        foreach (var error in (Exception[])[Assert.Throws<InvalidDataException>(() => Student.Open(folder)), Assert.Throws<InvalidDataException>(() => Student.Verify(folder))])
        {
            Assert.StartsWith($"{model} is not the file that was exported: its SHA-256 must be ", error.Message, StringComparison.Ordinal);
            Assert.EndsWith($"; it is {found}.", error.Message, StringComparison.Ordinal);
        }
        File.Delete(model);
        Assert.Equal($"{model} is missing; config.json lists it.", Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message);
    }

    [Theory]
    [InlineData("retort-student/2", "retort-student/3", "the format must be \"retort-student/2\"; it is \"retort-student/3\"; a newer Retort may read it.")]
    [InlineData("\"format\"", "\"farmat\"", "\"format\" is missing: this is no student that `retort export` wrote.")]
    [InlineData("\"task\"", "\"tusk\"", "\"task\" is missing: this is no student that `retort export` wrote.")]
    [InlineData("[\"dark\",\"bright\"]", "7", "\"classes\" must be array; it is number.")]
    [InlineData("\"size\":1}", "\"size\":-2}", "each axis of pixel_values must be at least 1; one is -2.")]
    [InlineData("\"size\":1}", "\"size\":2147483647}", "one example's pixel_values must take at most 2 GB; it is [2147483647, 2, 2].")]
    [InlineData("\"type\":\"float32\"", "\"type\":\"text\"", "the type of pixel_values must be float32, int64 or bool; it is \"text\".")]
    [InlineData("\"scale\":255", "\"scale\":0", "the normalization's scale must be greater than 0; it is 0.")]
    [InlineData("\"model.onnx\"", "\"../model.onnx\"", "\"../model.onnx\" is no name of a file in this folder.")]
    public void A_card_that_is_wrong_is_refused(string from, string to, string sentence)
    {
        var folder = StudentFolders.Edited(StudentFolders.OfBright(), from, to);
        Assert.Equal($"{Path.Combine(folder, "config.json")}: {sentence}", Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"format\": ")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{ \"format\": \"retort-student/2\", \"format\": \"retort-student/2\" }")]
    [InlineData(Start + "\"inputs\": [], \"outputs\": [], \"files\": {} }")]
    [InlineData(Start + "\"inputs\": [1], \"outputs\": [], \"files\": {} }")]
    [InlineData(Start + "\"inputs\": [{ \"name\": \"x\", \"type\": \"float32\", \"axes\": [3] }], \"outputs\": [], \"files\": {} }")]
    [InlineData(Start + "\"inputs\": [{ \"name\": \"x\", \"type\": \"float32\", \"axes\": [{ \"name\": \"a\", \"size\": 1.5 }] }], \"outputs\": [], \"files\": {} }")]
    [InlineData(Start + "\"inputs\": [{ \"name\": \"x\", \"type\": \"float32\", \"axes\": [] }], \"outputs\": [{ \"name\": \"y\", \"type\": \"float32\", \"axes\": [] }], \"files\": { \"model.onnx\": 5 } }")]
    public void What_is_no_card_is_refused_by_its_path(string text)
    {
        var folder = StudentFolders.OfBright();
        File.WriteAllText(Path.Combine(folder, "config.json"), text);
        Assert.StartsWith(Path.Combine(folder, "config.json"), Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_does_not_fit_its_card_is_refused()
    {
        Refused(StudentFolders.Bright with { Output = "scores" }, ["dark", "bright"], "has no output \"logits\"; it has scores float [batch, 2].");
        Refused(StudentFolders.Bright, ["one"], "should return logits float [batch, 1], as config.json says; it returns logits float [batch, 2].");
        Refused(StudentFolders.Bright, ["bright", "dark"], "was exported with the classes [\"dark\",\"bright\"]; those of config.json are others.");
        Refused(StudentFolders.Bright with { Shape = [1, 1, 4] }, ["dark", "bright"],
            "should take pixel_values float [batch, 1, 2, 2], as config.json says; it takes pixel_values float [batch, 1, 1, 4].", says: [1, 2, 2]);

        static void Refused(TinyGraph graph, string[] classes, string sentence, long[]? says = null)
        {
            var folder = StudentFolders.Write(graph with { Shape = says ?? graph.Shape }, classes, 255);
            if (says is not null) StudentFolders.Write(folder, graph.Bytes(), JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject());
            var error = Assert.Throws<InvalidDataException>(() => Student.Open(folder));
            Assert.Equal($"{Path.Combine(folder, "model.onnx")} {sentence}", error.Message);
        }
    }

    [Fact]
    public void A_graph_may_be_anything_and_is_refused_by_its_path()
    {
        var folder = StudentFolders.OfBright();
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        var whole = StudentFolders.Bright.Bytes();
        foreach (var model in (byte[][])[[], [1, 2, 3], whole[..(whole.Length / 2)]])
        {
            StudentFolders.Write(folder, model, card);
            Assert.StartsWith(Path.Combine(folder, "model.onnx"), Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_variant_that_the_folder_lacks_is_refused()
    {
        var folder = StudentFolders.OfBright();
        Assert.Equal($"{Path.Combine(folder, "config.json")} lists no model.int8.onnx; it lists model.onnx.",
            Assert.Throws<InvalidDataException>(() => Student.Open(folder, "int8")).Message);
        Assert.Equal("nothing-here: there is no such folder.", Assert.Throws<InvalidDataException>(() => Student.Open("nothing-here")).Message);
    }
}
