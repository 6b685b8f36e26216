import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XReadGroupParams;

/**
 * A relay written by hand around a Redis stream, as people write them: a POST at {@code /hook} is appended to the stream
 * ({@code appendfsync always}) and then answered 202; a consumer group reads it, posts it to the target, and removes it.
 *
 * <p>{@code java RedisRelay PORT TARGET-URL REDIS-PORT}
 *
 * <p>What fails is sent again after 200 ms without end, beside the others of its key: it keeps no order. Appends and removals
 * go out in pipelines of up to 256, so that Redis syncs once for many.
 */
public final class RedisRelay {

    private static final int AT_ONCE = 64;
    private static final int PIPELINED_MAX = 256;
    private static final int APPENDERS = 2;
    private static final long REDELIVERY_MILLIS = 200;
    private static final int TIMEOUT_MILLIS = 60_000;

    private static final byte[] STREAM = bytes("changes");
    private static final byte[] GROUP = bytes("relay");
    private static final byte[] CONSUMER = bytes("relay-1");
    private static final byte[] FIELD = bytes("body");

    private record Entry(byte[] id, byte[] body) {}

    private final Vertx vertx = Vertx.vertx();
    private final Webhook webhook = new Webhook();
    private final BlockingQueue<byte[]> delivered = new LinkedBlockingQueue<>();
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final TargetClient target;
    private final int redis;

    private RedisRelay(URI target, int redis) throws Exception {
        this.target = new TargetClient(vertx, target, AT_ONCE);
        this.redis = redis;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 3) {
            System.err.println("usage: RedisRelay PORT TARGET-URL REDIS-PORT");
            System.exit(2);
        }
        new RedisRelay(URI.create(arguments[1]), Integer.parseInt(arguments[2])).start(Integer.parseInt(arguments[0]));
    }

    private void start(int port) throws Exception {
        createGroup();
        for (int i = 0; i < APPENDERS; i++) {
            run("append", this::append);
        }
        run("remove", this::remove);
        run("read", this::read);
        webhook.open(vertx, port);
    }

    private Jedis connect() {
        return new Jedis("127.0.0.1", redis, TIMEOUT_MILLIS);
    }

    private void createGroup() {
        try (Jedis jedis = connect()) {
            jedis.xgroupCreate(STREAM, GROUP, bytes(new StreamEntryID(0, 0).toString()), true);
        } catch (JedisDataException e) {
            if (!e.getMessage().contains("BUSYGROUP")) {
                throw e;
            }
        }
    }

    private interface Work {
        void run(Jedis jedis) throws InterruptedException;
    }

    /** A relay that lost its connection ends: its result would mean nothing. */
    private void run(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try (Jedis jedis = connect()) {
                        while (true) {
                            work.run(jedis);
                        }
                    } catch (InterruptedException | RuntimeException e) {
                        e.printStackTrace();
                        System.exit(1);
                    }
                },
                name);
        thread.start();
    }

    private void append(Jedis jedis) throws InterruptedException {
        List<Webhook.Arrival> group = webhook.take();
        Pipeline pipeline = jedis.pipelined();
        List<Response<byte[]>> answers = new ArrayList<>();
        for (Webhook.Arrival one : group) {
            answers.add(pipeline.xadd(STREAM, XAddParams.xAddParams(), Map.of(FIELD, one.body())));
        }
        pipeline.sync();
        for (int i = 0; i < group.size(); i++) {
            group.get(i).answer(answers.get(i).get() != null);
        }
    }

    private void remove(Jedis jedis) throws InterruptedException {
        List<byte[]> taken = new ArrayList<>();
        taken.add(delivered.take());
        delivered.drainTo(taken, PIPELINED_MAX - 1);
        byte[][] ids = taken.toArray(new byte[0][]);
        Pipeline pipeline = jedis.pipelined();
        pipeline.xack(STREAM, GROUP, ids);
        pipeline.xdel(STREAM, ids);
        pipeline.sync();
    }

    private void read(Jedis jedis) throws InterruptedException {
        Object streams = jedis.xreadGroup(
                GROUP,
                CONSUMER,
                XReadGroupParams.xReadGroupParams().count(AT_ONCE).block(1000),
                Map.entry(STREAM, bytes(">")));
        for (Entry entry : entries(streams)) {
            free.acquire();
            deliver(entry);
        }
    }

    private void deliver(Entry entry) {
        target.post(entry.body()).onSuccess(taken -> {
            if (taken) {
                delivered.add(entry.id());
                free.release();
            } else {
                vertx.setTimer(REDELIVERY_MILLIS, timer -> deliver(entry));
            }
        });
    }

    /** The answer is a list of streams, each a name and a list of entries, each an id and a list of names and values. */
    private static List<Entry> entries(Object streams) {
        List<Entry> entries = new ArrayList<>();
        for (Object stream : streams == null ? List.of() : (List<?>) streams) {
            for (Object entry : (List<?>) ((List<?>) stream).get(1)) {
                List<?> fields = (List<?>) ((List<?>) entry).get(1);
                entries.add(new Entry((byte[]) ((List<?>) entry).get(0), (byte[]) fields.get(1)));
            }
        }
        return entries;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
