using Retort.Runtime.Features.Audio;

namespace Retort.Data.Audio;

/// <summary>Options that the readers of sound share: windows and their spectrograms.</summary>
public abstract record AudioDataOptions : NumericDataOptions
{
    const double MaxSeconds = 60;

    /// <summary>The length of a window in seconds. A shorter recording is padded with silence.</summary>
    [Between(0.01, MaxSeconds)] public double Window { get; init; } = 1;

    /// <summary>The time from one window's beginning to the next one's, in seconds; at most <c>window</c>.</summary>
    [Positive] public double Hop { get; init; } = 0.5;

    /// <summary>
    /// Whether half a window of silence comes before a recording, as in OpenL3, so that the first window is centred on
    /// the first sample.
    /// </summary>
    public bool Centered { get; init; }

    /// <summary>The spectrogram of a window. Channels are averaged; values are decibels from −80 to 0.</summary>
    public SpectrogramOptions Spectrogram { get; init; } = new();

    /// <summary>The spectrogram that the teacher is fed, where it takes another one than the student.</summary>
    public SpectrogramOptions? TeacherSpectrogram { get; init; }

    /// <summary>
    /// The normalization of the teacher's spectrograms; computed from the training split unless given.
    /// </summary>
    public Normalization? TeacherNormalization { get; init; }

    /// <summary>How the student's input is made.</summary>
    internal AudioFrontEnd FrontEnd => Spectrogram.FrontEnd(Window, Hop, Centered);

    /// <summary>How the teacher's input is made; null where it is the student's.</summary>
    internal AudioFrontEnd? TeacherFrontEnd => TeacherSpectrogram?.FrontEnd(Window, Hop, Centered);

    public override OptionError? Validate()
    {
        if (base.Validate() is { } wrong) return wrong;
        if (Hop > Window) return new(nameof(Hop), Invariant($"must be at most \"window\", {Window}; it is {Hop}."));
        if (FrontEnd.Error() is { } error) return new(nameof(Spectrogram), $"cannot be computed: {error}.");
        if (TeacherFrontEnd?.Error() is { } own) return new(nameof(TeacherSpectrogram), $"cannot be computed: {own}.");
        if (NotWhole(nameof(Window), Window) is { } window) return window;
        if (NotWhole(nameof(Hop), Hop) is { } hop) return hop;
        if (TeacherSpectrogram is null && TeacherNormalization is not null) return new(nameof(TeacherNormalization),
            "needs \"teacherSpectrogram\": without it the teacher's input is the student's.");
        if (TeacherSpectrogram is not null && Augmentation.Count > 0) return new(nameof(Augmentation),
            "must be left out beside \"teacherSpectrogram\": it would change the student's input alone.");
        return null;
    }

    // rounded at each rate, the windows of student and teacher would drift apart along a recording
    OptionError? NotWhole(string option, double seconds)
    {
        const double Tolerance = 1e-6;                     // in samples: 0.1 s has no exact double
        if (TeacherFrontEnd is not { } teacher || teacher.Mel.SampleRate == FrontEnd.Mel.SampleRate) return null;

        var (rate, teacherRate) = (FrontEnd.Mel.SampleRate, teacher.Mel.SampleRate);
        var (samples, teacherSamples) = (seconds * rate, seconds * teacherRate);
        return IsWhole(samples) && IsWhole(teacherSamples) ? null : new(option, Invariant(
            $"must be a whole number of samples for the student and for the teacher; {seconds} s are ")
            + Invariant($"{samples:0.###} samples at {rate} Hz and {teacherSamples:0.###} at {teacherRate} Hz."));

        static bool IsWhole(double count) => Math.Abs(count - Math.Round(count)) < Tolerance;
    }

    internal override PreparedExamples Prepare(Examples examples, int[] training) =>
        new PreparedAudio((AudioExamples)examples, this, training);
}
