using Retort.Tests.Contract;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Teachers;

public sealed class FrozenNetworkTests
{
    [Fact] // an answer may name one tensor twice: the network's embedding is its last hidden layer
    public void Of_a_teachers_tensors_only_the_outputs_live_until_the_end_of_the_step()
    {
        using var teacher = Few.Teacher();
        using var scope = NewDisposeScope();
        var batch = Few.Batch();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            var answer = teacher.Forward(batch, Output.Logits | Output.Embedding | Output.HiddenStates);
            Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            Assert.Same(answer.Embedding, answer.HiddenStates[^1]);
            Assert.Equal([8L, 16], answer.Embedding.shape);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
