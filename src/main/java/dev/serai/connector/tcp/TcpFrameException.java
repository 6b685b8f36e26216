package dev.serai.connector.tcp;

import dev.serai.camel.http.HttpProblem;
import dev.serai.http.Problem;
import java.io.IOException;

/** The bytes of a connection cannot be split into frames, so the rest of it cannot be read. */
final class TcpFrameException extends IOException implements HttpProblem {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    TcpFrameException(int status, String detail) {
        super(detail);
        this.problem = Problem.of(status, detail);
    }

    @Override
    public Problem problem() {
        return problem;
    }
}
