using Retort.Recipes;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Data;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Training;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>What a writer leaves: its share, or the whole.</summary>
/// <param name="Folder">Where the shards are.</param>
/// <param name="Card">What is there.</param>
/// <param name="IsWhole">Whether nothing is missing; then some records were held against the teacher.</param>
public sealed record FilledCache(string Folder, CacheManifest Card, bool IsWhole);

/// <summary>The cache of a recipe's teacher: where it is, whose answers to what it holds, and how it is filled.</summary>
sealed class TeacherCache(string run, Recipe recipe, Dataset data, IProgress<TrainingProgress>? progress, TimeProvider clock)
{
    const string Part = "cache";
    const int Longest = 4000, Shown = 100;                                 // letters of a normalization or a teacher in the identity

    /// <summary>Refuses, before anything is trained, data whose pictures never come again.</summary>
    public static void Check(Recipe recipe, Dataset data)
    {
        if (recipe.Teacher is not CachedTeacherOptions || data.Training.Views is not null) return;
        var mixed = recipe.Data is FileDataOptions files && files.Augmentation.Any(augmentation => augmentation.MixesExamples);
        throw new InvalidOperationException(mixed
            ? "A cached teacher cannot teach with the augmentation \"mixup\": who is mixed with whom is drawn anew in every batch, so no answer is of use twice. Leave mixup out, or the cache."
            : "A cached teacher needs pictures that come again, and the data's are augmented anew in every pass: give data.views (4 is a good beginning), or leave the augmentation or the cache out.");
    }

    /// <summary>Opens the cache job again where shards of a cache that was whole are missing.</summary>
    public static void Reopen(string run, CachedTeacherOptions cached)
    {
        if (!File.Exists(CardOf(run))) return;

        var identity = CacheManifest.Read(CardOf(run)).Identity;
        if (!CachedTeacher.IsComplete(Folder(run, cached, identity), identity, cached.Codec)) File.Delete(CardOf(run));
    }

    /// <summary>Opens the cache that was filled for a run.</summary>
    public static CachedTeacher Open(string run, CachedTeacherOptions cached, Device device)
    {
        var identity = CacheManifest.Read(CardOf(run)).Identity;
        return CachedTeacher.Open(Folder(run, cached, identity), identity, cached.Codec, device);
    }

    /// <summary>Writes what is missing of a writer's share; once the whole is there, holds it against the teacher and notes it in the run.</summary>
    public FilledCache Fill(ITeacher teacher, OutputSet wanted, Device device, (int, int) share, CancellationToken token)
    {
        var cached = (CachedTeacherOptions)recipe.Teacher!;
        if (wanted.IsEmpty) throw new InvalidOperationException("The method asks nothing of a teacher, so there is nothing to cache: leave teacher out.");
        var identity = Identity(cached, teacher, wanted, device);
        var job = new CacheSpec
        {
            Folder = Folder(run, cached, identity), Identity = identity, Codec = cached.Codec, Data = data.Training, Device = device,
            Batch = recipe.Training.BatchSize, Share = share, Passes = Passes(), Clock = clock, Progress = progress is null ? null : new Steps(progress),
        };
        var writer = new CacheWriter(teacher, job);
        var forecast = writer.Forecast();
        TeacherCheck.Probe(teacher, job);
        var before = IsWhole(job);
        TeacherCheck.Records(teacher, job, cached.Check, clock.GetTimestamp());               // of what is there
        if (forecast is not null) Say($"{job.Folder}: {forecast}.", 0, forecast.AnswersToWrite);
        writer.Fill(token);
        if (teacher.Fingerprint() is var after && !identity.Teacher.EndsWith(after, StringComparison.Ordinal)) throw new InvalidOperationException(
            $"The teacher changed while it was asked: it was {identity.Teacher}, and its hash is {after} now. Remove the shards in {job.Folder} that were written meanwhile.");
        var card = CacheManifest.Of(job);
        card.WriteBesideShards(Path.Combine(job.Folder, "card.json"));
        card = card with { Forecast = forecast };
        if (share != (1, 1) && !IsWhole(job)) return new(job.Folder, card, IsWhole: false);
        if (!before) TeacherCheck.Records(teacher, job, cached.Check, clock.GetTimestamp());   // also of what others have written
        if (RunFolder.InfoIn(run) is not null)
        {
            if (forecast is null && File.Exists(CardOf(run))) card = card with { Forecast = CacheManifest.Read(CardOf(run)).Forecast };
            card.Write(CardOf(run));
        }
        Say(Invariant($"{job.Folder}: {CacheEstimate.Size(card.Bytes)}, {Lost(card)}; {cached.Check} records agree with the teacher."), 1, 1);
        return new(job.Folder, card, IsWhole: true);
    }

