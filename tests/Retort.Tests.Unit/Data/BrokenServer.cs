using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Retort.Tests.Data;

/// <summary>A web server of one file that misbehaves as a test says, request by request.</summary>
public sealed class BrokenServer : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly Task _serving;

    /// <param name="content">The file.</param>
    /// <param name="tricks">What to do at each request; the last trick repeats.</param>
    public BrokenServer(byte[] content, params Trick[] tricks)
    {
        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Address = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        _serving = Task.Run(async () =>
        {
            for (var i = 0; !_stop.IsCancellationRequested; i++)
            {
                try
                {
                    await ServeOne(content, tricks[Math.Min(i, tricks.Length - 1)]);
                }
                catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
                {
                    // the client is gone, or the test is over
                }
            }
        });
    }

    public enum Trick { Serve, BreakOff, IgnoreRange, WrongBody, NotFound, Busy, Changed, Endless }

    public Uri Address { get; }

    /// <summary>The Range header of each request; empty where it had none.</summary>
    public List<string> Ranges { get; } = [];

    async Task ServeOne(byte[] content, Trick trick)
    {
        using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
        using var stream = client.GetStream();
        var headers = await ReadHeaders(stream);
        Ranges.Add(headers.GetValueOrDefault("range", ""));
        var tag = trick == Trick.Changed ? "\"second\"" : "\"first\"";
        var body = trick == Trick.WrongBody ? new byte[content.Length] : content;
        var isSameVersion = !headers.TryGetValue("if-range", out var known) || known == tag;
        var from = trick != Trick.IgnoreRange && isSameVersion && headers.TryGetValue("range", out var range)
            ? int.Parse(range[6..^1], CultureInfo.InvariantCulture)
            : -1;
        var (status, start) = trick switch
        {
            Trick.NotFound => ("404 Not Found", content.Length),
            Trick.Busy => ("503 Busy", content.Length),
            _ when from >= content.Length => ("416 Range Not Satisfiable", content.Length),
            _ => from >= 0 ? ("206 Partial Content", from) : ("200 OK", 0),
        };
        var lines = $"HTTP/1.1 {status}\r\nConnection: close\r\nETag: {tag}\r\n";
        if (status.StartsWith("416", StringComparison.Ordinal))
            lines += $"Content-Range: bytes */{content.Length}\r\n";
        if (status.StartsWith("206", StringComparison.Ordinal))
            lines += $"Content-Range: bytes {start}-{content.Length - 1}/{content.Length}\r\n";
        if (trick != Trick.Endless) lines += $"Content-Length: {content.Length - start}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(lines + "\r\n"), _stop.Token);
        var end = trick == Trick.BreakOff ? start + (content.Length - start) / 2 : content.Length;
        await stream.WriteAsync(body.AsMemory(start, end - start), _stop.Token);
        for (var i = 0; trick == Trick.Endless && i < 1000; i++) await stream.WriteAsync(content, _stop.Token);
    }

    static async Task<Dictionary<string, string>> ReadHeaders(NetworkStream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            text.Append((char)one[0]);
        return text.ToString().Split("\r\n").Where(line => line.Contains(':')).Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1].Trim());
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _serving.Wait(TimeSpan.FromSeconds(5));
        _stop.Dispose();
        _listener.Dispose();
    }
}
