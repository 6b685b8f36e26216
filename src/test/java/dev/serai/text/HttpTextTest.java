package dev.serai.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTextTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "plain-1", "100%", "a%20b", "a b", "订单\r\n1", "~!/?&="})
    void decodingGivesTheTextBack(String text) {
        String header = HttpText.headerValue(text);
        String url = HttpText.urlValue(text);

        assertThat(header).matches("[!-~]*");
        assertThat(url).matches("[A-Za-z0-9.*_%-]*");
        assertThat(decoded(header)).isEqualTo(text);
        assertThat(decoded(url)).isEqualTo(text);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
