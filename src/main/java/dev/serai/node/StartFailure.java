package dev.serai.node;

import dev.serai.ledger.model.StoreException;
import dev.serai.node.mistake.TextPlace;
import dev.serai.node.route.ConfigurationException;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.text.SecretNames;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Why the program cannot start, for the person who repairs it.
 *
 * @param exitCode 2 for a bad configuration or route, 3 for a ledger that cannot be opened, 4 for a taken port
 * @param message one line for each mistake, with file and line where they are known
 */
public record StartFailure(int exitCode, String message) {
    static final int CONFIGURATION = 2;
    public static final int LEDGER = 3;
    static final int PORT = 4;
    /** Not at the start: an error ended the ledger's writer. */
    public static final int WRITER_ENDED = 5;

    /** A shorter one could be a part of any word. */
    private static final int SECRET_CHARS_MIN = 6;

    /** @param context the context whose start failed, or null if it failed before there was one */
    public static StartFailure of(Throwable failure, @Nullable CamelContext context) {
        StartFailure found = unmasked(failure, context);
        String shown = SecretNames.withoutUrlSecrets(found.message);
        return new StartFailure(found.exitCode, context == null ? shown : SecretNames.masked(shown, secrets(context)));
    }

    /** The values of the properties that have secrets, which an option of another name may refer to. */
    private static List<String> secrets(CamelContext context) {
        Properties properties = context.getPropertiesComponent().loadProperties(SecretNames::isParameter);
        return properties.values().stream()
                .map(Object::toString)
                .filter(value -> value.length() >= SECRET_CHARS_MIN && !value.contains("{{"))
                .toList();
    }

    private static StartFailure unmasked(Throwable failure, @Nullable CamelContext context) {
        List<Throwable> chain = chain(failure);
        for (Throwable cause : chain) {
            if (cause instanceof StoreOpenException open) {
                int code = open.reason() == StoreOpenException.OpenProblem.UNWRITABLE ? CONFIGURATION : LEDGER;
                return new StartFailure(code, FailureReason.oneLine(open));
            }
            if (cause instanceof StoreException) {
                return new StartFailure(LEDGER, FailureReason.oneLine(cause));
            }
            if (cause instanceof BindException) {
                return new StartFailure(PORT, portTaken(chain, cause));
            }
            if (cause instanceof UnknownHostException) {
                return new StartFailure(
                        CONFIGURATION, FailureReason.oneLine(cause) + "; check serai.http.host and serai.admin.host");
            }
            if (cause instanceof ConfigurationException) {
                return new StartFailure(CONFIGURATION, String.valueOf(cause.getMessage()));
            }
        }
        String inFiles = FailureReason.inFiles(chain, context);
        if (inFiles != null) {
            return new StartFailure(CONFIGURATION, inFiles);
        }
        String reason = FailureReason.of(chain, context);
        String place = FailurePlace.of(chain, context);
        return new StartFailure(
                CONFIGURATION, reason.lines().map(line -> placed(place, line)).collect(Collectors.joining("\n")));
    }

    /** The port is named by the server that wanted it, the reason by the system. */
    private static String portTaken(List<Throwable> chain, Throwable reason) {
        for (Throwable cause : chain) {
            if (cause instanceof IOException && !(cause instanceof BindException)) {
                String said = FailureReason.oneLine(cause);
                String why = FailureReason.oneLine(reason);
                return (said.contains(why) ? said : said + ": " + why)
                        + "; stop what uses the port, or set another: serai.http.port, serai.admin.port, or the port in the route";
            }
        }
        return FailureReason.oneLine(reason);
    }

    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        Throwable cause = failure;
        while (cause != null && !chain.contains(cause)) {
            chain.add(cause);
            cause = cause.getCause();
        }
        return chain;
    }

    private static String placed(@Nullable String place, String reason) {
        return place == null ? reason : TextPlace.ofReason(place, reason) + ": " + reason;
    }

    /** One line for each mistake. */
    public List<String> lines() {
        return message.lines().toList();
    }
}
