using Retort.Teachers;

namespace Retort.Tests.Teachers;

public sealed class RemoteTeacherTests
{
    static RemoteTeacherOptions Options(TeacherServer server) =>
        new() { Url = server.Url, Timeout = 5, Retries = 2, Backoff = 0.01 };

    [Fact]
    public void A_batch_is_posted_and_logits_come_back()
    {
        using var scope = torch.NewDisposeScope();
        using var server = new TeacherServer();
        using var teacher = Options(server).Open(Tiny.Info, torch.CPU);
        var logits = teacher.Forward(Tiny.Batch(), Output.Logits).Logits.ToFloatArray();
        var pixels = Tiny.Numbers("pixels");
        for (var i = 0; i < 20; i++)
            Assert.Equal(pixels.Skip(i / 4 * 30).Take(30).Sum() + i % 4, logits[i], tolerance: 1e-4);
        Assert.Equal(["GET /teacher", "POST /teacher/predict?outputs=logits"], server.Requests);
        Assert.Equal(Output.Logits, teacher.AvailableOutputs);
    }

    [Fact]
    public void A_service_that_is_busy_slow_or_hangs_up_is_tried_again()
    {
        using var scope = torch.NewDisposeScope();
        using var server = new TeacherServer(response =>
        {
            if (response.Number is 1 or 3) response.Status = response.Number == 1 ? 503 : 429;
            if (response.Number == 4) response.HangUp = true;
            if (response.Number == 6) response.Milliseconds = 5000;
        });
        using var teacher = (Options(server) with { Timeout = 3 }).Open(Tiny.Info, torch.CPU);
        Assert.Equal([5, 4], teacher.Forward(Tiny.Batch(), Output.Logits).Logits.shape);           // requests 3, 4, 5
        Assert.Equal([2, 4], teacher.Forward(Tiny.Batch(2), Output.Logits).Logits.shape);          // 6, 7
        Assert.Equal(7, server.Requests.Count);
    }

