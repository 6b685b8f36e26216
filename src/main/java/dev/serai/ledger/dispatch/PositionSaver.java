package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outlet.WakeTimer;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Saves a target's position a second after it has moved.
 *
 * <p>Threads: safe.
 */
final class PositionSaver {
    private static final Duration DELAY = Duration.ofSeconds(1);

    private final TargetName name;
    private final Writer writer;
    private final LongSupplier position;
    private final WakeTimer timer;

    /** @param position read by the writer */
    PositionSaver(
            TargetName name, Writer writer, LedgerSettings settings, LongSupplier position, BooleanSupplier isRunning) {
        this.name = name;
        this.writer = writer;
        this.position = position;
        this.timer = new WakeTimer(settings.scheduler(), settings.clock(), () -> {
            if (isRunning.getAsBoolean()) {
                WorkWrite<Boolean> write = write();
                write.linger(settings.limits().lingerMillisMax());
                writer.submit(write);
            }
        });
    }

    void saveSoon() {
        timer.in(DELAY.toMillis());
    }

    WorkWrite<Boolean> save() {
        WorkWrite<Boolean> write = write();
        writer.submit(write);
        return write;
    }

    private WorkWrite<Boolean> write() {
        return new WorkWrite<>(false, transaction -> {
            transaction.position(name, position.getAsLong());
            return true;
        });
    }
}
