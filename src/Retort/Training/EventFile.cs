using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Retort.Runs;

namespace Retort.Training;

/// <summary>
/// Scalars for TensorBoard. A file of TFRecords (length, its check, data, its check; the check is CRC-32C, rotated and
/// offset), each an <c>Event</c> of tensorflow/core/util/event.proto: wall_time = 1, step = 2, file_version = 3,
/// summary = 5, in it value = 1 of tag = 1 and simple_value = 2.
/// </summary>
/// <param name="folder">A network's folder; TensorBoard shows it as one run.</param>
/// <param name="clock">Gives the events their time.</param>
sealed class EventFile(string folder, TimeProvider clock)
{
    readonly string _path = Path.Combine(folder, "events.out.tfevents.retort");

    /// <summary>Writes the file anew from the epochs there are.</summary>
    public void Begin(IReadOnlyList<EpochMetrics> epochs)
    {
        File.Delete(_path);
        Append(Event(0, 3, "brain.Event:2"u8));
        foreach (var epoch in epochs) Add(epoch);
    }

    /// <summary>Adds an epoch: each term, the rate, validation.</summary>
    public void Add(EpochMetrics epoch)
    {
        var summary = new ArrayBufferWriter<byte>();
        foreach (var (term, loss) in epoch.Loss) Scalar(summary, "loss/" + term, loss);
        Scalar(summary, "learningRate", epoch.LearningRate);
        foreach (var (name, score) in epoch.Validation) Scalar(summary, "validation/" + name, score);
        Append(Event(epoch.Step, 5, summary.WrittenSpan));
    }

    /// <summary>CRC-32C as a TFRecord has it.</summary>
    internal static uint Check(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes) sum = BitOperations.Crc32C(sum, value);
        return BitOperations.RotateRight(~sum, 15) + 0xa282ead8;
    }

    void Append(ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[8];
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        BinaryPrimitives.WriteInt64LittleEndian(number, data.Length);
        file.Write(number);
        file.Write(Checked(number));
        file.Write(data);
        file.Write(Checked(data));

        static byte[] Checked(ReadOnlySpan<byte> bytes)
        {
            var check = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(check, Check(bytes));
            return check;
        }
    }

    ReadOnlySpan<byte> Event(long step, int field, ReadOnlySpan<byte> content)
    {
        var message = new ArrayBufferWriter<byte>();
        Key(message, 1, type: 1);
        BinaryPrimitives.WriteDoubleLittleEndian(message.GetSpan(8), clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        message.Advance(8);
        Key(message, 2, type: 0);
        Number(message, (ulong)step);
        Part(message, field, content);
        return message.WrittenSpan;
    }

    static void Scalar(ArrayBufferWriter<byte> summary, string tag, double value)
    {
        var part = new ArrayBufferWriter<byte>();
        Part(part, 1, Encoding.UTF8.GetBytes(tag));
        Key(part, 2, type: 5);
        BinaryPrimitives.WriteSingleLittleEndian(part.GetSpan(4), (float)value);
        part.Advance(4);
        Part(summary, 1, part.WrittenSpan);
    }

    static void Part(ArrayBufferWriter<byte> message, int field, ReadOnlySpan<byte> content)
    {
        Key(message, field, type: 2);
        Number(message, (ulong)content.Length);
        message.Write(content);
    }

    static void Key(ArrayBufferWriter<byte> message, int field, int type) => Number(message, (ulong)((field << 3) | type));

    static void Number(ArrayBufferWriter<byte> message, ulong value)
    {
        for (; value >= 128; value >>= 7) One((byte)(value | 128));
        One((byte)value);

        void One(byte digit)
        {
            message.GetSpan(1)[0] = digit;
            message.Advance(1);
        }
    }
}
