package dev.serai.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which headers and which parameters of an address carry a secret, as far as their names tell. */
public final class SecretNames {
    private static final String ANYWHERE =
            "authorization|cookie|apiv3key|aeskey|token|secret|passw|passphrase|credential|signature|(?:api|access|auth|private)[-_]?key";
    private static final Pattern HEADER = Pattern.compile(
            "(?i).*(?:authorization|cookie|token|secret|passw|credential|(?:api|access|auth|private)-?key).*");
    private static final Pattern PARAMETER =
            Pattern.compile("(?i).*(?:" + ANYWHERE + ").*|key|sign|sig|auth|pwd|pass|ticket");

    /** A parameter behind the start of a query, up to what ends its value in a text. */
    private static final Pattern IN_TEXT = Pattern.compile("(?<=[?&;])([A-Za-z0-9_.%-]{1,60})=([^&;#\\s\"'<>|\\\\]+)");

    private static final Pattern USER = Pattern.compile("(?<=://)[^/?#\\s@:]{0,200}:[^/?#\\s@]{0,200}(?=@)");

    /** Addresses of robots, in which the last parts of the path are the secret: Slack, Feishu, Discord, Telegram, Teams. */
    private static final Pattern IN_PATH = Pattern.compile(
            "(?i)(?<=://hooks\\.slack\\.com/(?:services|workflows|triggers)/|/open-apis/bot/v2/hook/|/api/webhooks/|/webhookb2/|"
                    + "://api\\.telegram\\.org/bot)[^\\s?#\"'<>|\\\\]+");

    /** What was found of names of headers, which each change brings again; senders choose some, so it does not grow beyond a bound. */
    private static final Map<String, Boolean> KNOWN_HEADERS = new ConcurrentHashMap<>();

    private static final int KNOWN_HEADERS_MAX = 1000;

    private SecretNames() {}

    public static boolean isHeader(String name) {
        Boolean known = KNOWN_HEADERS.get(name);
        if (known != null) {
            return known;
        }
        boolean found = HEADER.matcher(name).matches();
        if (KNOWN_HEADERS.size() < KNOWN_HEADERS_MAX && name.length() <= 100) {
            KNOWN_HEADERS.put(name, found);
        }
        return found;
    }

    /** Whether a parameter of an address, an option or a property has a secret; of a property the last word counts too. */
    public static boolean isParameter(String name) {
        if (name.endsWith(".tls.key") || name.endsWith("File")) {
            return false; // the name of a file
        }
        return PARAMETER.matcher(name).matches()
                || PARAMETER.matcher(name.substring(name.lastIndexOf('.') + 1)).matches();
    }

    /** The text with *** in place of each of these secrets. */
    public static String masked(String text, Collection<String> secrets) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, "***");
        }
        return masked;
    }

    /** The text with *** in place of the secrets that addresses in it have: in their queries, before an @, and in the paths of robots. */
    public static String withoutUrlSecrets(String text) {
        String shown = text;
        if (text.contains("://")) {
            shown = text.indexOf('@') < 0 ? text : USER.matcher(text).replaceAll("***");
            shown = IN_PATH.matcher(shown).replaceAll("***");
        }
        if (shown.indexOf('=') < 0 || (shown.indexOf('?') < 0 && shown.indexOf('&') < 0)) {
            return shown;
        }
        return IN_TEXT.matcher(shown)
                .replaceAll(found -> isParameter(found.group(1))
                        ? Matcher.quoteReplacement(found.group(1) + "=***")
                        : Matcher.quoteReplacement(found.group()));
    }

    /** The secrets in the query of an address, as they are written there. */
    public static List<String> inQuery(String address) {
        List<String> secrets = new ArrayList<>();
        Matcher parameter = IN_TEXT.matcher(address);
        while (parameter.find()) {
            if (isParameter(parameter.group(1))) {
                secrets.add(parameter.group(2));
            }
        }
        return secrets;
    }
}
