using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Retort.Tensors.Files;

/// <summary>
/// Reads a pickle as data: numbers, strings, lists, dicts, and the names that its globals know. Calls make plain
/// records. Nothing is imported or executed, and an unknown name is an error.
/// </summary>
/// <remarks>
/// It interprets the instructions of protocols 2 to 5 (PEP 307, PEP 3154) that state files contain. Memory: at most
/// about 100 bytes per instruction, of which at most <see cref="PthGlobals.MaxInstructions"/> are read.
/// </remarks>
/// <param name="bytes">One or several pickles, one after another.</param>
/// <param name="globals">The names that the pickles may refer to.</param>
/// <param name="invalid">Makes the exception for a file that is not valid, from the reason.</param>
sealed class Pickle(ReadOnlyMemory<byte> bytes, IPickleGlobals globals, Func<string, InvalidDataException> invalid)
{
    readonly List<object?> _stack = [];
    readonly List<int> _marks = [];                                         // heights of the stack
    readonly Dictionary<uint, object?> _memo = [];
    int _instructions;

    /// <summary>Offset of the next byte.</summary>
    public int Position { get; private set; }

    /// <summary>Reads the next pickle. What follows it can be read next.</summary>
    public object? Load()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        while (true)
        {
            if (++_instructions > PthGlobals.MaxInstructions)
                throw invalid($"its pickle has more than {PthGlobals.MaxInstructions} instructions");

