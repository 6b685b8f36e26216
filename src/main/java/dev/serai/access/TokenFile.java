package dev.serai.access;

import dev.serai.files.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The file {@code data/tokens}: one named token a line. It is replaced as a whole, so that a reader sees all of it or the one
 * before, also after a power cut; only its owner may read it.
 *
 * <p>Threads: safe; two processes that change it take turns.
 */
public final class TokenFile {
    /** Far more than anybody needs; a request's token is compared with each of them. */
    static final int TOKENS_MAX = 1_000;

    private static final int BYTES_MAX = 256 * 1024;

    private final Path file;

    private TokenFile(Path file) {
        this.file = file;
    }

    /** The file in a node's data folder. */
    public static TokenFile in(Path data) {
        return new TokenFile(data.toAbsolutePath().resolve("tokens"));
    }

    /**
     * What the file has.
     *
     * @param faults what is wrong with lines that are not used, each with its place
     */
    public record TokenList(List<NamedToken> tokens, List<String> faults) {}

    public Path path() {
        return file;
    }

    /** A file that is missing or empty has no tokens. */
    public TokenList read() throws IOException {
        return parse(bytes());
    }

    byte[] bytes() throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException("it is larger than " + BYTES_MAX + " bytes");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    TokenList parse(byte[] bytes) {
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
                faults.add(file + ":" + number + ": " + e.getMessage());
            }
        }
        return new TokenList(tokens, faults);
    }

    /**
     * Makes a token and returns its secret, which is kept nowhere.
     *
     * @throws IllegalArgumentException if the name cannot be used, or the file has faults
     */
    public String add(String name, TokenRole role, Clock clock) throws IOException {
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
    public NamedToken remove(String name) throws IOException {
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
        Path folder = Objects.requireNonNull(file.getParent());
        OwnerOnly.createFolders(folder);
        Path lock = folder.resolve("tokens.lock");
        try (FileChannel turn = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            OwnerOnly.restrict(lock);
            turn.lock();
            TokenList now = read();
            if (!now.faults().isEmpty()) {
                throw new IllegalArgumentException(
                        String.join("; ", now.faults()) + ": mend or delete the line before tokens are changed");
            }
            List<NamedToken> tokens = new ArrayList<>(now.tokens());
            change.apply(tokens);
            write(folder, tokens);
        }
    }

    private void write(Path folder, List<NamedToken> tokens) throws IOException {
        Path draft = OwnerOnly.createTempFile(folder, ".tokens", ".new");
        try {
            Files.writeString(
                    draft, tokens.stream().map(token -> token.line() + "\n").collect(Collectors.joining()));
            sync(draft, StandardOpenOption.WRITE);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(folder, StandardOpenOption.READ);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Without it a power cut could leave an empty file under the final name. */
    private static void sync(Path path, StandardOpenOption access) throws IOException {
        try (FileChannel channel = FileChannel.open(path, access)) {
            channel.force(true);
        }
    }
}
