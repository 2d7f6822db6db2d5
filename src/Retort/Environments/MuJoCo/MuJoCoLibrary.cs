using System.Runtime.InteropServices;

namespace Retort.Environments.MuJoCo;

/// <summary>The native library of MuJoCo: what is called of it, and where its structures have what.</summary>
/// <remarks>The structures change from version to version, so that one version alone is used.</remarks>
sealed class MuJoCoLibrary
{
    /// <summary>The variable that names another file of the library.</summary>
    public const string Variable = "RETORT_MUJOCO";

    const int Version = 222;                                                // 2.2.2
    const string Debian = "libmujoco.so.2.2.2";

    // offsets in mjData of 2.2.2 on 64-bit systems
    const int Time = 40336;
    const int Qpos = 40376;
    const int Qvel = 40384;
    const int WarmStart = 40400;
    const int Ctrl = 40408;

    static readonly Lazy<MuJoCoLibrary> s_shared = new(() => new(FileName));

    readonly LoadXml _loadXml;
    readonly Make _makeData;
    readonly Call _step;
    readonly Call _forward;
    readonly Free _deleteModel;
    readonly Free _deleteData;

    MuJoCoLibrary(string file)
    {
        if (!NativeLibrary.TryLoad(file, out var library)) throw new InvalidOperationException(
            $"MuJoCo 2.2.2 is needed and {file} cannot be loaded: on Debian install libmujoco2.2.2, or name the "
            + $"library's file with {Variable}.");
        var version = Function<GetVersion>("mj_version")();
        if (version != Version) throw new InvalidOperationException(Invariant(
            $"MuJoCo {Version} (2.2.2) is needed, whose structures are known; {file} is {version}."));
        _loadXml = Function<LoadXml>("mj_loadXML");
        _makeData = Function<Make>("mj_makeData");
        _step = Function<Call>("mj_step");
        _forward = Function<Call>("mj_forward");
        _deleteModel = Function<Free>("mj_deleteModel");
        _deleteData = Function<Free>("mj_deleteData");

        T Function<T>(string name) => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int GetVersion();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate nint LoadXml([MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint vfs, byte[] error, int size);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate nint Make(nint model);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate void Call(nint model, nint data);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate void Free(nint pointer);

    /// <summary>The library.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, or of another version.</exception>
    public static MuJoCoLibrary Shared => s_shared.Value;

    /// <summary>Whether it can be loaded.</summary>
    public static bool IsInstalled => NativeLibrary.TryLoad(FileName, out _);

    /// <summary>The file that is loaded.</summary>
    public static string FileName => System.Environment.GetEnvironmentVariable(Variable) ?? Debian;

    /// <summary>Reads a model and makes its data.</summary>
    /// <exception cref="InvalidDataException">The file is no model.</exception>
    public MuJoCoHandle Open(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path}: there is no such file of a MuJoCo model.");

        var error = new byte[1000];
        var model = _loadXml(path, 0, error, error.Length);
        if (model == 0)
        {
            var end = Array.IndexOf(error, (byte)0);
            throw new InvalidDataException($"{path} is no model that MuJoCo reads: "
                + System.Text.Encoding.UTF8.GetString(error, 0, end < 0 ? error.Length : end));
        }
        return new(model, _makeData(model), _deleteModel, _deleteData);
    }

    /// <summary>q, q̇ and the solver's first guess, one after another.</summary>
    public static void Read(MuJoCoHandle handle, double[] state)
    {
        var (nq, nv) = (handle.PositionCount, handle.VelocityCount);
        Marshal.Copy(At(handle, Qpos), state, 0, nq);
        Marshal.Copy(At(handle, Qvel), state, nq, nv);
        Marshal.Copy(At(handle, WarmStart), state, nq + nv, nv);
    }

    /// <summary>Writes what <see cref="Read"/> reads.</summary>
    public static void Write(MuJoCoHandle handle, double[] state)
    {
        var (nq, nv) = (handle.PositionCount, handle.VelocityCount);
        Marshal.Copy(state, 0, At(handle, Qpos), nq);
        Marshal.Copy(state, nq, At(handle, Qvel), nv);
        Marshal.Copy(state, nq + nv, At(handle, WarmStart), nv);
        // no force here depends on the time; MuJoCo sets it to 0 where a state that is not finite made it begin anew
        Marshal.WriteInt64(handle.Data + Time, BitConverter.DoubleToInt64Bits(1));
    }

    /// <summary>Whether the simulation began anew since <see cref="Write"/>, as it does at numbers that are not finite.
    /// </summary>
    public static bool HasRestarted(MuJoCoHandle handle) =>
        BitConverter.Int64BitsToDouble(Marshal.ReadInt64(handle.Data + Time)) < 1;

    /// <summary>Takes steps of the simulation with these controls.</summary>
    public void Step(MuJoCoHandle handle, double[] control, int count)
    {
        Marshal.Copy(control, 0, At(handle, Ctrl), control.Length);
        for (var i = 0; i < count; i++) _step(handle.Model, handle.Data);
    }

    /// <summary>Computes accelerations without a step.</summary>
    public void Forward(MuJoCoHandle handle) => _forward(handle.Model, handle.Data);

    static nint At(MuJoCoHandle handle, int offset) => Marshal.ReadIntPtr(handle.Data + offset);

    /// <summary>A model and its data.</summary>
    public sealed class MuJoCoHandle : SafeHandle
    {
        readonly Free _deleteModel;
        readonly Free _deleteData;

        internal MuJoCoHandle(nint model, nint data, Delegate deleteModel, Delegate deleteData) : base(0, true)
        {
            (Model, _deleteModel, _deleteData) = (model, (Free)deleteModel, (Free)deleteData);
            SetHandle(data);
        }

        public override bool IsInvalid => handle == 0;

        /// <summary>mjModel.</summary>
        public nint Model { get; }

        /// <summary>mjData.</summary>
        public nint Data => handle;

        /// <summary>nq.</summary>
        public int PositionCount => Marshal.ReadInt32(Model);

        /// <summary>nv.</summary>
        public int VelocityCount => Marshal.ReadInt32(Model + 4);

        /// <summary>nu.</summary>
        public int ControlCount => Marshal.ReadInt32(Model + 8);

        protected override bool ReleaseHandle()
        {
            _deleteData(handle);
            _deleteModel(Model);
            return true;
        }
    }
}
