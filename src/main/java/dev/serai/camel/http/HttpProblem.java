package dev.serai.camel.http;

import dev.serai.http.Problem;

/** An exception that knows its own HTTP answer. The HTTP edge sends that answer instead of a 500. */
public interface HttpProblem {

    /** The answer: its detail is shown to the sender, so it must hold neither secrets nor internals. */
    Problem problem();
}
