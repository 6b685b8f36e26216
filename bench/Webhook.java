import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The entrance of a relay: a POST waits in a queue until a thread of the relay has made it durable, together with those
 * that arrived meanwhile. Any other request is answered 200: the relay is ready.
 *
 * <p>Threads: safe.
 */
final class Webhook {

    private static final int EVENT_LOOPS = 2;
    private static final int TAKEN_MAX = 256;

    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();

    void open(Vertx vertx, int port) throws Exception {
        for (int i = 0; i < EVENT_LOOPS; i++) {
            vertx.deployVerticle(new Listener(port)).toCompletionStage().toCompletableFuture().get();
        }
    }

    /** Waits for arrivals, and takes all that are there, at most 256. */
    List<Arrival> take() throws InterruptedException {
        List<Arrival> taken = new ArrayList<>();
        taken.add(arrivals.take());
        arrivals.drainTo(taken, TAKEN_MAX - 1);
        return taken;
    }

    /** A request that is not answered yet. */
    static final class Arrival {
        private final HttpServerRequest request;
        private final Context context;
        private final Buffer body;

        private Arrival(HttpServerRequest request, Context context, Buffer body) {
            this.request = request;
            this.context = context;
            this.body = body;
        }

        byte[] body() {
            return body.getBytes();
        }

        /** Answers 202 if it is stored, and 503 if not. */
        void answer(boolean stored) {
            context.runOnContext(
                    nothing -> request.response().setStatusCode(stored ? 202 : 503).end());
        }
    }

    /** Takes requests on an event loop of its own. */
    private final class Listener extends AbstractVerticle {
        private final int port;

        Listener(int port) {
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
                        request.body().onSuccess(body -> arrivals.add(new Arrival(request, context, body)));
                    })
                    .listen(port, "127.0.0.1");
        }
    }
}
