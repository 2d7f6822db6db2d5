using System.Text;

namespace Retort.Data.Audio;

/// <summary>Spectrograms, normalized by their training split; those of the teacher beside them.</summary>
sealed class PreparedAudio : PreparedExamples
{
    readonly AudioExamples _examples;
    readonly PreparedNumbers _own;
    readonly Normalization? _teacherNormalization;

    public PreparedAudio(AudioExamples examples, AudioDataOptions options, int[] training)
    {
        _examples = examples;
        _own = new(examples, options, training);
        StudentFiles =
        [
            new(Runtime.Features.Audio.AudioFrontEnd.FileName, Encoding.UTF8.GetBytes(examples.FrontEnd.ToJson())),
        ];
        Info = _own.Info;
        if (examples.Teacher is not { } teacher) return;

        _teacherNormalization = options.TeacherNormalization is { } given
            ? PreparedNumbers.Checked(given, channels: 1, options.Path, "teacherNormalization")
            : teacher.Measure(training);
        Info = Info with { TeacherInputs = [teacher.Spec with { Normalization = _teacherNormalization }] };
    }

    public override DatasetInfo Info { get; }

    public override IReadOnlyList<StudentFile> StudentFiles { get; }

    public override string HashHead => _own.HashHead;

    public override IEnumerable<string> HashTail =>
    [
        .. _own.HashTail, _examples.FrontEnd.ToJson(),
        .. _examples.Teacher is { } teacher
            ? (string[])[teacher.FrontEnd.ToJson(), .. PreparedNumbers.Texts(_teacherNormalization!)] : [],
    ];

    public override ExampleSplit SplitOf(SplitRows rows, SplitUse use)
    {
        var own = _own.SplitOf(rows, use);
        return _examples.Teacher is { } teacher
            ? new AudioSplit(own, teacher, Spectrograms.Constants(_teacherNormalization!), _examples, rows, Info) : own;
    }
}
