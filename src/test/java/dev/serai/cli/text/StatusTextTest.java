package dev.serai.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class StatusTextTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");
    private static final String LEDGER =
            "\"ledger\":{\"writable\":true,\"bytes\":7340032,\"freeBytes\":53687091200,\"fullInSeconds\":null},"
                    + "\"routes\":{\"loaded\":3,\"refused\":[]}";
    private static final String TARGETS = """
            "targets":[
             {"flow":"orders","target":"erp","state":"down","since":"2026-01-31T07:57:00Z","reason":"503 \\u001b[2J",
              "pending":10,"delivering":2,"retrying":2,"blocked":1,"dead":0,"oldestSeconds":181.3,"perMinute":0,
              "drainSeconds":null,"timedOut":4},
             {"flow":"orders","target":"shop","state":"ok","since":null,"reason":null,"pending":0,"delivering":0,"retrying":0,
              "blocked":0,"dead":1,"oldestSeconds":0,"perMinute":1204,"drainSeconds":null,"timedOut":0}],
            "flows":[{"flow":"orders","accepted":1204,"duplicates":3},{"flow":"聊天","accepted":0,"duplicates":0}]""";

    private static List<String> lines(String json, Ansi ansi) throws Exception {
        StringWriter out = new StringWriter();
        new StatusText(new ObjectMapper().readTree(json), NOW, ansi).print(new PrintWriter(out, true));
        return out.toString().lines().toList();
    }

    @Test
    void whatIsInTroubleComesFirstWithItsReasonAndItsAge() throws Exception {
        assertThat(lines("{\"ok\":false,\"sources\":[]," + TARGETS + "," + LEDGER + "}", Ansi.OFF))
                .containsExactly(
                        "1 of 2 targets needs you",
                        "",
                        "FLOW    TARGET  ACCEPTED  PENDING  RETRYING  BLOCKED  DEAD  OLDEST   /MIN  DRAINED  STATE",
                        "orders  erp        1,204       12         2        1     0   3 min      0        -  down",
                        "orders  shop       1,204        0         0        0     1   0.0 s  1,204        -  ok",
                        "聊天    -              0        -         -        -     -       -      -        -  -",
                        "orders/erp is down since 3 min: 503 \\u001b[2J",
                        "orders/erp: 4 deliveries had no outcome in time",
                        "",
                        "ledger: writable, 7.0 MiB, 50.0 GiB free",
                        "routes: 3 loaded")
                .allMatch(line -> line.length() <= 100);
    }

    @Test
    void aFlowThatKeepsNoDigestsIsNamed() throws Exception {
        String targets = TARGETS.replace("\"duplicates\":3", "\"duplicates\":3,\"digests\":false");

        assertThat(lines("{\"ok\":true,\"sources\":[]," + targets + "," + LEDGER + "}", Ansi.OFF))
                .contains("flow orders: no digests are kept (digests: false), so its targets cannot be compared");
    }

    @Test
    void aSourceInTroubleIsShownWithItsReason() throws Exception {
        String sources = """
                "sources":[
                 {"name":"games-in","kind":"pull","state":"failing","since":"2026-01-31T07:00:00.000Z","reason":"HTTP 500",
                  "records":1204,"broken":2,"skipped":0,"ahead":1,"lastGoodAt":"2026-01-31T07:00:00.000Z",
                  "nextRunAt":"2026-01-31T08:00:05.000Z","lagSeconds":12.5},
                 {"name":"bills","kind":"pull","state":"starting","since":null,"reason":null,"records":0,"broken":0,
                  "skipped":0,"ahead":0,"lastGoodAt":null,"nextRunAt":null,"lagSeconds":null},
                 {"name":"hooks","kind":"push","state":"ok","since":null,"reason":null,"records":7,"refused":{"signature":2,"overload":1},
                  "lastGoodAt":"2026-01-31T07:59:58Z","nextRunAt":null,"lagSeconds":null}]""";

        assertThat(lines("{\"ok\":false," + sources + ",\"targets\":[],\"flows\":[]," + LEDGER + "}", Ansi.OFF))
                .containsExactly(
                        "2 of 3 sources need you",
                        "",
                        "no flows yet",
                        "",
                        "SOURCE    KIND  RECORDS  REFUSED  BROKEN  SKIPPED  AHEAD  LAST GOOD   NEXT RUN   LAG  STATE",
                        "games-in  pull    1,204        -       2        0      1  60 min ago  in 5.0 s  13 s  failing",
                        "bills     pull        0        -       0        0      0  -           -            -  starting",
                        "hooks     push        7        3       -        -      -  2.0 s ago   -            -  ok",
                        "games-in is failing since 60 min: HTTP 500",
                        "",
                        "ledger: writable, 7.0 MiB, 50.0 GiB free",
                        "routes: 3 loaded");
    }

    @Test
    void aNodeThatIsStartingOrStoppingIsNotCalledOk() throws Exception {
        String rest = "\"sources\":[],\"targets\":[],\"flows\":[]," + LEDGER + "}";

        assertThat(lines("{\"ok\":false,\"phase\":\"starting\"," + rest, Ansi.OFF))
                .containsExactly(
                        "the node is starting: not all of its routes run yet",
                        "",
                        "no flows from before; those of new routes are not known yet",
                        "",
                        "ledger: writable, 7.0 MiB, 50.0 GiB free",
                        "routes: 3 loaded until now");
        assertThat(lines("{\"ok\":false,\"phase\":\"stopping\"," + rest, Ansi.OFF))
                .startsWith("the node is stopping: it takes nothing new");
    }

    @Test
    void aLedgerInTroubleIsSaidWithAllThatIsKnown() throws Exception {
        String ledger = """
                {"ok":false,"sources":[],"targets":[],"flows":[],"ledger":{"writable":false,"trouble":"disk is full",
                 "bytes":1023,"freeBytes":0,"fullInSeconds":7200,"damage":"the ledger is damaged: 2 found",
                 "clock":"the clock was set back by 3600 s"}}""";

        assertThat(lines(ledger, Ansi.OFF))
                .contains(
                        "the ledger needs you",
                        "ledger: cannot be written, 1023 B, 0 B free, full in 2.0 h at the present growth",
                        "disk is full",
                        "the ledger is damaged: 2 found",
                        "the clock was set back by 3600 s");
    }

    @Test
    void aLedgerWhoseServerDoesNotTellItsFreeSpaceIsShownWithoutIt() throws Exception {
        String ledger = """
                {"ok":true,"sources":[],"targets":[],"flows":[],
                 "ledger":{"writable":true,"bytes":1023,"freeBytes":null,"fullInSeconds":null}}""";

        assertThat(lines(ledger, Ansi.OFF)).contains("ledger: writable, 1023 B");
    }

    @Test
    void aRouteFileThatIsNotLoadedIsSaidWithItsReason() throws Exception {
        String status = """
                {"ok":false,"sources":[],"targets":[],"flows":[],"ledger":{"writable":true},"routes":{"loaded":4,"refused":[
                 {"file":"routes/a.yaml","line":7,"reason":"routes/a.yaml:7: there is no Kamelet named webhock-source\\nroutes/a.yaml:9: it has no id",
                  "since":"2026-01-31T07:55:00Z"}]}}""";

        assertThat(lines(status, Ansi.OFF))
                .contains(
                        "1 file needs you",
                        "routes: 4 loaded",
                        "routes/a.yaml is not loaded since 5 min:",
                        "  routes/a.yaml:7: there is no Kamelet named webhock-source",
                        "  routes/a.yaml:9: it has no id");
    }

    @Test
    void aReconciliationThatIsNotOkIsSaidWithItsReasonAndEachWithItsMark() throws Exception {
        String status = """
                {"ok":false,"sources":[],"targets":[],"flows":[],"ledger":{"writable":true},"routes":{"loaded":1,"refused":[]},
                 "reconciliations":[
                 {"name":"games","state":"ok","since":null,"reason":null,"verifiedThrough":"2026-01-31T07:59:00Z","source":"ok"},
                 {"name":"orders","state":"failing","since":"2026-01-31T07:55:00Z","reason":"the last run failed: HTTP 401",
                  "verifiedThrough":null}]}""";

        assertThat(lines(status, Ansi.OFF))
                .contains(
                        "1 of 2 reconciliations needs you",
                        "reconciliation games: ok; source ok; verified through 2026-01-31T07:59:00Z",
                        "reconciliation orders: failing since 5 min, the last run failed: HTTP 401");
    }

    @Test
    void aBillThatDoesNotMatchIsSaid() throws Exception {
        String json = """
                {"ok":false,"targets":[],"sources":[],"flows":[],"ledger":{"writable":true},"routes":{"loaded":1,"refused":[]},
                 "bills":[{"name":"payments","trouble":"2026-11-29: 2 differ\\u001b[2J"},{"name":"refunds","trouble":null}]}""";
        assertThat(lines(json, Ansi.OFF))
                .contains("a bill needs you", "bills payments: 2026-11-29: 2 differ\\u001b[2J")
                .noneMatch(line -> line.contains("refunds"));
    }

    @Test
    void tokensThatAreNotAcceptedAreSaid() throws Exception {
        String status = """
                {"ok":false,"sources":[],"targets":[],"flows":[],"ledger":{"writable":true},"routes":{"loaded":1,"refused":[]},
                 "tokens":{"trouble":"data/tokens cannot be read\\u001b[2J"}}""";

        assertThat(lines(status, Ansi.OFF))
                .contains("the file of named tokens needs you", "data/tokens cannot be read\\u001b[2J");
    }

    @Test
    void statesAreColouredOnATerminalOnly() throws Exception {
        String status = "{\"ok\":false,\"sources\":[]," + TARGETS + "," + LEDGER + "}";

        assertThat(lines(status, Ansi.ON)).anyMatch(line -> line.contains("\u001b[31mdown"));
        assertThat(lines(status, Ansi.OFF)).noneMatch(line -> line.contains("\u001b"));
    }

    @Test
    void whenAllIsOkItSaysSoAndHowOldTheOldestIs() throws Exception {
        String status = "{\"ok\":true,\"sources\":[],\"targets\":[{\"flow\":\"a\",\"target\":\"b\",\"state\":\"ok\","
                + "\"oldestSeconds\":0.42}],\"flows\":[{\"flow\":\"a\",\"accepted\":1}]," + LEDGER + "}";

        assertThat(lines(status, Ansi.OFF).get(0)).isEqualTo("all ok, the oldest change that waits is 0.4 s old");
    }
}
