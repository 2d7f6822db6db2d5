using System.Buffers.Binary;
using Retort.Data.Audio;

namespace Retort.Fire.Damage;

/// <summary>Readers of recordings.</summary>
static class SoundReaders
{
    const int Budget = 8;                                                  // megabytes that the data may take
    const int HeaderBytes = 44;

    public static Reader Wav(string folder)
    {
        string[] names = ["train/low/1.wav", "train/high/2.wav", "validation/low/3.wav", "test/high/4.wav"];
        var targets = new List<Target>();
        foreach (var (i, name) in names.Index())
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            targets.Add(new(path, Header, Written(100 * (i + 1))));
        }
        return new()
        {
            Name = "wav",
            Folder = folder,
            Targets = targets,
            Read = () => new AudioFolderOptions { Path = folder, MemoryLimit = Budget }.Open(),
        };
    }

    static byte[] Header(byte[] whole, Random random)
    {
        var made = whole.ToArray();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var field = made.AsSpan(2 * random.Next(HeaderBytes / 2), 2);
            BinaryPrimitives.WriteInt16LittleEndian(field, unchecked(
                (short)OddValues.Number(random, BinaryPrimitives.ReadInt16LittleEndian(field))));
        }
        return made;
    }

    // a tenth of a second at 8 kHz
    static byte[] Written(int hertz)
    {
        const int Rate = 8000;
        var file = new byte[HeaderBytes + 2 * Rate / 10];
        "RIFF"u8.CopyTo(file);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        "data"u8.CopyTo(file.AsSpan(36));
        (int At, int Value)[] fields =
        [
            (4, file.Length - 8), (16, 16), (20, 1 | 1 << 16), (24, Rate), (28, 2 * Rate), (32, 2 | 16 << 16),
            (40, file.Length - HeaderBytes),
        ];
        foreach (var (at, value) in fields) BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        for (var i = 0; i < Rate / 10; i++)
            BinaryPrimitives.WriteInt16LittleEndian(
                file.AsSpan(HeaderBytes + 2 * i), (short)(20_000 * Math.Sin(2 * Math.PI * hertz * i / Rate)));
        return file;
    }
}
