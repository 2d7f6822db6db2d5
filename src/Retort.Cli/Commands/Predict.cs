using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Data;
using Retort.Runs;
using Retort.Runtime;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>What an exported student says about pictures and tables.</summary>
static class Predict
{
    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER") { Description = "An exported student." };
        var files = new Argument<string[]>("FILE")
        {
            Description = "PNG, JPEG, folders or archives of them, IDX pictures, .csv, .tsv (also .gz).", Arity = ArgumentArity.OneOrMore,
        };
        var top = CommonOptions.Whole("--top", 1, "How many classes a line names, the likeliest first (default: 1).");
        var label = new Option<string?>("--label") { Description = "The column of a table that is no input: its name, or its place from 1 (-1: the last).", HelpName = "column" };
        var variant = CommonOptions.Word("--variant", "Asks model.int8.onnx or model.float16.onnx instead of model.onnx.", "int8", "float16");
        var json = CommonOptions.Json();
        var command = new CommandWithExamples("predict", "Asks an exported student: a line for each example with class and probability.",
            "retort predict students/mnist digit.png", "retort predict students/mnist t10k-images-idx3-ubyte.gz --top 3",
            "retort predict students/wine samples.csv --label quality --json")
        {
            folder, files, top, label, variant, json,
        };
        command.SetAction((result, token) => Task.FromResult(Do(
            result.GetRequiredValue(folder), result.GetRequiredValue(files), new(result.GetValue(top) ?? 1, result.GetValue(label), result.GetValue(variant), result.GetValue(json)),
            result.InvocationConfiguration.Output, token)));
        return command;
    }

    sealed record Wishes(int Top, string? Label, string? Variant, bool Json);

    sealed record Likely(string Class, float Probability);

    sealed record Answer(string Example, IReadOnlyList<Likely> Classes);

    static int Do(string folder, string[] files, Wishes wishes, TextWriter output, CancellationToken token)
    {
        using var student = Student.Open(folder, wishes.Variant);
        var reader = new InferenceData(student.InputName, student.ImageSize, student.Scale, wishes.Label);
        var answers = Answers(student, files.SelectMany(reader.Read), wishes.Top);
        if (wishes.Json)
        {
            List<Answer> all = [];
            foreach (var answer in answers) { token.ThrowIfCancellationRequested(); all.Add(answer); }
            output.WriteLine(JsonSerializer.Serialize(new { student = folder, predictions = all }, Json.Indented));
            return 0;
        }
        foreach (var answer in answers)
        {
            token.ThrowIfCancellationRequested();
            output.WriteLine(string.Join('\t', [answer.Example, .. answer.Classes.SelectMany(likely => (string[])[likely.Class, Written(likely.Probability)])]));
        }
        return 0;
    }

    static IEnumerable<Answer> Answers(Student student, IEnumerable<InferenceExample> questions, int top)
    {
        var (size, classes) = (student.ImageSize.Count, student.Classes.Count);
        var (examples, probabilities) = (new float[Student.MaxBatchSize * size], new float[Student.MaxBatchSize * classes]);
        foreach (var some in questions.Chunk(Student.MaxBatchSize))
        {
            for (var i = 0; i < some.Length; i++) some[i].Numbers.CopyTo(examples, i * size);
            student.Probabilities(examples.AsSpan(0, some.Length * size), probabilities);
            for (var i = 0; i < some.Length; i++)
            {
                var row = probabilities.AsMemory(i * classes, classes);
                yield return new(some[i].Name, [.. Enumerable.Range(0, classes).OrderByDescending(k => row.Span[k]).Take(top)
                    .Select(k => new Likely(student.Classes[k], row.Span[k]))]);
            }
        }
    }

    static string Written(float probability) => probability.ToString("0.0000", CultureInfo.InvariantCulture);
}
