using System.Net;
using System.Security.Cryptography;
using Retort.Tensors.Files;
using static System.FormattableString;

namespace Retort.Data;

/// <summary>How far a download has come.</summary>
/// <param name="File">The file that is being fetched.</param>
/// <param name="Done">Its bytes on disk.</param>
/// <param name="Total">Its bytes in all; about, until the server has said.</param>
public readonly record struct DownloadProgress(string File, long Done, long Total);

/// <summary>
/// Fetches published sets. A file is written beside its place as <c>.part</c>, taken up again where it broke off, and gets
/// its name only when its digest is right.
/// </summary>
/// <param name="client">Who asks; its own timeout should be infinite, since each read has one here.</param>
/// <param name="time">The clock of pauses and time-outs.</param>
public sealed class Downloader(HttpClient client, TimeProvider time)
{
    const int Tries = 5;                                  // in a row without a byte
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The pause before the second try; each further one is twice as long.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Brings every file of the set that is not there yet into the folder.</summary>
    /// <exception cref="InvalidDataException">A file that came whole has another digest.</exception>
    /// <exception cref="IOException">The server could not be reached, refused, or broke off again and again.</exception>
    public async Task GetAsync(
        PublishedData set, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken token = default)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in set.Files)
        {
            var target = Path.Combine(folder, file.Name);
            if (File.Exists(target) && await DigestAsync(target, token).ConfigureAwait(false) == file.Md5)
                progress?.Report(new(file.Name, BytesOf(target), BytesOf(target)));
            else await FileAsync(set, file, target, progress, token).ConfigureAwait(false);
        }
        if (set.Classes.Count > 0) AtomicFile.Write(Path.Combine(folder, "classes.txt"), string.Join('\n', set.Classes) + "\n");
    }

    async Task FileAsync(
        PublishedData set, PublishedFile file, string target, IProgress<DownloadProgress>? progress, CancellationToken token)
    {
        var (part, address) = (new PartFile(target + ".part"), new Uri(set.Base, file.Name));
        for (var failed = 0; ;)
        {
            var before = part.Length;
            try
            {
                await RestAsync(address, file, part, progress, token).ConfigureAwait(false);
                break;
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TimeoutException && error is not Refused)
            {
                failed = part.Length > before ? 1 : failed + 1;
                if (failed >= Tries)
                    throw new IOException(Invariant($"{address} broke off at byte {part.Length}, {Tries} times in a row: ")
                        + $"{error.Message.TrimEnd('.')}. What has come is kept; the same command goes on from there.", error);
                await Task.Delay(Pause * Math.Pow(2, failed - 1), time, token).ConfigureAwait(false);
            }
        }
        var digest = await DigestAsync(part.Path, token).ConfigureAwait(false);
        if (digest != file.Md5)
        {
            var length = part.Length;
            part.Delete();
            throw new InvalidDataException(
                Invariant($"{address} brought {length} bytes with the MD5 {digest}; by {set.DigestSource} it must be {file.Md5}. They were thrown away."));
        }
        part.Becomes(target);
    }

    /// <summary>Asks for what is missing and appends it; ends when the server says that this is all.</summary>
    async Task RestAsync(
        Uri address, PublishedFile file, PartFile part, IProgress<DownloadProgress>? progress, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (part.Length > 0)
            {
                request.Headers.Range = new(part.Length, null);
                if (part.Validator is { } validator) request.Headers.TryAddWithoutValidation("If-Range", validator);
            }
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (Continues(answer, part, address) is not { } from) return;
            var total = from + answer.Content.Headers.ContentLength ?? file.Bytes;
            using var body = await answer.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            using var disk = part.Open(from);
            var buffer = new byte[1 << 16];
            for (int got; (got = await body.ReadAsync(buffer, either.Token).ConfigureAwait(false)) > 0; patience.CancelAfter(Patience))
            {
                if (disk.Position + got > 2 * file.Bytes)
                    throw new Refused(Invariant($"{address} sends more than {2 * file.Bytes} bytes; the file has about {file.Bytes}."));
                Write(disk, buffer.AsSpan(0, got));
                progress?.Report(new(file.Name, disk.Position, Math.Max(total, disk.Position)));
            }
            if (disk.Position < total && answer.Content.Headers.ContentLength is not null)
                throw new IOException(Invariant($"{disk.Position} of {total} bytes came."));
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new TimeoutException(Invariant($"Nothing came for {Patience.TotalSeconds:0} s."));
        }
    }

    /// <summary>From which byte the answer goes on; null where nothing is missing.</summary>
    static long? Continues(HttpResponseMessage answer, PartFile part, Uri address)
    {
        switch (answer.StatusCode)
        {
            case HttpStatusCode.PartialContent when answer.Content.Headers.ContentRange?.From == part.Length:
                return part.Length;
            case HttpStatusCode.PartialContent or HttpStatusCode.OK when answer.Content.Headers.ContentRange is null:
                part.Validator = Validator(answer);              // all of it: no ranges here, or the file is another now
                return 0;
            case HttpStatusCode.RequestedRangeNotSatisfiable when answer.Content.Headers.ContentRange?.Length == part.Length:
                return null;
            case HttpStatusCode.PartialContent or HttpStatusCode.OK or HttpStatusCode.RequestedRangeNotSatisfiable:
                part.Delete();
                throw new IOException("The server sent another piece than was asked for.");
            case HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError:
                throw new IOException(Invariant($"The server answers {(int)answer.StatusCode} {answer.ReasonPhrase}."));
            default:
                throw new Refused(Invariant($"{address} cannot be fetched: the server answers {(int)answer.StatusCode} {answer.ReasonPhrase}."));
        }
    }

    static string? Validator(HttpResponseMessage answer) =>
        answer.Headers.ETag is { IsWeak: false } tag ? tag.Tag : answer.Content.Headers.LastModified?.ToString("R");

    static void Write(FileStream disk, ReadOnlySpan<byte> bytes)
    {
        try
        {
            disk.Write(bytes);
        }
        catch (IOException error)                                              // a full disk is no fault of the server
        {
            throw new Refused($"{disk.Name} cannot be written: {error.Message}", error);
        }
    }

    static long BytesOf(string path) => new FileInfo(path).Length;

    static async Task<string> DigestAsync(string path, CancellationToken token)
    {
        using var stream = File.OpenRead(path);
#pragma warning disable CA5351 // the publishers' digest; it guards against accidents, not against forgers
        return Convert.ToHexStringLower(await MD5.HashDataAsync(stream, token).ConfigureAwait(false));
#pragma warning restore CA5351
    }

    /// <summary>An answer that another try would not change.</summary>
    sealed class Refused(string message, Exception? inner = null) : IOException(message, inner);

    /// <summary>What has come of a file, and what the server calls the version it came from.</summary>
    sealed class PartFile(string path)
    {
        readonly string _note = path + ".version";

        public string Path => path;
        public long Length => File.Exists(path) ? BytesOf(path) : 0;

        public string? Validator
        {
            get => File.Exists(_note) ? File.ReadAllText(_note) : null;
            set
            {
                if (value is null) File.Delete(_note);
                else AtomicFile.Write(_note, value);
            }
        }

        /// <summary>For writing from this byte on; what was behind it is cut off.</summary>
        public FileStream Open(long from)
        {
            try
            {
                var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
                stream.SetLength(from);
                stream.Position = from;
                return stream;
            }
            catch (IOException error)                                          // another process fetches it, too
            {
                throw new Refused($"{path} cannot be written: {error.Message}", error);
            }
        }

        public void Becomes(string target)
        {
            File.Move(path, target, overwrite: true);
            File.Delete(_note);
        }

        public void Delete()
        {
            File.Delete(path);
            File.Delete(_note);
        }
    }
}
