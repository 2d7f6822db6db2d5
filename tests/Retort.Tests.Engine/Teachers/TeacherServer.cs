using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Retort.Tests.Teachers;

/// <summary>
/// A service that speaks the protocol of docs/teachers.md; a test may spoil its answers. Its logits for an example are the
/// sum of its numbers, the sum + 1, ….
/// </summary>
sealed class TeacherServer : IDisposable
{
    readonly HttpListener _listener = new();
    readonly Task _work;

    public TeacherServer(Action<Answer>? spoil = null)
    {
        var chance = new Random(Environment.ProcessId);
        for (var tries = 0; ; tries++)
        {
            Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{chance.Next(20_000, 60_000)}/teacher");
            _listener.Prefixes.Add(Url + "/");
            try { _listener.Start(); break; }
            catch (HttpListenerException) when (tries < 50) { _listener.Prefixes.Clear(); }
        }
        _work = Task.Run(() =>
        {
            while (_listener.IsListening)
                try { One(_listener.GetContext(), spoil); }
                catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException) { }
        });
    }

    public string Url { get; }

    public string Card { get; set; } = """{ "name": "sums", "version": "1", "classes": ["class 0", "class 1", "class 2", "class 3"], "input": [1, 6, 5] }""";

    /// <summary>Requests that came: method, path, shape, authorization.</summary>
    public List<string> Heard { get; } = [];

    public sealed class Answer(int number, bool isCard)
    {
        /// <summary>From 1.</summary>
        public int Number => number;
        public bool IsCard => isCard;
        public int Status { get; set; } = 200;
        public byte[] Body { get; set; } = [];
        public string? Shape { get; set; }
        public string Version { get; set; } = "1";
        public int Milliseconds { get; set; }
        public bool HangUp { get; set; }
    }

    void One(HttpListenerContext context, Action<Answer>? spoil)
    {
        var request = context.Request;
        Heard.Add($"{request.HttpMethod} {request.Url!.AbsolutePath} {request.Headers["Retort-Shape"]} {request.Headers["Authorization"]}".Trim());
        var answer = new Answer(Heard.Count, request.HttpMethod == "GET");
        if (answer.IsCard) answer.Body = Encoding.UTF8.GetBytes(Card);
        else Logits(request, answer);
        spoil?.Invoke(answer);
        if (answer.Milliseconds > 0) Thread.Sleep(answer.Milliseconds);
        if (answer.HangUp)
        {
            context.Response.ContentLength64 = answer.Body.Length;
            context.Response.OutputStream.Write(answer.Body, 0, answer.Body.Length / 2);
            context.Response.Abort();
            return;
        }
        context.Response.StatusCode = answer.Status;
        if (answer.Shape is { } shape) context.Response.Headers["Retort-Shape"] = shape;
        context.Response.Headers["Retort-Version"] = answer.Version;
        context.Response.Close(answer.Body, willBlock: true);
    }

    static void Logits(HttpListenerRequest request, Answer answer)
    {
        using var body = new MemoryStream();
        request.InputStream.CopyTo(body);
        var numbers = MemoryMarshal.Cast<byte, float>(body.ToArray());
        var count = int.Parse(request.Headers["Retort-Shape"]!.Split(',')[0], CultureInfo.InvariantCulture);
        var logits = new float[count * 4];
        for (var i = 0; i < numbers.Length; i++) logits[i / (numbers.Length / count) * 4] += numbers[i];
        for (var i = 0; i < logits.Length; i++) logits[i] = logits[i / 4 * 4] + i % 4;
        (answer.Body, answer.Shape) = (MemoryMarshal.AsBytes(logits.AsSpan()).ToArray(), string.Create(CultureInfo.InvariantCulture, $"{count},4"));
    }

    public void Dispose()
    {
        _listener.Stop();
        _work.Wait(TimeSpan.FromMilliseconds(100));        // a wait for a request that begins as the listener stops never ends
        _listener.Close();
    }
}
