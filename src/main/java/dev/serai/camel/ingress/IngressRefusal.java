package dev.serai.camel.ingress;

import dev.serai.camel.PushStatus;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import java.time.Duration;

/**
 * What the requests to one path are answered that reach no route; each is counted.
 *
 * <p>Threads: safe.
 */
final class IngressRefusal {
    private static final Duration BUSY = Duration.ofSeconds(1);
    private static final Duration AWAY = Duration.ofSeconds(5);

    private final PushStatus status;
    private final int bodyBytesMax;
    private final long bodyTimeoutMillis;

    IngressRefusal(PushStatus status, int bodyBytesMax, long bodyTimeoutMillis) {
        this.status = status;
        this.bodyBytesMax = bodyBytesMax;
        this.bodyTimeoutMillis = bodyTimeoutMillis;
    }

    private Problem counted(Problem problem) {
        status.refused(problem.status());
        return problem;
    }

    Problem tooLarge() {
        return counted(Problem.of(
                413, "The body is larger than " + bodyBytesMax + " bytes, the limit here. Send less at once."));
    }

    Problem noGzip() {
        return counted(Problem.of(400, "The body is not the gzip that Content-Encoding says. Correct it."));
    }

    Problem tooSlow() {
        return counted(Problem.of(
                408, "The body did not come within " + bodyTimeoutMillis + " ms. Send it again on a new connection."));
    }

    Problem unreadable() {
        return counted(Problem.of(400, "The body's framing is broken. Send it again on a new connection."));
    }

    Problem busy() {
        return counted(Problem.of(503, "This server is overloaded. Send it again in a moment.", BUSY));
    }

    Problem away() {
        return counted(Problem.of(503, "This flow is paused or stopping. Send it again in a moment.", AWAY));
    }

    HttpAnswer encoded() {
        return counted(Problem.of(
                        415, "This compression is not supported. Send the body as gzip, or without Content-Encoding."))
                .answer()
                .with("Accept-Encoding", "gzip, identity");
    }

    /** The client's certificate is missing or not good enough. */
    Problem certificate(ClientCertificates.Rejection rejection) {
        status.refused(rejection.status(), "client certificate");
        return Problem.of(rejection.status(), rejection.detail(), "client-certificate");
    }

    /** More requests came than the path takes in a second. */
    Problem tooMany(RequestRate.Excess excess) {
        status.refused(429, excess.isOfSender() ? "sender rate" : "rate");
        String who = excess.isOfSender() ? "You send" : "This path gets";
        return Problem.of(
                429, who + " more requests a second than are taken here. Send it again later.", excess.retryAfter());
    }
}
