package dev.serai.connector.tcp;

import dev.serai.camel.http.HttpProblem;
import dev.serai.http.Problem;
import java.io.IOException;

/** The bytes of a connection cannot be cut into frames any more, so what follows cannot be read. */
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
