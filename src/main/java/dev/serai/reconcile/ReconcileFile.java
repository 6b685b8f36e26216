package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.bill.BillBlock;
import dev.serai.reconcile.bill.BillTarget;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.RecordAccess;
import dev.serai.reconcile.source.SourceBlock;
import dev.serai.reconcile.state.RecordState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * What a file {@code NAME.reconcile.yaml} says.
 *
 * @param given what is compared of a change
 * @param found what is compared of a record of the target
 * @param access how the target is read
 * @param lag how long the target may take to show what it has acknowledged
 * @param every how often it runs by itself; null for never
 * @param hot how often it compares keys of which something was taken since they were compared; null for never
 * @param sample how many random keys it compares at once; 0 for none
 * @param sampleEvery how often it does
 * @param rate how many keys are compared per second at most; 0 for no limit
 * @param source how the source is read, if that is compared as well; null if it is not
 * @param bill the bill of a payment platform that is compared as well; null for none
 * @param meaning changes when digests have to be made anew
 */
record ReconcileFile(
        String name,
        Path path,
        TargetName target,
        RecordState given,
        RecordState found,
        RecordAccess access,
        Duration lag,
        @Nullable Duration every,
        @Nullable Duration hot,
        int sample,
        Duration sampleEvery,
        double rate,
        @Nullable SourceBlock source,
        @Nullable BillBlock bill,
        String meaning) {

    /** The fields of a file. */
    static final List<String> NAMES = List.of(
            "flow",
            "target",
            "state",
            "record",
            "ignore",
            "key",
            "deleted",
            "lag",
            "every",
            "hot",
            "sample",
            "sampleEvery",
            "rate",
            "page",
            "read",
            "sql",
            "source",
            "bill");

    /** What a bill is compared with. */
    BillTarget billTarget(CamelContext context) {
        return new BillTarget() {
            @Override
            public TargetName name() {
                return target;
            }

            @Override
            public Duration lag() {
                return lag;
            }

            @Override
            public PatientReadBack open() {
                return access.open(context, "target", wait -> {});
            }

            @Override
            public @Nullable String keyOf(JsonNode record) throws PullException {
                return access.keyOf(record);
            }

            @Override
            public boolean isDeleted(JsonNode record) throws PullException {
                return access.isDeleted(record);
            }
        };
    }
}
