using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Retort.Teachers;

namespace Retort.Tests.Teachers;

/// <summary>
/// Training data goes to the address in the recipe and nowhere else, and no text of a service is a command.
/// </summary>
public sealed class RemoteTrustTests
{
    const string Card = """
        { "name": "a", "version": "1", "classes": ["class 0", "class 1", "class 2", "class 3"],
          "inputs": [{ "name": "pixel_values", "type": "float32", "shape": [1, 6, 5] }], "outputs": ["logits"] }
        """;

    static RemoteTeacherOptions Options(string url) => new() { Url = url, Timeout = 2, Retries = 0 };

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public void A_redirect_is_refused_and_followed_by_no_data(int status)
    {
        using var scope = torch.NewDisposeScope();
        using var other = new TeacherServer();
        using var server = new TeacherServer(response =>
        {
            if (response.IsInfo) return;
            (response.Status, response.Location) = (status, other.Url + "/predict");
        });
        using var teacher = Options(server.Url).Open(Tiny.Info, torch.CPU);
        Assert.Equal(
            $"{server.Url} redirects to {other.Url}/predict, and data is sent only to the address in the recipe: write "
            + "that one there if it is the right one.",
            Assert.Throws<InvalidDataException>(() => teacher.Forward(Tiny.Batch(), Output.Logits)).Message);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("/")]                                                       // for ever
    public void A_redirect_of_the_first_request_is_refused_too(string location)
    {
        using var server = new TeacherServer(response => (response.Status, response.Location) = (302, location));
        Assert.StartsWith(
            $"{server.Url} redirects to {location}, and", Refusal(server), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("http://user:secret@x/")]
    [InlineData("http://user@x/")]
    [InlineData("http://x/?key=secret")]
    [InlineData("http://x/teacher?api_key=secret")]
    [InlineData("http://x/#token=secret")]
    [InlineData("x:secret@y")]
    public void An_address_has_no_password_and_no_message_repeats_it(string url)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Options(url).Open(Tiny.Info, torch.CPU));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        if (url.StartsWith("http", StringComparison.Ordinal))
            Assert.Contains("name it in \"tokenVariable\"", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("class 1", "\\u001b[31mx\\nband", "class 1 is \"\\u001b[31mx\\u000aband\" there")]
    [InlineData("\"logits\"", "\"\\u001b[31m\"", "serves \"\\u001b[31m\"; outputs are")]
    [InlineData("pixel_values", "\\u001b[31m", "takes \\u001b[31m float32")]
    public void What_a_service_says_is_printed_as_text(string old, string own, string sentence)
    {
        using var server = new TeacherServer { Info = Card.Replace(old, own, StringComparison.Ordinal) };
        Assert.Contains(sentence, Refusal(server), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_of_a_service_is_cut()
    {
        using var server = new TeacherServer
        {
            Info = Card.Replace("class 1", new string('x', 100_000), StringComparison.Ordinal),
        };
        Assert.InRange(Refusal(server).Length, 0, 500);
    }

    [Fact]
    public void A_certificate_that_is_not_trusted_is_said_in_words_at_once()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var start = DateTimeOffset.UnixEpoch;
        using var certificate = request.CreateSelfSigned(start, start.AddYears(99));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connections = 0;
        var work = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                connections++;
                await using var stream = new SslStream(client.GetStream());
                await Record.ExceptionAsync(() => stream.AuthenticateAsServerAsync(certificate));
            }
        });
        var url = $"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var options = Options(url) with { Timeout = 20, Retries = 3 };
        Assert.StartsWith(
            $"{url} cannot be trusted: its certificate is not valid",
            Assert.Throws<InvalidDataException>(() => options.Open(Tiny.Info, torch.CPU)).Message,
            StringComparison.Ordinal);
        Assert.Equal(1, connections);
        listener.Stop();
        Assert.NotNull(Record.Exception(() => work.Wait(TimeSpan.FromSeconds(20))));
    }

    static string Refusal(TeacherServer server)
    {
        var message = Assert.Throws<InvalidDataException>(() => Options(server.Url).Open(Tiny.Info, torch.CPU)).Message;
        Assert.DoesNotContain(message, letter => char.IsControl(letter));
        return message;
    }
}
