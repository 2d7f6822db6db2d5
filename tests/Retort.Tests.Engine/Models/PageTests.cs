using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Retort.Tests.Models;

/// <summary>The page docs/networks.md against the networks.</summary>
public sealed partial class PageTests
{
    [Fact]
    public void The_page_says_what_each_network_costs()
    {
        var rows = Row().Matches(Page);
        Assert.Equal(37, rows.Count);
        Assert.All(rows, row =>
        {
            using var scope = torch.NewDisposeScope();
            long[] shape = [.. row.Groups["shape"].Value.Split(" x ")
                .Select(side => long.Parse(side, CultureInfo.InvariantCulture))];
            var classes = int.Parse(row.Groups["classes"].Value, CultureInfo.InvariantCulture);
            using var network = Golden.Student(row.Groups["recipe"].Value, Golden.Info(shape, classes));
            var pixels = torch.zeros([1, .. shape]);
            var cost = Cost.Of(
                network, [pixels], () => [network.Forward(new(("pixel_values", pixels)), Output.Logits).Logits]);
            Assert.Equal(
                FormattableString.Invariant($"{cost.Parameters:n0} | {cost.MultiplyAdds:n0}"),
                row.Groups["cost"].Value);
        });
    }

    [Fact]
    public void The_page_says_what_each_encoder_costs()
    {
        const int Longest = 128;
        var rows = EncoderRow().Matches(Page);
        Assert.Equal(4, rows.Count);
        var info = TinyBert.Info(classes: 2, vocabulary: 30_522);
        Assert.All(rows, row =>
        {
            using var scope = torch.NewDisposeScope();
            using var network = Golden.Student(row.Groups["recipe"].Value, info);
            var ids = torch.zeros(1, Longest, torch.int64);
            var inputs = new Inputs(("input_ids", ids), ("attention_mask", torch.ones_like(ids)));
            var cost = Cost.Of(network, [.. inputs.Parts.Select(part => part.Value)],
                () => [network.Forward(inputs, Output.Logits).Logits]);
            Assert.Equal(
                FormattableString.Invariant($"{cost.Parameters:n0} | {cost.MultiplyAdds:n0}"),
                row.Groups["cost"].Value);
        });
    }

    static string Page =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/networks.md"));

    [GeneratedRegex(
        @"^\| [^|]+ \| `(?<recipe>\{.+\})` \| 128 tokens \| (?<cost>[0-9,]+ \| [0-9,]+) \|$",
        RegexOptions.Multiline)]
    private static partial Regex EncoderRow();

    [GeneratedRegex(
        @"^\| [^|]+ \| `(?<recipe>\{.+\})` \| (?<shape>[0-9x ]+), (?<classes>[0-9]+) classes "
        + @"\| (?<cost>[0-9,]+ \| [0-9,]+) \|$",
        RegexOptions.Multiline)]
    private static partial Regex Row();

    static string Here([CallerFilePath] string path = "") => path;
}
