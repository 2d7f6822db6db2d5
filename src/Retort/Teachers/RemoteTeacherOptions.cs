using TorchSharp;

namespace Retort.Teachers;

/// <summary>Options of a teacher that is served over HTTP; docs/teachers.md describes the protocol.</summary>
public sealed record RemoteTeacherOptions : PretrainedTeacherOptions
{
    /// <summary>The address of the service, such as http://127.0.0.1:8000/teacher.</summary>
    public required string Url
    {
        get;
        init
        {
            Require.That(Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https",
                $"Url must be an address that begins with http:// or https://; it is \"{value}\".");
            field = value;
        }
    }

    /// <summary>The version that the service must state. Unless given any, but the same for the whole run.</summary>
    public string? Version { get; init; }

    /// <summary>Seconds that one request may take.</summary>
    public double Timeout { get; init => field = Require.Positive(value); } = 30;

    /// <summary>
    /// How often a request is sent again after a lost connection, a timeout, or a status that says the service is busy
    /// or broken.
    /// </summary>
    public int Retries { get; init => field = Require.NotNegative(value); } = 5;

    /// <summary>Seconds before the first retry; each further one waits twice as long.</summary>
    public double Backoff { get; init => field = Require.NotNegative(value); } = 0.25;

    /// <summary>
    /// The environment variable with a token that is sent as <c>Authorization: Bearer</c>; none unless given.
    /// </summary>
    public string? TokenVariable { get; init; }

    public override ITeacher Open(DatasetInfo data, torch.Device device) => Open(data, device, CancellationToken.None);

    public override ITeacher Open(DatasetInfo data, torch.Device device, CancellationToken token) =>
        new RemoteTeacher(this, data, device, token);
}
