package dev.serai.ledger;

import dev.serai.cluster.PassedOnFailures;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.Peers;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.model.Change;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The network between the nodes of a {@link NodeWorld}: slow at times, and cut in one direction or both. It checks that a node never
 * passes on what another node passed on to it.
 */
final class SimulatedNetwork {
    private static final long ANSWER_MILLIS = 10_000;
    private static final long PROGRESS_MILLIS = 3_000;

    private final NodeWorld world;
    private final Map<String, ServedNode> served = new HashMap<>();
    /** Until when nothing arrives, by the names of the nodes that it goes from and to. */
    private final Map<String, Long> cuts = new HashMap<>();

    /** Until when something between refuses in the name of a node. */
    private final Map<String, Long> lies = new HashMap<>();

    private final Map<String, Integer> sent = new HashMap<>();
    /** The process that does what another node asked it. */
    private @Nullable NodeTime serving;

    private long passedOn;

    private record ServedNode(NodeTime time, ShardCalls own) {}

    SimulatedNetwork(NodeWorld world) {
        this.world = world;
    }

    long latencyMillis() {
        return world.random.nextInt(world.oneOf(30) ? 8_000 : 30);
    }

    void cut(String from, String to, long millis) {
        cuts.merge(from + '>' + to, world.nowMillis() + millis, Math::max);
    }

    /** Something between the nodes, such as a firewall, refuses all calls to a node, whether it runs or not. */
    void refuseInTheNameOf(String node, long millis) {
        lies.merge(node, world.nowMillis() + millis, Math::max);
    }

    void heal() {
        cuts.clear();
        lies.clear();
    }

    private boolean isCut(String from, String to) {
        return cuts.getOrDefault(from + '>' + to, 0L) > world.nowMillis();
    }

    /** A sender sends this once more: nodes may pass it on once for that. */
    void sends(List<Change> changes) {
        changes.forEach(change -> sent.merge(change.id(), 1, Integer::sum));
    }

    /** How many calls were passed on to other nodes. */
    long passedOn() {
        return passedOn;
    }

    /** The way of a node to the others; a node has the name of its {@link NodeTime}. */
    Peers peers(NodeTime self, ScheduledExecutorService timers) {
        return new Peers() {
            private @Nullable ServedNode here;

            @Override
            public void serve(ShardCalls own) {
                here = new ServedNode(self, own);
                served.put(self.toString(), here);
            }

            @Override
            public ShardCalls at(ClusterNode node) {
                return (ShardCalls) Proxy.newProxyInstance(
                        ShardCalls.class.getClassLoader(),
                        new Class<?>[] {ShardCalls.class},
                        (proxy, method, args) -> call(self, timers, node.name(), method, args));
            }

            @Override
            public void close() {
                served.remove(self.toString(), here);
            }
        };
    }

    private CompletableFuture<Object> call(
            NodeTime from, ScheduledExecutorService timers, String to, Method method, Object @Nullable [] given) {
        Object[] args = given == null ? new Object[0] : given;
        String self = from.toString();
        world.check(from != serving, "node " + self + " passes on again what was passed on to it: " + method);
        count(method, args);
        CompletableFuture<Object> answer = new CompletableFuture<>();
        Runnable giveUp = () -> answer.completeExceptionally(PassedOnFailures.noAnswer(to));
        timers.schedule(giveUp, limitMillis(method, args), TimeUnit.MILLISECONDS);
        if (!isCut(self, to)) {
            world.after(latencyMillis(), () -> arrive(from, to, method, args, answer));
        }
        return answer;
    }

    private void count(Method method, Object[] args) {
        List<Change> changes = List.of();
        if (method.getName().equals("accept")) {
            changes = ((List<?>) args[1]).stream().map(Change.class::cast).toList();
        } else if (method.getName().equals("acceptAndWait")) {
            changes = List.of((Change) args[1]);
        }
        for (Change change : changes) {
            passedOn++;
            int left = sent.merge(change.id(), -1, Integer::sum);
            world.check(left >= 0, change.id() + " is passed on more often than it was sent");
        }
    }

    private static long limitMillis(Method method, Object[] args) {
        return switch (method.getName()) {
            case "progress" -> PROGRESS_MILLIS;
            case "acceptAndWait" -> ANSWER_MILLIS + ((Duration) args[3]).toMillis();
            default -> ANSWER_MILLIS;
        };
    }

    private void arrive(NodeTime from, String to, Method method, Object[] args, CompletableFuture<Object> answer) {
        ServedNode node = served.get(to);
        boolean isLie = lies.getOrDefault(to, 0L) > world.nowMillis();
        if (isLie || node == null || node.time().isDead()) {
            send(to, from, () -> answer.completeExceptionally(PassedOnFailures.refused(to)));
            return;
        }
        node.time().execute(() -> serve(node, method, args)
                .whenComplete((value, failure) -> send(to, from, () -> {
                    if (failure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(PassedOnFailures.of(failure));
                    }
                })));
    }

    private CompletableFuture<?> serve(ServedNode node, Method method, Object[] args) {
        NodeTime before = serving;
        serving = node.time();
        try {
            return (CompletableFuture<?>) method.invoke(node.own(), args);
        } catch (InvocationTargetException e) {
            return CompletableFuture.failedFuture(e.getCause());
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        } finally {
            serving = before;
        }
    }

    private void send(String from, NodeTime to, Runnable answer) {
        if (!isCut(from, to.toString())) {
            world.after(latencyMillis(), () -> to.execute(answer));
        }
    }
}
