using System.Text;

namespace Retort.Data;

/// <summary>
/// Unicode's composed form (NFC) of names in Latin, Greek, Cyrillic, kana and Hangul. macOS writes names of files
/// decomposed (NFD). String.Normalize does nothing in programs with InvariantGlobalization, such as the command line.
/// </summary>
static class UnicodeForm
{
    // marks, the letters that each can follow, and what both make; from Unicode's character database
    static readonly (int Mark, string Letters, string Composed)[] s_rows =
    [
        (0x0300, "AEIOUaeiouÜüNnЕИеиĒēŌōWwÂâĂăÊêÔôƠơƯưYy", "ÀÈÌÒÙàèìòùǛǜǸǹЀЍѐѝḔḕṐṑẀẁẦầẰằỀềỒồỜờỪừỲỳ"),
        (0x0301, "AEIOUYaeiouyCcLlNnRrSsZzÜüGgÅåÆæØø¨ΑΕΗΙΟΥΩϊα", "ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹźǗǘǴǵǺǻǼǽǾǿ΅ΆΈΉΊΌΎΏΐά"),
        (0x0301, "εηιϋουωϒГКгкÇçĒēÏïKkMmÕõŌōPpŨũWwÂâĂăÊêÔôƠơƯư", "έήίΰόύώϓЃЌѓќḈḉḖḗḮḯḰḱḾḿṌṍṒṓṔṕṸṹẂẃẤấẮắẾếỐốỚớỨứ"),
        (0x0302, "AEIOUaeiouCcGgHhJjSsWwYyZzẠạẸẹỌọ", "ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷẐẑẬậỆệỘộ"),
        (0x0303, "ANOanoIiUuVvÂâĂăEeÊêÔôƠơƯưYy", "ÃÑÕãñõĨĩŨũṼṽẪẫẴẵẼẽỄễỖỗỠỡỮữỸỹ"),
        (0x0304, "AaEeIiOoUuÜüÄäȦȧÆæǪǫÖöÕõȮȯYyИиУуGgḶḷṚṛ", "ĀāĒēĪīŌōŪūǕǖǞǟǠǡǢǣǬǭȪȫȬȭȰȱȲȳӢӣӮӯḠḡḸḹṜṝ"),
        (0x0306, "AaEeGgIiOoUuУИиуЖжАаЕеȨȩẠạ", "ĂăĔĕĞğĬĭŎŏŬŭЎЙйўӁӂӐӑӖӗḜḝẶặ"),
        (0x0307, "CcEeGgIZzAaOoBbDdFfHhMmNnPpRrSsŚśŠšṢṣTtWwXxY", "ĊċĖėĠġİŻżȦȧȮȯḂḃḊḋḞḟḢḣṀṁṄṅṖṗṘṙṠṡṤṥṦṧṨṩṪṫẆẇẊẋẎ"),
        (0x0307, "yſ", "ẏẛ"),
        (0x0308, "AEIOUaeiouyYΙΥιυϒЕІеіАаӘәЖжЗзИиОоӨөЭэУуЧчЫыH", "ÄËÏÖÜäëïöüÿŸΪΫϊϋϔЁЇёїӒӓӚӛӜӝӞӟӤӥӦӧӪӫӬӭӰӱӴӵӸӹḦ"),
        (0x0308, "hÕõŪūWwXxt", "ḧṎṏṺṻẄẅẌẍẗ"),
        (0x0309, "AaÂâĂăEeÊêIiOoÔôƠơUuƯưYy", "ẢảẨẩẲẳẺẻỂểỈỉỎỏỔổỞởỦủỬửỶỷ"),
        (0x030a, "AaUuwy", "ÅåŮůẘẙ"),
        (0x030b, "OoUuУу", "ŐőŰűӲӳ"),
        (0x030c, "CcDdEeLlNnRrSsTtZzAaIiOoUuÜüGgKkƷʒjHh", "ČčĎďĚěĽľŇňŘřŠšŤťŽžǍǎǏǐǑǒǓǔǙǚǦǧǨǩǮǯǰȞȟ"),
        (0x030f, "AaEeIiOoRrUuѴѵ", "ȀȁȄȅȈȉȌȍȐȑȔȕѶѷ"),
        (0x0311, "AaEeIiOoRrUu", "ȂȃȆȇȊȋȎȏȒȓȖȗ"),
        (0x031b, "OoUu", "ƠơƯư"),
        (0x0323, "BbDdHhKkLlMmNnRrSsTtVvWwZzAaEeIiOoƠơUuƯưYy", "ḄḅḌḍḤḥḲḳḶḷṂṃṆṇṚṛṢṣṬṭṾṿẈẉẒẓẠạẸẹỊịỌọỢợỤụỰựỴỵ"),
        (0x0324, "Uu", "Ṳṳ"),
        (0x0325, "Aa", "Ḁḁ"),
        (0x0326, "SsTt", "ȘșȚț"),
        (0x0327, "CcGgKkLlNnRrSsTtEeDdHh", "ÇçĢģĶķĻļŅņŖŗŞşŢţȨȩḐḑḨḩ"),
        (0x0328, "AaEeIiUuOo", "ĄąĘęĮįŲųǪǫ"),
        (0x032d, "DdEeLlNnTtUu", "ḒḓḘḙḼḽṊṋṰṱṶṷ"),
        (0x032e, "Hh", "Ḫḫ"),
        (0x0330, "EeIiUu", "ḚḛḬḭṴṵ"),
        (0x0331, "BbDdKkLlNnRrTtZzh", "ḆḇḎḏḴḵḺḻṈṉṞṟṮṯẔẕẖ"),
        (0x3099, "かきくけこさしすせそたちつてとはひふへほうゝカキクケコサシスセソタチツテトハヒフヘホウワ", "がぎぐげござじずぜぞだぢづでどばびぶべぼゔゞガギグゲゴザジズゼゾダヂヅデドバビブベボヴヷ"),
        (0x3099, "ヰヱヲヽ", "ヸヹヺヾ"),
        (0x309a, "はひふへほハヒフヘホ", "ぱぴぷぺぽパピプペポ"),
    ];

    static readonly Dictionary<(char Letter, char Mark), char> s_pairs = s_rows
        .SelectMany(row => row.Letters.Zip(row.Composed, (letter, whole) => ((letter, (char)row.Mark), whole)))
        .ToDictionary(pair => pair.Item1, pair => pair.whole);

    /// <summary>The text with letters and the marks that follow them composed.</summary>
    public static string Compose(string text)
    {
        if (text.All(char.IsAscii)) return text;

        var composed = new StringBuilder(text.Length);
        foreach (var next in text)
        {
            if (composed.Length > 0 && Pair(composed[^1], next) is { } whole) composed[^1] = whole;
            else composed.Append(next);
        }
        return composed.ToString();
    }

    static char? Pair(char letter, char mark)
    {
        if (s_pairs.TryGetValue((letter, mark), out var whole)) return whole;

        // Hangul is composed by arithmetic (Unicode standard, 3.12): initial + vowel, then + final
        if (letter is >= '\u1100' and <= '\u1112' && mark is >= '\u1161' and <= '\u1175')
            return (char)(0xac00 + ((letter - 0x1100) * 21 + mark - 0x1161) * 28);
        var isOpen = letter is >= '\uac00' and <= '\ud7a3' && (letter - 0xac00) % 28 == 0;
        return isOpen && mark is >= '\u11a8' and <= '\u11c2' ? (char)(letter + mark - 0x11a7) : null;
    }
}
