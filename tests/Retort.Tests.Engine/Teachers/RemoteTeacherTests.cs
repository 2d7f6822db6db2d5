using System.Runtime.InteropServices;
using Retort.Teachers;

namespace Retort.Tests.Teachers;

public sealed class RemoteTeacherTests
{
    static RemoteTeacherOptions Options(TeacherServer server) => new() { Url = server.Url, Timeout = 5, Retries = 2, Backoff = 0.01 };

    [Fact]
    public void A_batch_is_posted_and_logits_come_back()
    {
        using var scope = torch.NewDisposeScope();
        using var server = new TeacherServer();
        using var teacher = Options(server).Open(Tiny.Info, torch.CPU);
        var logits = teacher.Forward(Tiny.Batch(), Output.Logits).Logits.ToFloatArray();
        var pixels = Tiny.Numbers("pixels");
        for (var i = 0; i < 20; i++) Assert.Equal(pixels.Skip(i / 4 * 30).Take(30).Sum() + i % 4, logits[i], tolerance: 1e-4);
        Assert.Equal(["GET /teacher", "POST /teacher/logits 5,1,6,5"], server.Heard);
        Assert.Equal(Output.Logits, teacher.AvailableOutputs);
    }

    [Fact]
    public void A_service_that_is_busy_hangs_up_or_is_slow_is_asked_again()
    {
        using var scope = torch.NewDisposeScope();
        using var server = new TeacherServer(answer =>
        {
            if (answer.Number is 1 or 3) answer.Status = answer.Number == 1 ? 503 : 429;
            if (answer.Number == 4) answer.HangUp = true;
            if (answer.Number == 6) answer.Milliseconds = 800;
        });
        using var teacher = (Options(server) with { Timeout = 0.4 }).Open(Tiny.Info, torch.CPU);
        Assert.Equal([5, 4], teacher.Forward(Tiny.Batch(), Output.Logits).Logits.shape);           // requests 3, 4, 5
        Assert.Equal([2, 4], teacher.Forward(Tiny.Batch(2), Output.Logits).Logits.shape);          // 6, 7
        Assert.Equal(7, server.Heard.Count);
    }

