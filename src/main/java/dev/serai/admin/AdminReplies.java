package dev.serai.admin;

import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the work of a request off the event loop and writes its answer: JSON, or an error as problem+json. */
final class AdminReplies {
    private static final Logger LOG = LoggerFactory.getLogger(AdminReplies.class);
    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";

    private final Vertx vertx;
    private final ApiJson json = new ApiJson();

    AdminReplies(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Answers with what {@code work} returns; it may block and throw {@link AdminProblem}. */
    void blocking(RoutingContext ctx, Function<RoutingContext, AdminAnswer> work) {
        vertx.executeBlocking(
                        () -> {
                            AdminAnswer answer = work.apply(ctx);
                            return new Written(answer.status(), JSON, Buffer.buffer(json.write(answer.shape())));
                        },
                        false)
                .onSuccess(written -> send(ctx.response(), written))
                .onFailure(ctx::fail);
    }

    /** Answers when the stage that {@code work} returns is complete; it may block and throw {@link AdminProblem}. */
    void later(RoutingContext ctx, Function<RoutingContext, CompletionStage<AdminAnswer>> work) {
        Context context = vertx.getOrCreateContext();
        vertx.executeBlocking(() -> work.apply(ctx), false)
                .compose(stage -> Future.fromCompletionStage(stage, context))
                .onSuccess(answer -> send(
                        ctx.response(), new Written(answer.status(), JSON, Buffer.buffer(json.write(answer.shape())))))
                .onFailure(ctx::fail);
    }

    /** Answers a request that failed, or that no route serves. */
    void failed(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        HttpServerResponse response = ctx.response();
        if (failure == null) {
            int status = ctx.statusCode() < 400 ? 500 : ctx.statusCode();
            error(response, status, explain(status));
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        AdminProblem problem = problem(cause);
        if (cause instanceof LedgerException.Overloaded overloaded) {
            response.putHeader(
                    HttpHeaders.RETRY_AFTER,
                    Long.toString(Math.max(1, overloaded.retryAfter().toSeconds())));
        }
        error(response, problem.status(), problem.detail());
    }

    void error(HttpServerResponse response, int status, String detail) {
        String title = HttpResponseStatus.valueOf(status).reasonPhrase();
        byte[] body = json.write(new ApiJson.Error("about:blank", title, status, detail));
        send(response, new Written(status, PROBLEM, Buffer.buffer(body)));
    }

    private static AdminProblem problem(Throwable cause) {
        if (cause instanceof AdminProblem problem) {
            return problem;
        }
        if (cause instanceof LedgerException.Invalid) {
            return AdminProblem.badRequest(line(cause));
        }
        if (cause instanceof LedgerException.InUse) {
            return new AdminProblem(409, line(cause));
        }
        if (cause instanceof LedgerException || cause instanceof StoreException) {
            return new AdminProblem(503, "the ledger cannot answer now: " + line(cause));
        }
        LOG.error("an admin request failed", cause);
        return new AdminProblem(500, "an error in Serai itself: the log has the details");
    }

    private static String line(Throwable cause) {
        @Nullable String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static String explain(int status) {
        return switch (status) {
            case 400 -> "the request cannot be read";
            case 404 -> "there is nothing at this path: see /api/flows";
            case 405 -> "this path does not take this method";
            case 413 -> "the body is larger than " + AdminServer.BODY_BYTES_MAX + " bytes";
            default -> "the request was refused";
        };
    }

    private record Written(int status, String contentType, Buffer body) {}

    private static void send(HttpServerResponse response, Written written) {
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(written.status()).putHeader(HttpHeaders.CONTENT_TYPE, written.contentType());
        response.end(written.body());
    }
}
