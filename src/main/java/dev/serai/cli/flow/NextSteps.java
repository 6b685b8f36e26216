package dev.serai.cli.flow;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What can be done with a new flow, as lines to copy.
 *
 * @param settings the file of its properties
 * @param otherFolder whether its file is not where a node looks for routes unless told
 * @param otherSettings the same of its properties
 */
record NextSteps(String name, Path file, Path settings, boolean otherFolder, boolean otherSettings, String url) {
    private static final Pattern PATH = Pattern.compile("path: (/[\\w/-]+)");
    private static final Pattern SCHEME = Pattern.compile("scheme: ([\\w-]+)");

    /** The header that carries the signature, for the schemes that openssl can sign; {@code $SUM} is the HMAC of {@code $SIGNED}. */
    private record Signing(String signed, String header) {}

    private static final Map<String, Signing> SIGNING = Map.of(
            "hmac", new Signing("$BODY", "X-Signature: sha256=$SUM"),
            "github", new Signing("$BODY", "X-Hub-Signature-256: sha256=$SUM"),
            "stripe", new Signing("$TIME.$BODY", "Stripe-Signature: t=$TIME,v1=$SUM"));

    /**
     * The lines.
     *
     * @param routes the text of the file
     * @param body empty if the flow is not pushed to
     */
    String text(String routes, Map<String, String> properties, String body) {
        String options = (otherFolder ? " --routes " + file : "") + (otherSettings ? " --config " + settings : "");
        List<String> lines = new ArrayList<>();
        lines.add(file + ": the flow " + name);
        if (!properties.isEmpty()) {
            lines.add(settings + ": its properties, at the end: " + String.join(", ", properties.keySet()));
        }
        lines.add("");
        lines.add("Check it:   ./serai check" + options);
        lines.add("Run it:     ./serai run" + options
                + (properties.isEmpty()
                        ? ""
                        : "   (a running node has to be started again: it reads properties once)"));
        if (body.isEmpty()) {
            lines.add("It fetches its changes itself: set its properties to a source of yours.");
        } else {
            lines.add("Send to it: echo '" + body + "' | ./serai send " + name + " -" + options);
            addCurl(lines, routes, body);
        }
        lines.add("Follow it:  ./serai status");
        return String.join("\n", lines);
    }

    private void addCurl(List<String> lines, String routes, String body) {
        Matcher scheme = SCHEME.matcher(routes);
        Matcher path = PATH.matcher(routes);
        Signing signing = scheme.find() ? SIGNING.get(scheme.group(1)) : null;
        if (signing == null || !path.find()) {
            return;
        }
        lines.add("Or without Serai:");
        lines.add("  BODY='" + body + "'");
        if (signing.signed().contains("$TIME")) {
            lines.add("  TIME=$(date +%s)");
        }
        lines.add("  SECRET=$(sed -n 's/^" + name + ".secret=//p' " + settings + ")");
        lines.add("  SUM=$(printf %s \"" + signing.signed()
                + "\" | openssl dgst -sha256 -hmac \"$SECRET\" -r | cut -d' ' -f1)");
        lines.add("  curl -i " + url + path.group(1) + " -H 'Content-Type: application/json' -H \"" + signing.header()
                + "\" -d \"$BODY\"");
    }
}
