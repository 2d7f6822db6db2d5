using Retort.Tensors.Native;
using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>
/// Steps all parameters in one pass. Parameters that are not trained are left out, one that is listed twice (tied
/// weights) is stepped once, and one without a gradient stays as it is.
/// </summary>
/// <remarks>
/// Parameters keep their memory and their memory format. On small networks the number of calls is the cost, and
/// libtorch's fused operators open a parallel region per parameter; therefore the loop. The implementation is chosen
/// once, from the parameters alone. If a gradient has another memory layout than its parameter, that step uses
/// <see cref="OptimizerImplementation.Plain"/>.
/// </remarks>
public abstract class FusedOptimizer : Optimizer
{
    const long LoopLimit = 1 << 20;         // elements; above, the fused operators' threads are worth starting

    readonly List<(string Name, Parameter Parameter)> _parameters = [];
    readonly List<Tensor[]> _slots = [];
    readonly Dictionary<string, Tensor> _state = [];

    // The first _activeCount entries describe the parameters that have a gradient in this step.
    readonly int[] _active;                 // positions in _parameters
    readonly nint[] _parameterHandles;
    readonly nint[] _gradientHandles;       // owned by this object until they are deleted or given to a call
    readonly nint[] _slotHandles;           // scratch for SlotList
    int _activeCount;

    /// <param name="parameters">Each under the name that its state has in a checkpoint.</param>
    /// <param name="implementation">Null chooses the fastest for these parameters.</param>
    private protected FusedOptimizer(
        IEnumerable<(string Name, Parameter Parameter)> parameters, OptimizerImplementation? implementation)
    {
        var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in parameters)
            if (parameter.requires_grad && seen.Add(parameter)) _parameters.Add((name, parameter));

