using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Tensors;

public sealed class ChecksumTests
{
    [Fact] // FIPS 180-2, appendix B.1
    public void SHA_256_of_abc()
    {
        const string Expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        var path = Path.Combine(Few.Folder(), "abc");
        File.WriteAllBytes(path, "abc"u8.ToArray());
        Assert.Equal(Expected, FileHash.Sha256(path));
        Assert.Equal(Expected, FileHash.Sha256("abc"u8));
    }

    [Fact] // RFC 3720, appendix B.4, without the reflection of its bytes; "123456789" is the usual check value
    public void CRC_32C_has_its_published_values()
    {
        Assert.Equal(0xE3069283, Crc32C.Compute("123456789"u8));
        Assert.Equal(0x8A9136AA, Crc32C.Compute(new byte[32]));
        Assert.Equal(0xE3069283, Crc32C.Compute("56789"u8, Crc32C.Compute("1234"u8)));
    }
}