    [Fact] // whose service is busy for ever: the second request is answered so, and cancelled meanwhile
    public void Who_waits_for_a_service_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        using var server = new TeacherServer(response =>
        {
            if (response.IsInfo) return;
            response.Status = 503;
            stop.Cancel();
        });
        using var scope = torch.NewDisposeScope();
        using var teacher = (Options(server) with { Backoff = 60 }).Open(Tiny.Info, torch.CPU, stop.Token);
        Assert.Throws<OperationCanceledException>(() => teacher.Forward(Tiny.Batch(), Output.Logits));
        Assert.Throws<OperationCanceledException>(
            () => new EnsembleTeacherOptions { Members = [Options(server)] }.Open(Tiny.Info, torch.CPU, stop.Token));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public void A_service_that_stays_away_is_given_up()
    {
        using var server = new TeacherServer(response => response.Status = 500);
        Assert.Contains(
            $"{server.Url} did not respond in 3 attempts; the last: status 500",
            Refusal(server),
            StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.Count);
        var nobody = new RemoteTeacherOptions { Url = "http://127.0.0.1:9/", Retries = 0, Timeout = 2 };
        Assert.Contains(
            "http://127.0.0.1:9 did not respond in 1 attempts",
            Assert.Throws<InvalidDataException>(() => nobody.Open(Tiny.Info, torch.CPU)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_is_refused_is_not_sent_again()
    {
        using var server = new TeacherServer(response => response.Status = 403);
        Assert.Contains("refused the request: status 403", Refusal(server), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    const string Start = """{ "name": "a", "version": "1", "classes": ["class 0", "class 1", "class 2", "class 3"], """;
    const string Inputs = """ "inputs": [{ "name": "pixel_values", "type": "float32", "shape": [1, 6, 5] }], """;

    [Theory]
    [InlineData("[]", "what came cannot be read as that")]
    [InlineData("null", "what came cannot be read as that")]
    [InlineData(
        """{ "name": "a", "version": "1", "classes": ["class 0"] }""", "name, version, classes, inputs and outputs")]
    [InlineData(
        """{ "name": "a", "version": null, "classes": ["class 0"], "inputs": [], "outputs": [] }""",
        "name, version, classes, inputs and outputs")]
    [InlineData(
        """{ "name": "a", "version": "1", "classes": ["x"], "inputs": [null], "outputs": [] }""",
        "it is null, or has null in a list")]
    [InlineData(
        """{ "name": "a", "version": "1", "classes": ["x"], "inputs": [], "outputs": ["logits"] }""",
        "has 1 classes; the data has 4")]
    [InlineData(
        """
        {
          "name": "a", "version": "1", "classes": ["class 1", "class 0", "class 2", "class 3"],
          "inputs": [], "outputs": ["logits"]
        }
        """,
        "class 0 is \"class 1\" there and \"class 0\" here")]
    [InlineData(
        Start
        + """ "inputs": [{ "name": "pixel_values", "type": "float32", "shape": [3, 6, 5] }], "outputs": ["logits"] }""",
        "takes pixel_values float32 [N, 3, 6, 5]; the data gives pixel_values float32 [N, 1, 6, 5]")]
    [InlineData(
        Start
        + """ "inputs": [{ "name": "pixel_values", "type": "int64", "shape": [1, 6, 5] }], "outputs": ["logits"] }""",
        "takes pixel_values int64 [N, 1, 6, 5]")]
    [InlineData(
        Start + Inputs + """ "outputs": ["scores"] }""",
        "serves \"scores\"; outputs are logits, embedding, hidden_states.0, …, attentions.0, …, token_embeddings, "
        + "action.")]
    [InlineData(
        Start + Inputs + """ "outputs": ["hidden_states.1"] }""",
        "must serve each output once, and layers from 0 on; it serves hidden_states.1")]
    [InlineData(Start + Inputs + """ "outputs": [] }""", "must serve each output once")]
    public void A_card_that_does_not_fit_is_one_sentence(string info, string says)
    {
        using var server = new TeacherServer { Info = info };
        Assert.Contains(says, Refusal(server), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "shape", "must return logits of [5, 4], a number for each of the data's 4 classes; it returned [4, 5]" },
        { "missing", "must respond with logits; it responded with scores" },
        { "short", "is not a sound safetensors file" },
        { "nan", "must return finite numbers; logits of example 1 of the batch, number 2, is NaN" },
        { "infinite", "logits of example 0 of the batch, number 0, is Infinity" },
        { "version", "must serve version \"1\" throughout; this response is of \"2\"" },
    };

    [Theory, MemberData(nameof(Broken))]
    public void A_broken_answer_is_one_sentence(string trick, string says)
    {
        using var scope = torch.NewDisposeScope();
        using var server = new TeacherServer(response =>
        {
            if (response.IsInfo) return;
            var values = response.Outputs["logits"].Values;
            if (trick == "shape") response.Outputs["logits"] = ([4, 5], values);
            if (trick == "missing" && response.Outputs.Remove("logits")) response.Outputs["scores"] = ([5, 4], values);
            if (trick == "short") response.Cut = 4;
            if (trick == "nan") values[6] = float.NaN;
            if (trick == "infinite") values[0] = float.PositiveInfinity;
            if (trick == "version") response.Version = "2";
        });
        using var teacher = Options(server).Open(Tiny.Info, torch.CPU);
        var error = Assert.Throws<InvalidDataException>(() => teacher.Forward(Tiny.Batch(), Output.Logits));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void The_hash_depends_on_the_name_and_version_of_the_service()
    {
        using var server = new TeacherServer();
        using var teacher = Options(server).Open(Tiny.Info, torch.CPU);
        var first = teacher.Fingerprint();
        Assert.Equal(first, teacher.Fingerprint());
        server.Info = server.Info.Replace("\"1\"", "\"2\"", StringComparison.Ordinal);
        Assert.NotEqual(first, teacher.Fingerprint());
        var error = Assert.Throws<InvalidDataException>(
            () => (Options(server) with { Version = "1" }).Open(Tiny.Info, torch.CPU));
        Assert.Contains("must serve version \"1\"; it serves \"2\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_comes_from_the_environment()
    {
        const string Variable = "RETORT_TEST_TOKEN";
        using var server = new TeacherServer();
        var options = Options(server) with { TokenVariable = Variable };
        var error = Assert.Throws<InvalidOperationException>(() => options.Open(Tiny.Info, torch.CPU));
        Assert.Contains($"names {Variable}, which is not set", error.Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, "abc");
        try { using var teacher = options.Open(Tiny.Info, torch.CPU); }
        finally { Environment.SetEnvironmentVariable(Variable, null); }
        Assert.Equal(["GET /teacher Bearer abc"], server.Requests);
    }

    [Theory]
    [InlineData("ftp://x/")]
    [InlineData("teacher")]
    [InlineData("file:///etc/passwd")]
    public void An_address_is_one_of_the_web(string url) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new RemoteTeacherOptions { Url = url }.Open(Tiny.Info, torch.CPU));

    static string Refusal(TeacherServer server) =>
        Assert.Throws<InvalidDataException>(() => Options(server).Open(Tiny.Info, torch.CPU)).Message;
}
