package dev.serai.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BodyMaskTest {
    private static final String SECRET = "4111-SECRET";

    private static String masked(String paths, String text) {
        return BodyMask.of(paths).text(text);
    }

    @Test
    void fieldsAtAPathAreMaskedAndTheRestStaysByteForByte() {
        assertThat(masked(
                        "$.card,$.owner.phone",
                        "{ \"id\": 1.50,\"card\":\"4111\" , \"owner\":{\"phone\":138,\"x\":[1, 2]}}"))
                .isEqualTo("{ \"id\": 1.50,\"card\":\"***\" , \"owner\":{\"phone\":\"***\",\"x\":[1, 2]}}");
    }

    @Test
    void aPathOnlyMasksWhatItNames() {
        assertThat(masked("$.card", "{\"a\":{\"card\":1},\"cards\":2}")).isEqualTo("{\"a\":{\"card\":1},\"cards\":2}");
    }

    @Test
    void itemsOfArraysAreMasked() {
        String body = "{\"items\":[{\"phone\":1,\"n\":2},{\"phone\":[3,{\"x\":4}]}]}";
        assertThat(masked("$.items[*].phone", body))
                .isEqualTo("{\"items\":[{\"phone\":\"***\",\"n\":2},{\"phone\":\"***\"}]}");
        assertThat(masked("$.items[1].phone", body))
                .isEqualTo("{\"items\":[{\"phone\":1,\"n\":2},{\"phone\":\"***\"}]}");
        assertThat(masked("$[*]", "[1,\"2\",{\"a\":3}]")).isEqualTo("[\"***\",\"***\",\"***\"]");
    }

    @Test
    void aPathAtAnyDepthIsFoundEverywhere() {
        assertThat(masked("$..phone", "{\"phone\":1,\"a\":[[{\"phone\":{\"b\":2}}]],\"c\":{\"phone\":null}}"))
                .isEqualTo("{\"phone\":\"***\",\"a\":[[{\"phone\":\"***\"}]],\"c\":{\"phone\":\"***\"}}");
        assertThat(masked("$.a..x", "{\"x\":1,\"a\":{\"b\":[{\"x\":2}]}}"))
                .isEqualTo("{\"x\":1,\"a\":{\"b\":[{\"x\":\"***\"}]}}");
        assertThat(masked("$.a.*", "{\"a\":{\"b\":1,\"c\":[2]}}")).isEqualTo("{\"a\":{\"b\":\"***\",\"c\":\"***\"}}");
        assertThat(masked("$['a name'],$[\"b,c\"]", "{\"a name\":1,\"b,c\":2}"))
                .isEqualTo("{\"a name\":\"***\",\"b,c\":\"***\"}");
    }

    @Test
    void aNameThatIsThereTwiceIsMaskedTwice() {
        assertThat(masked("$.card", "{\"card\":1,\"card\":\"" + SECRET + "\"}"))
                .isEqualTo("{\"card\":\"***\",\"card\":\"***\"}");
    }

    @Test
    void namesAreFoundInAnyCaseAndInEscapes() {
        assertThat(masked("$.card", "{\"CARD\":1,\"c\\u0061rd\":2,\"Card\":3}"))
                .isEqualTo("{\"CARD\":\"***\",\"c\\u0061rd\":\"***\",\"Card\":\"***\"}");
    }

    @Test
    void jsonInAStringIsMaskedAtItsPlaceAndAsADocument() {
        String inner = "{\\\"card\\\":\\\"" + SECRET + "\\\",\\\"n\\\":1}";
        assertThat(masked("$.data.card", "{\"data\":\"" + inner + "\"}"))
                .isEqualTo("{\"data\":\"{\\\"card\\\":\\\"***\\\",\\\"n\\\":1}\"}");
        assertThat(masked("$.card", "{\"data\":\"" + inner + "\"}")).doesNotContain(SECRET);
        assertThat(masked("$..card", "\"" + inner + "\"")).doesNotContain(SECRET);
        assertThat(masked("$.card", "{\"data\":\"\\u007b\\\"card\\\":\\\"" + SECRET + "\\\"}\"}"))
                .doesNotContain(SECRET);
    }

    @Test
    void aStringInAStringInAStringIsMasked() {
        String text = "{\"card\":\"" + SECRET + "\"}";
        for (int i = 0; i < 8; i++) {
            text = "{\"in\":" + ExactJson.MAPPER.getNodeFactory().textNode(text) + "}";
        }
        assertThat(masked("$.card", text))
                .doesNotContain(SECRET)
                .startsWith("{\"in\":\"{")
                .endsWith("\"}");
    }

    @Test
    void jsonInsideATextIsMaskedAndTheTextStays() {
        assertThat(masked("$.card", "HTTP 400 [1 of 3] {id}: {\"card\":\"" + SECRET + "\"}; try {\"card\":2} again"))
                .isEqualTo("HTTP 400 [1 of 3] {id}: {\"card\":\"***\"}; try {\"card\":\"***\"} again");
        assertThat(masked("$[*].card", "sent [{\"card\":1}] to 2")).isEqualTo("sent [{\"card\":\"***\"}] to 2");
    }

    @Test
    void aTextThatIsCutAnywhereShowsNoMaskedField() {
        String body = "{\"a\":[1,{\"b\":\"x\"}],\"card\":{\"no\":\"" + SECRET + "\",\"list\":[\"" + SECRET
                + "\"]},\"data\":\"{\\\"card\\\":\\\"" + SECRET + "\\\"}\",\"end\":true}";
        for (int end = 0; end <= body.length(); end++) {
            assertThat(masked("$.card", body.substring(0, end))).doesNotContain("4111");
            assertThat(masked("$.card", "HTTP 500: " + body.substring(0, end) + "…"))
                    .doesNotContain("4111");
        }
        assertThat(masked("$.none", body.substring(0, 40))).isEqualTo(body.substring(0, 40));
    }

    @Test
    void whereJsonBreaksTheRestIsHidden() {
        assertThat(masked("$.card", "{\"a\":1,'x':2,\"card\":\"" + SECRET + "\"}"))
                .isEqualTo("{\"a\":1,***");
        assertThat(masked("$.card", "{\"a\":[}],\"card\":\"" + SECRET + "\"}")).doesNotContain(SECRET);
        assertThat(masked("$.card", "{\"card\":[ } , \"" + SECRET + "\"]}")).doesNotContain(SECRET);
    }

    @Test
    void whatIsNotJsonStaysAsItIs() {
        for (String text : List.of("", "card=4111", "<card>4111</card>", "{card}", "[12:30] card 4111", "card: 4111")) {
            assertThat(masked("$.card,$..card", text)).isEqualTo(text);
        }
    }

    @Test
    void aVeryDeepBodyIsHiddenBehindTheLimit() {
        String body = "{\"a\":".repeat(500_000) + "{\"card\":\"" + SECRET + "\"}" + "}".repeat(500_000);
        assertThat(masked("$..card", body)).doesNotContain(SECRET).hasSizeLessThan(10_000);
        assertThat(masked("$..card", "[".repeat(1_000_000))).hasSizeLessThan(10_000);
    }

    @Test
    void aHugeBodyIsMaskedToItsEnd() {
        String body = "[" + "{\"id\":1,\"text\":\"a \\\"b\\\" {c}\",\"phone\":\"138\"},".repeat(50_000)
                + "{\"phone\":\"" + SECRET + "\"}]";
        String masked = masked("$[*].phone", body);
        assertThat(masked).doesNotContain(SECRET).doesNotContain("138").endsWith("{\"phone\":\"***\"}]");
    }

    @Test
    void whatIsMaskedIsStillJson() throws Exception {
        JsonNode json = ExactJson.MAPPER.readTree(
                masked("$..a,$.b[0]", "{\"a\":{\"x\":[]},\"b\":[true,{\"a\":-1e5}],\"c\":\"\\u00e9{\\\"a\\\":1}\"}"));
        assertThat(json.path("a").textValue()).isEqualTo("***");
        assertThat(json.path("b").path(0).textValue()).isEqualTo("***");
        assertThat(json.path("c").textValue()).isEqualTo("é{\"a\":\"***\"}");
    }

    @Test
    void bodiesOfABatchAreMaskedInIt() {
        assertThat(masked("$.card", "{\"changes\":[{\"key\":\"k\",\"body\":{\"card\":1}}]}"))
                .isEqualTo("{\"changes\":[{\"key\":\"k\",\"body\":{\"card\":\"***\"}}]}");
    }

    @Test
    void bytesAreMaskedWhateverTheirCharacterSet() {
        BodyMask mask = BodyMask.of("$.card");
        String body = "{\"card\":\"" + SECRET + "\",\"ü\":1}";
        for (byte[] bytes : List.of(body.getBytes(UTF_8), body.getBytes(UTF_16LE), body.getBytes(ISO_8859_1))) {
            assertThat(mask.ofBytes(bytes)).isNotNull().contains("***").doesNotContain(SECRET);
        }
        assertThat(mask.ofBytes(new byte[] {1, 2, 3})).isNull();
        assertThat(mask.ofBytes("{\"x\":1}".getBytes(UTF_8))).isNull();
    }

    @Test
    void withoutPathsNothingIsMasked() {
        assertThat(masked(" ", "{\"card\":1}")).isEqualTo("{\"card\":1}");
        assertThat(BodyMask.of(null).isOn()).isFalse();
        assertThat(BodyMask.NONE.ofBytes("{}".getBytes(UTF_8))).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "card",
                "$",
                "$.",
                "$.a b.c",
                "$.a[",
                "$.a[-1]",
                "$.a[0:2]",
                "$.a[?(@.b)]",
                "$.a.",
                "$.ok,.b",
                "$...a",
                "$.a[b]"
            })
    void aPathThatCannotBeReadIsNamed(String paths) {
        assertThatThrownBy(() -> BodyMask.of(paths))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a path to a field")
                .hasMessageContaining("$.name");
    }
}
