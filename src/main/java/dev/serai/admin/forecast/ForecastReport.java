package dev.serai.admin.forecast;

import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.TargetName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes the forecasts that are asked for.
 *
 * <p>Threads: safe.
 */
public final class ForecastReport {
    private final Ledger ledger;

    public ForecastReport(Ledger ledger) {
        this.ledger = ledger;
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
        return ledger.history().forecaster().of(name, status).map(ForecastJson::of);
    }
}
