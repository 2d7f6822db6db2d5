using System.Text.Json;
using Retort.Data;
using Retort.Data.Images;
using Retort.Data.Parquet;
using Retort.Data.Text;
using Retort.Tasks;

namespace Retort.Recipes;

/// <summary>
/// A short recipe for data that is there: its format is found, its size decides networks and epochs, and each choice
/// has a comment.
/// </summary>
public static class RecipeSuggestion
{
    const int BatchSize = 64;
    const int FewExamples = 10;                                            // of a class, for validation or the test
    const int Steps = 3000;                                                // that a training should take
    const int MaxTextEpochs = 10;                                          // an encoder overfits early

    /// <summary>Looks at the data and writes a recipe for it.</summary>
    /// <param name="dataPath">The data: a file or a folder.</param>
    /// <param name="recipePath">Where the recipe will be: its paths are relative to that file's folder.</param>
    /// <param name="label">The column of labels of a table; null: the one that its reader takes.</param>
    /// <param name="schema">The path of the JSON Schema for editors; null: none.</param>
    /// <exception cref="InvalidDataException">The data cannot be read, or nothing can be learned from it.</exception>
    public static string For(string dataPath, string recipePath, string? label = null, string? schema = null)
    {
        var options = label is null ? DataGuess.Of(dataPath) : WithLabel(DataGuess.Of(dataPath), label);
        var data = (options is ImageDataOptions images ? images with { SkipUnreadable = true } : options).Open();
        if (data.Info.Targets != TargetKind.Class) throw new InvalidDataException(
            $"{dataPath} has {TargetText.Of(data.Info.Targets)}; a recipe is suggested for classes alone.");

        var folder = Path.GetDirectoryName(Path.GetFullPath(recipePath))!;
        var epochs = Math.Clamp(Steps / Math.Max(data.Training.Count / BatchSize, 1), 5, 40);
        var training = options is TextDataOptions ? TextTraining(Math.Min(epochs, MaxTextEpochs))
            : $"{{ \"epochs\": {epochs} }}";
        string[] lines =
        [
            .. schema is null ? [] : (string[])[$"  \"$schema\": {Quoted(schema)},"],
            .. data.Info.Inputs[0].Name switch
            {
                InputNames.PixelValues => OfImages(data, epochs, options, folder),
                InputNames.InputIds when options is VisualQuestionOptions questions =>
                    OfQuestions(data, training, questions, folder),
                InputNames.InputIds => OfTexts(data, training, options, folder),
                InputNames.InputFeatures => OfSound(data, training, options, folder),
                _ => OfTable(data, epochs, options, folder),
            },
            "  // the student learns the teacher's probabilities at this temperature, and the labels",
            "  \"method\": { \"name\": \"kd\", \"temperature\": 4 },",
            "  // of the student, and of its control, which learns without the teacher",
            $"  \"training\": {training},",
            "  // three pairs of control and student are the fewest that give a verdict",
            "  \"seeds\": 3, \"threads\": 1",
        ];
        var text = "{\n" + string.Join('\n', lines) + "\n}\n";
        Recipe.Parse(text, recipePath);
        return text;
    }

    static FileDataOptions WithLabel(FileDataOptions options, string label) => options switch
    {
        TableOptions table => table with { Label = label },
        ParquetOptions parquet => parquet with { Label = label },
        TextOptions texts => texts with { Label = label },
        _ => throw new InvalidDataException($"{options.Path} is no table, so it has no column of labels \"{label}\"."),
    };

    /// <summary>The name in recipes of the format that data has.</summary>
    /// <inheritdoc cref="For"/>
    public static string FormatOf(string dataPath) => NameOf(DataGuess.Of(dataPath));

