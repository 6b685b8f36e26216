package dev.serai.camel.signature;

import dev.serai.camel.http.HttpProblem;
import dev.serai.http.Problem;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;

/**
 * A request whose signature was refused. The message is shown to the sender: it contains no key, no signature and
 * nothing from the request. Over HTTP the answer is 401.
 */
public final class SignatureException extends Exception implements HttpProblem {

    private static final long serialVersionUID = 1L;

    private final RefusalReason reason;

    public SignatureException(Refusal refused) {
        super(refused.detail());
        this.reason = refused.reason();
    }

    public RefusalReason reason() {
        return reason;
    }

    /** What is wrong and what to do; the same as the message. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    @Override
    public Problem problem() {
        return Problem.of(401, detail(), reason.toString());
    }
}
