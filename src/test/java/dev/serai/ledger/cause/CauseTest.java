package dev.serai.ledger.cause;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CauseTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
                    order 17 is unknown | order <number> is unknown
                    order -17.50 is unknown | order -<number> is unknown
                    total 1,234.56 over 1000 | total <number> over <number>
                    no answer within 15000 ms | no answer within <number> ms
                    no answer within 15000ms | no answer within <number>ms
                    HTTP 422 from http://127.0.0.1:8081/orders/17: no | HTTP 422 from http://<address>/orders/<number>: no
                    503 Service Unavailable | 503 Service Unavailable
                    HTTP/1.1 is refused | HTTP/<number> is refused
                    user 0b0e7c1e-9c1f-4c57-a7b4-2f2d1a1f5f10 is gone | user <id> is gone
                    trace 4bf92f3577b34da6a3ce929d0e0e4736 | trace <id>
                    page at 0x7fff5694dc58 | page at <id>
                    order A-17 is unknown | order <id> is unknown
                    order ORD-2024-00017 and SKU17B | order <id> and <id>
                    order #1042 is closed | order #<number> is closed
                    at 2026-01-31T08:00:00.123Z it failed | at <time> it failed
                    at 2026-01-31 08:00:00+01:00 it failed | at <time> it failed
                    retry after Sun, 29 Nov 2026 10:46:54 GMT | retry after <time>
                    since 10:46:54.123 | since <time>
                    cannot connect to 10.0.0.7:54321 | cannot connect to <address>
                    cannot connect to [::1]:54321 | cannot connect to <address>
                    cannot connect to erp.example.org:8443 | cannot connect to erp.example.org:<number>
                    customer 'Jane Smith' is unknown | customer <value> is unknown
                    customer "jane@example.org" is unknown | customer <value> is unknown
                    {"code":"ORDER_UNKNOWN","order":"A-17"} | {"code":"ORDER_UNKNOWN","order":<value>}
                    {"error":"order 17 not found","at":1706688000} | {"error":"order <number> not found","at":<number>}
                    it doesn't exist and can't be made | it doesn't exist and can't be made
                    订单 17 不存在 | 订单 <number> 不存在
                    <script>alert(1)</script> | <script>alert(<number>)</script>
                    """)
    void partsThatDifferFromOneChangeToTheNextAreFolded(String error, String text) {
        assertThat(Cause.of(null, error).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    422 | order 17 is unknown | 422 order <number> is unknown
                    422 | HTTP 422 from erp: no | HTTP 422 from erp: no
                    503 | 503 Service Unavailable | 503 Service Unavailable
                    500 | 503 upstream | 500 503 upstream
                    404 | 404 | 404
                    """)
    void theStatusIsToldOnce(int status, String error, String text) {
        String folded = error.equals("404") ? "404" : Cause.of(status, error).text();
        assertThat(folded).isEqualTo(text);
    }

    @Test
    void failuresOfOneKindHaveOneCauseAndThoseOfAnotherStatusHaveAnother() {
        Cause one = Cause.of(422, "order A-17 of 2026-01-31 is unknown");
        assertThat(Cause.of(422, "order B-8 of 2025-12-01 is unknown").hash()).isEqualTo(one.hash());
        assertThat(Cause.of(409, "order A-17 of 2026-01-31 is unknown").hash()).isNotEqualTo(one.hash());
        assertThat(Cause.of(422, "customer A-17 of 2026-01-31 is unknown").hash())
                .isNotEqualTo(one.hash());
    }

    @Test
    void aCauseIsFoundByItsIdAndByItsText() {
        String error = "{\"error\":\"order 17 not found\"} at 10.0.0.7:80 " + "x".repeat(300) + " 'it'";
        for (Cause cause :
                new Cause[] {Cause.of(422, error), Cause.of(503, "503 Service Unavailable"), Cause.of(null, "")}) {
            assertThat(Cause.hashOf(cause.text())).isEqualTo(cause.hash());
            assertThat(Cause.hashOf(Cause.id(cause.hash()))).isEqualTo(cause.hash());
            assertThat(cause.text().length()).isLessThanOrEqualTo(200);
        }
    }

    @Test
    void hostileTextIsFoldedInTime() {
        for (String part : new String[] {"\"", "'", "1:", "a-1-", "[:", "1,1.", "0x", "0000-00-00T", "<a"}) {
            String text = part.repeat(500);
            assertThat(Cause.of(500, text).text().length()).isLessThanOrEqualTo(200);
        }
    }
}
