package dev.serai.connector.pull;

import dev.serai.text.LogText;
import java.nio.charset.StandardCharsets;

/** Why a run of a pull ends before its last page, in one line that holds no secret. */
public final class PullException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int ANSWER_CHARS_MAX = 200;

    public PullException(String message) {
        super(message);
    }

    /** The same with the beginning of the answer that it is about. */
    public PullException withAnswer(byte[] answer) {
        String text = new String(answer, 0, Math.min(answer.length, 4 * ANSWER_CHARS_MAX), StandardCharsets.UTF_8);
        return answer.length == 0
                ? this
                : new PullException(getMessage() + "; the answer begins: " + LogText.line(text, ANSWER_CHARS_MAX));
    }
}
