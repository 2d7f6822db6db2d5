using System.Buffers.Binary;
using System.Text;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Training;

public sealed class EventFileTests
{
    // CRC-32C of "123456789" is e3069283 (its check value in every catalogue); rotated right
    // by 15: 2507c60d; + a282ead8 = c78ab0e5
    [Fact]
    public void The_check_of_a_record_is_masked_crc_32c() =>
        Assert.Equal(0xc78ab0e5, EventFile.Checksum("123456789"u8));

    [Fact]
    public void A_first_event_is_these_bytes()
    {
        var folder = Few.Folder();
        new EventFile(folder, new Clock()).Begin([]);
        var bytes = File.ReadAllBytes(Path.Combine(folder, "events.out.tfevents.retort"));
        byte[] data =
        [
            0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f,                            // field 1, 64 bits: wall_time 1.5
            0x10, 0,                                                       // field 2, varint: step 0
            0x1a, 13, .. Encoding.ASCII.GetBytes("brain.Event:2"),         // field 3, 13 bytes: file_version
        ];
        Assert.Equal([26, 0, 0, 0, 0, 0, 0, 0], bytes[..8]);
        Assert.Equal(EventFile.Checksum(bytes.AsSpan(0, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
        Assert.Equal(data, bytes[12..38]);
        Assert.Equal(EventFile.Checksum(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(38)));
        Assert.Equal(42, bytes.Length);
    }

    [Fact]
    public void A_scalar_is_tag_and_float_in_a_summary_of_its_step()
    {
        var folder = Few.Folder();
        var events = new EventFile(folder, new Clock());
        events.Begin([]);
        events.Add(new()
        {
            Epoch = 1, Step = 300, Loss = new Dictionary<string, double> { ["total"] = 0.5 }, LearningRate = 2,
            Validation = new Dictionary<string, double> { ["accuracy"] = 1, ["nll"] = 0 }, Seconds = 1, WaitShare = 0,
        });
        var second = File.ReadAllBytes(Path.Combine(folder, "events.out.tfevents.retort"))[(42 + 12)..];
        byte[] start =
        [
            0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f,
            0x10, 0xac, 0x02,   // step 300 = 2 · 128 + 44
            0x2a, 95,           // field 5, the summary: 19 + 21 + 28 + 23 bytes of values, 4 · 1 more … see below
        ];
        Assert.Equal(start[..12], second[..12]);
        Assert.Equal(0x2a, second[12]);
        byte[] value =
        [
            0x0a, 17,                                                      // field 1, a value of 17 bytes:
            0x0a, 10, .. Encoding.ASCII.GetBytes("loss/total"),            //   field 1: tag
            0x15, 0, 0, 0, 0x3f,                                           //   field 2, 32 bits: 0.5
        ];
        Assert.Equal(value, second[14..(14 + value.Length)]);
    }

    [Fact]
    public void A_training_that_is_resumed_has_each_epoch_once()
    {
        string Tags(string folder) => string.Join(' ', Encoding.Latin1.GetString(File.ReadAllBytes(
            Path.Combine(folder, "events.out.tfevents.retort"))).Split("loss/total").Length - 1);

        var folder = Few.Folder();
        var job = Few.Job(folder, _ => new Retort.Methods.LabelsOnly(Few.Task));
        job = job with { Options = job.Options with { Tensorboard = true } };
        Few.Stop(job, inStep: 6);
        Few.Train(job);
        Assert.Equal("3", Tags(folder));
    }

    sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1.5);
    }
}
