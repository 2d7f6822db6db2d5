using System.Security.Cryptography;
using Retort.Runtime.Features;
using Retort.Runtime.Features.Audio;

namespace Retort.Data.Audio;

/// <summary>
/// Windows of recordings as spectrograms; a teacher with another front end has spectrograms of its own.
/// </summary>
sealed class AudioExamples : NumericExamples
{
    readonly Spectrograms _own;
    readonly IReadOnlyList<Recording> _recordings;

    /// <param name="recordings">All recordings: first for training, then for validation, then for the test.</param>
    /// <param name="frontEnd">How the student's spectrograms were computed.</param>
    /// <param name="teacherFrontEnd">How the teacher's were; null where it is fed the student's.</param>
    public AudioExamples(
        IReadOnlyList<Recording> recordings, AudioFrontEnd frontEnd, AudioFrontEnd? teacherFrontEnd)
    {
        _recordings = recordings;
        _own = new(frontEnd, [.. recordings.SelectMany(one => one.Windows)]);
        Teacher = teacherFrontEnd is null ? null
            : new(teacherFrontEnd, [.. recordings.SelectMany(one => one.TeacherWindows!)]);
        Groups = PerWindow(recordings, i => i);
    }

    /// <summary>The teacher's spectrograms; null where it is fed the student's.</summary>
    public Spectrograms? Teacher { get; }

    /// <summary>How the student's spectrograms were computed.</summary>
    public AudioFrontEnd FrontEnd => _own.FrontEnd;

    public override string Input => InputNames.InputFeatures;
    public override ImageSize Size => new(1, FrontEnd.Mel.MelBins, FrontEnd.Mel.Frames);

    /// <summary>A value of each recording, for each of its windows.</summary>
    public static T[] PerWindow<T>(IReadOnlyList<Recording> recordings, Func<int, T> value) =>
        [.. recordings.SelectMany((one, i) => Enumerable.Repeat(value(i), one.Windows.Count))];

    public override Normalization Measure(ReadOnlySpan<int> rows) => _own.Measure(rows);

    public override float[] Constants(Normalization normalization) => Spectrograms.Constants(normalization);

    public override void Fill(int row, ReadOnlySpan<float> constants, Span<float> into) =>
        _own.Fill(row, constants, into);

    // white is the window's maximum, 0 dB
    public override float[] Shade(ReadOnlySpan<float> constants, bool white) =>
        [((white ? 0 : (float)-MelOptions.Range) - constants[0]) * constants[1]];

    // decoders and logarithms of other machines may differ in the last digit, so that the files are hashed
    public override void AppendTo(IncrementalHash hash)
    {
        foreach (var recording in _recordings) hash.AppendData(recording.Digest);
    }
}
