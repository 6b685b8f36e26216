package dev.serai.admin.forecast;

import dev.serai.forecast.TargetLoad.Retrying;
import dev.serai.ledger.DeliverySearch.FoundDelivery;
import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.chain.Forecaster;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.TargetName;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * Makes the forecasts that are asked for.
 *
 * <p>Threads: safe.
 */
public final class ForecastReport {
    /** So many changes that are due again stand for all of them. */
    private static final int SAMPLE = 100;

    private final Ledger ledger;
    private final Clock clock;

    public ForecastReport(Ledger ledger, Clock clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    /** One for each target that a route of this process delivers to, and that is not paused. */
    public List<ForecastJson> all() {
        List<ForecastJson> all = new ArrayList<>();
        for (FlowStatus flow : ledger.flows()) {
            for (TargetStatus target : flow.targets()) {
                of(new TargetName(flow.flow(), target.target()), target).ifPresent(all::add);
            }
        }
        return all;
    }

    /** That of a target; empty if no route of this process delivers to it, or if it is paused. */
    public Optional<ForecastJson> of(TargetName name) {
        return ledger.flow(name.flow()).stream()
                .flatMap(flow -> flow.targets().stream())
                .filter(target -> target.target().equals(name.target()))
                .findFirst()
                .flatMap(target -> of(name, target));
    }

    private Optional<ForecastJson> of(TargetName name, TargetStatus status) {
        Forecaster forecaster = ledger.history().forecaster();
        List<Retrying> sample = status.waiting() == 0 ? List.of() : sample(name);
        return forecaster.of(name, status, sample).map(ForecastJson::of);
    }

    private List<Retrying> sample(TargetName name) {
        Instant now = clock.instant();
        List<Retrying> sample = new ArrayList<>();
        for (FoundDelivery found : ledger.search()
                .find(DeliveryFilter.ALL.within(name), EnumSet.of(DeliveryState.WAITING), 0, SAMPLE)
                .found()) {
            Instant due = found.delivery().dueAt();
            double seconds = due == null ? 0 : Duration.between(now, due).toMillis() / 1000.0;
            sample.add(new Retrying(found.delivery().attempts() + 1, 1, Math.max(0, seconds)));
        }
        return sample;
    }
}
