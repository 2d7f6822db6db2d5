using System.Buffers.Binary;
using Retort.Runtime.Knowledge;
using Retort.Tests.Contract;

namespace Retort.Tests.Runtime;

/// <summary>A knowledge base that is damaged, incomplete or none is refused in one sentence.</summary>
public sealed class KnowledgeDamageTests
{
    static readonly byte[] Whole = Bytes(KeyType.Int8);

    [Fact]
    public void A_changed_bit_anywhere_is_refused()
    {
        var file = NewFile();
        for (var at = 0; at < Whole.Length; at++)
        {
            var damaged = (byte[])Whole.Clone();
            damaged[at] ^= (byte)(1 << at % 8);
            File.WriteAllBytes(file, damaged);
            var error = Assert.Throws<InvalidDataException>(() => KnowledgeBase.Open(file));
            Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_ends_early_or_late_is_refused()
    {
        var file = NewFile();
        for (var length = 0; length < Whole.Length; length++)
        {
            File.WriteAllBytes(file, Whole[..length]);
            Assert.Throws<InvalidDataException>(() => KnowledgeBase.Open(file));
        }
        File.WriteAllBytes(file, [.. Whole, 0]);
        Assert.Equal(
            $"{file}: it must have {Whole.Length} bytes, as its header says; it has {Whole.Length + 1}.",
            Assert.Throws<InvalidDataException>(() => KnowledgeBase.Open(file)).Message);
    }

    // whoever makes a file by hand can make its checksums too: sizes and numbers are checked all the same
    [Theory]
    [InlineData(8, 2, "the version must be 1; it is 2; a newer Retort may read it.")]
    [InlineData(12, 0, "the width must be from 1 to 65536; it is 0.")]
    [InlineData(12, -7, "the width must be from 1 to 65536; it is -7.")]
    [InlineData(12, 65536, "it must have 131520 bytes, as its header says; it has 512.")]
    [InlineData(16, 0, "the classes must be from 1 to 65536; it has 0.")]
    [InlineData(20, 9, "there is no key type 9.")]
    [InlineData(24, 0, "there must be at least one row; there are 0.")]
    [InlineData(24, int.MaxValue, "it must have 64424509632 bytes, as its header says; it has 512.")]
    [InlineData(28, 0, "neighbors must be at least 1; it is 0.")]
    [InlineData(36, int.MaxValue, "the texts cannot have 9223372032559808522 bytes.")]
    [InlineData(44, 0x7ff80000, "the weight must be from 0 to 1; it is NaN.")]
    [InlineData(52, -1, "the temperature must be above 0; it is NaN.")]
    public void A_header_with_impossible_numbers_is_refused(int at, int value, string sentence)
    {
        var file = NewFile();
        var changed = (byte[])Whole.Clone();
        BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), value);
        File.WriteAllBytes(file, WithChecksums(changed));
        Assert.Equal(
            $"{file}: {sentence}", Assert.Throws<InvalidDataException>(() => KnowledgeBase.Open(file)).Message);
    }

    [Fact] // in float32: the first number of the first key, and of the first value behind two keys of two numbers
    public void Keys_of_another_length_and_values_that_are_no_probabilities_are_refused()
    {
        var file = NewFile();
        var whole = Bytes(KeyType.Float32);
        foreach (var (at, value, sentence) in ((int, float, string)[])
        [
            (128, float.NaN, "the key of row 0 must have the length 1; it has NaN."),
            (128, 3, "the key of row 0 must have the length 1; it has 3.1."),
            (192, -0.5f, "the soft label of row 0 must hold probabilities."),
            (192, float.NaN, "the soft label of row 0 must hold probabilities."),
        ])
        {
            var changed = (byte[])whole.Clone();
            BinaryPrimitives.WriteSingleLittleEndian(changed.AsSpan(at), value);
            File.WriteAllBytes(file, WithChecksums(changed));
            Assert.Equal(
                $"{file}: {sentence}", Assert.Throws<InvalidDataException>(() => KnowledgeBase.Open(file)).Message);
        }
    }

    [Fact] // the offsets of the texts are read where a text is wanted
    public void A_text_outside_the_file_is_refused()
    {
        var file = NewFile();
        var changed = (byte[])Whole.Clone();
        var offsets = Enumerable.Range(0, Whole.Length / 8).Select(i => 8 * i)
            .Single(at => BitConverter.ToInt64(Whole, at) == 3 && BitConverter.ToInt64(Whole, at + 8) == 10);
        BinaryPrimitives.WriteInt64LittleEndian(changed.AsSpan(offsets), long.MaxValue);
        File.WriteAllBytes(file, WithChecksums(changed));
        using var knowledge = KnowledgeBase.Open(file);
        Assert.Equal(
            $"{file}: the text of row 0 is outside the file's texts.",
            Assert.Throws<InvalidDataException>(() => knowledge.TextOf(0)).Message);
        Assert.Throws<InvalidDataException>(() => knowledge.TextOf(1));
    }

    [Fact]
    public void What_is_no_file_is_refused()
    {
        var file = NewFile();
        Assert.Equal(
            $"{file} is missing: it should be a knowledge base.",
            Assert.Throws<InvalidDataException>(() => KnowledgeBase.Open(file)).Message);
        File.WriteAllText(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
        Assert.Contains("git-lfs", Assert.Throws<InvalidDataException>(() => KnowledgeBase.Open(file)).Message,
            StringComparison.Ordinal);
    }

    // two rows of two numbers and two classes, the texts "one" and "another"
    static byte[] Bytes(KeyType type)
    {
        var builder = new KnowledgeBaseBuilder(2, 2, new(3, 0.5, 0.1)) { KeyType = type };
        builder.Add([.6f, .8f], [.9f, .1f], 1, "one").Add([1, 0], [.2f, .8f], 2, "another");
        using var stream = new MemoryStream();
        builder.Write(stream);
        return stream.ToArray();
    }

    static byte[] WithChecksums(byte[] bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(88), Checksum.Of(bytes.AsSpan(128)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(124), Checksum.Of(bytes.AsSpan(0, 124)));
        return bytes;
    }

    static string NewFile() => Path.Combine(Few.Folder(), "knowledge.base");
}
