using System.Net;
using System.Security.Cryptography;
using Retort.Tensors.Files;

namespace Retort.Data;

/// <summary>
/// Downloads published datasets. A file is written to a <c>.part</c> file beside it, continued after an interruption,
/// and gets its own name once its digest is right.
/// </summary>
/// <param name="client">The client; its timeout should be infinite, since reads have a timeout here.</param>
/// <param name="time">The clock of delays and timeouts.</param>
public sealed class Downloader(HttpClient client, TimeProvider time)
{
    const int MaxAttempts = 5;                                             // in a row without a byte
    static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The delay before the second attempt. It doubles with each further attempt.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Downloads every file of the dataset that the folder does not have yet.</summary>
    /// <exception cref="InvalidDataException">A complete file has the wrong digest.</exception>
    /// <exception cref="IOException">The server cannot be reached, refuses, or breaks off repeatedly.</exception>
    public async Task GetAsync(
        PublishedDataset set,
        string folder,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken token = default)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in set.Files)
        {
            var target = Path.Combine(folder, file.Name);
            if (File.Exists(target) && await DigestAsync(target, token).ConfigureAwait(false) == file.Md5)
            {
                var length = new FileInfo(target).Length;
                progress?.Report(new(file.Name, length, length));
                continue;
            }
            await GetFileAsync(set, file, target, progress, token).ConfigureAwait(false);
        }

        if (set.Classes.Count > 0)
            AtomicFile.Write(Path.Combine(folder, "classes.txt"), string.Join('\n', set.Classes) + "\n");
    }

    async Task GetFileAsync(
        PublishedDataset set,
        PublishedFile file,
        string target,
        IProgress<DownloadProgress>? progress,
        CancellationToken token)
    {
        var part = new PartFile(target + ".part");
        var address = new Uri(set.BaseAddress, file.Name);
        await GetRestWithRetriesAsync(address, file, part, progress, token).ConfigureAwait(false);

        var digest = await DigestAsync(part.Path, token).ConfigureAwait(false);
        if (digest == file.Md5)
        {
            part.MoveTo(target);
            return;
        }

        var length = part.Length;
        part.Delete();
        throw new InvalidDataException(
            Invariant($"{address} has the MD5 {digest} ({length} bytes); ")
            + $"according to {set.DigestSource} it must be {file.Md5}. The download was deleted.");
    }

    async Task GetRestWithRetriesAsync(
        Uri address,
        PublishedFile file,
        PartFile part,
        IProgress<DownloadProgress>? progress,
        CancellationToken token)
    {
        // a retry policy of Polly counts all attempts; these start again with each byte that came
        for (var attempts = 0; ;)
        {
            var before = part.Length;
            try
            {
                await GetRestAsync(address, file, part, progress, token).ConfigureAwait(false);
                return;
            }
            catch (Exception error) when (CanRetry(error))
            {
                attempts = part.Length > before ? 1 : attempts + 1;
                if (attempts >= MaxAttempts)
                    throw new IOException(
                        Invariant($"{address} broke off at byte {part.Length}, {MaxAttempts} times in a row: ")
                        + $"{error.Message.TrimEnd('.')}. The same command continues from there.",
                        error);
                await Task.Delay(RetryDelay * Math.Pow(2, attempts - 1), time, token).ConfigureAwait(false);
            }
        }
    }

    static bool CanRetry(Exception error) =>
        error is HttpRequestException or IOException or TimeoutException && error is not RefusedException;

    /// <summary>Requests the missing bytes and appends them until the response ends.</summary>
    async Task GetRestAsync(
        Uri address,
        PublishedFile file,
        PartFile part,
        IProgress<DownloadProgress>? progress,
        CancellationToken token)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, timeout.Token);
        try
        {
            using var request = Request(address, part);
            using var response = await client
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            if (StartOf(response, part, address) is not { } start) return;

            var length = response.Content.Headers.ContentLength;
            var total = start + length ?? file.Bytes;
            using var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            using var disk = part.Open(start);
            var buffer = new byte[1 << 16];
            while (await body.ReadAsync(buffer, either.Token).ConfigureAwait(false) is > 0 and var count)
            {
                if (disk.Position + count > 2 * file.Bytes)
                    throw new RefusedException(Invariant(
                        $"{address} sends more than {2 * file.Bytes} bytes; the file has about {file.Bytes}."));
                Write(disk, buffer.AsSpan(0, count));
                progress?.Report(new(file.Name, disk.Position, Math.Max(total, disk.Position)));
                timeout.CancelAfter(ReadTimeout);
            }
            if (length is not null && disk.Position < total)
                throw new IOException(Invariant($"{disk.Position} of {total} bytes were received."));
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new TimeoutException(Invariant($"Nothing was received for {ReadTimeout.TotalSeconds:0} s."));
        }
    }

    static HttpRequestMessage Request(Uri address, PartFile part)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (part.Length == 0) return request;

        request.Headers.Range = new(part.Length, null);
        if (part.Version is { } version) request.Headers.TryAddWithoutValidation("If-Range", version);
        return request;
    }

    /// <summary>The byte that the response's body begins with; null where nothing is missing.</summary>
    static long? StartOf(HttpResponseMessage response, PartFile part, Uri address)
    {
        var range = response.Content.Headers.ContentRange;
        var status = Invariant($"{(int)response.StatusCode} {response.ReasonPhrase}");
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent when range?.From == part.Length:
                return part.Length;
            case HttpStatusCode.PartialContent or HttpStatusCode.OK when range is null:
                part.Version = VersionOf(response);      // the whole file: no ranges, or a new version
                return 0;
            case HttpStatusCode.RequestedRangeNotSatisfiable when range?.Length == part.Length:
                return null;
            case HttpStatusCode.PartialContent or HttpStatusCode.OK or HttpStatusCode.RequestedRangeNotSatisfiable:
                part.Delete();
                throw new IOException("The server sent another range than requested.");
            case HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
                or >= HttpStatusCode.InternalServerError:
                throw new IOException($"The server responds {status}.");
            default:
                throw new RefusedException($"{address} cannot be downloaded: the server responds {status}.");
        }
    }

    static string? VersionOf(HttpResponseMessage response) => response.Headers.ETag is { IsWeak: false } tag
        ? tag.Tag
        : response.Content.Headers.LastModified?.ToString("R");

    static void Write(FileStream disk, ReadOnlySpan<byte> bytes)
    {
        try
        {
            disk.Write(bytes);
        }
        catch (IOException error)                                          // a full disk: another attempt does not help
        {
            throw new RefusedException($"{disk.Name} cannot be written: {error.Message}", error);
        }
    }

    static async Task<string> DigestAsync(string path, CancellationToken token)
    {
        using var stream = InputFile.Open(path);
#pragma warning disable CA5351 // publishers give MD5; it protects against accidents, not against forgery
        return Convert.ToHexStringLower(await MD5.HashDataAsync(stream, token).ConfigureAwait(false));
#pragma warning restore CA5351
    }

    /// <summary>A failure that another attempt would not change.</summary>
    sealed class RefusedException(string message, Exception? inner = null) : IOException(message, inner);

    /// <summary>The part of a file that was downloaded, and the server's version of that file.</summary>
    /// <remarks>
    /// It takes the place of <see cref="AtomicFile"/>'s draft, which would be written a second time only to be renamed.
    /// </remarks>
    sealed class PartFile(string path)
    {
        readonly string _versionPath = path + ".version";

        public string Path => path;
        public long Length => File.Exists(path) ? new FileInfo(path).Length : 0;

        /// <summary>The entity tag or date of the version, as in the header If-Range; null where unknown.</summary>
        public string? Version
        {
            get => File.Exists(_versionPath) ? InputFile.ReadAllText(_versionPath, 10_000) : null;
            set
            {
                if (value is null) File.Delete(_versionPath);
                else AtomicFile.Write(_versionPath, value);
            }
        }

        /// <summary>Opens it for writing from a position, and removes what follows.</summary>
        public FileStream Open(long start)
        {
            try
            {
                var stream = new FileStream(
                    path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
                stream.SetLength(start);
                stream.Position = start;
                return stream;
            }
            catch (IOException error)                                      // another process downloads it too
            {
                throw new RefusedException($"{path} cannot be written: {error.Message}", error);
            }
        }

        public void MoveTo(string target)
        {
            using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None))
                stream.Flush(flushToDisk: true);
            File.Move(path, target, overwrite: true);
            File.Delete(_versionPath);
        }

        public void Delete()
        {
            File.Delete(path);
            File.Delete(_versionPath);
        }
    }
}
