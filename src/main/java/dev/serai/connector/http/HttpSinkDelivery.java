package dev.serai.connector.http;

import dev.serai.camel.AttemptTranscript;
import dev.serai.camel.http.HttpAnswerWriter;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.connector.http.answer.HttpSinkAnswer;
import dev.serai.connector.http.answer.HttpSinkRules.Judgement;
import dev.serai.connector.http.token.AccessToken;
import dev.serai.connector.http.token.TokenClient;
import dev.serai.text.SecretNames;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.LinkedHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of {@code http-sink}: its request, which is sent again with a new access token or to where a redirect leads, and
 * what the answer means.
 *
 * <p>Threads: one thread at a time.
 */
final class HttpSinkDelivery {
    private static final int REDIRECTS_MAX = 3;
    private static final int TEMPORARY_REDIRECT = 307;
    private static final int PERMANENT_REDIRECT = 308;

    private final HttpSinkClient sink;
    private final Exchange exchange;
    private final Executor threads;
    private final Consumer<Runnable> waits;
    private final Runnable over;
    private final @Nullable TokenClient tokens;
    /** What is sent if the target answers that it has not got it yet; null while nothing is asked. */
    private @Nullable HttpSinkMessage asked;

    private boolean hasRenewed;
    private int redirects;

    /**
     * A delivery that is not sent yet.
     *
     * @param threads run what follows the answer
     * @param waits takes what gives up the wait for the answer
     * @param over is run at the end
     */
    HttpSinkDelivery(
            HttpSinkClient sink, Exchange exchange, Executor threads, Consumer<Runnable> waits, Runnable over) {
        this.sink = sink;
        this.exchange = exchange;
        this.threads = threads;
        this.waits = waits;
        this.over = over;
        this.tokens = sink.tokens();
    }

    /**
     * Asks first, and sends the message only if the target has not got it yet. Neither has an access token.
     *
     * <p>See: {@link HttpSinkConfirm}
     */
    void ask(HttpSinkMessage question, HttpSinkMessage message) throws IOException {
        asked = message;
        send(question);
    }

    /** @param message without an access token */
    void send(HttpSinkMessage message) throws IOException {
        HttpSinkLoop running = sink.running();
        TokenClient issuer = tokens;
        AccessToken token = issuer == null ? null : issuer.token();
        HttpSinkCall call =
                running.call(issuer == null || token == null ? message : message.with(token, issuer.place()));
        waits.accept(call::giveUp);
        call.answer()
                .whenComplete((answer, failure) -> threads.execute(() -> {
                    if (answer == null) {
                        note(message);
                        exchange.setException(failure);
                        over.run();
                    } else {
                        judge(message, token, token == null ? answer : answer.masked(token::masked));
                    }
                }));
        running.send(call);
    }

    private void judge(HttpSinkMessage message, @Nullable AccessToken token, HttpSinkAnswer answer) {
        Judgement judgement = sink.rules().judge(answer);
        if (tokens != null && token != null && isOver(tokens, answer, judgement)) {
            if (tokens.refused(token) && !hasRenewed) {
                hasRenewed = true;
                sendAgain(message);
                return;
            }
            // Of 401 the status says the same, unless a rule says otherwise.
            judgement = answer.status() == HttpURLConnection.HTTP_UNAUTHORIZED ? judgement : Judgement.EXPIRED;
        }
        boolean isRedirect = answer.status() == TEMPORARY_REDIRECT || answer.status() == PERMANENT_REDIRECT;
        String location = isRedirect ? answer.location() : null;
        String target = location == null ? null : sink.address().redirected(message.target(), location);
        if (judgement == null && target != null && redirects < REDIRECTS_MAX) {
            redirects++;
            sendAgain(message.to(target));
            return;
        }
        if (asked == null) {
            finish(message, answer, judgement);
        } else {
            confirm(message, asked, answer, judgement);
        }
    }

    private void confirm(
            HttpSinkMessage question, HttpSinkMessage message, HttpSinkAnswer answer, @Nullable Judgement judgement) {
        String result = question.method() + " " + sink.address().url(SecretNames.withoutUrlSecrets(question.target()))
                + " answered " + answer.status();
        if (answer.isSuccess() && (judgement == null || judgement == Judgement.DELIVERED)) {
            confirmedBy(result);
            finish(question, answer, Judgement.DELIVERED);
        } else if (isAbsent(answer)) {
            asked = null;
            sendAgain(message);
        } else {
            exchange.setException(new IOException("nobody knows whether it arrived before: " + result));
            over.run();
        }
    }

    private void confirmedBy(String result) {
        exchange.setProperty(LedgerConstants.CONFIRMED, "it had arrived before: " + result);
    }

    /** Ends it without a request: a route said that the target has the change. The caller says that it is over. */
    void hadArrived(String result) {
        confirmedBy(result);
        exchange.getMessage().setHeaders(new LinkedHashMap<>());
        exchange.getMessage().setBody(null);
    }

    private static boolean isAbsent(HttpSinkAnswer answer) {
        return answer.status() == HttpURLConnection.HTTP_NOT_FOUND || answer.status() == HttpURLConnection.HTTP_GONE;
    }

    private static boolean isOver(TokenClient tokens, HttpSinkAnswer answer, @Nullable Judgement judgement) {
        return judgement == Judgement.EXPIRED
                || tokens.isOver(answer.status(), answer.cut() == null ? answer.body() : null);
    }

    private void sendAgain(HttpSinkMessage message) {
        try {
            send(message);
        } catch (Exception e) {
            exchange.setException(e);
            over.run();
        }
    }

    private void finish(HttpSinkMessage message, HttpSinkAnswer answer, @Nullable Judgement judgement) {
        boolean isGone = message.method().equals("DELETE") && isAbsent(answer);
        boolean isDelivered = judgement == null ? answer.isSuccess() || isGone : judgement == Judgement.DELIVERED;
        take(exchange.getMessage(), answer, isDelivered);
        HttpAnswerWriter.called(exchange);
        if (!isDelivered) {
            String url = sink.address().url(message.target());
            note(message);
            AttemptTranscript.answered(
                    exchange,
                    ("HTTP " + answer.status() + " " + answer.reason()).strip()
                            + (answer.cut() == null ? "" : " (" + answer.cut() + ")"),
                    answer.headers().get(Exchange.CONTENT_TYPE),
                    answer.body());
            exchange.setException(answer.failure(url, judgement, sink.address().hasKey(), message.secrets()));
        }
        over.run();
    }

    /** For those who look at the failure. The message has no access token. */
    private void note(HttpSinkMessage message) {
        AttemptTranscript.sent(
                exchange,
                message.method() + " " + sink.address().url(message.target()),
                message.contentType(),
                message.body(),
                message.secrets());
    }

    /** As camel-http does with skipResponseHeaders. */
    private static void take(Message message, HttpSinkAnswer answer, boolean isDelivered) {
        if (isDelivered) {
            message.setHeaders(new LinkedHashMap<>());
            message.setBody(answer.body());
        }
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
        message.setHeader(Exchange.HTTP_RESPONSE_TEXT, answer.reason());
    }
}
