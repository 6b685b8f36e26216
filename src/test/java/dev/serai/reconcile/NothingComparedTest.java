package dev.serai.reconcile;

import static dev.serai.reconcile.ReconcileStage.json;
import static dev.serai.reconcile.ReconcileStage.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.ChangeQuery;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and answers by which nothing is compared, or never to an end: none of them may look as if all were equal. */
class NothingComparedTest {
    @TempDir
    Path folder;

    private ReconcileStage stage;

    @BeforeEach
    void start() throws Exception {
        stage = new ReconcileStage(folder);
        stage.sendEach(1, 4);
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {".amuont", "{amuont}"})
    void aStateThatFindsNothingIsUnknownAndMovesNoMark(String state) throws Exception {
        stage.reconcile("state: '" + state + "'\n" + stage.byPage() + stage.byKey());

        ReconcileReport found = stage.run();

        assertThat(found.state()).as(found.reason()).isEqualTo("done");
        assertThat(found.equal()).isZero();
        assertThat(found.unknown()).isEqualTo(4);
        assertThat(stage.mark())
                .isBefore(stage.ledger
                        .changes(new ChangeQuery("orders", key(1), null, 1))
                        .get(0)
                        .acceptedAt());
    }

    @Test
    void aTargetThatTheLedgerDoesNotHaveFailsTheRun() throws Exception {
        stage.reconcile("orders", "shpo", stage.byKey());

        ReconcileReport failed = stage.run();

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason())
                .isEqualTo(
                        "the ledger has no target shpo of a flow orders (that flow has shop): correct flow and target in"
                                + " orders.reconcile.yaml");
        assertThat(stage.mark()).isNull();
    }

    @Test
    void aFlowThatTheLedgerDoesNotHaveFailsTheRun() throws Exception {
        stage.reconcile("odrers", "shop", stage.byKey());

        ReconcileReport failed = stage.run();

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason())
                .startsWith("the ledger has no target shop of a flow odrers: correct flow and target");
        assertThat(stage.mark()).isNull();
    }

    @Test
    void pagesThatComeAgainAndAgainInTurnFailTheRun() throws Exception {
        stage.reconcile(stage.byNumber());
        stage.listener = (now, exchange) -> {
            int page = Integer.parseInt(String.valueOf(exchange.getRequestURI()).replaceAll(".*page=", ""));
            ReconcileStage.answer(
                    exchange,
                    200,
                    "{\"orders\":[" + ReconcileStage.state(page % 2 + 1) + "," + ReconcileStage.state(page % 2 + 3)
                            + "]}");
            return true;
        };

        ReconcileReport failed = stage.run();

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason()).contains("goes round in a circle", "had only 4 keys");
        assertThat(stage.mark()).isNull();
    }

    @Test
    void aRecordInAListOfOneIsReadAndAnEmptyListIsNone() throws Exception {
        stage.has.remove(key(2));
        stage.has.put(key(3), json("{\"id\":\"" + key(3) + "\",\"amount\":0}"));
        stage.reconcile(stage.byKey());
        stage.listener = (now, exchange) -> {
            Object record = stage.has.get(exchange.getRequestURI().getPath().replaceFirst(".*/", ""));
            ReconcileStage.answer(exchange, 200, record == null ? "[]" : "[" + record + "]");
            return true;
        };

        ReconcileReport found = stage.run();

        assertThat(found.state()).as(found.reason()).isEqualTo("done");
        assertThat(found.equal()).isEqualTo(2);
        assertThat(ReconcileStage.keys(found, "missing")).isEqualTo(List.of(key(2)));
        assertThat(ReconcileStage.keys(found, "differs")).isEqualTo(List.of(key(3)));
    }
}
