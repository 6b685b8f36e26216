package dev.serai.connector.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.LeanCamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSinkAddressTest {
    private final Exchange exchange = new DefaultExchange(new LeanCamelContext(true));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/u?sp=%2Frun&sv=1.0&sig=Ab%2BcD%2F3%3D&team=R%26D&note=a%20b",
                "/a+b/c;d=1/(e)?x[]=1&y[]='2'&z=*!$,@:",
                "/%7Euser/~user/./x/../y//z?",
                "/?b=2&a=1&a=3&&",
                "/%e4%BD%a0",
                "/a%2Fb+c;d=1//e/%E4?f={'g':1}&h={}|^`\\\\%7B%22+%2B;i//%E4"
            })
    void pathAndQueryAreSentAsTheyAreWritten(String target) throws Exception {
        assertThat(new HttpSinkAddress("https://h.example" + target).target(exchange, "k"))
                .isEqualTo(target);
        assertThat(new HttpSinkAddress("https://h.example" + target + "&k={key}").target(exchange, "1/2 3"))
                .isEqualTo(target + "&k=1%2F2%203");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "http://h /",
                "http://h?x=1 /?x=1",
                "http://h/a#part /a",
                "http://h/ä?q=你😀 /%C3%A4?q=%E4%BD%A0%F0%9F%98%80",
                "http://h/100%?q=5%2 /100%25?q=5%252",
                "http://h/?q={\"a\":<1>} /?q={%22a%22:%3C1%3E}",
                "http://h/a|b\"c<d>e^f`g\\h{i} /a%7Cb%22c%3Cd%3Ee%5Ef%60g%5Ch%7Bi%7D"
            })
    void whatNoRequestLineMayHoldIsPercentEncoded(String url, String target) throws Exception {
        assertThat(new HttpSinkAddress(url).target(exchange, "k")).isEqualTo(target);
    }

    @Test
    void spacesAndLineEndsCannotBeginAnotherRequest() throws Exception {
        assertThat(new HttpSinkAddress(" http://h/a b\r\nX: y?c d ").target(exchange, null))
                .isEqualTo("/a%20b%0D%0AX:%20y?c%20d");
    }

    @Test
    void hostAndPortAreRead() {
        HttpSinkAddress plain = new HttpSinkAddress("HTTP://My_Host.example:8080/x");
        assertThat(plain.isTls()).isFalse();
        assertThat(plain.authority()).isEqualTo("My_Host.example:8080");
        assertThat(plain.host()).isEqualTo("My_Host.example");
        assertThat(plain.port()).isEqualTo(8080);
        HttpSinkAddress six = new HttpSinkAddress("https://[::1]/x");
        assertThat(six.isTls()).isTrue();
        assertThat(six.authority()).isEqualTo("[::1]");
        assertThat(six.host()).isEqualTo("::1");
        assertThat(six.port()).isEqualTo(443);
        assertThat(new HttpSinkAddress("http://[::1]:81").port()).isEqualTo(81);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/x", "h.example/x", "ftp://h/x", "http:///x", "http:/h/x", "direct:x"})
    void whatIsNoHttpAddressStopsTheStart(String url) {
        assertThatThrownBy(() -> new HttpSinkAddress(url)).hasMessageContaining("must be an http or https address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://h:0/x", "http://h:65536/x", "http://h:x/", "http://h h/", "http://ü/", "http://h:/"})
    void aHostOrPortThatCannotBeStopsTheStart(String url) {
        assertThatThrownBy(() -> new HttpSinkAddress(url)).hasMessageContaining("its host or its port is not valid");
    }

    @Test
    void aPasswordInTheAddressStopsTheStartAndIsNotRepeated() {
        assertThatThrownBy(() -> new HttpSinkAddress("http://me:hidden@h/x"))
                .hasMessageContaining("user name or password")
                .hasMessageNotContaining("hidden");
    }
}