            var code = ReadByte();
            if (!globals.Allows(code)) throw UnknownInstruction(code);
            if (code == (byte)'.') return Pop();
            Execute(code);
        }
    }

    void Execute(byte code)
    {
        switch (code)
        {
            case 0x80: ReadBytes(1); break;                                          // PROTO
            case 0x95: ReadBytes(8); break;                                          // FRAME
            case (byte)'(': _marks.Add(_stack.Count); break;
            case (byte)'0': Pop(); break;
            case (byte)'1': PopToMark(); break;                                      // POP_MARK
            case (byte)'2': Push(Top()); break;                                      // DUP
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)ReadByte()); break;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(2))); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(ReadBytes(4))); break;
            case 0x8a: Push(ToInteger(ReadBytes(ReadByte()))); break;                // LONG1
            case 0x8b: Push(ToInteger(ReadBytes(ReadLength(4)))); break;             // LONG4
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(ReadBytes(8))); break;
            case (byte)'X': Push(ReadString(ReadLength(4))); break;
            case 0x8c: Push(ReadString(ReadByte())); break;
            case 0x8d: Push(ReadString(ReadLength(8))); break;
            case (byte)'T': Push(ReadString(ReadLength(4))); break;                  // BINSTRING: a string of Python 2
            case (byte)'U': Push(ReadString(ReadByte())); break;
            case (byte)'B': Push(SkipBytes(ReadLength(4))); break;
            case (byte)'C': Push(SkipBytes(ReadByte())); break;
            case 0x8e: Push(SkipBytes(ReadLength(8))); break;
            case 0x96: Push(SkipBytes(ReadLength(8))); break;                        // BYTEARRAY8
            case (byte)')': Push(Array.Empty<object?>()); break;
            case (byte)'t': Push(PopToMark()); break;
            case 0x85: Push(Pop(1)); break;
            case 0x86: Push(Pop(2)); break;
            case 0x87: Push(Pop(3)); break;
            case (byte)']' or 0x8f: Push(new List<object?>()); break;                // a set is read as a list
            case (byte)'l': Push(new List<object?>(PopToMark())); break;
            case 0x91: Push(new List<object?>(PopToMark())); break;                  // FROZENSET
            case (byte)'}': Push(new PickledDict()); break;
            case (byte)'d': Push(AddPairs(new(), PopToMark())); break;
            case (byte)'a': AppendToTop(Pop(1)); break;
            case (byte)'e' or 0x90: AppendToTop(PopToMark()); break;
            case (byte)'s': AddPairsToTop(Pop(2)); break;
            case (byte)'u': AddPairsToTop(PopToMark()); break;
            case (byte)'q': _memo[ReadByte()] = Top(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4))] = Top(); break;
            case 0x94: _memo[(uint)_memo.Count] = Top(); break;                      // MEMOIZE
            case (byte)'h': Push(Recall(ReadByte())); break;
            case (byte)'j': Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4)))); break;
            case (byte)'c': Push(globals.Find(ReadLine(), ReadLine())); break;
            case 0x93: PushGlobal(); break;                                          // STACK_GLOBAL
            case (byte)'R' or 0x81: Call(Pop(2)); break;                             // REDUCE, NEWOBJ
            case 0x92: Call(Pop(3)); break;                                          // NEWOBJ_EX
            case (byte)'b': Build(Pop(2)); break;
            case (byte)'Q': Push(globals.LoadPersistent(Pop())); break;
            default:
                throw UnknownInstruction(code);
        }
    }

    byte ReadByte() => ReadBytes(1)[0];

    ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > bytes.Length - Position) throw invalid($"its pickle breaks off at byte {bytes.Length}");

        Position += count;
        return bytes.Span.Slice(Position - count, count);
    }

    int ReadLength(int width)
    {
        var length = width == 4
            ? BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4))
            : BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8));
        return length <= (ulong)(bytes.Length - Position) ? (int)length : throw invalid(
            $"its pickle has a string of {length} bytes at byte {Position}, beyond its end");
    }

    static object ToInteger(ReadOnlySpan<byte> digits)
    {
        if (digits.Length <= 8) return (long)new BigInteger(digits);
        return digits.Length <= 16 ? new BigInteger(digits) : new PickledOpaque("a long integer");
    }

    string ReadString(int length) => Encoding.UTF8.GetString(ReadBytes(length));

    PickledOpaque SkipBytes(int length)
    {
        ReadBytes(length);
        return new("bytes");
    }

    string ReadLine()
    {
        var length = bytes.Span[Position..].IndexOf((byte)'\n');
        if (length < 0) throw invalid($"its pickle breaks off at byte {bytes.Length}");

        var line = ReadString(length);
        Position++;
        return line;
    }

    void Push(object? value) => _stack.Add(value);

    /// <summary>Height of the stack at the last mark: nothing below it may be popped.</summary>
    int Bottom => _marks.Count == 0 ? 0 : _marks[^1];

    object? Top() => _stack.Count > Bottom ? _stack[^1] : throw EmptyStack();

    object? Pop()
    {
        var top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    object?[] Pop(int count)
    {
        if (_stack.Count - count < Bottom) throw EmptyStack();
        return PopDownTo(_stack.Count - count);
    }

    object?[] PopToMark()
    {
        if (_marks.Count == 0) throw EmptyStack();

        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return PopDownTo(mark);
    }

    object?[] PopDownTo(int height)
    {
        var values = _stack[height..].ToArray();
        _stack.RemoveRange(height, values.Length);
        return values;
    }

    object? Recall(uint index) => _memo.TryGetValue(index, out var value)
        ? value : throw invalid($"its pickle recalls value {index}, which it did not store");

    void AppendToTop(object?[] values)
    {
        if (Top() is List<object?> list) list.AddRange(values);
        else if (Top() is not PickledOpaque) throw WrongType();
    }

    void AddPairsToTop(object?[] pairs)
    {
        if (Top() is PickledDict dict) AddPairs(dict, pairs);
        else if (Top() is not PickledOpaque) throw WrongType();
    }

    PickledDict AddPairs(PickledDict dict, object?[] pairs)
    {
        if (pairs.Length % 2 != 0) throw WrongType();
        for (var i = 0; i < pairs.Length; i += 2) dict.Pairs.Add(new(pairs[i], pairs[i + 1]));
        return dict;
    }

    void PushGlobal()
    {
        if (Pop(2) is not [string module, string name]) throw WrongType();
        Push(globals.Find(module, name));
    }

    void Call(object?[] call)
    {
        if (call is not [PickledGlobal global, object?[] arguments, ..]) throw WrongType();
        Push(global.Call(arguments));
    }

    // BUILD sets an object's state: of a dict that is PyTorch's version notes, of the others nothing that is needed
    void Build(object?[] build)
    {
        if (build[0] is IPickledState target) target.State = build[1];
        else if (build[0] is not (PickledDict or PickledOpaque or PickledTensor)) throw WrongType();
        Push(build[0]);
    }

    InvalidDataException UnknownInstruction(byte code) => invalid(
        $"its pickle has an instruction 0x{code:x2} at byte {Position - 1}, which such files do not have");

    InvalidDataException EmptyStack() => invalid($"its pickle takes a value at byte {Position - 1} that is not there");

    InvalidDataException WrongType() => invalid($"its pickle has a value of a wrong type at byte {Position - 1}");
}
