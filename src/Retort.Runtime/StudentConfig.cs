using System.Security.Cryptography;
using System.Text.Json;
using Retort.Runtime.Features;
using Retort.Runtime.Features.Audio;
using Retort.Runtime.Features.Text;

namespace Retort.Runtime;

/// <summary>The parts of a student folder's <c>config.json</c> that are needed to run it.</summary>
sealed class StudentConfig
{
    /// <summary>The folder's format; another one is refused.</summary>
    public const string Format = "retort-student/2";

    /// <summary>The output with a score for each class.</summary>
    public const string Logits = "logits";

    /// <summary>The output with one vector an example.</summary>
    public const string Embedding = "embedding";

    const string TokenIds = "input_ids";
    const string Spectrogram = "input_features";
    const string Pixels = "pixel_values";
    const string TokenizerFile = "tokenizer.json";
    const int MinTokens = 4;                                                // [CLS] a [SEP] b
    const long MaxBytes = 16_000_000;
    const int MaxClasses = 65536;

    readonly string _path;
    readonly StudentJson _json;
    readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);
    readonly int _vocabulary;

    StudentConfig(string folder, string path, JsonElement root)
    {
        (Folder, _path, _json) = (folder, path, new(path));
        var format = _json.Text(root, "format");
        if (format != Format) throw _json.Error(
            $"the format must be \"{Format}\"; it is \"{format}\"; a newer Retort may read it");
        Classes = ReadClasses(root);
        Task = _json.Text(_json.Member(root, "task", JsonValueKind.Object), "name");
        Inputs = _json.Tensors(root, "inputs");
        Outputs = _json.Tensors(root, "outputs");
        Single = ReadSingle(root);
        Image = Single is { IsImage: true } ? Single : ReadImage(root);
        Columns = ReadColumns(root);
        (MaxTokens, _vocabulary) = ReadTokens(root);
        foreach (var file in _json.Member(root, "files", JsonValueKind.Object).EnumerateObject())
            _hashes[file.Name] = _json.Hash(file);
    }

    /// <summary>The student's folder.</summary>
    public string Folder { get; }

    /// <summary>The classes' names; empty where the student has none.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The task's name in recipes: classification, embedding, …</summary>
    public string Task { get; }

    /// <summary>The graph's inputs, the batch axis first.</summary>
    public IReadOnlyList<OnnxTensorInfo> Inputs { get; }

    /// <summary>The graph's outputs, the batch axis first.</summary>
    public IReadOnlyList<OnnxTensorInfo> Outputs { get; }

    /// <summary>The input of a student that takes one float32 image or row; null of other students.</summary>
    public SingleInput? Single { get; }

    /// <summary>The input of images, of any student that takes images; null of other students.</summary>
    public SingleInput? Image { get; }

    /// <summary>
    /// Names of the columns of the table that it was trained on, in the order of the input's values; null where they
    /// had none.
    /// </summary>
    public IReadOnlyList<string>? Columns { get; }

    /// <summary>The most tokens of a text; 0 of a student that takes no token ids.</summary>
    public int MaxTokens { get; }

    /// <summary>The folder's tokenizer; null of a student without one.</summary>
    /// <exception cref="InvalidDataException">
    /// Its file is not the exported one, or it has other tokens than the student was trained with.
    /// </exception>
    public WordPieceTokenizer? OpenTokenizer()
    {
        if (MaxTokens == 0 || !_hashes.ContainsKey(TokenizerFile)) return null;

        _ = ReadFile(TokenizerFile);
        var tokenizer = WordPieceTokenizer.Open(Folder);
        return tokenizer.VocabularySize == _vocabulary ? tokenizer : throw new InvalidDataException(
            Invariant($"{Path.Combine(Folder, TokenizerFile)} must have the {_vocabulary} tokens of config.json; ")
            + Invariant($"it has {tokenizer.VocabularySize}."));
    }

    /// <summary>How sound becomes the graph's input; null of a student that takes no sound.</summary>
    /// <exception cref="InvalidDataException">
    /// Its file is not the exported one, or makes spectrograms of another shape.
    /// </exception>
    public AudioFrontEnd? OpenFrontEnd()
    {
        if (!_hashes.ContainsKey(AudioFrontEnd.FileName)) return null;

        var path = Path.Combine(Folder, AudioFrontEnd.FileName);
        var frontEnd = FrontEndFile.Parse(path, ReadFile(AudioFrontEnd.FileName));
        long[] shape = [-1, 1, frontEnd.Mel.MelBins, frontEnd.Mel.Frames];
        return Inputs is [{ Name: Spectrogram } only] && only.Shape.SequenceEqual(shape) ? frontEnd
            : throw new InvalidDataException($"{path} makes {Spectrogram} of [{string.Join(", ", shape.Skip(1))}]; the "
                + $"student takes {string.Join(", ", Inputs)}.");
    }

    /// <summary>Reads a folder's <c>config.json</c>.</summary>
    /// <exception cref="InvalidDataException">It is missing, or does not describe a student of this format.</exception>
    public static StudentConfig Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder}: there is no such folder.");
        var path = Path.Combine(folder, "config.json");
        var file = new FileInfo(path);
        if (!file.Exists) throw new InvalidDataException(
            $"{path} is missing: a student's folder, as `retort export` writes it, has one.");
        if (file.Length > MaxBytes) throw new InvalidDataException(
            Invariant($"{path} has {file.Length} bytes; {MaxBytes} at most are read."));
        try
        {
            using var document = JsonDocument.Parse(ReadAll(path), new() { AllowDuplicateProperties = false });
            return new(folder, path, document.RootElement);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                Invariant($"{path}, line {error.LineNumber + 1}: this is no JSON that can be read."), error);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"{path} does not describe a student: {error.Message}", error);
        }
    }

    /// <summary>The SHA-256 of a listed file; null where it is not listed.</summary>
    public string? HashOf(string file) => _hashes.GetValueOrDefault(file);

    /// <summary>The content of a listed file, whose SHA-256 must be the listed one.</summary>
    public byte[] ReadFile(string name)
    {
        var path = Path.Combine(Folder, name);
        if (!_hashes.TryGetValue(name, out var hash))
        {
            var graphs = _hashes.Keys.Where(file => file.EndsWith(".onnx", StringComparison.Ordinal));
            throw new InvalidDataException(
                $"{_path} lists no {name}; it lists {string.Join(", ", graphs.Order(StringComparer.Ordinal))}.");
        }
        CheckExists(path);
        if (new FileInfo(path).Length > Array.MaxLength)
            throw new InvalidDataException($"{path} is too large: a graph may take 2 GB.");
        var content = ReadAll(path);
        CheckHash(path, hash, SHA256.HashData(content));
        return content;
    }

    /// <summary>Checks every listed file against its SHA-256.</summary>
    public void Verify()
    {
        foreach (var (name, hash) in _hashes.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var path = Path.Combine(Folder, name);
            CheckExists(path);
            using var stream = InputFile.Open(path);
            CheckHash(path, hash, SHA256.HashData(stream));
        }
    }

    static void CheckExists(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing; config.json lists it.");
    }

    static void CheckHash(string path, string expected, byte[] hash)
    {
        var hex = Convert.ToHexStringLower(hash);
        if (hex != expected) throw new InvalidDataException(
            $"{path} is not the file that was exported: its SHA-256 must be {expected}; it is {hex}.");
    }

    static byte[] ReadAll(string path)
    {
        try
        {
            return InputFile.ReadAllBytes(path, Array.MaxLength);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {error.Message}", error);
        }
    }

    List<string> ReadClasses(JsonElement root)
    {
        var classes = _json.Member(root, "classes", JsonValueKind.Array).EnumerateArray()
            .Select(name => name.GetString() ?? throw _json.Error("a class has no name")).ToList();
        return classes.Count <= MaxClasses ? classes
            : throw _json.Error(Invariant($"there must be at most {MaxClasses} classes; there are {classes.Count}"));
    }

    List<string>? ReadColumns(JsonElement root)
    {
        if (!root.TryGetProperty("columns", out var list) || list.ValueKind == JsonValueKind.Null) return null;

        var names = _json.Member(root, "columns", JsonValueKind.Array).EnumerateArray()
            .Select(name => name.GetString() ?? throw _json.Error("a column has no name")).ToList();
        var values = Single?.Size.Count ?? names.Count;
        return names.Count == values ? names : throw _json.Error(Invariant(
            $"there must be a column for each of the {values} values; there are {names.Count}"));
    }

    // zeros of a student that takes no token ids, or was trained by a program that states no vocabulary
    (int MaxTokens, int Vocabulary) ReadTokens(JsonElement root)
    {
        var at = Inputs.ToList().FindIndex(input => input.Name == TokenIds && input.Shape.Count == 2);
        if (at < 0) return default;

        var ids = root.GetProperty("inputs")[at];
        return ids.TryGetProperty("vocabulary", out var vocabulary)
            && ids.GetProperty("axes")[0].TryGetProperty("maxSize", out var most)
            && most.ValueKind == JsonValueKind.Number && most.GetInt32() >= MinTokens
            ? (most.GetInt32(), vocabulary.GetInt32()) : default;
    }

    // images beside other inputs
    SingleInput? ReadImage(JsonElement root)
    {
        var at = Inputs.ToList().FindIndex(input => input.Name == Pixels && input.ElementType == typeof(float));
        return at >= 0 && Inputs[at].Shape is [_, > 0 and var channels, > 0 and var height, > 0 and var width]
            ? new(Pixels, new((int)channels, (int)height, (int)width), IsImage: true,
                _json.Scale(root.GetProperty("inputs")[at]))
            : null;
    }

    SingleInput? ReadSingle(JsonElement root)
    {
        if (Inputs is not [var only] || only.ElementType != typeof(float)) return null;
        if (Outputs.All(output => output.Name != Logits)) return null;
        if (only.Shape is not ([_, > 0] or [_, > 0, > 0, > 0])) return null;

        var size = only.Shape is [_, var channels, var height, var width]
            ? new ImageSize((int)channels, (int)height, (int)width) : new((int)only.Shape[1], 1, 1);
        var isImage = only.Shape.Count == 4 && only.Name != Spectrogram;
        return new(only.Name, size, isImage, isImage ? _json.Scale(root.GetProperty("inputs")[0]) : 1);
    }
}

/// <summary>The input of a student that takes one float32 image or row.</summary>
/// <param name="Name">The graph's name of it.</param>
/// <param name="Size">Channels, height and width; the columns of a row are channels of one pixel.</param>
/// <param name="IsImage">Whether it is an image.</param>
/// <param name="Scale">The number of the training data's files that is white; 1 for rows.</param>
sealed record SingleInput(string Name, ImageSize Size, bool IsImage, double Scale);
