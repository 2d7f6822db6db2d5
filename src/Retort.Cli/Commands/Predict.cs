using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Retort.Cli.Grammar;
using Retort.Data;
using Retort.Data.Text;
using Retort.Runtime;
using Retort.Runtime.Features.Audio;

namespace Retort.Cli.Commands;

/// <summary><c>retort predict</c>: predicts with an exported student.</summary>
static class Predict
{
    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER") { Description = "The folder of an exported student." };
        var files = new Argument<string[]>("FILE")
        {
            Description = "Image files, folders or archives of them, IDX images, .csv and .tsv (also .gz); files of "
                + "texts: .csv, .tsv, .jsonl, .parquet, or one text a line; sound files, folders and archives of them, "
                + "- for samples from the standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var top = SharedOptions.Integer("--top", 1, "The number of classes per line, most likely first; by default 1, "
            + "of labels all that are more likely than not.");
        var labels = SharedOptions.Texts("--label", "column",
            "A column of a table to ignore: its name, or its position from 1 (-1: the last); may be repeated.");
        var texts = SharedOptions.Texts("--text", "text", "A text to predict; may be repeated.");
        var second = new Option<string?>("--second-text")
        {
            Description = "The second text of a pair whose first is --text.",
        };
        var images = SharedOptions.Texts("--image", "file",
            "An image that the questions are about, of a student of images and texts; may be repeated.");
        var questions = SharedOptions.Texts("--question", "text", "A question about the images; may be repeated.");
        var header = SharedOptions.Choice(
            "--header", "Whether the first line of a table holds names; by default the line itself decides.", "true",
            "false");
        var rate = SharedOptions.Integer("--rate", AudioClip.MinSampleRate,
            "The sampling rate of the standard input, in Hz; by default that of the student's training data.");
        var format = SharedOptions.Choice("--format",
            "The samples of the standard input: little-endian, one channel; by default int16.", "int16", "float32");
        var windows = new Option<bool>("--windows")
        {
            Description = "Predicts each window of a sound by itself, as soon as it is full; its name has the second "
                + "at which it begins.",
        };
        var variant = SharedOptions.Choice(
            "--variant", "Uses model.int8.onnx or model.float16.onnx instead of model.onnx.", "int8", "float16");
        var episodes = SharedOptions.Integer(
            "--episodes", 1, "Of a policy: how many episodes it acts in; by default 10.");
        var render = new Option<string?>("--render")
        {
            Description = "Of a policy: draws the first episode into this file, an animated SVG.",
        };
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "predict",
            "Predicts classes, labels or values with an exported student, and prints one line per example: names with "
                + "probabilities, or with values.",
            "retort predict students/mnist digit.png",
            "retort predict students/mnist t10k-images-idx3-ubyte.gz --top 3",
            "retort predict students/wine samples.csv --label quality --json",
            "retort predict students/questions --text \"Who wrote Hamlet ?\"",
            "retort predict students/shapes --image shape.png --question \"what color is the shape?\"",
            "retort predict students/street recording.wav --windows",
            "retort predict students/pendulum --episodes 3 --render swing.svg",
            "arecord -t raw -f S16_LE -r 16000 | retort predict students/street - --rate 16000 --windows")
        {
            folder, files, top, labels, texts, second, images, questions, header, rate, format, windows, variant,
            episodes, render, json,
        };
        command.SetAction((result, token) =>
        {
            var paths = result.GetRequiredValue(files);
            var given = result.GetValue(texts) ?? [];
            var (pictures, asked) = (result.GetValue(images) ?? [], result.GetValue(questions) ?? []);
            var isEmpty = paths.Length + given.Length + pictures.Length + asked.Length == 0;
            var ofPolicies = OptionsOf(result, episodes, render).ToList();
            if (isEmpty && TryPolicy() is { } done) return done;
            if (ofPolicies.Count > 0) throw new InvalidDataException(
                $"{ofPolicies[0]} is an option for policies, which take no files.");
            if (isEmpty) throw new InvalidDataException(
                "predict needs a FILE, --text with a text, or --image with --question; `retort predict --help` shows "
                + "examples.");
            var path = result.GetRequiredValue(folder);
            using var retrieving = RetrievalStudent.IsIn(path)
                ? RetrievalStudent.Open(path, result.GetValue(variant)) : null;
            using var student = retrieving?.Student ?? Student.Open(path, result.GetValue(variant));
            if (given.Length > 0) _ = student.Tokenizer;                    // says that the student takes no texts
            if (!student.TakesQuestions && pictures.Length + asked.Length > 0) throw new InvalidDataException(
                $"--image and --question are options for students of images with texts; {path} is none.");
            CheckSoundOptions(student.TakesSound, paths, [.. OptionsOf(result, rate, format, windows)]);
            var predictions = student.TakesQuestions ? Answers()
                : student.TakesSound ? SoundPredictions()
                : student.TakesTexts
                ? TextPredictions(student, retrieving, Texts(student, paths, given, result.GetValue(second)),
                    result.GetValue(top), token)
                : retrieving is not null ? Retrieved(retrieving, Examples(), result.GetValue(top), token)
                : Predictions(student, Examples(), result.GetValue(top), token);
            var output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize(
                    new { student = path, predictions = predictions.ToList() }, Json.Indented));
            else
                foreach (var prediction in predictions) output.WriteLine(Line(prediction));
            return Task.FromResult(0);

            IEnumerable<Prediction> Answers()
            {
                if (OptionsOf(result, second, labels, header).FirstOrDefault() is { } idle)
                    throw new InvalidDataException($"{idle} says nothing of images with texts: leave it out.");
                foreach (var (name, image, question) in QuestionPrediction.Of(
                    student, [.. paths, .. pictures], [.. given, .. asked]))
                {
                    token.ThrowIfCancellationRequested();
                    yield return retrieving is not null
                        ? PredictionOf(student, name, retrieving.Predict(image, question), result.GetValue(top))
                        : PredictionOf(student, name, student.Task == "regression" ? student.Logits(image, question)
                            : student.Probabilities(image, question), result.GetValue(top));
                }
            }

            // null where the student is no policy
            Task<int>? TryPolicy()
            {
                var path = result.GetRequiredValue(folder);
                using var policy = Student.Open(path, result.GetValue(variant));
                if (!PolicyPrediction.Fits(policy)) return null;
                if (OptionsOf(result, top, labels, second, header, rate, format, windows).FirstOrDefault() is { } idle)
                    throw new InvalidDataException($"{idle} says nothing of a policy: leave it out.");

                var results = new PolicyPrediction(path, policy)
                    .Run(result.GetValue(episodes) ?? 10, result.GetValue(render), token);
                PolicyPrediction.Write(
                    results, result.GetValue(json), path, result.InvocationConfiguration.Output);
                return Task.FromResult(0);
            }

            IEnumerable<Prediction> SoundPredictions()
            {
                if (retrieving is not null) throw new InvalidDataException(
                    $"{path} has a knowledge base, with which no sound is predicted.");
                var samples = RawSamples.Of(
                    result.GetValue(rate) ?? student.FrontEnd.Mel.SampleRate, result.GetValue(format) == "float32");
                var sounds = new SoundPrediction(student, samples, result.GetValue(windows));
                foreach (var (name, output) in sounds.Of(paths))
                {
                    token.ThrowIfCancellationRequested();
                    yield return PredictionOf(student, name, output, result.GetValue(top));
                }
            }

            IEnumerable<InferenceExample> Examples()
            {
                var reader = new InferenceData(
                    student.InputName, student.ImageSize, student.Scale, result.GetValue(labels) ?? [])
                {
                    Columns = student.Columns,
                    Header = result.GetValue(header) is { } word ? word == "true" : null,
                    Note = sentence => result.InvocationConfiguration.Error.WriteLine(sentence),
                };
                return paths.SelectMany(reader.Read);
            }
        });
        return command;
    }

    static IEnumerable<string> OptionsOf(ParseResult result, params Option[] options) =>
        options.Where(option => result.GetResult(option) is { Implicit: false }).Select(option => option.Name);

    /// <summary>Refuses options that describe sound where they would do nothing.</summary>
    static void CheckSoundOptions(bool takesSound, string[] paths, string[] given)
    {
        if (!takesSound && given.Length > 0) throw new InvalidDataException(
            $"{given[0]} is an option for sound; this student takes none.");
        if (!paths.Contains("-") && given.FirstOrDefault(name => name != "--windows") is { } option)
            throw new InvalidDataException(
                $"{option} describes samples from the standard input, which FILE - names; the files are others.");
    }

    sealed record ClassProbability(string Class, float Probability);

    sealed record NamedValue(string Name, float Value);

    sealed record Prediction(string Example)
    {
        /// <summary>Of classes and labels; null for values.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<ClassProbability>? Classes { get; init; }

        /// <summary>What was retrieved from the student's knowledge base; null where it has none.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<RetrievedNeighbor>? Neighbors { get; init; }

        /// <summary>Of a regression; null otherwise.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<NamedValue>? Values { get; init; }
    }

    static IEnumerable<InferenceText> Texts(
        Student student, string[] paths, string[] given, string? second)
    {
        if (second is not null && given.Length != 1) throw new InvalidDataException(
            $"--second-text needs one --text; there are {given.Length}.");
        return given.Select(text => new InferenceText(text, text, second))
            .Concat(paths.SelectMany(path => InferenceText.Read(path, student.Columns)));
    }

    static IEnumerable<Prediction> TextPredictions(
        Student student, RetrievalStudent? retrieving, IEnumerable<InferenceText> texts, int? top,
        CancellationToken token)
    {
        foreach (var text in texts)
        {
            token.ThrowIfCancellationRequested();
            if (retrieving?.Predict(text.Text, text.Second) is { } found)
            {
                yield return PredictionOf(student, text.Name, found, top);
                continue;
            }
            var output = student.Task == "regression" ? student.Logits(text.Text, text.Second)
                : student.Probabilities(text.Text, text.Second);
            yield return PredictionOf(student, text.Name, output, top);
        }
    }

    static IEnumerable<Prediction> Predictions(
        Student student, IEnumerable<InferenceExample> examples, int? top, CancellationToken token)
    {
        var size = student.ImageSize.Count;
        var classes = student.Classes.Count;
        var inputs = new float[Student.MaxBatchSize * size];
        var outputs = new float[Student.MaxBatchSize * classes];
        foreach (var batch in examples.Chunk(Student.MaxBatchSize))
        {
            for (var i = 0; i < batch.Length; i++) batch[i].Numbers.CopyTo(inputs, i * size);
            var used = inputs.AsSpan(0, batch.Length * size);
            if (student.Task == "regression") student.Logits(used, outputs);
            else student.Probabilities(used, outputs);
            for (var i = 0; i < batch.Length; i++)
            {
                token.ThrowIfCancellationRequested();
                yield return PredictionOf(student, batch[i].Name, outputs[(i * classes)..((i + 1) * classes)], top);
            }
        }
    }

    static IEnumerable<Prediction> Retrieved(
        RetrievalStudent retrieving, IEnumerable<InferenceExample> examples, int? top, CancellationToken token)
    {
        foreach (var example in examples)
        {
            token.ThrowIfCancellationRequested();
            yield return PredictionOf(retrieving.Student, example.Name, retrieving.Predict(example.Numbers), top);
        }
    }

    static Prediction PredictionOf(Student student, string example, RetrievedPrediction found, int? top) =>
        PredictionOf(student, example, found.Probabilities, top) with { Neighbors = found.Neighbors };

    static Prediction PredictionOf(Student student, string example, float[] output, int? top)
    {
        if (student.Task == "regression") return new(example)
        {
            Values = [.. student.Classes.Zip(output, (name, value) => new NamedValue(name, value))],
        };
        var best = student.Classes.Zip(output, (name, share) => new ClassProbability(name, share))
            .OrderByDescending(one => one.Probability).ToList();
        var shown = student.Task == "multi-label" && top is null
            ? best.TakeWhile(label => label.Probability > 0.5f) : best.Take(top ?? 1);
        return new(example) { Classes = [.. shown] };
    }

    static string Line(Prediction prediction)
    {
        var cells = prediction.Values is { } values
            ? values.SelectMany(one => (string[])[one.Name, one.Value.ToString("G6", CultureInfo.InvariantCulture)])
            : prediction.Classes!.SelectMany(one => (string[])
            [
                one.Class, NumberFormat.Fixed(one.Probability, 4),
            ]);
        return string.Join('\t', cells.Prepend(prediction.Example).Select(cell => cell.OnOneLine()));
    }
}
