package dev.serai.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogTextTest {

    @Test
    void aLogLineIsPrintableAsciiAndShort() {
        assertThat(LogText.of("a\nb\\é")).isEqualTo("a\\u000ab\\u005c\\u00e9");
        assertThat(LogText.of("x".repeat(121))).isEqualTo("x".repeat(120) + "...");
        assertThat(LogText.of(null)).isEqualTo("-");
    }

    @Test
    void aLineForOperatorsKeepsLettersAndNoTerminalControls() {
        assertThat(LogText.line("  订单 😀\r\n\t1\u001b[31m\u202e2\ud800 ", 100)).isEqualTo("订单 😀 1 [31m 2");
        assertThat(LogText.line("abcdef", 3)).isEqualTo("abc…");
        assertThat(LogText.line("abc \n", 3)).isEqualTo("abc");
        assertThat(LogText.line("ab😀", 3)).isEqualTo("ab…");
    }

    @Test
    void escapedTextShowsWhatIsUnsafe() {
        assertThat(LogText.escaped("订单 \u001b😀\u200b")).isEqualTo("订单 \\u001b😀\\u200b");
    }
}
