package dev.serai.reconcile.book;

/** The file of a book cannot be read or written; the message says which and why. */
public final class BookException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BookException(String message, Throwable cause) {
        super(message, cause);
    }
}
