package dev.serai.camel;

import java.io.IOException;

/** What arrives on a connection cannot be cut into frames any more, so nothing behind it can be read. */
final class FrameException extends IOException implements HttpProblem {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    FrameException(int status, String detail) {
        super(detail);
        this.problem = Problem.of(status, detail);
    }

    @Override
    public Problem problem() {
        return problem;
    }
}
