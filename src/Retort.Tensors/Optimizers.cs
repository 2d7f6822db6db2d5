using Retort.Tensors.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>Moves parameters along their gradients; its state is named after the parameters it belongs to.</summary>
public abstract class Optimizer : IDisposable
{
    /// <summary>What a checkpoint must hold; loaded in place.</summary>
    public abstract IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Forgets the gradients.</summary>
    public abstract void ZeroGrad();

    /// <summary>One step; a gradient longer than <paramref name="clip"/> is shortened to it first (0: any length).</summary>
    public abstract void Step(double learningRate, double clip = 0);

    public abstract void Dispose();
}

/// <summary>Who does an optimizer's arithmetic; the results agree but for rounding.</summary>
public enum OptimizerImplementation
{
    /// <summary>A loop over the numbers where they lie: float32 on the CPU, up to a million of them or channels-last.</summary>
    Loop,

    /// <summary>One call of libtorch's fused operator for all parameters: other types, larger networks, CUDA.</summary>
    Fused,

    /// <summary>TorchSharp's operators, parameter by parameter: where neither can be had.</summary>
    Plain,
}

/// <summary>
/// Steps all parameters at once. Those that are not trained are left out, one that is listed twice (tied weights) is
/// stepped once, and one without a gradient stays as it is.
/// </summary>
/// <remarks>
/// Parameters stay where they are and keep their memory format. On small networks the number of calls is the cost, and
/// libtorch's fused operators open a parallel region a parameter; hence the loop. The path is chosen once, from the
/// parameters alone. A gradient that is laid out otherwise than its parameter makes a step go the plain way.
/// </remarks>
public abstract class FusedOptimizer : Optimizer
{
    const long LoopLimit = 1 << 20;         // beyond, several threads are worth their start

    readonly List<(string Name, Parameter Parameter)> _parts = [];
    readonly List<(string Slot, Tensor[] Tensors)> _slots = [];
    readonly Dictionary<string, Tensor> _state = [];
    readonly OptimizerImplementation _path;
    readonly int[] _active;                 // positions of the parameters that have a gradient at this step
    readonly nint[] _parameters;            // their handles
    readonly nint[] _gradients;             // handles of ours, given away with the call
    readonly nint[] _handles;               // room for one slot's handles
    int _count;

