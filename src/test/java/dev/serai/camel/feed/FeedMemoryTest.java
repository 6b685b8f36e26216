package dev.serai.camel.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.http.ByteBudget;
import dev.serai.ledger.VirtualTime;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.Test;

/** What readers that do not read their answers can make a feed hold. */
class FeedMemoryTest {
    private static final int BYTES = 1_000;

    private final VirtualTime time = new VirtualTime();
    private final ByteBudget budget = new ByteBudget(10 * BYTES);
    private final Feed feed =
            new Feed("orders/mobile", () -> "", Duration.ofSeconds(30), time.scheduler(), budget, time);
    private final List<FeedLease> given = new ArrayList<>();

    private record Change(long sequence) implements FeedOffer {
        @Override
        public byte[] json() {
            return new byte[BYTES];
        }

        @Override
        public void acknowledge() {}
    }

    private final class Reader implements FeedReader {
        @Override
        public int limit() {
            return 5;
        }

        @Override
        public void give(FeedLease lease) {
            given.add(lease);
        }

        @Override
        public void end() {}
    }

    @Test
    void aHundredReadersThatDoNotReadHoldNoMoreThanTheBudget() {
        for (int i = 1; i <= 5; i++) {
            feed.offer(new Change(i));
        }
        for (int reader = 0; reader < 100; reader++) {
            feed.read(new Reader());
            pass(Duration.ofSeconds(31)); // what was not acknowledged is given again
        }
        assertThat(given).hasSize(2);
        assertThat(budget.taken()).isEqualTo(10 * BYTES);

        given.get(0).written().run();
        pass(Duration.ofSeconds(1));
        assertThat(given).hasSize(3);
        assertThat(given.get(2).changes()).hasSize(5);
    }

    @Test
    void itTellsWhyChangesWait() {
        feed.offer(new Change(1));
        pass(Duration.ofSeconds(30));
        assertThat(feed.waitReason(false)).isNull();
        pass(Duration.ofSeconds(90));
        assertThat(feed.waitReason(false)).isEqualTo("no reader has asked for changes for 2 min");

        feed.read(new Reader());
        assertThat(feed.waitReason(false)).isNull();
        pass(Duration.ofSeconds(31));
        assertThat(feed.waitReason(false)).isEqualTo("readers took changes once and did not acknowledge them");

        feed.read(new Reader());
        feed.acknowledge(given.get(1).cursor());
        pass(Duration.ofMinutes(10));
        assertThat(feed.waitReason(false)).isNull();
    }

    @Test
    void nothingOfAnAcknowledgedLeaseIsKept() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
        timer.setRemoveOnCancelPolicy(true);
        try {
            Feed kept = new Feed("orders/mobile", () -> "", Duration.ofHours(1), timer, budget, TimeSource.system());
            kept.offer(new Change(1));
            kept.read(new Reader());
            assertThat(timer.getQueue()).hasSize(1);

            assertThat(kept.acknowledge(given.get(0).cursor())).isEqualTo(Feed.Ack.DONE);
            assertThat(timer.getQueue()).isEmpty();
        } finally {
            timer.shutdownNow();
        }
    }

    private void pass(Duration duration) {
        long end = time.monotonicMillis() + duration.toMillis();
        while (time.monotonicMillis() < end) {
            time.advance(Duration.ofMillis(end - time.monotonicMillis()));
            while (time.runDue()) {}
        }
    }
}
