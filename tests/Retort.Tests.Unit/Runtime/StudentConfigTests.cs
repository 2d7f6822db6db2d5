using Retort.Runtime;

namespace Retort.Tests.Runtime;

/// <summary>A student folder's <c>config.json</c> that is wrong or damaged.</summary>
public sealed class StudentConfigTests
{
    const string Start =
        """{ "format": "retort-student/2", "task": { "name": "classification" }, "classes": ["a"], """;

    [Theory]
    [InlineData(
        "retort-student/2", "retort-student/3",
        "the format must be \"retort-student/2\"; it is \"retort-student/3\"; a newer Retort may read it.")]
    [InlineData(
        "\"format\"", "\"farmat\"", "\"format\" is missing: this is no student that `retort export` wrote.")]
    [InlineData("\"task\"", "\"tusk\"", "\"task\" is missing: this is no student that `retort export` wrote.")]
    [InlineData("[\"dark\",\"bright\"]", "7", "\"classes\" must be array; it is number.")]
    [InlineData("\"size\":1}", "\"size\":-2}", "each axis of pixel_values must be at least 1; one is -2.")]
    [InlineData(
        "\"size\":1}", "\"size\":2147483647}",
        "one example's pixel_values must take at most 2 GB; it is [2147483647, 2, 2].")]
    [InlineData(
        "\"type\":\"float32\"", "\"type\":\"text\"",
        "the type of pixel_values must be float32, int64 or bool; it is \"text\".")]
    [InlineData(
        "\"task\"", "\"columns\":[\"x\"],\"task\"",
        "there must be a column for each of the 4 values; there are 1.")]
    [InlineData("\"scale\":255", "\"scale\":0", "the normalization's scale must be greater than 0; it is 0.")]
    [InlineData(
        "\"model.onnx\"", "\"../model.onnx\"", "\"../model.onnx\" is no name of a file in this folder.")]
    public void A_config_that_is_wrong_is_refused(string from, string to, string sentence)
    {
        var folder = StudentFolders.Edited(StudentFolders.OfBright(), from, to);
        Assert.Equal(
            $"{ConfigOf(folder)}: {sentence}",
            Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"format\": ")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{ "format": "retort-student/2", "format": "retort-student/2" }""")]
    [InlineData(Start + """ "inputs": [], "outputs": [], "files": {} }""")]
    [InlineData(Start + """ "inputs": [1], "outputs": [], "files": {} }""")]
    [InlineData(
        Start + """ "inputs": [{ "name": "x", "type": "float32", "axes": [3] }], "outputs": [], "files": {} }""")]
    [InlineData(
        Start + """ "inputs": [{ "name": "x", "type": "float32", "axes": [{ "name": "a", "size": 1.5 }] }],"""
        + """ "outputs": [], "files": {} }""")]
    [InlineData(
        Start + """ "inputs": [{ "name": "x", "type": "float32", "axes": [] }],"""
        + """ "outputs": [{ "name": "y", "type": "float32", "axes": [] }], "files": { "model.onnx": 5 } }""")]
    public void Text_that_is_no_config_is_refused_with_its_path(string text)
    {
        var folder = StudentFolders.OfBright();
        File.WriteAllText(ConfigOf(folder), text);
        var error = Assert.Throws<InvalidDataException>(() => Student.Open(folder));
        Assert.StartsWith(ConfigOf(folder), error.Message, StringComparison.Ordinal);
    }

    static string ConfigOf(string folder) => Path.Combine(folder, "config.json");
}
