package dev.serai.camel;

/** Why a run of a pull ends before its last page, in one line that holds no secret. */
final class PullException extends Exception {
    private static final long serialVersionUID = 1L;

    PullException(String message) {
        super(message);
    }
}
