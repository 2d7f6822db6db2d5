using TorchSharp;

namespace Retort.Teachers;

/// <summary>Options of a teacher that is served over HTTP; docs/teachers.md describes the protocol.</summary>
public sealed record RemoteTeacherOptions : PretrainedTeacherOptions
{
    /// <summary>The address of the service, such as http://127.0.0.1:8000/teacher.</summary>
    [HttpUrl]
    public required string Url { get; init; }

    /// <summary>The version that the service must state. Unless given any, but the same for the whole run.</summary>
    public string? Version { get; init; }

    /// <summary>Seconds that one request may take.</summary>
    [Positive]
    public double Timeout { get; init; } = 30;

    /// <summary>
    /// How often a request is sent again after a lost connection, a timeout, or a status that says the service is busy
    /// or broken.
    /// </summary>
    [NotNegative]
    public int Retries { get; init; } = 5;

    /// <summary>Seconds before the first retry; each further one waits twice as long.</summary>
    [NotNegative]
    public double Backoff { get; init; } = 0.25;

    /// <summary>
    /// The environment variable with a token that is sent as <c>Authorization: Bearer</c>; none unless given.
    /// </summary>
    public string? TokenVariable { get; init; }

    public override ITeacher Open(DatasetInfo data, torch.Device device) => Open(data, device, CancellationToken.None);

    public override ITeacher Open(DatasetInfo data, torch.Device device, CancellationToken token) =>
        new RemoteTeacher(OptionRules.Check(this), data, device, token);
}
