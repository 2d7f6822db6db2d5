using System.Globalization;
using System.Text.Json;
using Retort.Environments;
using Retort.Recipes;
using Retort.Runtime;
using Retort.Tensors.Files;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary>The part of <c>predict</c> for policies: episodes in the environment of the student's recipe.</summary>
sealed class PolicyPrediction(string folder, Student student)
{
    const string Policy = "return";

    /// <summary>Whether an exported student is a policy.</summary>
    public static bool Fits(Student student) => student.Task == Policy;

    /// <summary>An episode and its return.</summary>
    public sealed record EpisodeResult(int Episode, double Return, int Steps);

    /// <summary>Runs episodes, and draws the first one where a file is named.</summary>
    /// <param name="episodes">How many.</param>
    /// <param name="picture">The file of the drawing; null for none.</param>
    /// <param name="token">Stops between two steps.</param>
    public IReadOnlyList<EpisodeResult> Run(int episodes, string? picture, CancellationToken token)
    {
        var recipe = Path.Combine(folder, "recipe.json");
        var options = Recipe.Read(recipe).Environment ?? throw new InvalidDataException(
            $"{recipe} names no environment, in which the policy of {folder} could act.");
        var split = (EpisodeSplit)options.Open().Test;
        List<EpisodeResult> results = [];
        for (var i = 0; i < episodes; i++)
        {
            var episode = split.Begin(i);
            using var environment = episode.Environment;
            List<EnvironmentPicture> frames = [];
            Act(episode, i == 0 && picture is not null ? frames : null, token);
            results.Add(new(i, episode.Return, episode.Steps));
            if (i == 0 && picture is not null) Draw(picture, episode, frames);
        }
        return results;
    }

    /// <summary>Prints the results, a line each, then their mean.</summary>
    public static void Write(IReadOnlyList<EpisodeResult> results, bool json, string folder, TextWriter output)
    {
        var mean = results.Average(one => one.Return);
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(
                new { student = folder, meanReturn = mean, episodes = results }, Json.Indented));
            return;
        }
        foreach (var one in results)
            output.WriteLine(Invariant($"episode {one.Episode}\treturn {one.Return:G6}\t{one.Steps} steps"));
        output.WriteLine(Invariant($"mean\treturn {mean:G6}"));
    }

    void Act(Episode episode, List<EnvironmentPicture>? frames, CancellationToken token)
    {
        var actions = episode.Environment.Actions;
        var action = new double[actions.StepWidth];
        var end = EpisodeEnd.None;
        while (end == EpisodeEnd.None)
        {
            token.ThrowIfCancellationRequested();
            float[] row = [.. episode.Observation.Select(value => (float)value)];
            var outputs = student.Run([NamedTensor.Of<float>(InputNames.Observation, row, [1, row.Length])]);
            var name = actions.IsContinuous ? Output.Action.Name : Output.Logits.Name;
            actions.FromOutput(outputs[name].Values<float>(), action);
            if (frames is not null && episode.Environment.Draw(action[0]) is { } frame) frames.Add(frame);
            end = episode.Step(action).End;
            episode.CheckHasReturn(end);
        }
    }

    static void Draw(string path, Episode episode, List<EnvironmentPicture> frames)
    {
        var name = episode.Environment.Name;
        if (frames.Count == 0) throw new InvalidDataException(
            $"--render draws environments that can be drawn; \"{name}\" cannot.");
        var title = string.Create(CultureInfo.InvariantCulture, $"{name}: an episode with return {episode.Return:G4}");
        AtomicFile.Write(path, EnvironmentAnimation.Svg(title, frames));
    }
}
