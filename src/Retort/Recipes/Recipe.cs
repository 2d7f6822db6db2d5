using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Retort.Methods;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Recipes;

/// <summary>One distillation: data, teacher, student, method, training and seeds.</summary>
public sealed record Recipe : IValidated
{
    /// <summary>The data set; none where the recipe has an environment.</summary>
    public DataOptions? Data { get; init; }

    /// <summary>The environment that policies learn in; none where the recipe has data.</summary>
    public EnvironmentOptions? Environment { get; init; }

    /// <summary>What is learned and how it is scored; unless given, the task that the data's targets are for.</summary>
    public TaskOptions? Task { get; init; }

    /// <summary>The teacher; none where the method needs none, and for a plain training run.</summary>
    public TeacherOptions? Teacher { get; init; }

    /// <summary>The student's network.</summary>
    public required ModelOptions Student { get; init; }

    /// <summary>How the student learns; the control learns from the labels alone.</summary>
    public required MethodOptions Method { get; init; }

    /// <summary>How control and student are trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>
    /// A search for the learning rate before the reported runs; none: both use the one of <see cref="Training"/>.
    /// </summary>
    public TuningOptions? Tuning { get; init; }

    /// <summary>
    /// A search over options before the reported runs; none: the options are used as the recipe has them.
    /// </summary>
    public SearchOptions? Search { get; init; }

    /// <summary>How many pairs of control and student are trained and reported, with seeds 1, 2, ….</summary>
    [AtLeast(1)] public int Seeds { get; init; } = 3;

    /// <summary>
    /// Threads of each control and student; where the processor has more, several are trained side by side. 1 suits
    /// small networks. 0: all, one network after another. The teacher always has all.
    /// </summary>
    [NotNegative] public int Threads { get; init; }

    /// <summary>The file's name without its ending; the run's name.</summary>
    [JsonIgnore]
    public string Name { get; init; } = "recipe";

    /// <summary>
    /// The recipe's folder. Paths in the file are relative to it; paths in this record are absolute.
    /// </summary>
    [JsonIgnore]
    public string Folder { get; init => field = Path.GetFullPath(value); } = System.Environment.CurrentDirectory;

    /// <summary>
    /// SHA-256 of the recipe with every default filled in and its paths relative to its folder, in lower-case
    /// hexadecimal: comments, spaces, the order of keys and the folder do not change it.
    /// </summary>
    [JsonIgnore]
    public string Hash => FileHash.Sha256OfText(ToJson(Folder));

    /// <summary>The data, or the environment in its place.</summary>
    [JsonIgnore]
    public DataOptions Source => Environment ?? Data
        ?? throw new InvalidOperationException("A recipe needs data or an environment; this one has neither.");

    /// <summary>The teacher whose outputs a cached teacher keeps; else the teacher.</summary>
    [JsonIgnore]
    internal TeacherOptions? TeacherItself => Teacher is CachedTeacherOptions cached ? cached.Teacher : Teacher;

    /// <summary>The search, or the tuning as a grid search over the learning rate; null without either.</summary>
    [JsonIgnore]
    internal SearchOptions? SearchOrTuning => Search ?? (Tuning is null ? null : GridOf(Tuning));

    /// <summary>What a procedure saves beside the student; nothing for a loss.</summary>
    [JsonIgnore]
    internal IReadOnlyList<Artifact> ProcedureArtifacts =>
        Method is ProcedureOptions procedure ? procedure.Build().Artifacts : [];

    /// <summary>
    /// Whether students have controls: all but those that learn without a teacher by what controls learn by.
    /// </summary>
    [JsonIgnore]
    internal bool HasControl => Teacher is not null || !Method.IsControl();

    /// <summary>Reads a recipe and makes its paths absolute.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings"><c>path=value</c>, applied before reading: <c>method.temperature=2</c>.</param>
    /// <exception cref="InvalidDataException">
    /// One sentence with the file and line (or the setting), the path of the field, the rule and the value.
    /// </exception>
    public static Recipe Read(string path, params IReadOnlyList<string> settings) =>
        Read(RecipeText.Read(path), path, settings);

