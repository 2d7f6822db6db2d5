using System.IO.Compression;
using System.Text.Json;
using Retort.Tensors.Files.TorchScript;
using Retort.Tests.House;
using Retort.Tests.Teachers;

namespace Retort.Tests.Tensors;

/// <summary>Which TorchScript programs are loaded, and which are refused before libtorch sees them.</summary>
public sealed class TorchScriptFileTests
{
    static readonly string s_folder = Repository.At("tests/Golden/Scripts");
    static readonly JsonElement s_answers =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, "answers.json"))).RootElement;

    readonly string _copy = Path.Combine(Directory.CreateTempSubdirectory("retort-script-").FullName, "x.pt");

    public static TheoryData<string> Programs =>
        [.. Directory.GetFiles(s_folder, "*.pt").Select(path => Path.GetFileNameWithoutExtension(path))];

    [Theory, MemberData(nameof(Programs))]
    public void Programs_of_common_networks_have_the_outputs_of_PyTorch(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var program = TorchScriptFile.Load(Path.Combine(s_folder, name + ".pt"), torch.CPU);
        program.eval();
        using var frozen = torch.no_grad();
        var kind = name.Split('-')[0];
        var inputs = kind is "resnet" or "loops" ? new[] { Values("pixel_values").reshape(3, 1, 6, 5) }
            : [Ids("input_ids"), Ids("attention_mask")];
        var found = ((Tensor)program.forward(inputs)).ToFloatArray();
        var expected = Numbers(kind);
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], tolerance: 1e-5f);

        Tensor Values(string key) => Numbers(key).ToTensor(Numbers(key).Length);
        Tensor Ids(string key) => Values(key).to(torch.ScalarType.Int64).reshape(3, 7);
    }

    public static TheoryData<string> Refused =>
    [
        "torch.save(x, \"f\")",
        "getattr(torch, \"sa\" \"ve\")(x, \"f\")",             // the language joins strings
        "getattr(torch, \"save\")(x, \"f\")",
        "getattr(x, \"save\")(x, \"f\")",
        "getattr(self, \"\\163ave\")(x, \"f\")",               // "save" in escapes
        "ops.aten.save(x, \"f\")",
        "(torch).save(x, \"f\")",
        "(x).save(\"f\")",                                     // an operator as a method of a tensor
        "(self.bn.weight).save(\"f\")",
        "f = torch.save",
        "f = [torch.save]",
        "f = (x).save",
        "y = annotate(Optional[__torch__.Tiny], self)\n    (y).parts(x, )",
        "y = unchecked_cast(__torch__.Tiny, x)\n    (y).parts(x, )",
        "torch = x",
        "y = torch.from_file(\"/etc/passwd\", False, 9)",
        "ops.prim.Print(x)",
        "y = print(x)",
        "torch.manual_seed(1)",
        "torch.set_grad_enabled(True)",
        "y = torch.rand([2])",
        "y = torch.empty([2])",
        "y = torch.as_strided(x, [9], [9])",
        "ops.c10d.barrier(x)",
        "__torch__.torch.classes.profiling.x()",
        "y = CONSTANTS.c0.save(\"f\")",
        "__import__(\"os\")",
        "import os",
        "from os import path",
        "y = hasattr(x, \"save\")",
        "y = (lambda x: x)(x)",
        "y = x # comment",
        "y = x \\\n + x",
        "y = \"\"\"a\"\"\"",
        "y = 'a'",
        "y = x + x",
        "with x:\n      pass",
        "y = [torch.save for i in range(1)]",
        "del x",
        "raise x",
    ];

    [Theory, MemberData(nameof(Refused))]
    public void A_program_that_reaches_beyond_the_list_is_refused(string line)
    {
        var error = Assert.Throws<InvalidDataException>(() => Check(code => WithLine(code, line)));
        Assert.StartsWith($"{_copy} is refused: its program (", error.Message, StringComparison.Ordinal);
        Assert.Contains("export it as ONNX", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("y = torch.abs(x)")]
    [InlineData("y = ops.aten.abs(x)")]
    [InlineData("if torch.eq(torch.dim(x), 9):\n      ops.prim.RaiseException(\"no\")\n    else:\n      pass")]
    [InlineData("for i in range(3):\n      y = torch.mul(x, i)")]
    [InlineData("y = getattr(self, \"bn\")\n    z = (y).forward((self.conv).forward(x, ), )")]
    public void A_program_that_computes_is_accepted(string line) => Check(code => WithLine(code, line));

    [Fact] // 200 brackets, and as many calls of what a call returns
    public void Deep_programs_are_refused_and_end_nothing()
    {
        foreach (var deep in (string[])[
            new string('(', 100_000) + "x" + new string(')', 100_000), new string('-', 100_000) + "1",
            "x" + string.Concat(Enumerable.Repeat("[0]", 100_000)),
            "x" + string.Concat(Enumerable.Repeat("(x)", 5_000))])
            Assert.Throws<InvalidDataException>(() => Check(code => WithLine(code, "y = " + deep)));
    }

    [Fact]
    public void Messages_are_left_out()
    {
        var code = Check(code => WithLine(code, "print(\"a\",\n    x)\n    torch.warn(\"b\")"))["code/__torch__.py"];
        Assert.DoesNotContain("print", code, StringComparison.Ordinal);
        Assert.DoesNotContain("warn", code, StringComparison.Ordinal);
        Assert.Contains("    pass\n    pass\n", code, StringComparison.Ordinal);
    }

    [Fact] // libtorch gets nothing that was not read, whatever else a zip's directories say
    public void What_libtorch_gets_is_what_was_checked()
    {
        var entries = Check(code => code, ("extra/x.py.txt", "hidden"), ("code/__torch__.py.debug_pkl", "hidden"));
        Assert.Equal(
            ["code", "constants.pkl", "data", "data.pkl", "version"],
            entries.Keys.Select(name => name.Split('/')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(entries.Keys, name => name.Contains("debug", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("code/__TORCH__.py", "torch.save(x)", "has two entries")]       // names are found in any case
    [InlineData("code/__torch__/x.PY", "torch.save(x)", "its name is not one of a program's file")]
    [InlineData("code/__torch__/../y.py", "torch.save(x)", "its name is not one of a program's file")]
    [InlineData("code/__torch__/y.py", "def f(x: Tensor) -> Tensor:\n  return torch.save(x)\n", "calls 'torch.save'")]
    public void No_file_of_a_program_is_overlooked(string name, string code, string sentence) => Assert.Contains(
        sentence, Assert.Throws<InvalidDataException>(() => Check(own => own, (name, code))).Message,
        StringComparison.Ordinal);

    [Fact] // libtorch reads an attribute by its place: an object of another class would be read beyond its end
    public void Values_are_of_the_types_that_the_program_declares() => Assert.Contains(
        "is of another type", Assert.Throws<InvalidDataException>(() => Check(code => code.Replace(
            "  bn : __torch__.torch.nn.modules.batchnorm.BatchNorm2d", "  bn : __torch__.Tiny",
            StringComparison.Ordinal).Replace("(bn).forward(", "(bn).parts(", StringComparison.Ordinal))).Message,
        StringComparison.Ordinal);

    static float[] Numbers(string name) => [.. Flat(s_answers.GetProperty(name))];

    static IEnumerable<float> Flat(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().SelectMany(Flat) : [value.GetSingle()];

    static string WithLine(string code, string line)
    {
        const string Last = "    return ((self).parts(x, ))[0]";
        return code.Replace(Last, $"    {line}\n{Last}", StringComparison.Ordinal);
    }

    // tiny.pt with another program and more entries, as it is written for libtorch: entries by name
    Dictionary<string, string> Check(Func<string, string> change, params (string Name, string Text)[] more)
    {
        File.Delete(_copy);
        using (var from = ZipFile.OpenRead(Tiny.At("tiny.pt")))
        using (var to = ZipFile.Open(_copy, ZipArchiveMode.Create))
        {
            foreach (var entry in from.Entries)
            {
                using var content = new MemoryStream();
                entry.Open().CopyTo(content);
                var bytes = content.ToArray();
                if (entry.FullName == "tiny/code/__torch__.py")
                    bytes = System.Text.Encoding.UTF8.GetBytes(change(System.Text.Encoding.UTF8.GetString(bytes)));
                using var target = to.CreateEntry(entry.FullName).Open();
                target.Write(bytes);
            }
            foreach (var (name, text) in more)
            {
                using var target = new StreamWriter(to.CreateEntry("tiny/" + name).Open());
                target.Write(text);
            }
        }
        using var written = new MemoryStream();
        TorchScriptFile.WriteChecked(_copy, written);
        using var archive = new ZipArchive(written);
        return archive.Entries.ToDictionary(
            entry => entry.FullName["program/".Length..], entry => new StreamReader(entry.Open()).ReadToEnd());
    }
}
