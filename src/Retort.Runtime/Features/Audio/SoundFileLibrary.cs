using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Retort.Runtime.Features.Audio;

/// <summary>libsndfile (LGPL), where it is installed: decodes a file that is in memory.</summary>
/// <remarks>https://libsndfile.github.io/libsndfile/api.html. Of every file, nothing but the samples is read.</remarks>
sealed unsafe class SoundFileLibrary
{
    const int ReadMode = 0x10;
    const int FramesAtOnce = 16_384;
    static readonly string[] s_names =
        ["libsndfile.so.1", "libsndfile.1.dylib", "/opt/homebrew/lib/libsndfile.1.dylib", "sndfile.dll"];

    readonly delegate* unmanaged<VirtualFile*, int, Info*, void*, void*> _open;
    readonly delegate* unmanaged<void*, float*, long, long> _read;
    readonly delegate* unmanaged<void*, int> _close;
    readonly delegate* unmanaged<void*, byte*> _errorText;

    SoundFileLibrary(nint library)
    {
        _open = (delegate* unmanaged<VirtualFile*, int, Info*, void*, void*>)Export("sf_open_virtual");
        _read = (delegate* unmanaged<void*, float*, long, long>)Export("sf_readf_float");
        _close = (delegate* unmanaged<void*, int>)Export("sf_close");
        _errorText = (delegate* unmanaged<void*, byte*>)Export("sf_strerror");

        nint Export(string name) => NativeLibrary.GetExport(library, name);
    }

    /// <summary>The library; null where it is not installed.</summary>
    public static SoundFileLibrary? Instance { get; } = Load();

    /// <summary>Decodes a file of any format that the library knows.</summary>
    /// <exception cref="InvalidDataException">
    /// It is damaged, too long, or of no format that the library knows.
    /// </exception>
    public AudioClip Read(byte[] content, string path, int maxSamples)
    {
        fixed (byte* bytes = content)
        {
            var memory = new Memory { Bytes = bytes, Length = content.Length };
            var file = new VirtualFile { Length = &Length, Seek = &Seek, Read = &ReadBytes, Tell = &Tell };
            var info = new Info();
            var handle = _open(&file, ReadMode, &info, &memory);
            if (handle is null) throw new InvalidDataException(
                $"{path} is no sound that libsndfile reads: {Marshal.PtrToStringUTF8((nint)_errorText(null))}");

            try
            {
                if (info.Frames == long.MaxValue) throw new InvalidDataException(
                    $"{path} is cut off: its length is not known.");

                var samples = Math.Max(info.Frames, 0) * (Int128)info.Channels;
                AudioClip.CheckFormat(
                    path, info.SampleRate, info.Channels, (long)Int128.Min(samples, long.MaxValue), maxSamples);
                return Decode(handle, info, path, maxSamples).Checked(path);
            }
            finally
            {
                _close(handle);
            }
        }
    }

    // a damaged file decodes to fewer frames than it states, without an error of the library
    AudioClip Decode(void* handle, Info info, string path, int maxSamples)
    {
        var samples = new List<float>();
        var buffer = new float[FramesAtOnce * info.Channels];
        fixed (float* into = buffer)
            while (_read(handle, into, FramesAtOnce) is var frames and > 0)
            {
                samples.AddRange(buffer.AsSpan(0, (int)frames * info.Channels));
                AudioClip.CheckFormat(path, info.SampleRate, info.Channels, samples.Count, maxSamples);
            }
        if (samples.Count < info.Frames * info.Channels) throw new InvalidDataException(Invariant(
            $"{path} is damaged or cut off: it states {info.Frames} frames, and {samples.Count / info.Channels} ")
            + "are decoded.");
        return new(info.SampleRate, info.Channels, [.. samples]);
    }

    static SoundFileLibrary? Load()
    {
        foreach (var name in s_names)
            if (NativeLibrary.TryLoad(name, out var library)) return new(library);
        return null;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static long Length(Memory* memory) => memory->Length;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static long Tell(Memory* memory) => memory->Position;

    // from the beginning, the position or the end, as fseek
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static long Seek(long offset, int from, Memory* memory)
    {
        var start = from switch { 0 => 0, 1 => memory->Position, _ => memory->Length };
        memory->Position = Math.Clamp(start + offset, 0, memory->Length);
        return memory->Position;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static long ReadBytes(void* into, long count, Memory* memory)
    {
        var read = Math.Clamp(count, 0, memory->Length - memory->Position);
        Buffer.MemoryCopy(memory->Bytes + memory->Position, into, read, read);
        memory->Position += read;
        return read;
    }

    /// <summary>The file's content and where the library is in it.</summary>
    struct Memory
    {
        public byte* Bytes;
        public long Length;
        public long Position;
    }

    /// <summary>SF_INFO.</summary>
    struct Info
    {
        public long Frames;
        public int SampleRate;
        public int Channels;
        public int Format;
        public int Sections;
        public int Seekable;
    }

    /// <summary>SF_VIRTUAL_IO.</summary>
    struct VirtualFile
    {
        public delegate* unmanaged[Cdecl]<Memory*, long> Length;
        public delegate* unmanaged[Cdecl]<long, int, Memory*, long> Seek;
        public delegate* unmanaged[Cdecl]<void*, long, Memory*, long> Read;
        public nint Write;
        public delegate* unmanaged[Cdecl]<Memory*, long> Tell;
    }
}
