package dev.serai.connector.http.answer;

import java.util.Map;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;

/** An answer that is no delivery. */
public final class HttpSinkAnswerException extends HttpOperationFailedException {
    private static final long serialVersionUID = 1;

    private final HttpSinkRules.@Nullable Judgement judgement;
    private final boolean isOfRecord;

    /**
     * @param judgement null if the status decides
     * @param isOfRecord whether the address named the record, so that its absence says nothing of other records
     */
    HttpSinkAnswerException(
            String url,
            HttpSinkAnswer answer,
            Map<String, String> headers,
            @Nullable String text,
            HttpSinkRules.@Nullable Judgement judgement,
            boolean isOfRecord) {
        super(url, answer.status(), answer.reason(), answer.location(), headers, text);
        this.judgement = judgement;
        this.isOfRecord = isOfRecord;
    }

    /** What the rules say; null if the status decides. */
    public HttpSinkRules.@Nullable Judgement judgement() {
        return judgement;
    }

    public boolean isOfRecord() {
        return isOfRecord;
    }
}
