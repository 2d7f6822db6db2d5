using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Retort.Runs;

namespace Retort.Tests.Samples;

/// <summary>A real browser without a window, steered by the DevTools protocol.</summary>
sealed class Browser : IDisposable
{
    readonly string _profile = Directory.CreateTempSubdirectory("retort-browser-").FullName;
    readonly Started _process;
    readonly ClientWebSocket _socket = new();
    int _number;

    Browser(string program)
    {
        string[] sandbox = Environment.IsPrivilegedProcess ? ["--no-sandbox"] : []; // a browser run by root has none
        _process = new(
            program,
            [
                "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                "--window-size=900,560", "--remote-debugging-port=0", $"--user-data-dir={_profile}",
                .. sandbox, "about:blank",
            ]);
    }

    /// <summary>Chromium or Chrome on the path, or what RETORT_CHROMIUM names; null where there is none.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("RETORT_CHROMIUM") is { Length: > 0 } named) return named;
        return OnPath("chromium", "chromium-browser", "google-chrome");
    }

    /// <summary>The first of these programs that is on the path; null where none is.</summary>
    public static string? OnPath(params string[] names)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var ending = OperatingSystem.IsWindows() ? ".exe" : "";
        return names
            .SelectMany(name => folders.Select(folder => Path.Combine(folder, name + ending)))
            .FirstOrDefault(File.Exists);
    }

    public static async Task<Browser> OpenAsync(string program, Uri page)
    {
        var browser = new Browser(program);
        var port = new Uri(browser._process.After("DevTools listening on ")).Port;
        using var client = new HttpClient();
        var tab = JsonNode.Parse(await (await client.PutAsync($"http://127.0.0.1:{port}/json/new?{page}", null)).Content
            .ReadAsStringAsync())!;
        await browser._socket.ConnectAsync(new((string)tab["webSocketDebuggerUrl"]!), default);
        return browser;
    }

    /// <summary>The value of an expression, a promise's when it is kept.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        var answer = await Call(
            "Runtime.evaluate",
            new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        return answer["exceptionDetails"] is { } wrong
            ? throw new InvalidOperationException(wrong.ToJsonString()) : answer["result"]!["value"];
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task Until(string expression)
    {
        for (var i = 0; i < 400; i++, await Task.Delay(50))
            if ((bool)(await Evaluate($"!!({expression})"))!) return;
        throw new TimeoutException(
            $"{expression} did not come true; the page says {await Evaluate("document.body.innerText")}.");
    }

    public async Task Mouse(string type, double x, double y) => await Call("Input.dispatchMouseEvent",
        new() { ["type"] = type, ["x"] = x, ["y"] = y, ["button"] = "left", ["buttons"] = 1, ["clickCount"] = 1 });

    public async Task Choose(string selector, string file)
    {
        var root = await Call("DOM.getDocument", []);
        var node = await Call(
            "DOM.querySelector", new() { ["nodeId"] = (int)root["root"]!["nodeId"]!, ["selector"] = selector });
        await Call(
            "DOM.setFileInputFiles", new() { ["nodeId"] = (int)node["nodeId"]!, ["files"] = new JsonArray(file) });
    }

    public async Task<byte[]> Screenshot() =>
        Convert.FromBase64String((string)(await Call("Page.captureScreenshot", []))["data"]!);

    public void Dispose()
    {
        _socket.Dispose();
        _process.Dispose();
        try { Directory.Delete(_profile, recursive: true); }
        catch (IOException) { } // a child of the browser writes its last; the folder is the system's to clear
    }

    async Task<JsonNode> Call(string method, JsonObject parameters)
    {
        var number = ++_number;
        var request = new JsonObject { ["id"] = number, ["method"] = method, ["params"] = parameters }.ToJsonString();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _socket.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, patience.Token);
        for (; ; )
        {
            var answer = JsonNode.Parse(await Receive(patience.Token))!;
            if ((int?)answer["id"] != number) continue;                                    // an event
            return answer["error"] is { } error
                ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}") : answer["result"]!;
        }
    }

    async Task<byte[]> Receive(CancellationToken token)
    {
        var (message, buffer) = (new MemoryStream(), new byte[1 << 16]);
        for (; ; )
        {
            var part = await _socket.ReceiveAsync(buffer, token);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return message.ToArray();
        }
    }
}
