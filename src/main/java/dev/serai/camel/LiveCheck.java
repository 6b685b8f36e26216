package dev.serai.camel;

/**
 * A part of a route that can try what it will use outside this process, without changing anything there, for {@code check
 * --live}.
 *
 * <p>Threads: one thread at a time; routes may be loaded, but not running.
 */
public interface LiveCheck {
    /**
     * Tries it once.
     *
     * @return what was seen, in a few words
     * @throws Exception if it cannot be used; the message says why, and what to do where the exception's type does not tell
     */
    String tryOut() throws Exception;
}
