package dev.serai.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ChangeTextTest {
    private static String print(String more) throws Exception {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        ChangeText.print(
                new ObjectMapper()
                        .readTree("{\"flow\":\"orders\",\"acceptedAt\":\"2026-01-31T08:00:00.000Z\"" + more + "}"),
                out);
        out.flush();
        return text.toString();
    }

    @Test
    void theIdOfTheTraceIsShownIfThereIsOne() throws Exception {
        assertThat(print(",\"traceId\":\"0af7651916cd43dd8448eb211c80319c\""))
                .contains("  trace 0af7651916cd43dd8448eb211c80319c");
        assertThat(print("")).doesNotContain("trace");
    }

    @Test
    void aChangeThatIsDamagedInTheLedgerSaysSo() throws Exception {
        assertThat(print(",\"damage\":\"corrupt: checksum of change 8 does not match\""))
                .contains("damaged in the ledger", "corrupt: checksum of change 8 does not match");
        assertThat(print(",\"damage\":null")).doesNotContain("damaged");
    }
}
