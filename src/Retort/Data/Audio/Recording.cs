namespace Retort.Data.Audio;

/// <summary>A sound file as the spectrograms of its windows.</summary>
/// <param name="Path">Its name in the data set.</param>
/// <param name="DisplayName">Its name in messages.</param>
/// <param name="Digest">SHA-256 of its content.</param>
/// <param name="Windows">The student's spectrograms. [windows] [mel bins, frames] each</param>
/// <param name="TeacherWindows">The teacher's, as many; null where it is fed the student's.</param>
/// <param name="IsPadded">Whether it is shorter than a window.</param>
sealed record Recording(string Path, string DisplayName, byte[] Digest, IReadOnlyList<float[]> Windows,
    IReadOnlyList<float[]>? TeacherWindows, bool IsPadded);
