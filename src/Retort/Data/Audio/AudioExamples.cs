using System.Security.Cryptography;
using Retort.Runtime.Features;
using Retort.Runtime.Features.Audio;

namespace Retort.Data.Audio;

/// <summary>
/// Windows of recordings as spectrograms; a teacher with another front end has spectrograms of its own.
/// </summary>
/// <param name="own">The student's spectrograms.</param>
/// <param name="teacher">The teacher's; null where it is fed the student's.</param>
/// <param name="digests">SHA-256 of the content of each file.</param>
sealed class AudioExamples(Spectrograms own, Spectrograms? teacher, IReadOnlyList<byte[]> digests) : NumericExamples
{
    /// <summary>The teacher's spectrograms; null where it is fed the student's.</summary>
    public Spectrograms? Teacher => teacher;

    /// <summary>How the student's spectrograms were computed.</summary>
    public AudioFrontEnd FrontEnd => own.FrontEnd;

    public override string Input => InputNames.InputFeatures;
    public override ImageSize Size => new(1, own.FrontEnd.Mel.MelBins, own.FrontEnd.Mel.Frames);

    public override Normalization Measure(ReadOnlySpan<int> rows) => own.Measure(rows);

    public override float[] Constants(Normalization normalization) => Spectrograms.Constants(normalization);

    public override void Fill(int row, ReadOnlySpan<float> constants, Span<float> into) =>
        own.Fill(row, constants, into);

    // white is the window's maximum, 0 dB
    public override float[] Shade(ReadOnlySpan<float> constants, bool white) =>
        [((white ? 0 : (float)-MelOptions.Range) - constants[0]) * constants[1]];

    // decoders and logarithms of other machines may differ in the last digit, so that the files are hashed
    public override void AppendTo(IncrementalHash hash)
    {
        foreach (var digest in digests) hash.AppendData(digest);
    }
}
