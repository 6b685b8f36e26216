import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.RequestOptions;
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
    private static final int EVENT_LOOPS = 2;
    private static final long REDELIVERY_MILLIS = 200;
    private static final int TIMEOUT_MILLIS = 60_000;

    private static final byte[] STREAM = bytes("changes");
    private static final byte[] GROUP = bytes("relay");
    private static final byte[] CONSUMER = bytes("relay-1");
    private static final byte[] FIELD = bytes("body");

    private record Append(Buffer body, Context context, Runnable done, Runnable failed) {}

    private record Entry(byte[] id, byte[] body) {}

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Append> appends = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> delivered = new LinkedBlockingQueue<>();
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final List<Sender> senders = new ArrayList<>();
    private final int redis;
    private int next;

    private RedisRelay(int redis) {
        this.redis = redis;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 3) {
            System.err.println("usage: RedisRelay PORT TARGET-URL REDIS-PORT");
            System.exit(2);
        }
        new RedisRelay(Integer.parseInt(arguments[2])).start(Integer.parseInt(arguments[0]), URI.create(arguments[1]));
    }

    private void start(int port, URI target) throws Exception {
        createGroup();
        for (int i = 0; i < EVENT_LOOPS; i++) {
            Sender sender = new Sender(target);
            senders.add(sender);
            vertx.deployVerticle(sender).toCompletionStage().toCompletableFuture().get();
        }
        for (int i = 0; i < APPENDERS; i++) {
            run("append", this::append);
        }
        run("remove", this::remove);
        run("read", this::read);
        for (int i = 0; i < EVENT_LOOPS; i++) {
            vertx.deployVerticle(new Receiver(port));
        }
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

    private static <T> List<T> taken(BlockingQueue<T> queue) throws InterruptedException {
        List<T> taken = new ArrayList<>();
        taken.add(queue.take());
        queue.drainTo(taken, PIPELINED_MAX - 1);
        return taken;
    }

    private void append(Jedis jedis) throws InterruptedException {
        List<Append> group = taken(appends);
        Pipeline pipeline = jedis.pipelined();
        List<Response<byte[]>> answers = new ArrayList<>();
        for (Append one : group) {
            answers.add(pipeline.xadd(STREAM, XAddParams.xAddParams(), Map.of(FIELD, one.body().getBytes())));
        }
        pipeline.sync();
        for (int i = 0; i < group.size(); i++) {
            Append one = group.get(i);
            boolean stored = answers.get(i).get() != null;
            one.context().runOnContext(nothing -> (stored ? one.done() : one.failed()).run());
        }
    }

    private void remove(Jedis jedis) throws InterruptedException {
        byte[][] ids = taken(delivered).toArray(new byte[0][]);
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
            senders.get(next++ % EVENT_LOOPS).send(entry);
        }
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

    /** Takes the webhook's requests on an event loop of its own. */
    private final class Receiver extends AbstractVerticle {
        private final int port;

        Receiver(int port) {
            this.port = port;
        }

        @Override
        public void start() {
            vertx.createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
                    .requestHandler(request -> {
                        if (request.method() != HttpMethod.POST) {
                            request.response().end("ready");
                            return;
                        }
                        request.body().onSuccess(body -> appends.add(new Append(
                                body,
                                context,
                                () -> request.response().setStatusCode(202).end(),
                                () -> request.response().setStatusCode(503).end())));
                    })
                    .listen(port, "127.0.0.1");
        }
    }

    /** Posts to the target on an event loop of its own: the client is only called there. */
    private final class Sender extends AbstractVerticle {
        private final RequestOptions options;
        private HttpClient client;

        Sender(URI target) {
            options = new RequestOptions()
                    .setMethod(HttpMethod.POST)
                    .setHost(target.getHost())
                    .setPort(target.getPort())
                    .setURI(target.getPath())
                    .setTimeout(15_000);
        }

        @Override
        public void start() {
            client = vertx.createHttpClient(
                    new HttpClientOptions().setMaxPoolSize(AT_ONCE).setMaxWaitQueueSize(-1));
        }

        void send(Entry entry) {
            context.runOnContext(nothing -> post(entry));
        }

        private void post(Entry entry) {
            client.request(options)
                    .compose(request -> request.putHeader("content-type", "application/json")
                            .send(Buffer.buffer(entry.body())))
                    .compose(response -> response.body().map(body -> response.statusCode() < 300))
                    .onComplete(result -> {
                        if (result.succeeded() && result.result()) {
                            delivered.add(entry.id());
                            free.release();
                        } else {
                            vertx.setTimer(REDELIVERY_MILLIS, timer -> post(entry));
                        }
                    });
        }
    }
}
