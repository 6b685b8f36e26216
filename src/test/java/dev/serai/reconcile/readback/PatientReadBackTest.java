package dev.serai.reconcile.readback;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PatientReadBackTest {
    private static final int PROCESSORS = 2;
    private static final long WORK_NANOS = Duration.ofMillis(50).toNanos();

    private Duration waited = Duration.ZERO;

    /** Takes processor time for each read. */
    private static final class Work implements ReadBack {
        @Override
        public boolean canList() {
            return false;
        }

        @Override
        public boolean canReadKeys() {
            return true;
        }

        @Override
        public void begin(@Nullable String from) {}

        @Override
        public ListedRecords next() {
            return new ListedRecords(List.of(), null, true);
        }

        @Override
        public void taken(boolean anyNew) {}

        @Override
        public List<KeyRecord> read(List<String> keys) {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long end = threads.getCurrentThreadCpuTime() + WORK_NANOS;
            while (threads.getCurrentThreadCpuTime() < end) {
                Thread.onSpinWait();
            }
            return List.of();
        }

        @Override
        public int keysAtOnce() {
            return 1;
        }

        @Override
        public void close() {}
    }

    private double waitedSeconds(double load, int reads) throws Exception {
        SpareTime spare = new SpareTime(PROCESSORS, () -> load, () -> 0); // in which nothing is saved up
        try (PatientReadBack records =
                new PatientReadBack(new Work(), "target", spare, time -> waited = waited.plus(time))) {
            for (int i = 0; i < reads; i++) {
                records.read(List.of("k" + i));
            }
        }
        return spare.waitedSeconds();
    }

    @Test
    void whatARunWaitsForOtherWorkIsTold() throws Exception {
        double seconds = waitedSeconds(1, 6);

        assertThat(seconds).isPositive();
        assertThat(waited.toNanos() / 1e9).isEqualTo(seconds);
    }

    @Test
    void aRunThatUsesLittleWaitsForNothing() throws Exception {
        assertThat(waitedSeconds(0, 1)).isZero();
        assertThat(waited).isZero();
    }
}