    static IEnumerable<string> OfImages(Dataset data, int epochs, FileDataOptions options, string folder)
    {
        var (channels, side) = (data.Info.Inputs[0].Axes[0].Size, data.Info.Inputs[0].Axes[1].Size);
        var size = options is ImageFolderOptions { Size: { } resized } ? $", \"size\": {resized}" : "";
        var flips = channels == 3 && options is not IdxOptions;
        var augmentation = $"{(flips ? "{ \"name\": \"flip\" }, " : "")}{{ \"name\": \"crop\", \"pad\": {side / 8} }}";
        var deep = side > 32;
        var skips = data.Findings.Count > 0 ? ", \"skipUnreadable\": true" : "";
        return
        [
            .. Content(data),
            .. data.Findings.Select(finding => $"  // {finding.Text}"),
            .. flips ? ["  // leave \"flip\" out where a mirrored image is another class"] : Array.Empty<string>(),
            $"  \"data\": {{ {Source(options, folder)}{size}{skips},",
            $"    \"augmentation\": [{augmentation}] }},",
            "  // the large network, which learns from the labels first; depth and widths decide how good it can be",
            $"  \"teacher\": {{ \"name\": \"trained\", \"training\": {{ \"epochs\": {epochs} }},",
            $"    \"network\": {{ \"name\": \"convnet\", \"widths\": [32, 64, 128{(deep ? ", 256" : "")}] }} }},",
            "  // the small network to deploy; fewer or more widths make it smaller or better",
            $"  \"student\": {{ \"name\": \"convnet\", \"widths\": [8, 16, 32{(deep ? ", 64" : "")}] }},",
        ];
    }

    static IEnumerable<string> OfTable(Dataset data, int epochs, FileDataOptions options, string folder) =>
    [
        .. Content(data, "; the class is in the column \"label\" (-1: the last)"),
        $"  \"data\": {{ {Source(options, folder)} }},",
        "  // the large network, which learns from the labels first",
        $"  \"teacher\": {{ \"name\": \"trained\", \"training\": {{ \"epochs\": {epochs} }},",
        "    \"network\": { \"name\": \"mlp\", \"hidden\": [256, 256] } },",
        "  // the small network to deploy",
        "  \"student\": { \"name\": \"mlp\", \"hidden\": [16] },",
    ];

    static IEnumerable<string> OfTexts(Dataset data, string training, FileDataOptions options, string folder) =>
    [
        .. Content(data),
        "  // the tokenizer's vocabulary is learned from the training texts",
        $"  \"data\": {{ {Source(options, folder)}, \"maxTokens\": 128,",
        "    \"tokenizer\": { \"name\": \"learned\", \"size\": 8000 } },",
        "  // the large network; a pretrained encoder (bert-pretrained and its tokenizer) is much better",
        $"  \"teacher\": {{ \"name\": \"trained\", \"training\": {training},",
        "    \"network\": { \"name\": \"bert\", \"layers\": 2, \"hiddenSize\": 128, \"pooling\": \"mean\" } },",
        "  // the small network to deploy",
        "  \"student\": { \"name\": \"bert\", \"layers\": 1, \"hiddenSize\": 64, \"pooling\": \"mean\" },",
    ];

    static IEnumerable<string> OfQuestions(
        Dataset data, string training, VisualQuestionOptions options, string folder) =>
    [
        .. Content(data),
        "  // images are resized to this side, a multiple of patchSize; no image is in two splits",
        $"  \"data\": {{ {Source(options, folder)}, \"size\": {options.Size}, \"maxTokens\": 32 }},",
        "  // the large network, which learns from the answers first",
        $"  \"teacher\": {{ \"name\": \"trained\", \"training\": {training},",
        "    \"network\": { \"name\": \"vilt\", \"patchSize\": 8, \"layers\": 3, \"hiddenSize\": 96, \"heads\": 8 } },",
        "  // the small network to deploy",
        "  \"student\": { \"name\": \"vilt\", \"patchSize\": 8, \"layers\": 2, \"hiddenSize\": 32, \"heads\": 2 },",
    ];

    static IEnumerable<string> OfSound(Dataset data, string training, FileDataOptions options, string folder) =>
    [
        .. Content(data, ": an example is a second of sound, two begin in each"),
        .. data.Notes.Select(note => $"  // {note}"),
        $"  \"data\": {{ {Source(options, folder)}, \"window\": 1, \"hop\": 0.5 }},",
        "  // the large network, which learns from the labels first; widths decide how good it can be",
        $"  \"teacher\": {{ \"name\": \"trained\", \"training\": {training},",
        "    \"network\": { \"name\": \"convnet\", \"widths\": [32, 64, 128, 256] } },",
        "  // the small network to deploy; fewer or more widths make it smaller or better",
        "  \"student\": { \"name\": \"convnet\", \"widths\": [8, 16, 32, 64] },",
    ];

    // the rate of image networks is too large for transformers
    static string TextTraining(int epochs) =>
        $"{{ \"epochs\": {epochs}, \"learningRate\": 0.001, \"optimizer\": {{ \"name\": \"adamw\" }} }}";

    /// <summary>A path as a recipe in a folder names it.</summary>
    public static string PathFrom(string folder, string path) =>
        Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');

    static string Source(FileDataOptions options, string folder)
    {
        var path = PathFrom(folder, options.Path);
        var label = options switch
        {
            TableOptions table => $", \"label\": {Quoted(table.Label)}",
            ParquetOptions { Label: { } column } => $", \"label\": {Quoted(column)}",
            TextOptions { Label: { } column } => $", \"label\": {Quoted(column)}",
            _ => "",
        };
        return $"\"name\": \"{NameOf(options)}\", \"path\": {Quoted(path)}{label}";
    }

    static string Quoted(string text) => JsonSerializer.Serialize(text, Json.Line);

    static IEnumerable<string> Content(Dataset data, string more = "")
    {
        var (validation, test) = (NumberFormat.Count(data.Validation.Count), NumberFormat.Count(data.Test.Count));
        yield return $"  // {NumberFormat.Count(data.Info.Classes.Count)} classes; "
            + $"{NumberFormat.Count(data.Training.Count)} training examples, {validation} for validation, {test} for "
            + $"the test{more}";
        if (Math.Min(data.Validation.Count, data.Test.Count) < FewExamples * data.Info.Classes.Count)
            yield return Invariant($"  // some classes have fewer than {FewExamples} examples for validation or for ")
                + "the test: scores on so few say little";
    }

    static string NameOf(FileDataOptions options) => Registry.Data.First(pair => pair.Value == options.GetType()).Key;
}
