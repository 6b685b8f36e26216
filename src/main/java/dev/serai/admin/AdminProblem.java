package dev.serai.admin;

import dev.serai.http.Problem;

/** A request that is answered with a problem. */
final class AdminProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Problem problem;

    AdminProblem(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    AdminProblem(int status, String detail) {
        this(Problem.of(status, detail));
    }

    static AdminProblem badRequest(String detail) {
        return new AdminProblem(400, detail);
    }

    static AdminProblem notFound(String detail) {
        return new AdminProblem(404, detail);
    }

    Problem problem() {
        return problem;
    }
}
