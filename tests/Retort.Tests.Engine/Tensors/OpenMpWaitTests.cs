using System.Runtime.InteropServices;
using System.Text;
using Retort.Tensors.Native;

namespace Retort.Tests.Tensors;

/// <summary>How long libtorch's threads keep a core busy while they wait.</summary>
public sealed class OpenMpWaitTests
{
    const string Policy = "OMP_WAIT_POLICY";
    const string SpinCount = "GOMP_SPINCOUNT";

    [Theory]
    [InlineData(null, null, "1000")]
    [InlineData(null, "7", "7")]
    [InlineData("active", null, null)]
    public void The_wait_is_short_unless_the_environment_says_how_long(string? policy, string? before, string? after)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone has libgomp.");
        var (oldPolicy, oldCount) = (Environment.GetEnvironmentVariable(Policy), Get(SpinCount));
        try
        {
            Environment.SetEnvironmentVariable(Policy, policy);
            Set(before);
            OpenMpWait.Shorten();
            Assert.Equal(after, Get(SpinCount));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Policy, oldPolicy);
            Set(oldCount);
        }
    }

    static void Set(string? value) =>
        _ = value is null ? unsetenv(Bytes(SpinCount)) : setenv(Bytes(SpinCount), Bytes(value), 1);

    static string? Get(string name) => Marshal.PtrToStringUTF8(getenv(Bytes(name)));

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [DllImport("libc")]
    static extern nint getenv(byte[] name);

    [DllImport("libc")]
    static extern int setenv(byte[] name, byte[] value, int replaces);

    [DllImport("libc")]
    static extern int unsetenv(byte[] name);
}
