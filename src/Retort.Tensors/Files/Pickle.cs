using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Retort.Tensors.Files;

/// <summary>
/// Reads a pickle as data: numbers, texts, lists, tables, and what a <see cref="PthGlobals"/> knows by name. It is a small
/// stack machine whose calls make records; nothing is imported and nothing is run, and a name that is not known ends it.
/// </summary>
/// <remarks>
/// The instructions are those of protocols 2 to 5 (PEP 307, PEP 3154) that state files hold. Memory: at most about 100 bytes an
/// instruction, of which at most <see cref="MostInstructions"/> are read.
/// </remarks>
sealed class Pickle(ReadOnlyMemory<byte> bytes, PthGlobals globals, Func<string, InvalidDataException> wrong)
{
    /// <summary>Thirty to a tensor: enough for sixty thousand.</summary>
    public const int MostInstructions = 2_000_000;

    readonly List<object?> _stack = [];
    readonly List<int> _marks = [];
    readonly Dictionary<uint, object?> _memo = [];
    int _instructions;

    /// <summary>Where the next byte is read.</summary>
    public int At { get; private set; }

    /// <summary>The next pickle's value; what stands behind it can be read next.</summary>
    public object? Next()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        while (true)
        {
            if (++_instructions > MostInstructions) throw wrong($"its pickle has more than {MostInstructions} instructions");
            var code = Take(1)[0];
            if (code == (byte)'.') return Pop();
            Do(code);
        }
    }

    void Do(byte code)
    {
        switch (code)
        {
            case 0x80: Take(1); break;                                               // PROTO
            case 0x95: Take(8); break;                                               // FRAME
            case (byte)'(': _marks.Add(_stack.Count); break;
            case (byte)'0': Pop(); break;
            case (byte)'1': Marked(); break;                                         // POP_MARK
            case (byte)'2': Push(Top()); break;                                      // DUP
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)Take(1)[0]); break;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 0x8a: Push(Whole(Take(Take(1)[0]))); break;                         // LONG1
            case 0x8b: Push(Whole(Take(Length(4)))); break;                          // LONG4
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'X': Push(Text(Length(4))); break;
            case 0x8c: Push(Text(Take(1)[0])); break;
            case 0x8d: Push(Text(Length(8))); break;
            case (byte)'T': Push(Text(Length(4))); break;                            // BINSTRING: a text of Python 2
            case (byte)'U': Push(Text(Take(1)[0])); break;
            case (byte)'B': Push(Bytes(Length(4))); break;
            case (byte)'C': Push(Bytes(Take(1)[0])); break;
            case 0x8e: Push(Bytes(Length(8))); break;
            case 0x96: Push(Bytes(Length(8))); break;                                // BYTEARRAY8
            case (byte)')': Push(Array.Empty<object?>()); break;
            case (byte)'t': Push(Marked()); break;
            case 0x85: Push(Last(1)); break;
            case 0x86: Push(Last(2)); break;
            case 0x87: Push(Last(3)); break;
            case (byte)']' or 0x8f: Push(new List<object?>()); break;                // a set is kept as a list
            case (byte)'l': Push(new List<object?>(Marked())); break;
            case 0x91: Push(new List<object?>(Marked())); break;                     // FROZENSET
            case (byte)'}': Push(new PickledTable()); break;
            case (byte)'d': Push(Filled(new(), Marked())); break;
            case (byte)'a': Append(Last(1)); break;
            case (byte)'e' or 0x90: Append(Marked()); break;
            case (byte)'s': Fill(Last(2)); break;
            case (byte)'u': Fill(Marked()); break;
            case (byte)'q': _memo[Take(1)[0]] = Top(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Top(); break;
            case 0x94: _memo[(uint)_memo.Count] = Top(); break;                      // MEMOIZE
            case (byte)'h': Push(Recall(Take(1)[0])); break;
            case (byte)'j': Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case (byte)'c': Push(globals.Find(Line(), Line())); break;
            case 0x93: StackGlobal(); break;
            case (byte)'R' or 0x81: Call(Last(2)); break;                            // REDUCE, NEWOBJ
            case 0x92: Call(Last(3)); break;                                         // NEWOBJ_EX
            case (byte)'b': Build(Last(2)); break;
            case (byte)'Q': Push(globals.Persistent(Pop())); break;
            default: throw wrong($"its pickle has an instruction 0x{code:x2} at byte {At - 1}, which state files do not have");
        }
    }

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - At) throw wrong($"its pickle breaks off at byte {bytes.Length}");
        At += count;
        return bytes.Span.Slice(At - count, count);
    }

    int Length(int width)
    {
        var length = width == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(Take(4)) : BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        return length <= (ulong)(bytes.Length - At) ? (int)length : throw wrong($"its pickle has a text of {length} bytes at byte {At}, beyond its end");
    }

    static object Whole(ReadOnlySpan<byte> digits) => digits.Length <= 8
        ? (long)new BigInteger(digits)
        : digits.Length <= 16 ? new BigInteger(digits) : new PickledOther("a long whole number");

    string Text(int length) => Encoding.UTF8.GetString(Take(length));

    PickledOther Bytes(int length)
    {
        Take(length);
        return new("bytes");
    }

    string Line()
    {
        var end = bytes.Span[At..].IndexOf((byte)'\n');
        if (end < 0) throw wrong($"its pickle breaks off at byte {bytes.Length}");
        var line = Text(end);
        At++;
        return line;
    }

    void Push(object? value) => _stack.Add(value);

    int Bottom => _marks.Count == 0 ? 0 : _marks[^1];

    object? Top() => _stack.Count > Bottom ? _stack[^1] : throw Empty();

    object? Pop()
    {
        var top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    object?[] Last(int count)
    {
        if (_stack.Count - count < Bottom) throw Empty();
        return Cut(_stack.Count - count);
    }

    object?[] Marked()
    {
        if (_marks.Count == 0) throw Empty();
        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return Cut(mark);
    }

    object?[] Cut(int from)
    {
        var cut = _stack[from..].ToArray();
        _stack.RemoveRange(from, cut.Length);
        return cut;
    }

    object? Recall(uint index) => _memo.TryGetValue(index, out var value) ? value : throw wrong($"its pickle recalls value {index}, which it did not keep");

    void Append(object?[] values)
    {
        if (Top() is List<object?> list) list.AddRange(values);
        else if (Top() is not PickledOther) throw Misplaced();
    }

    void Fill(object?[] pairs)
    {
        if (Top() is PickledTable table) Filled(table, pairs);
        else if (Top() is not PickledOther) throw Misplaced();
    }

    PickledTable Filled(PickledTable table, object?[] pairs)
    {
        if (pairs.Length % 2 != 0) throw Misplaced();
        for (var i = 0; i < pairs.Length; i += 2) table.Pairs.Add(new(pairs[i], pairs[i + 1]));
        return table;
    }

    void StackGlobal()
    {
        if (Last(2) is not [string module, string name]) throw Misplaced();
        Push(globals.Find(module, name));
    }

    void Call(object?[] call)
    {
        if (call is not [PickledGlobal global, object?[] arguments, ..]) throw Misplaced();
        Push(global.Make(arguments));
    }

    // the state of a table is what PyTorch notes about versions; of the rest, what a placeholder does not need
    void Build(object?[] built)
    {
        if (built[0] is not (PickledTable or PickledOther or PickledTensor)) throw Misplaced();
        Push(built[0]);
    }

    InvalidDataException Empty() => wrong($"its pickle takes at byte {At - 1} what is not there");

    InvalidDataException Misplaced() => wrong($"its pickle does at byte {At - 1} what its values do not allow");
}
