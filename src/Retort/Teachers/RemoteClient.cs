using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Retort.Runs;

namespace Retort.Teachers;

/// <summary>The two requests of the protocol, sent again where that can help; everything else is said in one sentence.</summary>
sealed class RemoteClient : IDisposable
{
    const string ShapeHeader = "Retort-Shape", VersionHeader = "Retort-Version";
    const int MostCard = 16_000_000;                                       // bytes
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };
    readonly RemoteTeacherOptions _options;
    readonly string _url;
    readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) });

    readonly CancellationToken _stop;

    /// <param name="options">Where it is, and how patient we are.</param>
    /// <param name="stop">Cancelled, every request and every wait for the next one ends with an <see cref="OperationCanceledException"/>.</param>
    public RemoteClient(RemoteTeacherOptions options, CancellationToken stop)
    {
        (_options, _url, _stop) = (options, options.Url.TrimEnd('/'), stop);
        _http.Timeout = TimeSpan.FromSeconds(options.Timeout);
        if (options.TokenVariable is not { } variable) return;
        var token = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(token)) throw new InvalidOperationException(
            $"The teacher's option \"tokenVariable\" names {variable}, which is not set in this environment.");
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>What the service says of itself.</summary>
    public RemoteModelInfo Card()
    {
        var (_, body) = Sent(() => new(HttpMethod.Get, _url), MostCard);
        try
        {
            return JsonSerializer.Deserialize<RemoteModelInfo>(body, Format) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{_url} must say what it is as JSON with name, version, classes and input; what came cannot be read as that: {error.Message.OnOneLine()}", error);
        }
    }

    /// <summary>Logits for a batch of float32 numbers.</summary>
    public (long[] Shape, float[] Logits) Logits(ReadOnlySpan<byte> numbers, long[] shape, string version, int classes)
    {
        var (content, expected) = (numbers.ToArray(), checked((int)(shape[0] * classes * sizeof(float))));
        var (headers, body) = Sent(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, _url + "/logits") { Content = new ByteArrayContent(content) };
            request.Content.Headers.ContentType = new("application/octet-stream");
            request.Headers.Add(ShapeHeader, string.Join(',', shape));
            return request;
        }, expected);
        if (Header(headers, VersionHeader) is var served && served != version) throw new InvalidDataException(
            $"{_url} said at the beginning that it serves version \"{version}\"; this answer is of \"{served}\".");
        var text = Header(headers, ShapeHeader);
        var sizes = text.Split(',').Select(size => long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var axis) ? axis : -1).ToArray();
        if (sizes.Contains(-1)) throw new InvalidDataException($"{_url} must state its answer's shape in the header {ShapeHeader}, as in \"64,10\"; it stated \"{text}\".");
        if (sizes is not [var rows, var columns] || rows != shape[0] || columns != classes) return (sizes, []);   // the caller says what is wrong
        if (body.Length != expected) throw new InvalidDataException(
            $"{_url} must answer with {expected} bytes of float32 for [{string.Join(", ", sizes)}]; {body.Length} came.");
        return (sizes, MemoryMarshal.Cast<byte, float>(body).ToArray());
    }

    public void Dispose() => _http.Dispose();

    static string Header(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";

    (HttpResponseHeaders Headers, byte[] Body) Sent(Func<HttpRequestMessage> request, int most)
    {
        for (var turn = 0; ; turn++)
        {
            var (answer, trouble, cause) = Once(request, most);
            if (answer is { } good) return good;
            if (turn == _options.Retries) throw new InvalidDataException($"{_url} did not answer in {turn + 1} attempts; the last: {trouble}.", cause);
            _stop.WaitHandle.WaitOne(TimeSpan.FromSeconds(Math.Min(_options.Backoff * Math.Pow(2, turn), 60)));
            _stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>An answer, or what may be over the next time; what will not be is thrown.</summary>
    ((HttpResponseHeaders, byte[])? Answer, string Trouble, Exception? Cause) Once(Func<HttpRequestMessage> request, int most)
    {
        try
        {
            using var sent = request();
            using var response = _http.Send(sent, HttpCompletionOption.ResponseHeadersRead, _stop);
            if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
                return (null, Status(response), null);
            if (!response.IsSuccessStatusCode) throw new InvalidDataException($"{_url} refused the request: {Status(response)}.");
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop);
            stop.CancelAfter(_http.Timeout);
            return ((response.Headers, Body(response, most, stop.Token)), "", null);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(_stop);
        }
        catch (Exception error) when (error is TaskCanceledException or OperationCanceledException)
        {
            return (null, FormattableString.Invariant($"nothing came within {_options.Timeout} s"), error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return (null, error.Message.TrimEnd('.'), error);
        }
    }

    byte[] Body(HttpResponseMessage response, int most, CancellationToken token)
    {
        if (response.Content.Headers.ContentLength > most) throw TooLong(most);
        using var stream = response.Content.ReadAsStream(token);
        using var whole = new MemoryStream();
        using var broken = token.Register(stream.Dispose);                 // a synchronous read knows no token
        var piece = new byte[1 << 16];
        try
        {
            for (int count; (count = stream.Read(piece)) > 0; whole.Write(piece, 0, count))
                if (whole.Length + count > most) throw TooLong(most);
        }
        catch (Exception error) when (token.IsCancellationRequested && error is not InvalidDataException)
        {
            throw new OperationCanceledException("The body took too long.", error, token);
        }
        token.ThrowIfCancellationRequested();
        return whole.ToArray();
    }

    InvalidDataException TooLong(int most) => new($"{_url} must answer with at most {most} bytes here; more came.");

    static string Status(HttpResponseMessage response) => $"status {(int)response.StatusCode} {response.ReasonPhrase}";
}
