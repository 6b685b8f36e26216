package dev.serai.camel.ledger;

import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.ledger.model.TargetName;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Shows a target's circuit. A target that is down does not make this node unready: its changes wait. The reason is left out:
 * health needs no token, and the reason quotes the target's answer.
 */
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
        Trouble trouble = circuit.trouble();
        builder.detail("circuit", circuit.state().name());
        builder.message(
                trouble == null
                        ? target + " is up"
                        : target + " is down since " + trouble.since()
                                + ", its changes wait; ./serai status has the reason");
        builder.up();
    }
}
