package dev.serai.node.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.admin.StatusJson;
import dev.serai.admin.StatusJson.BillsJson;
import dev.serai.admin.StatusJson.LedgerJson;
import dev.serai.admin.StatusJson.ReconciliationJson;
import dev.serai.admin.StatusJson.RefusedFileJson;
import dev.serai.admin.StatusJson.RoutesJson;
import dev.serai.admin.StatusJson.SourceJson;
import dev.serai.admin.StatusJson.TargetStateJson;
import dev.serai.admin.StatusJson.TokensJson;
import dev.serai.support.CapturedLog;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatusReminderTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:10:00Z");

    private final List<TargetStateJson> targets = new ArrayList<>();
    private final List<SourceJson> sources = new ArrayList<>();
    private final List<ReconciliationJson> reconciliations = new ArrayList<>();
    private final List<RefusedFileJson> refused = new ArrayList<>();
    private List<BillsJson> bills = List.of();
    private final CapturedLog log = new CapturedLog(StatusReminder.class);
    private String ledgerTrouble;
    private String tokenTrouble;
    private boolean unreadable;
    private boolean ok = true;

    private final StatusReminder reminder = new StatusReminder(this::status, Clock.fixed(NOW, ZoneOffset.UTC));

    @AfterEach
    void close() {
        reminder.close();
        log.close();
    }

    private StatusJson status() {
        if (unreadable) {
            throw new IllegalStateException("the database is locked");
        }
        return new StatusJson(
                ok,
                "running",
                sources,
                targets,
                List.of(),
                new LedgerJson(ledgerTrouble == null, ledgerTrouble, null, null, null, null, null, List.of()),
                new RoutesJson(1, refused),
                reconciliations,
                List.of(),
                new TokensJson(tokenTrouble),
                bills);
    }

    private void target(String target, String state, String since, String reason) {
        targets.add(
                new TargetStateJson("orders", target, state, since, reason, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, 0, null));
    }

    private void source(String name, String state, String since, String reason) {
        sources.add(new SourceJson(
                name, "pull", List.of(), state, since, reason, 0, 0, Map.of(), null, null, null, null, 0, 0, 0, 0, 0, 0,
                null, null));
    }

    private String reminded() {
        log.lines().clear();
        reminder.remind();
        return String.join("\n", log.lines());
    }

    @Test
    void aBillThatDoesNotMatchIsSaid() {
        bills = List.of(new BillsJson("payments", "2026-11-29: 2 differ"), new BillsJson("refunds", null));
        assertThat(reminded()).contains("1 thing needs you: bills payments not matching (2026-11-29: 2 differ)");
    }

    @Test
    void nothingIsLoggedWhileAllIsOkOrMerelyPausedSlowOrNew() {
        target("erp", "ok", null, null);
        assertThat(reminded()).isEmpty();

        ok = false;
        target("shop", "paused", "2026-01-31T08:00:00Z", "by an operator");
        target("crm", "slow", null, null);
        source("new", "starting", null, null);
        assertThat(reminded()).isEmpty();
    }

    @Test
    void theWorstComesFirstAndTheRestIsCounted() {
        ok = false;
        target("erp", "down", "2026-01-31T08:00:00Z", "HTTP 503\n\u202efrom erp");
        target("crm", "failing", "2026-01-31T08:09:00Z", "HTTP 422");
        target("shop", "blocked", null, null);
        source("games", "failing", "2026-01-31T08:09:55Z", "HTTP 401");
        source("quiet", "silent", "2026-01-31T07:10:00Z", null);
        refused.add(new RefusedFileJson("routes/a.yaml", 3, "no such Kamelet", "2026-01-31T08:00:00Z"));
        ledgerTrouble = "the disk is full";

        assertThat(reminded())
                .contains(
                        "7 things need you: ledger not writable (the disk is full); orders/erp down for 10 min (HTTP 503"
                                + " from erp); orders/crm failing for 60 s (HTTP 422); source games failing for 5.0 s (HTTP 401);"
                                + " source quiet silent for 60 min; and 2 more");
    }

    @Test
    void namedTokensThatAreNotAcceptedAreNamed() {
        ok = false;
        tokenTrouble = "tokens.json cannot be read";

        assertThat(reminded()).contains("1 thing needs you: a named token not accepted (tokens.json cannot be read)");
    }

    @Test
    void aTargetThatIsNotEqualIsNamed() {
        ok = false;
        reconciliations.add(new ReconciliationJson(
                "orders",
                "orders",
                "erp",
                "differs",
                "2026-01-31T08:00:00Z",
                "3 keys are missing, stale or different",
                null,
                null));
        reconciliations.add(
                new ReconciliationJson("games", "games", "shop", "ok", null, null, "2026-01-31T08:00:00Z", "ok"));

        assertThat(reminded())
                .contains(
                        "1 thing needs you: reconciliation orders differs for 10 min (3 keys are missing, stale or different)");
    }

    @Test
    void theEndOfAllTroubleIsLoggedOnce() {
        ok = false;
        target("erp", "down", "2026-01-31T08:00:00Z", "HTTP 503");
        assertThat(reminded()).contains("1 thing needs you: orders/erp down for 10 min (HTTP 503)");
        assertThat(reminded()).contains("orders/erp");

        ok = true;
        targets.clear();
        assertThat(reminded()).contains("all ok again after 10 min");
        assertThat(reminded()).isEmpty();
    }

    @Test
    void allIsNotCalledOkWhileSomethingElseIsNot() {
        ok = false;
        target("erp", "down", "2026-01-31T08:00:00Z", "HTTP 503");
        reminded();
        targets.clear();
        target("erp", "slow", null, null);

        assertThat(reminded()).doesNotContain("all ok").contains("./serai status has the rest");
    }

    @Test
    void aStatusThatCannotBeReadIsNotOk() {
        unreadable = true;

        assertThat(reminded()).contains("not known whether all is ok", "the database is locked");
    }
}
