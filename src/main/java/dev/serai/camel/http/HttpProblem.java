package dev.serai.camel.http;

import dev.serai.http.Problem;

/** An exception with its own HTTP answer, which is sent instead of a 500. */
public interface HttpProblem {

    /** The answer. Its detail is shown to the sender, so it must not contain secrets or internals. */
    Problem problem();
}