    /// <summary>Reads a recipe's text as if it were in the file of this path.</summary>
    public static Recipe Parse(string text, string path, params IReadOnlyList<string> settings) =>
        Read(RecipeText.Parse(path, Encoding.UTF8.GetBytes(text)), path, settings);

    /// <summary>The same; messages about settings name where they come from.</summary>
    internal static Recipe Parse(string text, string path, IReadOnlyList<string> settings, string source) =>
        Read(RecipeText.Parse(path, Encoding.UTF8.GetBytes(text)), path, settings, source);

    /// <summary>The recipe with every default filled in, its paths absolute.</summary>
    public string ToJson() => RecipeFormat.Write(this);

    /// <summary>The recipe with every default filled in, as a file in this folder has it: it runs from there.</summary>
    public string ToJson(string relativeTo) => RecipeFormat.Write(this, relativeTo);

    /// <summary>A part of a recipe (a network, a method, …) as recipes have it, its defaults filled in.</summary>
    /// <typeparam name="T">
    /// The family: <see cref="ModelOptions"/>, <see cref="MethodOptions"/>, <see cref="TrainingOptions"/>, ….
    /// </typeparam>
    public static JsonNode Write<T>(T part) where T : class => RecipeFormat.Tree(part);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="part">The part.</param>
    /// <param name="source">Where it is from; begins the message of an error.</param>
    /// <exception cref="InvalidDataException">It is no part of a recipe, or an option in it breaks a rule.</exception>
    public static T Read<T>(JsonNode part, string source) where T : class
    {
        try
        {
            return RecipeFormat.ReadPart<T>(part)
                ?? throw new InvalidDataException($"{source} has null where a part of a recipe must stand.");
        }
        catch (Exception error) when (error is
            JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"{source} holds no part of a recipe that this version can read.", error);
        }
    }

    /// <summary>The task on this data.</summary>
    internal LearningTask TaskOn(DatasetInfo data) => (Task ?? TaskOf(data)).Build(data);

    /// <summary>The task that the data's targets are for, by the data's usual score.</summary>
    internal static TaskOptions TaskOf(DatasetInfo data)
    {
        return data.Targets switch
        {
            TargetKind.Class => new ClassificationOptions { Primary = Usual(ClassificationScore.Accuracy) },
            TargetKind.Labels => new MultiLabelOptions(),
            TargetKind.Values => new RegressionOptions { Primary = Usual(RegressionScore.Pearson) },
            TargetKind.Return => new ReturnOptions(),
            _ => new EmbeddingOptions(),
        };

        TScore Usual<TScore>(TScore own) where TScore : struct, Enum =>
            Enum.TryParse<TScore>(data.UsualScore, ignoreCase: true, out var usual) ? usual : own;
    }

    OptionError? IValidated.Validate()
    {
        if (Data is not null && Environment is not null) return new(
            nameof(Environment), "must be left out where the recipe has data, or the data must.");
        var wanted = RecipeTypes.Describe(RecipeFormat.Info(typeof(DataOptions)));
        return Data is not null || Environment is not null ? null
            : new(nameof(Data), $"is missing; it must be {wanted}, or the recipe must have an environment.");
    }

    static Recipe Read(RecipeText text, string path, IReadOnlyList<string> settings, string source = "--set") =>
        RecipeFormat.Read<Recipe>(text, path, settings, source) with
        {
            Name = Path.GetFileNameWithoutExtension(path),
            Folder = Path.GetDirectoryName(Path.GetFullPath(path))!,
        };

    static SearchOptions GridOf(TuningOptions tuning) => new()
    {
        Over =
        [
            new ChoiceOptions
            {
                Option = "training.learningRate",
                Values = [.. tuning.LearningRates.Order().Select(rate => JsonValue.Create(rate))],
            },
        ],
        Seeds = tuning.Seeds,
    };
}
