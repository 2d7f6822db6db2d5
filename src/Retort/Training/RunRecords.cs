using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Retort.Training;

/// <summary><c>run.json</c>: what a run is made from. Written once at its start; a resumed run must match it.</summary>
public sealed record RunCard
{
    /// <summary>The recipe with every default filled in.</summary>
    public required JsonNode Recipe { get; init; }

    /// <summary>The recipe's name: its file name without the ending.</summary>
    public required string RecipeName { get; init; }

    /// <summary>SHA-256 of the resolved recipe.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>What a report calls the data.</summary>
    public required string DataName { get; init; }

    /// <inheritdoc cref="Dataset.Hash"/>
    public required string DataHash { get; init; }

    /// <summary>Examples in training, labelled, validation, test.</summary>
    public required PartCounts Examples { get; init; }

    /// <summary>The seeds that are reported.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>Intra-op threads of each training; another count changes the last bits, so it is kept on resume.</summary>
    public required int Threads { get; init; }

    /// <summary>The same of the teacher's training.</summary>
    public int TeacherThreads { get; init; } = 1;

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Program, engine, .NET, system and processor, by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }
}

/// <summary>How many examples each part of the data has.</summary>
public sealed record PartCounts(int Training, int Labelled, int Validation, int Test);

/// <summary>A network's <c>config.json</c>: enough to build it again and to say where it came from.</summary>
public sealed record NetworkCard
{
    /// <summary><c>teacher</c>, <c>control-seed1</c>, <c>student-seed1</c>, …</summary>
    public required string Part { get; init; }

    /// <summary><c>teacher</c>, <c>control</c>, <c>student</c>, or <c>stage</c> of a procedure.</summary>
    public required string Role { get; init; }

    /// <summary>The network as a recipe names it; of a teacher that was given, the teacher as the recipe names it.</summary>
    public required JsonNode Network { get; init; }

    /// <summary>Classes, input shapes and normalisation.</summary>
    public required DataFacts Data { get; init; }

    /// <summary>The augmentation it was trained under, as the recipe has it; null for none.</summary>
    public JsonNode? Augmentation { get; init; }

    /// <summary>The method as a recipe names it; null for a teacher that was given.</summary>
    public required JsonNode? Method { get; init; }

    /// <summary>How it was trained; null for a teacher that was given.</summary>
    public required JsonNode? Training { get; init; }

    /// <summary>Of initial weights, order and augmentation; 0 for a teacher that was given.</summary>
    public required int Seed { get; init; }

    /// <summary>Steps taken in all; 0 for a teacher that was given.</summary>
    public required long Steps { get; init; }

    /// <summary>The step after which validation was best; these weights are in <c>model.safetensors</c>.</summary>
    public required long BestStep { get; init; }

    /// <summary>Of a teacher that was given: what it said it is (<see cref="ITeacher.Hash"/>). Null for what was trained here.</summary>
    public string? GivenHash { get; init; }

    /// <summary>Of a trial of a learning rate whose loss stopped being a number: where and why. Such a trial has no weights.</summary>
    public string? Diverged { get; init; }

    /// <summary>SHA-256 of the data.</summary>
    public required string DataHash { get; init; }

    /// <summary>
    /// SHA-256 of the teacher's <c>model.safetensors</c>, or <see cref="GivenHash"/> of one that was given; null where there
    /// was no teacher.
    /// </summary>
    public string? TeacherHash { get; init; }

    /// <summary>
    /// Of a procedure's student: the networks that were trained for it, in order, each in a folder of its own beside this card.
    /// <see cref="Steps"/> are those of one of them.
    /// </summary>
    public IReadOnlyList<Stage>? Stages { get; init; }

    /// <summary>Numbers that training moves; null, as the three below, for a given teacher that cannot be looked into.</summary>
    public required long? Parameters { get; init; }

    /// <summary>Bytes of all parameters and buffers in float32.</summary>
    public required long? Bytes { get; init; }

    /// <summary>Multiplications followed by an addition, for one example.</summary>
    public required long? MultiplyAdds { get; init; }

    /// <summary>The most bytes of intermediate results that live at one time, for one example.</summary>
    public required long? ActivationBytes { get; init; }
}

/// <summary>One line of <c>metrics.jsonl</c>: an epoch as it ended.</summary>
sealed record EpochLine
{
    public required int Epoch { get; init; }
    public required long Step { get; init; }

    /// <summary>Means over the epoch's steps, term by term, as the method names them; <c>total</c> is their sum.</summary>
    public required IReadOnlyDictionary<string, double> Loss { get; init; }

    /// <summary>At the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>On validation: a fraction.</summary>
    public required double Accuracy { get; init; }

    /// <summary>On validation: nats.</summary>
    public required double Nll { get; init; }

    /// <summary>Of the epoch without the look at validation.</summary>
    public required double Seconds { get; init; }

    /// <summary>The share of those seconds that the step waited for data.</summary>
    public required double WaitShare { get; init; }
}

/// <summary>A network's <c>latency.json</c>: the raw samples.</summary>
/// <param name="Engine">What ran it, in words.</param>
/// <param name="Batch">Examples a call.</param>
/// <param name="Threads">Intra-op threads.</param>
/// <param name="Milliseconds">One a call, after warm-up, in order.</param>
public sealed record LatencySamples(string Engine, int Batch, int Threads, IReadOnlyList<double> Milliseconds);

/// <summary><c>tuning.json</c>: what the search of the learning rate found. Accuracies on validation, as fractions.</summary>
/// <param name="LearningRates">The grid, the same for both.</param>
/// <param name="Seeds">Of the search's runs; none of them is reported.</param>
/// <param name="Control">One accuracy a seed, for each rate; empty where the recipe has no teacher.</param>
/// <param name="Student">One accuracy a seed, for each rate.</param>
/// <param name="Chosen">The best of each.</param>
public sealed record TuningTable(IReadOnlyList<double> LearningRates, IReadOnlyList<int> Seeds,
    IReadOnlyList<IReadOnlyList<double>> Control, IReadOnlyList<IReadOnlyList<double>> Student, TunedRates Chosen)
{
    /// <summary>A sentence for each trial whose loss stopped being a number; it counts as an accuracy of 0.</summary>
    public IReadOnlyList<string> Diverged { get; init; } = [];
}

/// <summary>The learning rates with which control and student are trained.</summary>
public sealed record TunedRates(double Control, double Student);

/// <summary>How these records look in a file: camel case, indented where a person reads them.</summary>
public static class RunJson
{
    /// <summary>For files that people open.</summary>
    public static JsonSerializerOptions Indented { get; } = Format(indented: true);

    /// <summary>For one record a line.</summary>
    public static JsonSerializerOptions Line { get; } = Format(indented: false);

    static JsonSerializerOptions Format(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
