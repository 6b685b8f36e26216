package dev.serai.cli.flow;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A source of a flow that others push to, over HTTP or TCP.
 *
 * @param route as its file has it
 * @param opened the same without Kamelets
 */
record PushSource(WrittenRoute route, OpenedRoute opened, PropertyText properties) {
    private static final Set<String> HTTP = Set.of("ingress", "platform-http");
    private static final String TCP = "netty";
    private static final String TCP_OPTIONS = "serverInitializerFactory";

    static boolean is(OpenedRoute opened) {
        String scheme = opened.from().scheme();
        return HTTP.contains(scheme)
                || (scheme.equals(TCP) && opened.from().path().startsWith("tcp:"));
    }

    boolean isTcp() {
        return opened.from().scheme().equals(TCP);
    }

    /** On the flows' port. */
    String path() {
        String path = properties.of(opened.from().path());
        return path.startsWith("/") ? path : "/" + path;
    }

    /** How requests are signed; {@code none} if they are not. */
    String scheme() {
        WrittenEndpoint signature = opened.signature();
        return signature == null ? "none" : properties.of(signature.path());
    }

    /** Signs as the sender does. Throws {@link CliException} if what is configured can only verify. */
    SignatureScheme signer() {
        WrittenEndpoint signature = opened.signature();
        Map<String, String> options = new HashMap<>();
        if (signature != null && !signature.bean("options").isEmpty()) {
            beanOf(signature, "options").forEach((name, value) -> options.put(name, properties.of(value)));
        }
        options.putAll(SandboxKey.signing(scheme(), options, this));
        try {
            return SignatureSchemeRegistry.create(
                    scheme(),
                    new SchemeOptions(
                            value(signature, "secret"),
                            value(signature, "previousSecret"),
                            value(signature, "header"),
                            SchemeOptions.DEFAULT_TOLERANCE,
                            options));
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, at() + ": " + e.getMessage());
        }
    }

    private @Nullable String value(@Nullable WrittenEndpoint endpoint, String parameter) {
        String value = endpoint == null ? null : endpoint.parameter(parameter);
        return value == null ? null : properties.of(value);
    }

    /** The address of a TCP source, as {@code host:port}. */
    String tcpAddress() {
        return properties.of(opened.from().path().replaceFirst("^tcp:/*", ""));
    }

    /** An option of a TCP source, empty if it is not set. */
    String tcpOption(String name) {
        if (opened.from().bean(TCP_OPTIONS).isEmpty()) {
            throw new CliException(ExitCode.USAGE, at() + ": is no tcp-source, so its frames are not known");
        }
        return properties.of(beanOf(opened.from(), TCP_OPTIONS).getOrDefault(name, ""));
    }

    private Map<String, String> beanOf(WrittenEndpoint endpoint, String parameter) {
        String name = endpoint.bean(parameter);
        Map<String, String> bean = opened.beans().get(name);
        if (bean == null) {
            throw new CliException(
                    ExitCode.USAGE,
                    at() + ": the bean " + name + " is not in a YAML file of routes, so its properties are not known");
        }
        return bean;
    }

    String at() {
        return route.file() + ", route " + route.id();
    }
}
