namespace Retort.Data;

/// <summary>One file of a published dataset.</summary>
/// <param name="Name">The file's name, at the publisher's and in the cache.</param>
/// <param name="Md5">Its digest from <see cref="PublishedDataset.DigestSource"/>, in lower-case hexadecimal.</param>
/// <param name="Bytes">
/// The approximate size, for progress. A download that exceeds twice this size is refused.
/// </param>
public sealed record PublishedFile(string Name, string Md5, long Bytes);
