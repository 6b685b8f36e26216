package dev.serai.connector.http.answer;

import org.jspecify.annotations.Nullable;

/**
 * What the answers of a target mean, as the options say: in this order {@code deadWhen}, {@code retryWhen}, {@code
 * deliveredWhen}, {@code answers}, and then the status.
 *
 * <p>Threads: set up by one thread, then safe.
 */
public final class HttpSinkRules {
    /** What an answer says of a change. */
    public enum Judgement {
        /** The target has it. */
        DELIVERED,
        /** It is tried again. */
        RETRY,
        /** The same as {@link #RETRY}, with a new access token if there can be one. Its cause is none of the change's. */
        EXPIRED,
        /** It is tried again, and its cause is none of the change's. */
        OUTAGE,
        /** It is given up. */
        DEAD
    }

    private @Nullable HttpSinkCondition delivered;
    private @Nullable HttpSinkCondition retry;
    private @Nullable HttpSinkCondition dead;
    private @Nullable PlatformAnswer platform;
    private @Nullable PlatformAnswer tokensOf;

    /** Answers that it covers are deliveries if it holds, and else tried again. */
    public void setDeliveredWhen(@Nullable String condition) {
        delivered = condition("deliveredWhen", condition);
    }

    public void setRetryWhen(@Nullable String condition) {
        retry = condition("retryWhen", condition);
    }

    public void setDeadWhen(@Nullable String condition) {
        dead = condition("deadWhen", condition);
    }

    /** wechat, dingtalk, feishu or slack: how that platform says no in an answer. */
    public void setAnswers(@Nullable String platform) {
        this.platform = platform == null || platform.isBlank() ? null : PlatformAnswer.of(platform);
    }

    /** Whose access tokens the requests have: that platform's answers, unless {@code answers} names another. */
    public void setTokens(@Nullable String tokens) {
        tokensOf = tokens == null ? null : PlatformAnswer.ofTokens(tokens);
    }

    private static @Nullable HttpSinkCondition condition(String option, @Nullable String condition) {
        return condition == null || condition.isBlank() ? null : new HttpSinkCondition(option, condition.strip());
    }

    /** What the answer means; null if its status decides. */
    public @Nullable Judgement judge(HttpSinkAnswer answer) {
        int status = answer.status();
        if (dead != null && dead.coversAny(status) && dead.holds(answer)) {
            return Judgement.DEAD;
        }
        if (retry != null && retry.coversAny(status) && retry.holds(answer)) {
            return Judgement.RETRY;
        }
        if (delivered != null && delivered.covers(status)) {
            return delivered.holds(answer) ? Judgement.DELIVERED : Judgement.RETRY;
        }
        PlatformAnswer known = platform == null ? tokensOf : platform;
        return known == null ? null : known.judge(answer);
    }
}
