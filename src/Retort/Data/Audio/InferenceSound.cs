using Retort.Runtime.Features.Audio;

namespace Retort.Data.Audio;

/// <summary>A recording for prediction, without a label.</summary>
/// <param name="Name">Its file.</param>
/// <param name="Clip">The decoded sound.</param>
public sealed record InferenceSound(string Name, AudioClip Clip)
{
    static readonly MemoryLimit s_enough = new(2000);      // megabytes; a larger file is not read

    /// <summary>Reads a sound file, or all sound files of a folder or archive, one by one.</summary>
    /// <exception cref="InvalidDataException">There is no sound, or a file cannot be read.</exception>
    public static IEnumerable<InferenceSound> Read(string path)
    {
        DataPath.MustExist(path);
        if (!Directory.Exists(path) && !FileTree.IsArchive(path))
        {
            yield return new(path, AudioFile.Read(InputFile.ReadAllBytes(path, s_enough.Available), path));
            yield break;
        }
        var none = true;
        foreach (var entry in FileTree.Walk(path, s_enough).Where(entry => AudioKind.IsRead(entry.Name)))
        {
            if (entry.IsFolder) continue;

            none = false;
            yield return new(entry.DisplayName, AudioFile.Read(entry.Bytes(), entry.DisplayName));
        }
        if (none) throw new InvalidDataException($"{path} has no sound file (.wav, .flac, .ogg, .mp3, …).");
    }
}
