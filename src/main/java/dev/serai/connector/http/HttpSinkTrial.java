package dev.serai.connector.http;

import dev.serai.connector.http.answer.HttpSinkAnswer;
import dev.serai.text.LogText;
import dev.serai.text.SecretNames;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.Locale;
import java.util.concurrent.ExecutionException;

/** Judges what a target answers to HEAD. */
final class HttpSinkTrial {
    private HttpSinkTrial() {}

    /** Sends the request and judges the answer. */
    static String of(HttpSinkLoop loop, HttpSinkMessage message) throws Exception {
        HttpSinkCall call = loop.call(message);
        loop.send(call);
        try {
            return judged(call.answer().get(), message);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            call.giveUp();
        }
    }

    /**
     * What was seen; throws if the requests of a delivery would fare no better. Many targets take only POST, and some answer
     * unsigned requests with 401, so that only a refusal of credentials that were sent counts.
     */
    private static String judged(HttpSinkAnswer answer, HttpSinkMessage request) throws IOException {
        int status = answer.status();
        boolean hasCredentials = request.headers().keySet().stream()
                .anyMatch(name -> name.equalsIgnoreCase("Authorization")
                        || name.toLowerCase(Locale.ROOT).contains("key"));
        if (hasCredentials
                && (status == HttpURLConnection.HTTP_UNAUTHORIZED || status == HttpURLConnection.HTTP_FORBIDDEN)) {
            throw new IOException("the target answers " + status
                    + ": it does not take these credentials; check headers, or clientId, clientSecret and scope");
        }
        String location = answer.headers().get("Location");
        if (status >= 300 && status < 400 && location != null) {
            throw new IOException(
                    "the target answers " + status + " and names " + LogText.of(SecretNames.withoutUrlSecrets(location))
                            + ": redirects are not followed, so set url to that address");
        }
        return "takes requests; it answers HEAD with " + status;
    }
}