        Implementation = Choose(implementation);
        _active = new int[_parameters.Count];
        _parameterHandles = new nint[_parameters.Count];
        _gradientHandles = new nint[_parameters.Count];
        _slotHandles = new nint[_parameters.Count];
    }

    public sealed override IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>The implementation in use.</summary>
    public OptimizerImplementation Implementation { get; }

    public sealed override void ZeroGrad()
    {
        foreach (var (_, parameter) in _parameters)
        {
            if (Dispatcher.IsAvailable) Dispatcher.ClearGradient(parameter.Handle);
            else parameter.grad = null;
        }
    }

    public sealed override void Step(double learningRate, double maxNorm = 0)
    {
        using var noGrad = no_grad();
        if (!CollectGradients())
        {
            StepPlain(learningRate, maxNorm);
            return;
        }
        if (_activeCount == 0) return;

        if (maxNorm > 0)
            GradientClipping.Clip(
                _parameters[0].Parameter, _gradientHandles.AsSpan(0, _activeCount), maxNorm, TrainedParameters);
        if (Implementation == OptimizerImplementation.Fused) StepFused(learningRate);
        else StepLoop(learningRate);
    }

    public sealed override void Dispose()
    {
        foreach (var tensors in _slots)
            foreach (var tensor in tensors) tensor.Dispose();
    }

    /// <summary>Steps one parameter, given its elements and those of its gradient in memory order.</summary>
    private protected abstract void StepLoop(
        int position, Span<float> parameter, ReadOnlySpan<float> gradient, double learningRate);

    /// <summary>Steps all parameters that have a gradient, in one call.</summary>
    private protected abstract void StepFused(double learningRate);

    /// <summary>Steps one parameter by TorchSharp's operators.</summary>
    private protected abstract void StepPlain(int position, Parameter parameter, Tensor gradient, double learningRate);

    /// <summary>
    /// Creates one state tensor for each parameter, named <c>name.slot</c> in <see cref="State"/> and owned by this
    /// object.
    /// </summary>
    private protected Tensor[] NewSlot(string slot, Func<Parameter, Tensor> make)
    {
        var tensors = _parameters
            .Select(pair => make(pair.Parameter).requires_grad_(false).DetachFromDisposeScope())
            .ToArray();
        for (var i = 0; i < tensors.Length; i++) _state.Add($"{_parameters[i].Name}.{slot}", tensors[i]);
        _slots.Add(tensors);
        return tensors;
    }

    /// <summary>Positions of the parameters that have a gradient in this step.</summary>
    private protected ReadOnlySpan<int> Active => _active.AsSpan(0, _activeCount);

    /// <summary>The list of those parameters, as an argument of <see cref="Dispatcher.Call"/>.</summary>
    private protected ulong ParameterList() => Dispatcher.ListOfShared(_parameterHandles.AsSpan(0, _activeCount));

    /// <summary>The list of their gradients. The call takes over the handles.</summary>
    private protected ulong GradientList() => Dispatcher.ListOfOwned(_gradientHandles.AsSpan(0, _activeCount));

    /// <summary>The list of a slot's tensors for those parameters.</summary>
    private protected ulong SlotList(Tensor[] slot)
    {
        for (var i = 0; i < _activeCount; i++) _slotHandles[i] = slot[_active[i]].Handle;
        return Dispatcher.ListOfShared(_slotHandles.AsSpan(0, _activeCount));
    }

    IEnumerable<Parameter> TrainedParameters => _parameters.Select(pair => pair.Parameter);

    /// <summary>
    /// Takes handles to the gradients. Returns false, and holds none, if the step must use TorchSharp's operators.
    /// </summary>
    bool CollectGradients()
    {
        _activeCount = 0;
        if (Implementation == OptimizerImplementation.Plain) return false;

        for (var i = 0; i < _parameters.Count; i++)
        {
            var parameter = _parameters[i].Parameter.Handle;
            var gradient = Dispatcher.Gradient(parameter);
            if (gradient == 0) continue;

            _active[_activeCount] = i;
            _parameterHandles[_activeCount] = parameter;
            _gradientHandles[_activeCount] = gradient;
            _activeCount++;
            if (Dispatcher.HaveSameLayout(parameter, gradient)) continue;

            foreach (var handle in _gradientHandles.AsSpan(0, _activeCount)) Dispatcher.Delete(handle);
            _activeCount = 0;
            return false;
        }
        return true;
    }

    void StepLoop(double learningRate)
    {
        for (var i = 0; i < _activeCount; i++)
        {
            var parameter = Dispatcher.Data(_parameterHandles[i]);
            StepLoop(_active[i], parameter, Dispatcher.Data(_gradientHandles[i]), learningRate);
            Dispatcher.Delete(_gradientHandles[i]);
        }
    }

    void StepPlain(double learningRate, double maxNorm)
    {
        using var scope = NewDisposeScope();
        if (maxNorm > 0) GradientClipping.ClipPlain(TrainedParameters, maxNorm);
        for (var i = 0; i < _parameters.Count; i++)
        {
            var parameter = _parameters[i].Parameter;
            if (parameter.grad is { } gradient) StepPlain(i, parameter, gradient, learningRate);
        }
    }

    /// <summary>The wanted implementation, or the nearest that these parameters allow.</summary>
    OptimizerImplementation Choose(OptimizerImplementation? wanted)
    {
        if (wanted == OptimizerImplementation.Plain || _parameters.Count == 0) return OptimizerImplementation.Plain;
        if (!Dispatcher.IsAvailable || !AreUniform()) return OptimizerImplementation.Plain;

        var first = _parameters[0].Parameter;
        var canLoop = first.dtype == ScalarType.Float32 && first.device_type == DeviceType.CPU;
        if (wanted is { } choice)
            return choice == OptimizerImplementation.Loop && !canLoop ? OptimizerImplementation.Fused : choice;

        // the fused operators copy other memory formats there and back
        var contiguous = _parameters.All(pair => pair.Parameter.is_contiguous());
        var small = _parameters.Sum(pair => pair.Parameter.numel()) <= LoopLimit;
        return canLoop && (small || !contiguous) ? OptimizerImplementation.Loop : OptimizerImplementation.Fused;
    }

    /// <summary>Whether all parameters are dense, on one device and of one floating type.</summary>
    bool AreUniform()
    {
        var first = _parameters[0].Parameter;
        return first.dtype is ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16 or ScalarType.Float16
            && first.device_type is DeviceType.CPU or DeviceType.CUDA
            && _parameters.All(pair => IsLike(pair.Parameter, first) && IsDense(pair.Parameter));

        static bool IsLike(Parameter parameter, Parameter first) =>
            parameter.dtype == first.dtype && parameter.device_type == first.device_type
            && parameter.device_index == first.device_index;
    }

    /// <summary>Whether the elements fill their memory without gap or overlap, in any order of the axes.</summary>
    static bool IsDense(Tensor x)
    {
        var axes = x.shape.Zip(x.stride(), (size, stride) => (Size: size, Stride: stride)).Where(axis => axis.Size > 1);
        long expected = 1;
        foreach (var (size, stride) in axes.OrderBy(axis => axis.Stride))
        {
            if (stride != expected) return false;
            expected *= size;
        }
        return true;
    }
}
