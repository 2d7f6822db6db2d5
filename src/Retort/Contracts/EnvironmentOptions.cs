using System.Text;
using System.Text.Json;

namespace Retort.Contracts;

/// <summary>
/// The options of an environment: the section <c>environment</c> of a recipe, in place of data. Its splits are episodes
/// that are evaluated, each from a start state of its own; there are no training examples.
/// </summary>
public abstract record EnvironmentOptions : DataOptions
{
    /// <summary>Episodes, from fixed start states, on which learners are evaluated and selected.</summary>
    [AtLeast(1)] public int ValidationEpisodes { get; init; } = 10;

    /// <summary>Episodes, from other start states, that the reported scores are computed on.</summary>
    [AtLeast(1)] public int TestEpisodes { get; init; } = 50;

    /// <summary>A new environment.</summary>
    public abstract ControlEnvironment Build();

    // what the environment is made from, for the hash: files by their own
    private protected virtual string Content => JsonSerializer.Serialize<object>(this, Json.Line);

    /// <inheritdoc/>
    public override Dataset Open()
    {
        OptionRules.Check(this);
        using var environment = Build();
        if (environment.TimeLimit < 1) throw new InvalidDataException(Invariant(
            $"The environment \"{environment.Name}\" must have a time limit of at least 1 step, so that evaluated ")
            + Invariant($"episodes end; it is {environment.TimeLimit}."));
        var info = new DatasetInfo
        {
            Targets = TargetKind.Return,
            Classes = environment.Actions.Names,
            Inputs = [TensorSpec.Observation(environment.Observations.Count)],
            Columns = environment.Observations,
            Actions = environment.Actions,
        };
        return new()
        {
            Name = environment.Name,
            Hash = HashOf(environment),
            Training = new EpisodeSplit(this, info, EpisodeSplit.TrainingPart, 0),
            Validation = new EpisodeSplit(this, info, EpisodeSplit.ValidationPart, ValidationEpisodes),
            Test = new EpisodeSplit(this, info, EpisodeSplit.TestPart, TestEpisodes),
        };
    }

    // of the options and of the validation episodes' first observations
    string HashOf(ControlEnvironment environment)
    {
        var text = new StringBuilder(environment.Name).Append('\n')
            .Append(Content).Append(Invariant($" {ValidationEpisodes} {TestEpisodes}\n"));
        var episode = new Episode(environment);
        for (var i = 0; i < ValidationEpisodes; i++)
        {
            episode.Begin(EpisodeSplit.Start(EpisodeSplit.ValidationPart, i));
            foreach (var value in episode.Observation) text.Append(Invariant($"{value:R} "));
        }
        return Tensors.Files.FileHash.Sha256OfText(text.ToString());
    }
}
