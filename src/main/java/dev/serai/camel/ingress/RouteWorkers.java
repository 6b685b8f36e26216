package dev.serai.camel.ingress;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The threads that run the routes of all paths. Each path has at most so many of them at a time, so a slow route holds up no other.
 *
 * <p>A route may make of a body a tree that takes 25 times its bytes. So the bodies of the routes that run at a time are bounded too;
 * the others wait. One body always runs, however large it is.
 *
 * <p>Threads: safe.
 */
final class RouteWorkers {
    private static final int HEAP_PARTS = 64;

    private final Executor threads;
    private final int threadsPerPath;
    private final long bytesMax;
    private final Set<PathWorkers> waiting = new LinkedHashSet<>();
    private long bytes;

    RouteWorkers(Executor threads, int threadsPerPath, long bytesMax) {
        this.threads = threads;
        this.threadsPerPath = threadsPerPath;
        this.bytesMax = bytesMax;
    }

    /** The bytes of bodies whose routes this process can run at a time. */
    static long bytesOfProcess() {
        return Runtime.getRuntime().maxMemory() / HEAP_PARTS;
    }

    PathWorkers ofPath() {
        return new PathWorkers();
    }

    private record WaitingRoute(Runnable work, int bytes) {}

    /** The workers of one path. Its routes begin in the order of arrival. */
    final class PathWorkers {
        private final Queue<WaitingRoute> tasks = new ArrayDeque<>();
        private int running;
        private long held;

        private PathWorkers() {}

        /**
         * Runs it on a thread as soon as there is one.
         *
         * @return takes it back if it has not begun
         * @throws RejectedExecutionException if the threads are stopped
         */
        Runnable execute(Runnable work, int bodyBytes) {
            WaitingRoute task = new WaitingRoute(work, bodyBytes);
            synchronized (RouteWorkers.this) {
                tasks.add(task);
                startAll(this);
            }
            return () -> takeBack(task);
        }

        private void takeBack(WaitingRoute task) {
            synchronized (RouteWorkers.this) {
                tasks.removeIf(waiting -> waiting == task);
                startAll(this);
            }
        }

        private boolean mayStart(WaitingRoute task) {
            long free = bytesMax - bytes - task.bytes;
            return running < threadsPerPath && (bytes == 0 || held <= free);
        }

        private void start(WaitingRoute task) {
            threads.execute(() -> {
                try {
                    task.work.run();
                } finally {
                    ended(this, task);
                }
            });
            running++;
            held += task.bytes;
            bytes += task.bytes;
        }
    }

    private void startAll(PathWorkers path) {
        WaitingRoute next;
        while ((next = path.tasks.peek()) != null && path.mayStart(next)) {
            path.tasks.remove();
            path.start(next);
        }
        if (next == null) {
            waiting.remove(path);
        } else {
            waiting.add(path);
        }
    }

    private synchronized void ended(PathWorkers path, WaitingRoute task) {
        path.running--;
        path.held -= task.bytes;
        bytes -= task.bytes;
        for (PathWorkers other : waiting.toArray(PathWorkers[]::new)) {
            // The one that has just run comes last, so that the others have their turn.
            if (other != path) {
                startAll(other);
            }
        }
        startAll(path);
    }
}
