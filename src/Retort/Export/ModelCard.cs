using System.Globalization;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Training;

namespace Retort.Export;

/// <summary>The README.md of a student's folder: what it is, what goes in and comes out, how good it is, how it was made.</summary>
static class ModelCard
{
    /// <param name="run">What the run's recipe is called.</param>
    /// <param name="card">The network's card.</param>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="data">Its data.</param>
    /// <param name="exported">The graphs and what they are worth.</param>
    public static string Text(string run, NetworkConfig card, Recipe recipe, Dataset data, ExportResult exported)
    {
        var (input, shape) = (card.Data.Inputs[0].Name, card.Data.Inputs[0].Shape);
        var full = exported.Variants[0];
        var axes = string.Join(", ", shape);
        var meaning = input == InputNames.PixelValues
            ? $"pictures, float32 `[batch, {axes}]` (channel, row, column), from 0 to 1; the normalization is inside the graph"
            : $"numbers as they stand in the table, float32 `[batch, {axes}]`; the normalization is inside the graph";
        return string.Create(CultureInfo.InvariantCulture, $"""
            ---
            library_name: onnx
            pipeline_tag: {(input == InputNames.PixelValues ? "image-classification" : "tabular-classification")}
            tags: [retort, knowledge-distillation]
            ---

            # {run}: {card.Part}

            *{Kind(card)} on {data.Name}; {100 * full.Accuracy:0.00} % of {data.Test.Count:N0} test examples right, {card.Parameters:N0} parameters.*

            ## What goes in and comes out

            | | |
            |---|---|
            | input `{input}` | {meaning} |
            | output `{OnnxExporter.Output}` | float32 `[batch, {card.Data.Classes.Count}]`: a score a class, before the softmax{Divided(exported.Temperature)} |
            | classes | in this order, one a line, in `labels.txt` |

            `retort predict . FILE` asks it; any ONNX runtime opens `model.onnx` (opset {OnnxOps.Opset}).

            ## Figures

            | graph | file | bytes | accuracy, % | agreement with float32, % | one example, µs |
            |---|---|---:|---:|---:|---:|
            {Rows(exported.Variants)}

            Accuracy on the {data.Test.Count:N0} test examples. Time: the median call with one example and one thread, ONNX Runtime on the
            machine that exported it. {string.Join(' ', exported.Variants.Skip(1).Select(variant => variant.Against(full)).Concat(exported.LeftOut))}

            One example costs {card.MultiplyAdds:N0} multiply-adds. The graph was held against the trained network on {exported.Inputs} inputs of the
            data before it was written: no logit differs by more than {exported.WorstError:0.0e0} · max(1, |logit|).

            ## How it was made

            | | |
            |---|---|
            | network | `{card.Network.ToJsonString()}` |
            | method | {(card.Method is { } method ? $"`{method.ToJsonString()}`" : "none")} |
            | seed, steps | {card.Seed}; {card.Steps:N0} steps, the weights after step {card.BestStep:N0} were best on validation |
            | recipe | `recipe.json`, SHA-256 {recipe.Hash} |
            | data | SHA-256 {card.DataHash} |
            | teacher | {(card.TeacherHash is { } hash ? $"SHA-256 {hash}" : "none")} |
            | weights as trained | `model.safetensors`; the hash of every file is in `config.json` |

            Written by Retort {OnnxExporter.Version}.

            """);
    }

    static string Divided(double? temperature) => temperature is { } t
        ? FormattableString.Invariant($"; divided inside the graph by the temperature {t:0.000}, fitted on validation") : "";

    static string Kind(NetworkConfig card) => card.Role switch
    {
        "student" when card.TeacherHash is not null => "A distilled student, trained",
        "teacher" => "A teacher, trained",
        "control" => "A control, trained on the labels alone",
        _ => "A network, trained",
    };

    static string Rows(IReadOnlyList<Variant> variants) => string.Join('\n', variants.Select(variant => string.Create(CultureInfo.InvariantCulture,
        $"| {variant.Name} | `{variant.File}` | {variant.Bytes:N0} | {100 * variant.Accuracy:0.00} | {100 * variant.Agreement:0.00} | {variant.Microseconds:0.0} |")));
}
