using System.Buffers.Binary;
using System.Text;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;

namespace Retort.Tests.Teachers;

/// <summary>Shards that are damaged, cut short, made up, or changed while they are read.</summary>
public sealed class ShardTests
{
    [Fact]
    public void A_record_that_was_changed_is_refused_even_while_it_is_in_use()
    {
        using var scope = torch.NewDisposeScope();
        var job = Caches.Filled();
        using var cache = Caches.Opened(job);
        var batch = Caches.Batch(Caches.Data, new(1, 0), 63);
        cache.Forward(batch, Output.Logits);
        var path = Caches.Shards(job)[0];
        using (var file = new FileStream(
            path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Seek(-10, SeekOrigin.End);                                // in the last record, of example 63
            var one = file.ReadByte();
            file.Seek(-10, SeekOrigin.End);
            file.WriteByte((byte)(one ^ 1));
        }
        var error = Assert.Throws<InvalidDataException>(() => cache.Forward(batch, Output.Logits));
        Assert.Equal(
            $"{path} is damaged: the record of example 63, view 0, is not the one that was written. Remove the file; "
            + "it is then made again.",
            error.Message);
        using var teacher = Few.Teacher();
        Assert.Throws<InvalidDataException>(
            () => new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken));
        File.Delete(path);
        new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken);
        Caches.Opened(job).Dispose();
    }

    [Fact]
    public void A_file_shortened_while_it_is_mapped_is_reported_without_a_crash()
    {
        using var scope = torch.NewDisposeScope();
        var job = Caches.Filled();
        using var cache = Caches.Opened(job);
        using (var file = new FileStream(
            Caches.Shards(job)[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            file.SetLength(100);
        var error = Assert.Throws<InvalidDataException>(
            () => cache.Forward(Caches.Batch(Caches.Data, new(1, 0), 63), Output.Logits));
        Assert.Contains("was shortened while it was in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_off_anywhere_it_is_one_sentence()
    {
        var job = Caches.Filled();
        var path = Caches.Shards(job)[0];
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length += 1 + length / 8)
        {
            File.WriteAllBytes(path, whole[..length]);
            Sentence(path, () => Caches.Opened(job).Dispose(), $"cut off at {length}");
        }
        File.WriteAllBytes(path, [.. whole, 0]);
        Sentence(path, () => Caches.Opened(job).Dispose(), "a byte too many");
    }

    [Fact] // what leaves the checksums wrong is in ReaderFuzz
    public void A_wrong_header_with_right_checksums_is_refused_or_changes_nothing()
    {
        using var scope = torch.NewDisposeScope();
        var job = Caches.Filled();
        var path = Caches.Shards(job)[0];
        var whole = File.ReadAllBytes(path);
        var batch = Caches.Batch(Caches.Data, new(1, 0), [.. Enumerable.Range(0, 64)]);
        float[] truth;
        using (var cache = Caches.Opened(job)) truth = cache.Forward(batch, Output.Logits).Logits.ToFloatArray();
        var refused = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            File.WriteAllBytes(path, Lying(whole, new(seed)));
            var before = GC.GetTotalAllocatedBytes();
            var error = Record.Exception(() =>
            {
                using var cache = Caches.Opened(job);
                Assert.Equal(truth, cache.Forward(batch, Output.Logits).Logits.ToFloatArray());
            });
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 2_000_000);
            if (error is null) continue;
            refused++;
            Assert.True(
                error is InvalidDataException && error.Message.Contains(job.Folder, StringComparison.Ordinal),
                $"seed {seed}: {error}");
        }
        Assert.InRange(refused, 200, 400);
    }

    static void Sentence(string path, Action open, string when)
    {
        var error = Assert.Throws<InvalidDataException>(open);
        Assert.True(
            error.Message.StartsWith(path, StringComparison.Ordinal) && error.Message.EndsWith('.'),
            $"{when}: {error.Message}");
    }

    /// <summary>Its numbers or its text changed, the checksums put right again.</summary>
    static byte[] Lying(byte[] whole, Random chance)
    {
        var bytes = whole.ToArray();
        var json = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12));
        if (chance.Next(2) == 0)
        {
            int[] odd = [0, -1, 1, int.MaxValue, int.MinValue, 64, 65, 1 << 20, chance.Next()];
            BinaryPrimitives.WriteInt32LittleEndian(
                bytes.AsSpan(8 + 4 * chance.Next(0, 6)), odd[chance.Next(odd.Length)]);
        }
        else
        {
            var text = Encoding.UTF8.GetString(bytes, 64, json);
            string[] from = ["null", "9999999999", "-3", "[]", "\"x\"", "{}"];
            var pieces = text.Split(':');
            var at = chance.Next(1, pieces.Length);
            var end = pieces[at].IndexOfAny([',', '}']);
            pieces[at] = from[chance.Next(from.Length)] + (end < 0 ? "" : pieces[at][end..]);
            var changed = Encoding.UTF8.GetBytes(string.Join(':', pieces));
            if (changed.Length > json) changed = changed[..json];
            bytes.AsSpan(64, json).Fill((byte)' ');
            changed.CopyTo(bytes, 64);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), Crc.Of(bytes.AsSpan(64, json)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Crc.Of(bytes.AsSpan(0, 60)));
        return bytes;
    }
}
