using System.Globalization;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime.Wire;

namespace Retort.Export;

/// <summary>
/// The README.md of a student's folder: what it is, its inputs and outputs, its scores, and how it was made.
/// </summary>
/// <param name="run">The name of the run's recipe.</param>
/// <param name="saved">The network.</param>
/// <param name="recipe">The run's recipe.</param>
/// <param name="data">Its data.</param>
/// <param name="task">Its task.</param>
/// <param name="model">The graph.</param>
/// <param name="result">The graphs and their scores.</param>
sealed class ModelCard(string run, SavedNetwork saved, Recipe recipe, Dataset data, LearningTask task,
    ModelProto model, ExportResult result)
{
    NetworkConfig network => saved.Config;

    public string Text()
    {
        var full = result.Variants[0];
        var smaller = result.Variants.Skip(1).Select(variant => variant.CompareTo(full, result.Score));
        var remarks = string.Concat(smaller.Concat(result.LeftOut).Select(remark => $" {remark}"));
        if (saved.Knowledge is not null) remarks += " Scores are with the knowledge base, times without.";
        var (examples, worst) = (data.Test.Count, result.WorstError);
        return string.Create(CultureInfo.InvariantCulture, $"""
            ---
            library_name: onnx
            {PipelineTag()}tags: [retort, knowledge-distillation]
            ---

            # {run}: {network.Part}

            *{Kind()} on {data.Name}: {Value(full.Score)} on {examples:N0} test {Examples}, {network.Parameters:N0}
            parameters.*

            ## Inputs and outputs

            | | |
            |---|---|
            {string.Join('\n', InputRows().Concat(OutputRows()))}

            {Use()} (opset {OnnxOps.Opset}).
            {ImagePreparation.Section(network.Data)}
            ## Scores

            {string.Join('\n', Scores())}

            Scores are of the {examples:N0} test {Examples}. Time: the median call with one example and one thread, ONNX
            Runtime on the machine that exported it.{remarks}

            One example costs {network.MultiplyAdds:N0} multiply-adds. The graph was compared with the trained network
            on {result.Inputs} examples of the data before it was written: their outputs differ by at most
            {worst:0.0e0} (numbers above 1: relative to them).

            ## How it was made

            | | |
            |---|---|
            | network | `{network.Network.ToJsonString()}` |
            | task | {task.Name} |
            | method | {(network.Method is { } method ? $"`{method.ToJsonString()}`" : "none")} |
            | seed, steps | {network.Seed}; {Steps()} |
            | recipe | `recipe.json`, SHA-256 {recipe.Hash} |
            | data | SHA-256 {network.DataHash} |
            | teacher | {(network.TeacherHash is { } hash ? $"SHA-256 {hash}" : "none")} |
            {KnowledgeRow()}| weights as trained | `model.safetensors`; the hash of every file is in `config.json` |

            Written by Retort {OnnxExporter.Version}.

            """);
    }

    string Examples => task.Name == "return" ? "episodes" : "examples";

    // as `retort predict` can: images, tables and sound with classes, labels or values
    bool CanPredict => task.Name is "classification" or "multi-label" or "regression"
        && network.Data.Inputs is [{ Name: var name }]
        && name is InputNames.PixelValues or InputNames.Features or InputNames.InputFeatures;

    // Hugging Face's names of tasks; none where it has no name for this one
    string PipelineTag()
    {
        bool Has(string input) => network.Data.Input(input) is not null;
        var ofBoth = Has(InputNames.InputIds) && Has(InputNames.PixelValues);
        if (ofBoth && task.Name == "classification") return "pipeline_tag: visual-question-answering\n";

        var modality = ofBoth ? "image-text" : Has(InputNames.InputIds) ? "text" : Has(InputNames.PixelValues) ? "image"
            : Has(InputNames.InputValues) || Has(InputNames.InputFeatures) ? "audio" : "tabular";
        var tag = (task.Name, modality) switch
        {
            ("embedding", "image") => "image-feature-extraction",
            ("embedding", _) => "feature-extraction",
            ("regression", "tabular") => "tabular-regression",
            ("classification" or "multi-label", not "image-text") => $"{modality}-classification",
            _ => null,
        };
        return tag is null ? "" : $"pipeline_tag: {tag}\n";
    }

    string Kind() => network.Role switch
    {
        "student" when network.TeacherHash is not null => "A distilled student, trained",
        "teacher" => "A teacher, trained",
        "control" => "A control, trained without the method",
        _ => "A network, trained",
    };

    string KnowledgeRow()
    {
        if (saved.Knowledge is not { } knowledge) return "";
        var (k, weight, temperature) = knowledge.Settings;
        return $"| knowledge base | `{Runtime.RetrievalStudent.FileName}`: {NumberFormat.Count(knowledge.Rows)} rows; "
            + Invariant($"k {k}, β {weight}, τ {temperature}; `RetrievalStudent` predicts with it |\n");
    }

    string Use() => task.Name == "return"
        ? "`retort predict .` acts in the environment with it; any ONNX runtime opens `model.onnx`"
        : network.Data.Input(InputNames.InputIds) is not null && network.Data.Input(InputNames.PixelValues) is not null
            ? "`retort predict . --image FILE --question TEXT` runs it; any ONNX runtime opens `model.onnx`"
        : CanPredict ? "`retort predict . FILE` runs it; any ONNX runtime opens `model.onnx`"
        : "Any ONNX runtime opens `model.onnx`";

    string Steps() => string.Create(CultureInfo.InvariantCulture,
        $"{network.Steps:N0} steps, the weights after step {network.BestStep:N0} were best on validation");

    IEnumerable<string> InputRows() =>
        network.Data.Inputs.Select(input => $"| input `{input.Name}` | {Shape(input)}{Meaning(input)} |");

    string Meaning(TensorSpec input)
    {
        var normalized = input.Normalization is null ? "" : "; the normalization is inside the graph";
        return input.Name switch
        {
            InputNames.PixelValues => $": images, channel by channel and row by row, from 0 to 1{normalized}",
            InputNames.Features => $": the columns of a row as they are in the table{normalized}",
            InputNames.InputFeatures => ": the log-mel spectrogram of a window of sound in decibels, as "
                + $"`{Runtime.Features.Audio.AudioFrontEnd.FileName}` says{normalized}",
            InputNames.InputIds => ": token ids",
            InputNames.AttentionMask => ": 1 at tokens, 0 at padding",
            InputNames.TokenTypeIds => ": the text that each token belongs to, from 0",
            InputNames.Observation => $": {string.Join(", ", network.Data.Columns ?? [])}, as the environment gives "
                + "them; they are standardized inside the graph",
            _ => normalized,
        };
    }

    IEnumerable<string> OutputRows()
    {
        foreach (var output in StudentConfigFile.Outputs(model))
            yield return $"| output `{output.Name}` | {Shape(output)}{Remark(output)} |";
        if (network.Data.Classes.Count > 0) yield return
            $"| {Targets()} | in this order, one per line, in `labels.txt` |";

        string Targets() => network.Data.Targets switch
        {
            TargetKind.Labels => "labels",
            TargetKind.Values => "values",
            TargetKind.Return => network.Data.Actions!.IsContinuous ? "numbers of an action" : "actions",
            _ => "classes",
        };
    }

    string Remark(TensorSpec output)
    {
        if (output.Name != Output.Logits.Name) return "";
        var divided = result.Temperature is { } temperature ? Invariant(
            $"; divided inside the graph by the temperature {temperature:0.000}, fitted on validation") : "";
        return network.Data.Targets switch
        {
            TargetKind.Class => $": a score for each class, before the softmax{divided}",
            TargetKind.Labels => ": a score for each label, before the sigmoid",
            TargetKind.Values => ": the values",
            TargetKind.Return => ": a score for each action; the highest one acts",
            _ => "",
        };
    }

    static string Shape(TensorSpec spec)
    {
        var sizes = spec.Axes.Select(
            axis => axis.Size is { } size ? Invariant($"{size}") : axis.Name);
        return $"{spec.Type.ToString().ToLowerInvariant()} `[{string.Join(", ", sizes.Prepend("batch"))}]`";
    }

    IEnumerable<string> Scores()
    {
        List<string> head = ["graph", "file", "bytes", task.Primary.Heading()];
        if (task.HasClassProbabilities) head.Add("agreement with float32, %");
        var rows = result.Variants.Select(variant => variant with { File = $"`{variant.File}`" });
        return MarkdownTable.Lines(
            [.. head, "one example, µs"], 2, rows.Select(variant => variant.Cells(task.Primary)));
    }

    string Value(double score) => $"{task.Primary.Title} {task.Primary.WithUnit(task.Primary.Format(score))}";
}
