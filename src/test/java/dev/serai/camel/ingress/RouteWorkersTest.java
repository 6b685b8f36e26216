package dev.serai.camel.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class RouteWorkersTest {
    private static final int THREADS = 2;
    private static final int BYTES_MAX = 100;

    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final RouteWorkers workers = new RouteWorkers(threads::add, THREADS, BYTES_MAX);
    private final List<String> ran = new ArrayList<>();

    private Runnable work(String name) {
        return () -> ran.add(name);
    }

    private void finishAll() {
        Runnable next;
        while ((next = threads.poll()) != null) {
            next.run();
        }
    }

    @Test
    void eachPathHasItsOwnThreads() {
        RouteWorkers.PathWorkers slow = workers.ofPath();
        for (int i = 0; i < 10; i++) {
            slow.execute(work("slow " + i), 1);
        }
        workers.ofPath().execute(work("other"), 1);

        assertThat(threads).hasSize(THREADS + 1);
        finishAll();
        assertThat(ran.subList(0, 3)).containsExactly("slow 0", "slow 1", "other");
        assertThat(ran).hasSize(11);
    }

    @Test
    void theBodiesAtWorkAreBoundedAndAPathLeavesRoomForOthers() {
        RouteWorkers.PathWorkers large = workers.ofPath();
        large.execute(work("large 0"), 60);
        large.execute(work("large 1"), 60);
        workers.ofPath().execute(work("larger"), 80);
        workers.ofPath().execute(work("small"), 10);

        assertThat(threads).hasSize(2);
        finishAll();
        assertThat(ran).containsExactly("large 0", "small", "larger", "large 1");
    }

    @Test
    void aBodyLargerThanTheBoundRunsAlone() {
        workers.ofPath().execute(work("huge"), 10 * BYTES_MAX);
        workers.ofPath().execute(work("next"), 1);

        assertThat(threads).hasSize(1);
        finishAll();
        assertThat(ran).containsExactly("huge", "next");
    }

    @Test
    void whatIsTakenBackDoesNotRun() {
        RouteWorkers.PathWorkers path = workers.ofPath();
        path.execute(work("a"), 1);
        path.execute(work("b"), 1);
        Runnable takeBack = path.execute(work("c"), 1);
        path.execute(work("d"), 1);

        takeBack.run();
        finishAll();

        assertThat(ran).containsExactly("a", "b", "d");
    }
}
