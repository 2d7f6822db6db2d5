using System.Runtime.InteropServices;
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

    static void Set(string? value) => _ = value is null ? unsetenv(SpinCount) : setenv(SpinCount, value, 1);

    static string? Get(string name) => Marshal.PtrToStringUTF8(getenv(name));

    [DllImport("libc")]
    static extern nint getenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libc")]
    static extern int setenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int replaces);

    [DllImport("libc")]
    static extern int unsetenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
