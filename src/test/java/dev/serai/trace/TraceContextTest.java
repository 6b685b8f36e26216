package dev.serai.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @Test
    void itIsReadFromHeadersOfAnyCase() {
        TraceContext context = TraceContext.of(Map.of("TraceParent", PARENT, "TRACESTATE", "a=1"));

        assertThat(context).isEqualTo(new TraceContext(PARENT, "a=1"));
        assertThat(context.traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void itReplacesThatOfOtherHeaders() {
        assertThat(new TraceContext(PARENT, null).in(Map.of("Traceparent", "x", "tracestate", "a=1", "X-Shop", "1")))
                .isEqualTo(Map.of("traceparent", PARENT, "X-Shop", "1"));
    }

    @Test
    void aLaterVersionMayHaveMore() {
        assertThat(TraceContext.of("cc" + PARENT.substring(2) + "-more", null)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
            })
    void whatIsNotValidIsNone(String text) {
        assertThat(TraceContext.of(text, null)).isNull();
    }
}
