using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly;
using Retort.Tensors.Files;

namespace Retort.Teachers;

/// <summary>
/// The two requests of the protocol. A request is sent again where that can help; every other failure is one sentence.
/// </summary>
sealed class RemoteClient : IDisposable
{
    const int MaxInfo = 16_000_000;                                        // bytes
    const int MaxOutputs = 1_000_000_000;                                  // bytes
    const int MaxShown = 200;                                              // characters
    const string VersionKey = "version";

    readonly RemoteTeacherOptions _options;
    readonly string _url;
    readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,                                         // data goes to the recipe's address alone
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });
    readonly ResiliencePipeline<Attempt> _retries = ResiliencePipeline<Attempt>.Empty;
    readonly CancellationToken _token;

    /// <param name="options">The address, and how long and how often to try.</param>
    /// <param name="token">
    /// After cancellation every request, and every wait before a retry, ends with an
    /// <see cref="OperationCanceledException"/>.
    /// </param>
    public RemoteClient(RemoteTeacherOptions options, CancellationToken token)
    {
        (_options, _url, _token) = (options, options.Url.TrimEnd('/'), token);
        _http.Timeout = TimeSpan.FromSeconds(options.Timeout);
        if (options.Retries > 0) _retries = new ResiliencePipelineBuilder<Attempt>().AddRetry(new()
        {
            ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Result is { Body: null }),
            MaxRetryAttempts = options.Retries,
            Delay = TimeSpan.FromSeconds(Math.Min(options.Backoff, 60)),
            BackoffType = DelayBackoffType.Exponential,
            MaxDelay = TimeSpan.FromSeconds(60),
        }).Build();
        if (options.TokenVariable is not { } variable) return;

        var secret = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(secret)) throw new InvalidOperationException(
            $"The teacher's option \"tokenVariable\" names {variable}, which is not set in this environment.");
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
    }

    /// <summary>What the service says of its model.</summary>
    public RemoteModelInfo Info()
    {
        var body = Send(() => new(HttpMethod.Get, _url), MaxInfo);
        try
        {
            var info = JsonSerializer.Deserialize<RemoteModelInfo>(body, Json.Strict);
            return info is { IsWhole: true } ? info : throw new JsonException("it is null, or has null in a list");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{_url} must describe its model as JSON with name, version, classes, "
                + $"inputs and outputs; what came cannot be read as that: {Shown(error.Message)}", error);
        }
    }

    /// <summary>The outputs of the service's model for a batch. They belong to the caller's scope.</summary>
    /// <param name="inputs">The inputs by name.</param>
    /// <param name="outputs">Names of the outputs to return.</param>
    /// <param name="version">The version that must have computed them.</param>
    public IReadOnlyDictionary<string, Tensor> Predict(
        IEnumerable<KeyValuePair<string, Tensor>> inputs, IReadOnlyList<string> outputs, string version)
    {
        var content = SafeTensorsBuffer.Write(inputs);
        var url = $"{_url}/predict?outputs={string.Join(',', outputs)}";
        var body = Send(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(content) };
            request.Content.Headers.ContentType = new("application/octet-stream");
            return request;
        }, MaxOutputs);
        var (tensors, metadata) = SafeTensorsBuffer.Read(body, $"The response of {_url}");
        var served = metadata.GetValueOrDefault(VersionKey, "");
        if (served != version) throw new InvalidDataException(
            $"{_url} must serve version \"{Shown(version)}\" throughout; this response is of "
            + $"\"{Shown(served)}\".");
        return tensors;
    }

    public void Dispose() => _http.Dispose();

    byte[] Send(Func<HttpRequestMessage> request, int maxBytes)
    {
        var last = _retries.Execute(_ => SendOnce(request, maxBytes), _token);
        return last.Body ?? throw new InvalidDataException(
            $"{_url} did not respond in {_options.Retries + 1} attempts; the last: {last.Failure}.", last.Cause);
    }

    // a failure that cannot be over at the next attempt is thrown
    Attempt SendOnce(Func<HttpRequestMessage> request, int maxBytes)
    {
        try
        {
            using var message = request();
            using var response = _http.Send(message, HttpCompletionOption.ResponseHeadersRead, _token);
            if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
                or >= HttpStatusCode.InternalServerError) return new(null, Status(response));
            if (response.Headers.Location is { } location && (int)response.StatusCode is >= 300 and < 400)
                throw new InvalidDataException($"{_url} redirects to {Shown(location.OriginalString)}, and data is "
                    + "sent only to the address in the recipe: write that one there if it is the right one.");
            if (!response.IsSuccessStatusCode)
                throw new InvalidDataException($"{_url} refused the request: {Status(response)}.");
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_token);
            timeout.CancelAfter(_http.Timeout);
            return new(ReadBody(response, maxBytes, timeout.Token));
        }
        catch (Exception) when (_token.IsCancellationRequested)
        {
            throw new OperationCanceledException(_token);
        }
        catch (Exception error) when (error is TaskCanceledException or OperationCanceledException)
        {
            return new(null, Invariant($"nothing came within {_options.Timeout} s"), error);
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new InvalidDataException($"{_url} cannot be trusted: its certificate is not valid for this address "
                + $"on this machine, or it does not speak TLS: {Shown(error.GetBaseException().Message)}", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new(null, Shown(error.Message.TrimEnd('.')), error);
        }
    }

    byte[] ReadBody(HttpResponseMessage response, int maxBytes, CancellationToken token)
    {
        if (response.Content.Headers.ContentLength > maxBytes) throw TooLong(maxBytes);
        using var stream = response.Content.ReadAsStream(token);
        using var body = new MemoryStream();
        using var abort = token.Register(stream.Dispose);                  // a synchronous read takes no token
        var buffer = new byte[1 << 16];
        try
        {
            for (int count; (count = stream.Read(buffer)) > 0; body.Write(buffer, 0, count))
                if (body.Length + count > maxBytes) throw TooLong(maxBytes);
        }
        catch (Exception error) when (token.IsCancellationRequested && error is not InvalidDataException)
        {
            throw new OperationCanceledException("The body took too long.", error, token);
        }
        token.ThrowIfCancellationRequested();
        return body.ToArray();
    }

    InvalidDataException TooLong(int maxBytes) =>
        new($"{_url} must respond with at most {maxBytes} bytes here; more came.");

    static string Status(HttpResponseMessage response) =>
        $"status {(int)response.StatusCode} {Shown(response.ReasonPhrase ?? "")}";

    /// <summary>A text that came from outside, on one line and of at most 200 characters.</summary>
    public static string Shown(string text) => (text.Length <= MaxShown ? text : text[..MaxShown] + "…").OnOneLine();

    // the body, or why there is none
    sealed record Attempt(byte[]? Body, string Failure = "", Exception? Cause = null);
}
