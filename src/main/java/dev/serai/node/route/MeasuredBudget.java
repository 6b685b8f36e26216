package dev.serai.node.route;

import dev.serai.camel.ledger.LedgerConsumer;
import dev.serai.ledger.chain.ChainBook;
import dev.serai.ledger.chain.Forecaster;
import dev.serai.ledger.chain.Forecaster.Shortfall;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.TimeSource;
import dev.serai.store.sqlite.LedgerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;

/** Compares the redeliveries of the loaded routes with what was counted of their targets, if the ledger's file has that. */
public final class MeasuredBudget {
    private static final double WISHED = 0.999;

    private MeasuredBudget() {}

    /** A line for each target that misses it. */
    public static List<String> warnings(CamelContext context, Path ledger) {
        if (!Files.exists(ledger)) {
            return List.of();
        }
        try {
            return LedgerFiles.history(ledger, history -> warnings(context, history));
        } catch (StoreException e) { // older than the counts
            return List.of();
        }
    }

    private static List<String> warnings(CamelContext context, HistoryReads history) {
        TimeSource time = TimeSource.system();
        Forecaster forecaster = new Forecaster(new ChainBook(() -> history, time), time, (target, limit) -> List.of());
        List<String> lines = new ArrayList<>();
        for (Route route : context.getRoutes()) {
            if (route.getConsumer() instanceof LedgerConsumer consumer) {
                forecaster
                        .shortfall(consumer.target(), consumer.options(), WISHED)
                        .ifPresent(shortfall -> lines.add(line(consumer, shortfall)));
            }
        }
        return lines;
    }

    private static String line(LedgerConsumer consumer, Shortfall shortfall) {
        TargetName target = consumer.target();
        int redeliveries = consumer.options().redelivery().maximumRedeliveries();
        return String.format(
                Locale.ROOT,
                "%s/%s: maximumRedeliveries=%d delivers %.2f %% of the changes, by the attempts of the last days; 99.9 %% %s",
                target.flow(),
                target.target(),
                redeliveries,
                100 * shortfall.delivered(),
                shortfall.needed().isPresent()
                        ? "takes " + shortfall.needed().getAsInt()
                        : "is not reached, because it refuses too many");
    }
}
