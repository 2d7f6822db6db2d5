using System.Text.Json;
using Retort.Runtime.Features.Audio;

namespace Retort.Runtime;

/// <summary>Reads the file of a student's folder that says how sound is prepared.</summary>
static class FrontEndFile
{
    /// <exception cref="InvalidDataException">It describes no front end of the kind that is known.</exception>
    public static AudioFrontEnd Parse(string path, ReadOnlyMemory<byte> content)
    {
        var json = new StudentJson(path);
        try
        {
            using var document = JsonDocument.Parse(content, new() { AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (json.Text(root, "feature_extractor_type") is not AudioFrontEnd.Kind and var kind) throw json.Error(
                $"the feature extractor must be \"{AudioFrontEnd.Kind}\"; it is \"{kind}\"");

            var mel = new MelOptions(
                Number("sampling_rate"), Number("window_size"), Number("n_fft"), Number("hop_length"),
                Number("feature_size"));
            var frontEnd = new AudioFrontEnd(mel, Number("window_hop"), root.GetProperty("centered").GetBoolean());
            return frontEnd.Error() is { } error ? throw json.Error(error) : frontEnd;

            int Number(string key) => json.Member(root, key, JsonValueKind.Number).GetInt32();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException)
        {
            throw new InvalidDataException(
                $"{path} does not describe how sound is prepared: {error.Message.OnOneLine()}", error);
        }
    }
}