    /// <summary>What a codec lost, in words.</summary>
    public static string Lost(CacheManifest card) => Invariant($"{card.Identity.Codec}") + string.Concat(card.Errors.Select(error => error.Output == "logits"
        ? Invariant($", logits off by {error.Mean:g2} on average and {error.Largest:g2} at most, KL {error.Kl:g2} nats")
        : Invariant($", {error.Output} off by {error.Largest:g2} at most")));

    static bool IsWhole(CacheSpec job)
    {
        using var store = CacheStore.Open(job.Folder, job.Identity, job.Layout());
        return store.IsComplete;
    }

    int Passes() => checked((int)(recipe.Training.Epochs * (recipe.Seeds + (recipe.Tuning is { } tuning ? tuning.LearningRates.Count * tuning.Seeds : 0))
        + (recipe.Search is null ? 0 : new SearchPlan(recipe).Passes)));

    void Say(string note, long done, long all) => progress?.Report(new(Part, done, all, 0, 0, double.NaN, null) { Note = note });

    static string CardOf(string run) => Path.Combine(run, "cache.json");

    /// <summary>The recipe's own, or beside the run, named after what it holds: so runs that ask the same share it.</summary>
    static string Folder(string run, CachedTeacherOptions cached, CacheIdentity identity) => cached.Path
        ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(run))!, "teacher-cache", identity.Fingerprint()[..16]);

    CacheIdentity Identity(CachedTeacherOptions cached, ITeacher teacher, OutputSet wanted, Device device)
    {
        using var scope = NewDisposeScope();
        var prepared = new HostBatch();
        data.Training.Load(data.Training.Count > 1 ? [0, 1] : [0], new View(0, 0), prepared);
        var batch = prepared.ToBatch(device);
        var written = Recipe.Write(recipe.Data);
        var own = (cached.Teacher as PretrainedTeacherOptions)?.Normalization;
        return new()
        {
            Teacher = $"{Named(cached.Teacher)} {teacher.Fingerprint()}",
            Inputs = CacheIdentity.InputsOf(data.Info),
            Normalization = NormalizationText(data.Info.ForTeacher.Normalization)
                + (own is null ? "" : $", then the teacher's {NormalizationText(own)}"),
            Augmentation = written["augmentation"]?.ToJsonString(Json.Line) ?? "its own",
            Views = data.Training.Views!.Value, ViewSeed = data.Training.ViewSeed, Data = data.Hash, Examples = data.Training.Count,
            Codec = cached.Codec.Describe(),
            Outputs = RecordLayout.OutputsOf(teacher.Forward(batch, wanted), wanted, data.Info.ForTeacher.Inputs, batch),
        };
    }

    static string NormalizationText(Normalization? normalization) => Short(JsonSerializer.Serialize<Normalization?>(normalization, Json.Line));

    // of a wide table it would be longer than many answers: then its beginning, for people, and its hash
    static string Short(string text) => text.Length <= Longest ? text
        : $"{text[..Shown]}… (SHA-256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))})";

    /// <summary>
    /// A teacher as the recipe names it, without where it is and, of a trained one, how it was trained: the hash beside it
    /// says what came of that.
    /// </summary>
    static string Named(TeacherOptions teacher)
    {
        var tree = teacher is TrainedTeacherOptions trained ? Recipe.Write(trained.Network) : Recipe.Write(teacher);
        var type = teacher is TrainedTeacherOptions ? typeof(ModelOptions) : typeof(TeacherOptions);
        RecipePaths.Change(tree, RecipeFormat.Info(type), _ => "…");
        Strip(tree);
        return Short(tree.ToJsonString(Json.Line));
    }

    // a served model is known by what it says of itself, not by its address or our patience with it
    static void Strip(JsonNode? tree)
    {
        if (tree is JsonArray list) foreach (var entry in list) Strip(entry);
        if (tree is not JsonObject node) return;
        if ((node["name"] as JsonValue)?.ToString() == "remote")
            foreach (var key in node.Select(pair => pair.Key).Where(key => key is not "name" and not "normalization").ToList()) node.Remove(key);
        foreach (var (_, value) in node) Strip(value);
    }

    /// <summary>A cache's progress as a run tells it.</summary>
    sealed class Steps(IProgress<TrainingProgress> progress) : IProgress<CacheProgress>
    {
        public void Report(CacheProgress value) => progress.Report(new(Part, value.Done, value.All, 0, 0, double.NaN, null));
    }
}
