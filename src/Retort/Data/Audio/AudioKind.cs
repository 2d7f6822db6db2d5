using Retort.Data.Images;

namespace Retort.Data.Audio;

/// <summary>What a file's name says about it.</summary>
static class AudioKind
{
    static readonly HashSet<string> s_endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".caf", ".w64",
    };

    static readonly HashSet<string> s_other = new(StringComparer.OrdinalIgnoreCase)
    {
        ".m4a", ".m4b", ".aac", ".wma", ".amr", ".ac3", ".eac3", ".dts", ".mp2", ".mpc", ".ape", ".wv", ".tta", ".alac",
        ".ra", ".ram", ".spx", ".weba", ".mka", ".dsf", ".dff", ".3ga", ".mid", ".midi",
        ".mp4", ".webm", ".mkv", ".mov", ".avi",
    };

    /// <summary>Whether a name is that of a sound file that is not hidden.</summary>
    public static bool IsRead(string name) => !ImageKind.IsHidden(name) && s_endings.Contains(Path.GetExtension(name));

    /// <summary>Whether a name is that of sound of a kind that is not read, or of a video.</summary>
    public static bool IsOther(string name) => s_other.Contains(Path.GetExtension(name));
}
