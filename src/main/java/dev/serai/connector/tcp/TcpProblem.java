package dev.serai.connector.tcp;

import dev.serai.http.Problem;
import java.time.Duration;

/** The problems of {@code tcp-source} that occur outside the route. */
final class TcpProblem {
    static final Problem FOREIGN =
            Problem.of(400, "This port takes JSON objects, one a frame, not HTTP or another protocol: check the port.");
    static final Problem CUT_OFF =
            Problem.of(400, "The connection ended within a frame, which was not taken. Send it again as a whole.");

    private static final Duration BUSY = Duration.ofSeconds(1);

    static final Problem OVERLOADED =
            Problem.of(503, "More arrives than can be taken. Send it again in a moment.", BUSY);
    static final Problem STOPPING = Problem.of(503, "This server is stopping. Send it again in a moment.", BUSY);

    private TcpProblem() {}

    static Problem noObject(String why) {
        return Problem.of(400, "The frame is not one JSON object: " + why);
    }

    static Problem tooSlow(Duration timeout, TcpFraming framing) {
        return Problem.of(
                408,
                "A frame was not complete within " + timeout.toMillis()
                        + " ms. Check that the sender ends it as framing=" + framing
                        + " wants, and send it again on a new connection.");
    }

    static Problem full(int connectionsMax) {
        return Problem.of(
                503,
                "This port has " + connectionsMax + " connections open, the most it takes. Try again in a moment.",
                BUSY);
    }

    static Problem answerTooLong(TcpFraming framing) {
        return Problem.of(
                500,
                "The answer is longer than " + framing.textBytesMax() + " bytes, the most that lengthBytes="
                        + framing.lengthBytes() + " can tell.");
    }
}
