package dev.serai.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Where named tokens are kept, one a line: in a file of the node, or in the database of a ledger that nodes share.
 *
 * <p>Threads: safe; two processes that change it take turns.
 */
public abstract class NamedTokenStore {
    /** Far more than anybody needs; a request's token is compared with each of them. */
    static final int TOKENS_MAX = 1_000;

    static final int BYTES_MAX = 256 * 1024;

    /**
     * What is kept.
     *
     * @param faults what is wrong with lines that are not used, each with its place
     */
    public record TokenList(List<NamedToken> tokens, List<String> faults) {}

    /** Names the place for people. */
    public abstract String name();

    /** The lines, none if nothing was kept yet. */
    abstract byte[] bytes() throws IOException;

    /** Replaces the lines as a whole; what {@code change} throws is thrown, and then nothing is changed. */
    abstract void rewrite(UnaryOperator<byte[]> change) throws IOException;

    /** Makes sure that nobody else reads it. */
    abstract void protect();

    /** Why it cannot be read, and what to do. */
    abstract String explain(IOException e);

    /** What is kept now. */
    public final TokenList read() throws IOException {
        return parse(bytes());
    }

    final TokenList parse(byte[] bytes) {
        List<NamedToken> tokens = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        int number = 0;
        for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                NamedToken token = NamedToken.parse(line);
                if (find(tokens, token.name()).isPresent()) {
                    throw new IllegalArgumentException("the name " + token.name() + " is there twice");
                }
                if (tokens.size() == TOKENS_MAX) {
                    throw new IllegalArgumentException("there are more than " + TOKENS_MAX + " tokens");
                }
                tokens.add(token);
            } catch (IllegalArgumentException e) {
                faults.add(name() + ":" + number + ": " + e.getMessage());
            }
        }
        return new TokenList(tokens, faults);
    }

    /**
     * Makes a token and returns its secret, which is kept nowhere.
     *
     * @throws IllegalArgumentException if the name cannot be used, or there are faults
     */
    public final String add(String name, TokenRole role, Clock clock) throws IOException {
        NamedToken.requireName(name);
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        NamedToken token = new NamedToken(
                name, role, NamedToken.hashOf(secret), clock.instant().truncatedTo(ChronoUnit.SECONDS));
        change(tokens -> {
            if (find(tokens, name).isPresent()) {
                throw new IllegalArgumentException(
                        "there is a token " + name + " already: use another name, or remove it first");
            }
            if (tokens.size() >= TOKENS_MAX) {
                throw new IllegalArgumentException("there are " + TOKENS_MAX + " tokens: remove one first");
            }
            tokens.add(token);
        });
        return secret;
    }

    /** Throws {@link NoSuchElementException} if there is no such token. */
    public final NamedToken remove(String name) throws IOException {
        List<NamedToken> removed = new ArrayList<>();
        change(tokens -> {
            NamedToken token = find(tokens, name).orElseThrow(() -> unknown(name, tokens));
            tokens.remove(token);
            removed.add(token);
        });
        return removed.get(0);
    }

    private static NoSuchElementException unknown(String name, List<NamedToken> tokens) {
        if (name.equals(AdminCaller.ADMIN.name())) {
            return new NoSuchElementException(
                    "the token admin is the one in serai.admin.tokenFile: to replace it, delete"
                            + " that file and start the node again");
        }
        String known = tokens.isEmpty()
                ? "there is none yet"
                : "known are " + tokens.stream().map(NamedToken::name).collect(Collectors.joining(", "));
        return new NoSuchElementException("there is no token " + name + ": " + known);
    }

    private static Optional<NamedToken> find(List<NamedToken> tokens, String name) {
        return tokens.stream().filter(token -> token.name().equals(name)).findFirst();
    }

    @FunctionalInterface
    private interface TokenChange {
        void apply(List<NamedToken> tokens);
    }

    private void change(TokenChange change) throws IOException {
        rewrite(before -> {
            TokenList now = parse(before);
            if (!now.faults().isEmpty()) {
                throw new IllegalArgumentException(
                        String.join("; ", now.faults()) + ": mend or delete the line before tokens are changed");
            }
            List<NamedToken> tokens = new ArrayList<>(now.tokens());
            change.apply(tokens);
            return tokens.stream()
                    .map(token -> token.line() + "\n")
                    .collect(Collectors.joining())
                    .getBytes(StandardCharsets.UTF_8);
        });
    }
}
