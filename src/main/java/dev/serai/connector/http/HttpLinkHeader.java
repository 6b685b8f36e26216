package dev.serai.connector.http;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the header Link (RFC 8288). */
public final class HttpLinkHeader {
    private static final Pattern LINK = Pattern.compile("\\s*+,*+\\s*+<([^>]*+)>");
    private static final Pattern PARAMETER = Pattern.compile(
            "\\s*+;\\s*+([^\\s=;,<>\"]++)\\s*+(?:=\\s*+(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s\";,]*+)))?+");

    private HttpLinkHeader() {}

    /** The address of the first link with the relation next; null if there is none. */
    public static @Nullable String next(List<String> headers) {
        for (String header : headers) {
            String found = next(header);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static @Nullable String next(String header) {
        Matcher link = LINK.matcher(header);
        Matcher parameter = PARAMETER.matcher(header);
        int at = 0;
        while (link.region(at, header.length()).lookingAt()) {
            at = link.end();
            boolean hasRelation = false;
            boolean isNext = false;
            while (parameter.region(at, header.length()).lookingAt()) {
                at = parameter.end();
                if (!hasRelation && parameter.group(1).equalsIgnoreCase("rel")) { // later ones do not count
                    hasRelation = true;
                    String value = parameter.group(2) != null ? parameter.group(2) : parameter.group(3);
                    isNext = value != null
                            && Arrays.stream(value.strip().split("\\s+")).anyMatch("next"::equalsIgnoreCase);
                }
            }
            if (isNext) {
                return link.group(1).strip();
            }
        }
        return null;
    }
}
