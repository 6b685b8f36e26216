import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Posts JSON to the target over kept connections, on event loops of its own.
 *
 * <p>Threads: safe.
 */
final class TargetClient {

    private static final int EVENT_LOOPS = 2;

    private final List<Sender> senders = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();

    TargetClient(Vertx vertx, URI target, int atOnce) throws Exception {
        for (int i = 0; i < EVENT_LOOPS; i++) {
            Sender sender = new Sender(target, atOnce);
            senders.add(sender);
            vertx.deployVerticle(sender).toCompletionStage().toCompletableFuture().get();
        }
    }

    /** Completes with whether the target took it: false after an error, a time-out or a status of 300 or more. */
    Future<Boolean> post(byte[] body) {
        return senders.get(Math.floorMod(next.getAndIncrement(), EVENT_LOOPS)).post(body);
    }

    /** The client is only called on its event loop. */
    private static final class Sender extends AbstractVerticle {
        private final RequestOptions options;
        private final int atOnce;
        private HttpClient client;

        Sender(URI target, int atOnce) {
            this.atOnce = atOnce;
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
                    new HttpClientOptions().setMaxPoolSize(atOnce).setMaxWaitQueueSize(-1));
        }

        Future<Boolean> post(byte[] body) {
            Promise<Boolean> taken = Promise.promise();
            context.runOnContext(nothing -> client.request(options)
                    .compose(request -> request.putHeader("content-type", "application/json")
                            .send(Buffer.buffer(body)))
                    .compose(response -> response.body().map(answer -> response.statusCode() < 300))
                    .otherwise(false)
                    .onComplete(taken));
            return taken.future();
        }
    }
}
