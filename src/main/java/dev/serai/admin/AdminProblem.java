package dev.serai.admin;

/**
 * A request that is answered with an error: what is wrong, and what to do.
 *
 * <p>See: RFC 9457
 */
final class AdminProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    AdminProblem(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
    }

    static AdminProblem badRequest(String detail) {
        return new AdminProblem(400, detail);
    }

    static AdminProblem notFound(String detail) {
        return new AdminProblem(404, detail);
    }

    int status() {
        return status;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
