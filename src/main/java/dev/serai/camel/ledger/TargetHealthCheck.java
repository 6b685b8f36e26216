package dev.serai.camel.ledger;

import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.model.TargetName;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Shows a target's circuit. A target that is down does not make this node unready: its changes wait. */
final class TargetHealthCheck extends AbstractHealthCheck {
    private final TargetName target;
    private final Circuit circuit;

    TargetHealthCheck(TargetName target, Circuit circuit) {
        super("serai", "target:" + target);
        this.target = target;
        this.circuit = circuit;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        CircuitState state = circuit.state();
        builder.detail("circuit", state.name());
        builder.message(state == CircuitState.CLOSED ? target + " is up" : target + " is down, its changes wait");
        builder.up();
    }
}
