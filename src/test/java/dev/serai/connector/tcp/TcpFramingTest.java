package dev.serai.connector.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.http.Admission;
import dev.serai.camel.http.ByteBudget;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import dev.serai.support.TcpPeer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each framing, at both ends. */
class TcpFramingTest {
    private static final String SOURCE = """
            - route:
                from:
                  uri: kamelet:tcp-source
                  parameters:
                    port: 0
            %s
                  steps:
                    - to:
                        uri: ledger:orders
                        parameters: { key: "${jq(.n)}" }
            """;

    private static final String SINK = """
            - route:
                from:
                  uri: direct:out
                  steps:
                    - to:
                        uri: kamelet:tcp-sink
                        parameters:
                          host: 127.0.0.1
                          port: "{{target}}"
            %s
            """;

    @TempDir
    private Path data;

    @ParameterizedTest
    @CsvSource({
        "line, , 4",
        "length, , 1",
        "length, , 2",
        "length, , 4",
        "length, , 8",
        "delimiter, \\x03, 4",
        "delimiter, \\0\\0, 4",
        "delimiter, ||\\r\\n, 4"
    })
    void framesAreFoundHoweverTheirBytesArrive(String framing, String delimiter, int lengthBytes) throws Exception {
        List<String> texts = List.of("{\"id\":1}", "", "{|}\r", "x".repeat(200));
        TcpFraming how = TcpFraming.of(framing, delimiter, lengthBytes);
        ByteBuf all = Unpooled.buffer();
        for (String text : texts) {
            all.writeBytes(how.frame(text.getBytes(UTF_8)));
        }
        List<String> expected = framing.equals("line")
                ? texts.stream().map(text -> text.replace("\r", "")).toList()
                : texts;
        for (int partBytes : new int[] {1, 2, 3, 7, 1_000}) {
            Admission room = new Admission(0, 1_000, new ByteBudget(1_000));
            assertThat(read(new TcpFrameReader(how, 300, room), all.duplicate(), partBytes, room))
                    .as("%d bytes at once", partBytes)
                    .isEqualTo(expected);
            assertThat(room.hold(1_000)).isTrue();
        }
    }

    private static List<String> read(TcpFrameReader reader, ByteBuf all, int partBytes, Admission room)
            throws TcpFrameException {
        List<String> found = new ArrayList<>();
        while (all.isReadable()) {
            ByteBuf part = all.readSlice(Math.min(partBytes, all.readableBytes()));
            while (part.isReadable()) {
                TcpFrameReader.Frame frame = reader.read(part);
                if (frame != null) {
                    found.add(new String(frame.body(), UTF_8));
                    room.back(frame.body().length);
                }
            }
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource({"length, , 1", "length, , 8", "delimiter, \\x03, 4"})
    void aFrameThatIsTooLongIsRefusedBeforeItIsHeld(String framing, String delimiter, int lengthBytes) {
        TcpFraming how = TcpFraming.of(framing, delimiter, lengthBytes);
        TcpFrameReader reader = new TcpFrameReader(how, 100, new Admission(0, 1_000, new ByteBudget(1_000)));
        ByteBuf frame = how.frame(new byte[200]);

        assertThatThrownBy(() -> reader.read(frame))
                .isInstanceOf(TcpFrameException.class)
                .hasMessageContaining("100");
    }

    @Test
    void aLengthThatOverflowsIsRefused() {
        TcpFraming how = TcpFraming.of("length", null, 8);
        TcpFrameReader reader = new TcpFrameReader(how, 100, new Admission(0, 1_000, new ByteBudget(1_000)));

        assertThatThrownBy(() -> reader.read(Unpooled.buffer().writeLong(-1)))
                .isInstanceOf(TcpFrameException.class)
                .hasMessageContaining("18446744073709551615 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "'framing: length\nlengthBytes: 2'",
        "'framing: length\nlengthBytes: 8'",
        "'framing: delimiter\ndelimiter: \"\\\\x03\"'",
        "'framing: delimiter\ndelimiter: \"\\\\r\\\\n\"'"
    })
    void sinkAndSourceAgree(String options) throws Exception {
        try (KameletRunner runner = new KameletRunner(data)) {
            runner.with(SOURCE.formatted(options.indent(8).stripTrailing()), Map.of())
                    .start();
            runner.with(
                    SINK.formatted(options.indent(14).stripTrailing()),
                    Map.of("target", String.valueOf(TcpPeer.port(runner.context))));
            for (int i = 0; i < 3; i++) {
                runner.sendOk("direct:out", ("{\"n\":" + i + "}").getBytes(UTF_8), Map.of());
            }

            assertThat(runner.accepted("orders"))
                    .extracting(entry -> entry.change().key())
                    .containsExactlyInAnyOrder("0", "1", "2");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'framing: length\nlengthBytes: 1', 300, lengthBytes=1",
        "'framing: delimiter\ndelimiter: xx', 2, holds the delimiter"
    })
    void aBodyThatTheFramingCannotCarryIsRefusedForGood(String options, int bytes, String reason) throws Exception {
        try (KameletRunner runner = new KameletRunner(data)) {
            runner.with(SINK.formatted(options.indent(14).stripTrailing()), Map.of("target", "1"))
                    .start();
            Exchange result = runner.send("direct:out", "x".repeat(bytes).getBytes(UTF_8), Map.of());

            assertThat(new OutcomeReader(Clock.systemUTC()).of(result))
                    .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                            .contains(reason));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'framing: length\nlengthBytes: 1', set it to 2",
        "'framing: length\nlengthBytes: 3', 'lengthBytes is 1, 2, 4 or 8'",
        "'framing: delimiter', needs delimiter",
        "'framing: delimiter\ndelimiter: xx', needs a control character",
        "'framing: delimiter\ndelimiter: \"123456789\"', at most 8"
    })
    void aSourceWithAFramingThatCannotWorkDoesNotStart(String options, String reason) throws Exception {
        try (KameletRunner runner = new KameletRunner(data)) {
            assertThatThrownBy(
                            () -> runner.with(SOURCE.formatted(options.indent(8).stripTrailing()), Map.of())
                                    .start())
                    .hasStackTraceContaining(reason);
        }
    }
}
