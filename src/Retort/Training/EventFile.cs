using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Retort.Tensors.Files;

namespace Retort.Training;

/// <summary>
/// Scalars for TensorBoard. The file has TFRecords (length, its checksum, data, its checksum; the checksum is CRC-32C,
/// rotated and offset), each an <c>Event</c> of tensorflow/core/util/event.proto: wall_time = 1, step = 2,
/// file_version = 3, summary = 5, and in the summary value = 1 with tag = 1 and simple_value = 2.
/// </summary>
/// <param name="folder">A network's folder; TensorBoard shows it as one run.</param>
/// <param name="clock">Gives the events their time.</param>
sealed class EventFile(string folder, TimeProvider clock)
{
    // wire types of protocol buffers
    const int Varint = 0;
    const int Fixed64 = 1;
    const int Bytes = 2;
    const int Fixed32 = 5;

    readonly string _path = Path.Combine(folder, "events.out.tfevents.retort");

    /// <summary>Writes the file anew with these epochs.</summary>
    public void Begin(IReadOnlyList<EpochMetrics> epochs)
    {
        File.Delete(_path);
        AppendRecord(Event(0, 3, "brain.Event:2"u8));
        foreach (var epoch in epochs) Add(epoch);
    }

    /// <summary>Adds an epoch: loss terms, learning rate (where they are known) and validation scores.</summary>
    public void Add(EpochMetrics epoch)
    {
        var summary = new ArrayBufferWriter<byte>();
        foreach (var (term, loss) in epoch.Loss ?? new Dictionary<string, double>())
            WriteScalar(summary, "loss/" + term, loss);
        if (epoch.LearningRate is { } learningRate) WriteScalar(summary, "learningRate", learningRate);
        foreach (var (name, score) in epoch.Validation) WriteScalar(summary, "validation/" + name, score);
        AppendRecord(Event(epoch.Step, 5, summary.WrittenSpan));
    }

    /// <summary>CRC-32C in the form of a TFRecord.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> bytes) =>
        BitOperations.RotateRight(Crc32C.Compute(bytes), 15) + 0xa282ead8;

    void AppendRecord(ReadOnlySpan<byte> data)
    {
        Span<byte> length = stackalloc byte[8];
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        BinaryPrimitives.WriteInt64LittleEndian(length, data.Length);
        file.Write(length);
        file.Write(ChecksumBytes(length));
        file.Write(data);
        file.Write(ChecksumBytes(data));

        static byte[] ChecksumBytes(ReadOnlySpan<byte> bytes)
        {
            var checksum = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(checksum, Checksum(bytes));
            return checksum;
        }
    }

    ReadOnlySpan<byte> Event(long step, int field, ReadOnlySpan<byte> content)
    {
        var message = new ArrayBufferWriter<byte>();
        WriteKey(message, 1, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(
            message.GetSpan(8), clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        message.Advance(8);
        WriteKey(message, 2, Varint);
        WriteVarint(message, (ulong)step);
        WriteBytes(message, field, content);
        return message.WrittenSpan;
    }

    static void WriteScalar(ArrayBufferWriter<byte> summary, string tag, double value)
    {
        var scalar = new ArrayBufferWriter<byte>();
        WriteBytes(scalar, 1, Encoding.UTF8.GetBytes(tag));
        WriteKey(scalar, 2, Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(scalar.GetSpan(4), (float)value);
        scalar.Advance(4);
        WriteBytes(summary, 1, scalar.WrittenSpan);
    }

    static void WriteBytes(ArrayBufferWriter<byte> message, int field, ReadOnlySpan<byte> content)
    {
        WriteKey(message, field, Bytes);
        WriteVarint(message, (ulong)content.Length);
        message.Write(content);
    }

    static void WriteKey(ArrayBufferWriter<byte> message, int field, int wireType) =>
        WriteVarint(message, (ulong)((field << 3) | wireType));

    static void WriteVarint(ArrayBufferWriter<byte> message, ulong value)
    {
        for (; value >= 128; value >>= 7) WriteByte((byte)(value | 128));
        WriteByte((byte)value);

        void WriteByte(byte digit)
        {
            message.GetSpan(1)[0] = digit;
            message.Advance(1);
        }
    }
}
