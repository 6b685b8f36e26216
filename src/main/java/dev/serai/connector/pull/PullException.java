package dev.serai.connector.pull;

/** Why a run of a pull ends before its last page, in one line that holds no secret. */
public final class PullException extends Exception {
    private static final long serialVersionUID = 1L;

    public PullException(String message) {
        super(message);
    }
}