    [Fact] // whose service is busy for ever: the second request is answered so, and cancelled meanwhile
    public void Who_waits_for_a_service_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        using var server = new TeacherServer(answer =>
        {
            if (answer.IsCard) return;
            answer.Status = 503;
            stop.Cancel();
        });
        using var scope = torch.NewDisposeScope();
        using var teacher = (Options(server) with { Backoff = 60 }).Open(Tiny.Info, torch.CPU, stop.Token);
        Assert.Throws<OperationCanceledException>(() => teacher.Forward(Tiny.Batch(), Output.Logits));
        Assert.Throws<OperationCanceledException>(() => new EnsembleTeacherOptions { Members = [Options(server)] }.Open(Tiny.Info, torch.CPU, stop.Token));
        Assert.Equal(2, server.Heard.Count);
    }

    [Fact]
    public void A_service_that_stays_away_is_given_up()
    {
        using var server = new TeacherServer(answer => answer.Status = 500);
        Assert.Contains($"{server.Url} did not answer in 3 attempts; the last: status 500", Refusal(server), StringComparison.Ordinal);
        Assert.Equal(3, server.Heard.Count);
        var nobody = new RemoteTeacherOptions { Url = "http://127.0.0.1:9/", Retries = 0, Timeout = 2 };
        Assert.Contains("http://127.0.0.1:9 did not answer in 1 attempts", Assert.Throws<InvalidDataException>(() => nobody.Open(Tiny.Info, torch.CPU)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_is_refused_is_not_sent_again()
    {
        using var server = new TeacherServer(answer => answer.Status = 403);
        Assert.Contains("refused the request: status 403", Refusal(server), StringComparison.Ordinal);
        Assert.Single(server.Heard);
    }

    [Theory]
    [InlineData("[]", "what came cannot be read as that")]
    [InlineData("null", "what came cannot be read as that")]
    [InlineData("""{ "name": "a", "version": "1", "classes": ["class 0"] }""", "name, version, classes and input")]
    [InlineData("""{ "name": "a", "version": null, "classes": ["class 0"], "input": [1] }""", "name, version, classes and input")]
    [InlineData("""{ "name": "a", "version": "1", "classes": ["x"], "input": [1, 6, 5] }""", "answers for 1 classes; the data has 4")]
    [InlineData("""{ "name": "a", "version": "1", "classes": ["class 1", "class 0", "class 2", "class 3"], "input": [1, 6, 5] }""", "class 0 is \"class 1\" there and \"class 0\" here")]
    [InlineData("""{ "name": "a", "version": "1", "classes": ["class 0", "class 1", "class 2", "class 3"], "input": [3, 6, 5] }""", "takes examples of [3, 6, 5]; the data gives pixel_values [1, 6, 5]")]
    public void A_card_that_does_not_fit_is_one_sentence(string card, string says)
    {
        using var server = new TeacherServer { Card = card };
        Assert.Contains(says, Refusal(server), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "shape", "must answer with [5, 4], a number for each of the data's 4 classes; it answered with [4, 5]" },
        { "no shape", "must state its answer's shape in the header Retort-Shape" },
        { "odd shape", "must state its answer's shape in the header Retort-Shape" },
        { "short", "must answer with 80 bytes of float32 for [5, 4]; 76 came" },
        { "long", "must answer with at most 80 bytes here; more came" },
        { "nan", "must answer with finite numbers; example 1 of the batch, class 2, is NaN" },
        { "infinite", "example 0 of the batch, class 0, is Infinity" },
        { "version", "serves version \"1\"; this answer is of \"2\"" },
    };

    [Theory, MemberData(nameof(Broken))]
    public void A_broken_answer_is_one_sentence(string trick, string says)
    {
        using var scope = torch.NewDisposeScope();
        using var server = new TeacherServer(answer =>
        {
            if (answer.IsCard) return;
            var numbers = MemoryMarshal.Cast<byte, float>(answer.Body.AsSpan());
            if (trick == "shape") answer.Shape = "4,5";
            if (trick == "no shape") answer.Shape = null;
            if (trick == "odd shape") answer.Shape = "5,many";
            if (trick == "short") answer.Body = answer.Body[..^4];
            if (trick == "long") answer.Body = [.. answer.Body, 0, 0, 0, 0];
            if (trick == "nan") numbers[6] = float.NaN;
            if (trick == "infinite") numbers[0] = float.PositiveInfinity;
            if (trick == "version") answer.Version = "2";
        });
        using var teacher = Options(server).Open(Tiny.Info, torch.CPU);
        var error = Assert.Throws<InvalidDataException>(() => teacher.Forward(Tiny.Batch(), Output.Logits));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_follows_what_the_service_says_it_is()
    {
        using var server = new TeacherServer();
        using var teacher = Options(server).Open(Tiny.Info, torch.CPU);
        var first = teacher.Fingerprint();
        Assert.Equal(first, teacher.Fingerprint());
        server.Card = server.Card.Replace("\"1\"", "\"2\"", StringComparison.Ordinal);
        Assert.NotEqual(first, teacher.Fingerprint());
        Assert.Contains("must serve version \"1\"; it serves \"2\"", Assert.Throws<InvalidDataException>(() => (Options(server) with { Version = "1" }).Open(Tiny.Info, torch.CPU)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_comes_from_the_environment()
    {
        const string Variable = "RETORT_TEST_TOKEN";
        using var server = new TeacherServer();
        Assert.Contains($"names {Variable}, which is not set", Assert.Throws<InvalidOperationException>(() =>
            (Options(server) with { TokenVariable = Variable }).Open(Tiny.Info, torch.CPU)).Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, "abc");
        try { using var teacher = (Options(server) with { TokenVariable = Variable }).Open(Tiny.Info, torch.CPU); }
        finally { Environment.SetEnvironmentVariable(Variable, null); }
        Assert.Equal(["GET /teacher  Bearer abc"], server.Heard);
    }

    [Theory]
    [InlineData("ftp://x/")]
    [InlineData("teacher")]
    [InlineData("file:///etc/passwd")]
    public void An_address_is_one_of_the_web(string url) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RemoteTeacherOptions { Url = url }.Open(Tiny.Info, torch.CPU));

    static string Refusal(TeacherServer server) => Assert.Throws<InvalidDataException>(() => Options(server).Open(Tiny.Info, torch.CPU)).Message;
}