    /// <param name="parameters">Each under the name its state has in a checkpoint.</param>
    /// <param name="path">Null: the fastest that these parameters allow.</param>
    private protected FusedOptimizer(IEnumerable<(string Name, Parameter Parameter)> parameters, OptimizerImplementation? path)
    {
        var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in parameters)
            if (parameter.requires_grad && seen.Add(parameter)) _parts.Add((name, parameter));
        _path = Possible(path);
        (_active, _parameters) = (new int[_parts.Count], new nint[_parts.Count]);
        (_gradients, _handles) = (new nint[_parts.Count], new nint[_parts.Count]);
    }

    public sealed override IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>Who does the arithmetic.</summary>
    public OptimizerImplementation Implementation => _path;

    public sealed override void ZeroGrad()
    {
        foreach (var (_, parameter) in _parts)
            if (Dispatcher.IsAvailable) Dispatcher.ClearGradient(parameter.Handle);
            else parameter.grad = null;
    }

    public sealed override void Step(double learningRate, double clip = 0)
    {
        using var frozen = no_grad();
        if (!Gather())
        {
            StepPlainly(learningRate, clip);
            return;
        }
        if (_count == 0) return;
        if (clip > 0) GradientClipping.Shorten(_parts[0].Parameter, _gradients.AsSpan(0, _count), clip, Trained);
        if (_path == OptimizerImplementation.Fused) StepFused(learningRate);
        else StepByLoop(learningRate);
    }

    public sealed override void Dispose()
    {
        foreach (var (_, tensors) in _slots)
            foreach (var tensor in tensors) tensor.Dispose();
    }

    /// <summary>The arithmetic for one parameter's numbers, in the order they lie.</summary>
    private protected abstract void StepNumbers(int position, Span<float> parameter, ReadOnlySpan<float> gradient, double learningRate);

    /// <summary>One call for all parameters that have a gradient.</summary>
    private protected abstract void StepFused(double learningRate);

    /// <summary>The same arithmetic for one parameter in TorchSharp's operators.</summary>
    private protected abstract void StepPlainly(int position, Parameter parameter, Tensor gradient, double learningRate);

    /// <summary>One tensor a parameter, kept under <c>name.slot</c>; made once, owned by no scope.</summary>
    private protected Tensor[] NewSlot(string slot, Func<Parameter, Tensor> make)
    {
        var tensors = _parts.Select(part => make(part.Parameter).requires_grad_(false).DetachFromDisposeScope()).ToArray();
        for (var i = 0; i < tensors.Length; i++) _state.Add($"{_parts[i].Name}.{slot}", tensors[i]);
        _slots.Add((slot, tensors));
        return tensors;
    }

    /// <summary>How many parameters have a gradient at this step, and which.</summary>
    private protected ReadOnlySpan<int> Active => _active.AsSpan(0, _count);

    /// <summary>The list of those parameters, for the stack of a call.</summary>
    private protected ulong ParameterList() => Dispatcher.Shared(_parameters.AsSpan(0, _count));

    /// <summary>The list of their gradients; they are given away.</summary>
    private protected ulong GradientList() => Dispatcher.Given(_gradients.AsSpan(0, _count));

    /// <summary>The list of what a slot holds for them.</summary>
    private protected ulong SlotList(Tensor[] slot)
    {
        for (var i = 0; i < _count; i++) _handles[i] = slot[_active[i]].Handle;
        return Dispatcher.Shared(_handles.AsSpan(0, _count));
    }

    IEnumerable<Parameter> Trained => _parts.Select(part => part.Parameter);

    /// <summary>Takes hold of the gradients; false, with none taken, where the fused operators cannot use them.</summary>
    bool Gather()
    {
        _count = 0;
        if (_path == OptimizerImplementation.Plain) return false;
        for (var i = 0; i < _parts.Count; i++)
        {
            var parameter = _parts[i].Parameter.Handle;
            var gradient = Dispatcher.Gradient(parameter);
            if (gradient == 0) continue;
            (_active[_count], _parameters[_count], _gradients[_count]) = (i, parameter, gradient);
            _count++;
            if (Dispatcher.AreAlike(parameter, gradient)) continue;
            foreach (var held in _gradients.AsSpan(0, _count)) Dispatcher.Delete(held);
            _count = 0;
            return false;
        }
        return true;
    }

    void StepByLoop(double learningRate)
    {
        for (var i = 0; i < _count; i++)
        {
            StepNumbers(_active[i], Dispatcher.Numbers(_parameters[i]), Dispatcher.Numbers(_gradients[i]), learningRate);
            Dispatcher.Delete(_gradients[i]);
        }
    }

    void StepPlainly(double learningRate, double clip)
    {
        using var scope = NewDisposeScope();
        if (clip > 0) GradientClipping.ShortenPlainly(Trained, clip);
        for (var i = 0; i < _parts.Count; i++)
            if (_parts[i].Parameter.grad is { } gradient) StepPlainly(i, _parts[i].Parameter, gradient, learningRate);
    }

    OptimizerImplementation Possible(OptimizerImplementation? wanted)
    {
        if (wanted == OptimizerImplementation.Plain || _parts.Count == 0 || !Dispatcher.IsAvailable || !AreUniform()) return OptimizerImplementation.Plain;
        var (first, numbers) = (_parts[0].Parameter, _parts.Sum(part => part.Parameter.numel()));
        var loops = first.dtype == ScalarType.Float32 && first.device_type == DeviceType.CPU;
        var inOrder = _parts.All(part => part.Parameter.is_contiguous());    // others the fused operators copy there and back
        if (wanted is null) return loops && (numbers <= LoopLimit || !inOrder) ? OptimizerImplementation.Loop : OptimizerImplementation.Fused;
        return wanted == OptimizerImplementation.Loop && !loops ? OptimizerImplementation.Fused : wanted.Value;
    }

    bool AreUniform()
    {
        var first = _parts[0].Parameter;
        return first.dtype is ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16 or ScalarType.Float16
            && first.device_type is DeviceType.CPU or DeviceType.CUDA
            && _parts.All(part => part.Parameter.dtype == first.dtype && part.Parameter.device_type == first.device_type
                && part.Parameter.device_index == first.device_index && IsDense(part.Parameter));
    }

    /// <summary>Whether the numbers fill their memory without gap or overlap, in whatever order of the dimensions.</summary>
    static bool IsDense(Tensor x)
    {
        long expected = 1;
        foreach (var (size, stride) in x.shape.Zip(x.stride()).Where(pair => pair.First > 1).OrderBy(pair => pair.Second))
        {
            if (stride != expected) return false;
            expected *= size;
        }
        return true;
    }
}
