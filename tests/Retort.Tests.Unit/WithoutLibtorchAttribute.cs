using System.Reflection;
using Retort.Tensors.Native;
using Retort.Tests;
using Xunit.v3;

[assembly: WithoutLibtorch]

namespace Retort.Tests;

/// <summary>
/// Fails the first test after which libtorch is loaded. Its random generator and its number of threads belong to the
/// whole process, so a test that uses it belongs to Retort.Tests.Engine, where tests run one after another.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class WithoutLibtorchAttribute : BeforeAfterTestAttribute
{
    static int s_reported;

    /// <summary>
    /// Where libtorch comes with TorchSharp's assembly, as with RETORT_LIBTORCH, no test can be blamed.
    /// </summary>
    static WithoutLibtorchAttribute()                       // no initializer: it must run before the first test
    {
        Assembly.Load("TorchSharp");
        s_reported = NativeLoader.Files.Count;
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (NativeLoader.Files is not [var file, ..] || Interlocked.Exchange(ref s_reported, 1) > 0) return;
        Assert.Fail($"{file.Path} was loaded by this test or by one that ran beside it: "
            + "move the test to Retort.Tests.Engine.");
    }
}
