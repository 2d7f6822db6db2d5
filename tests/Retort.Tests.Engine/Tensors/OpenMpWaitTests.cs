using System.Runtime.InteropServices;
using Retort.Tensors.Native;

namespace Retort.Tests.Tensors;

/// <summary>How long libtorch's threads keep a core busy while they wait.</summary>
public sealed partial class OpenMpWaitTests
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

    static void Set(string? value) => _ = value is null ? Unset(SpinCount) : Set(SpinCount, value, 1);

    static string? Get(string name) => Marshal.PtrToStringUTF8(Value(name));

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Value(string name);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(string name, string value, int replaces);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unset(string name);
}
