namespace Retort.Data.Audio;

/// <summary>One split of windows whose teacher is fed other spectrograms than the student.</summary>
/// <param name="own">The student's inputs and the targets.</param>
/// <param name="teacher">The teacher's spectrograms.</param>
/// <param name="constants">Those of the teacher's normalization.</param>
/// <param name="examples">All examples.</param>
/// <param name="split">The split's rows.</param>
/// <param name="info">Both inputs.</param>
sealed class AudioSplit(ExampleSplit own, Spectrograms teacher, float[] constants, AudioExamples examples,
    SplitRows split, DatasetInfo info) : ExampleSplit(examples, split, info)
{
    readonly long[] _shape = teacher.Spec.Shape;

    public override void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        own.Load(positions, view, into);
        var values = into.Float32(InputNames.InputFeatures, _shape, teacher: true);
        var count = values.Length / positions.Length;
        for (var i = 0; i < positions.Length; i++)
            teacher.Fill(Row(positions[i]), constants, values.Slice(i * count, count));
    }
}
