using Retort.Runtime;

namespace Retort.Tests.Runtime;

/// <summary>A student folder's <c>config.json</c> that is wrong or damaged.</summary>
public sealed class StudentConfigTests
{
    [Theory]
    [InlineData(
        "retort-student/1", "retort-student/2",
        "the format must be \"retort-student/1\"; it is \"retort-student/2\"; a newer Retort may read it.")]
    [InlineData(
        "\"format\"", "\"farmat\"", "\"format\" is missing: this is no student that `retort export` wrote.")]
    [InlineData("[\"dark\",\"bright\"]", "[]", "there must be 1 to 65536 classes; there are 0.")]
    [InlineData("[\"dark\",\"bright\"]", "7", "\"classes\" must be array; it is number.")]
    [InlineData("[1,2,2]", "[1,2,-2]", "each axis of pixel_values must be at least 1; one is -2.")]
    [InlineData(
        "[1,2,2]", "[65535,65535,65535]",
        "pixel_values must be [C, H, W] of at most 2 GB; they are [65535, 65535, 65535].")]
    [InlineData("[1,2,2]", "[4]", "pixel_values must be [C, H, W] of at most 2 GB; they are [4].")]
    [InlineData("\"pixel_values\"", "\"sound\"", "a student takes pixel_values or features; this one takes \"sound\".")]
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
    [InlineData("""{ "format": "retort-student/1", "format": "retort-student/1" }""")]
    [InlineData("""{ "format": "retort-student/1", "classes": [1], "input": {}, "files": {} }""")]
    [InlineData(
        """{ "format": "retort-student/1", "classes": ["a"], "files": {},"""
        + """ "input": { "name": "pixel_values", "shape": [3, "4", 4] } }""")]
    [InlineData(
        """{ "format": "retort-student/1", "classes": ["a"], "files": {},"""
        + """ "input": { "name": "features", "shape": [1.5] } }""")]
    [InlineData(
        """{ "format": "retort-student/1", "classes": ["a"], "files": { "model.onnx": 5 },"""
        + """ "input": { "name": "features", "shape": [2] } }""")]
    public void Text_that_is_no_config_is_refused_with_its_path(string text)
    {
        var folder = StudentFolders.OfBright();
        File.WriteAllText(ConfigOf(folder), text);
        var error = Assert.Throws<InvalidDataException>(() => Student.Open(folder));
        Assert.StartsWith(ConfigOf(folder), error.Message, StringComparison.Ordinal);
    }

    static string ConfigOf(string folder) => Path.Combine(folder, "config.json");
}
