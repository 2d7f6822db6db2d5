using Retort.Data.Images;

namespace Retort.Data.Audio;

/// <summary>What a file's name says about it.</summary>
static class AudioKind
{
    static readonly HashSet<string> s_endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".caf", ".w64",
    };

    /// <summary>Whether a name is that of a sound file that is not hidden.</summary>
    public static bool IsRead(string name) => !ImageKind.IsHidden(name) && s_endings.Contains(Path.GetExtension(name));
}
