using System.Globalization;
using System.Net;
using System.Text;
using System.Web;
using Retort.Tensors.Files;

namespace Retort.Tests.Teachers;

/// <summary>
/// A service that speaks the protocol of docs/teachers.md; a test may spoil its responses. Logits of an example are the
/// sum of all its numbers without padding, the sum + 1, …; hidden_states.k are (k + 1) times its token ids. [B, T, 1]
/// </summary>
sealed class TeacherServer : IDisposable
{
    static readonly Random s_random = new(Environment.ProcessId);          // another port for each server

    readonly HttpListener _listener = new();
    readonly Task _work;

    public TeacherServer(Action<Response>? spoil = null)
    {
        for (var tries = 0; ; tries++)
        {
            Url = string.Create(
                CultureInfo.InvariantCulture, $"http://127.0.0.1:{s_random.Next(20_000, 60_000)}/teacher");
            _listener.Prefixes.Add(Url + "/");
            try { _listener.Start(); break; }
            catch (HttpListenerException) when (tries < 50) { _listener.Prefixes.Clear(); }
        }
        _work = Task.Run(() =>
        {
            while (_listener.IsListening)
                try { Serve(_listener.GetContext(), spoil); }
                catch (Exception error) when (error is HttpListenerException or ObjectDisposedException
                    or InvalidOperationException) { }
        });
    }

    public string Url { get; }

    /// <summary>What it says of its model.</summary>
    public string Info { get; set; } = """
        { "name": "sums", "version": "1", "classes": ["class 0", "class 1", "class 2", "class 3"],
          "inputs": [{ "name": "pixel_values", "type": "float32", "shape": [1, 6, 5] }], "outputs": ["logits"] }
        """;

    /// <summary>Requests that came: method, path, query, authorization.</summary>
    public List<string> Requests { get; } = [];

    public sealed class Response(int number, bool isInfo)
    {
        /// <summary>From 1.</summary>
        public int Number => number;
        public bool IsInfo => isInfo;
        public int Status { get; set; } = 200;
        public Dictionary<string, (long[] Shape, float[] Values)> Outputs { get; } = [];
        public string Version { get; set; } = "1";

        /// <summary>Bytes that are missing at the end.</summary>
        public int Cut { get; set; }
        public int Milliseconds { get; set; }

        /// <summary>Where a redirecting response leads; null in others.</summary>
        public string? Location { get; set; }
        public bool HangUp { get; set; }

        public byte[] Body()
        {
            using var scope = torch.NewDisposeScope();
            var tensors = Outputs.Select(
                output => KeyValuePair.Create(output.Key, output.Value.Values.ToTensor(output.Value.Shape)));
            return SafeTensorsBuffer.Write(tensors, new Dictionary<string, string> { ["version"] = Version })[..^Cut];
        }
    }

    void Serve(HttpListenerContext context, Action<Response>? spoil)
    {
        var request = context.Request;
        Requests.Add($"{request.HttpMethod} {request.Url!.PathAndQuery} {request.Headers["Authorization"]}".Trim());
        var response = new Response(Requests.Count, request.HttpMethod == "GET");
        if (!response.IsInfo) Predict(request, response);
        spoil?.Invoke(response);
        if (response.Milliseconds > 0) Thread.Sleep(response.Milliseconds);
        var body = response.IsInfo ? Encoding.UTF8.GetBytes(Info) : response.Body();
        if (response.HangUp)
        {
            context.Response.ContentLength64 = body.Length;
            context.Response.OutputStream.Write(body, 0, body.Length / 2);
            context.Response.Abort();
            return;
        }
        context.Response.StatusCode = response.Status;
        if (response.Location is { } location) context.Response.Headers["Location"] = location;
        context.Response.Close(body, willBlock: true);
    }

    static void Predict(HttpListenerRequest request, Response response)
    {
        using var scope = torch.NewDisposeScope();
        using var body = new MemoryStream();
        request.InputStream.CopyTo(body);
        var (inputs, _) = SafeTensorsBuffer.Read(body.ToArray(), "request");
        foreach (var name in HttpUtility.ParseQueryString(request.Url!.Query)["outputs"]!.Split(','))
            response.Outputs[name] = name == "logits"
                ? Logits(inputs) : Hidden(inputs["input_ids"], 1 + name[^1] - '0');
    }

    // ids at padding do not count
    static (long[], float[]) Logits(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var count = inputs.Values.First().shape[0];
        var logits = new float[count * 4];
        var mask = inputs.GetValueOrDefault("attention_mask");
        var real = inputs.Values.Select(input => mask is null || input.shape.Length != 2 ? input : input.mul(mask));
        foreach (var values in real.Select(input => input.ToFloatArray()))
            for (var i = 0; i < values.Length; i++) logits[i / (values.Length / count) * 4] += values[i];
        for (var i = 0; i < logits.Length; i++) logits[i] = logits[i / 4 * 4] + i % 4;
        return ([count, 4], logits);
    }

    static (long[], float[]) Hidden(Tensor ids, int factor) =>
        ([.. ids.shape, 1], [.. ids.ToFloatArray().Select(id => factor * id)]);

    public void Dispose()
    {
        _listener.Stop();
        _work.Wait(TimeSpan.FromMilliseconds(100)); // a wait for a request that begins as the listener stops never ends
        _listener.Close();
    }
}
