package dev.serai.access;

import dev.serai.files.OwnerOnly;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The named tokens that a running node accepts: those that the {@link TokenFile} had at the last look. While the file cannot be
 * read none is accepted.
 *
 * <p>Threads: safe; one at a time looks.
 */
public final class NamedTokens {
    private static final Logger LOG = LoggerFactory.getLogger(NamedTokens.class);

    private final @Nullable TokenFile file;
    private byte[] content = new byte[0];
    /** Why the file could not be read at the last look; empty if it could. */
    private String unreadable = "";

    private volatile @Nullable String trouble;
    private volatile List<NamedToken> tokens = List.of();
    private List<NamedToken> known = List.of();

    /** @param file null for a node without named tokens */
    public NamedTokens(@Nullable TokenFile file) {
        this.file = file;
    }

    /** The tokens that came and went between two looks. */
    public record TokenChanges(List<NamedToken> added, List<NamedToken> removed) {
        static final TokenChanges NONE = new TokenChanges(List.of(), List.of());
    }

    /** Reads the file if it changed. */
    public synchronized TokenChanges look() {
        if (file == null) {
            return TokenChanges.NONE;
        }
        try {
            byte[] now = file.bytes();
            if (unreadable.isEmpty() && Arrays.equals(now, content)) {
                return TokenChanges.NONE;
            }
            return changed(file, now);
        } catch (IOException e) {
            tokens = List.of();
            if (!unreadable.equals(e.toString())) {
                unreadable = e.toString();
                String told = file.path() + " cannot be read, so no named token is accepted, only the one in"
                        + " serai.admin.tokenFile: " + reason(e);
                trouble = told;
                LOG.warn("{}", told);
            }
            return TokenChanges.NONE;
        }
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException
                ? "access is denied; make the user of this process its owner, with the mode 600"
                : e.getMessage() + "; mend it, or delete it and make new tokens";
    }

    private TokenChanges changed(TokenFile read, byte[] now) {
        OwnerOnly.restrict(read.path());
        TokenFile.TokenList list = read.parse(now);
        list.faults().forEach(fault -> LOG.warn("A line of the tokens is not used: {}", fault));
        List<NamedToken> before = known;
        content = now;
        unreadable = "";
        trouble = list.faults().isEmpty() ? null : unused(list.faults());
        known = list.tokens();
        tokens = known;
        return new TokenChanges(without(known, before), without(before, known));
    }

    private static String unused(List<String> faults) {
        int more = faults.size() - 1;
        return "a named token is not accepted, mend or delete its line: " + faults.get(0)
                + (more == 0 ? "" : "; and " + more + " more");
    }

    /** Which tokens of the file are not accepted and why, as of the last look; empty if all are. */
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    private static List<NamedToken> without(List<NamedToken> all, List<NamedToken> others) {
        return all.stream().filter(token -> !others.contains(token)).toList();
    }

    /** Whose secret this is. Takes as long for any wrong one. */
    public Optional<AdminCaller> caller(String secret) {
        String hash = NamedToken.hashOf(secret);
        NamedToken found = null;
        for (NamedToken token : tokens) {
            found = token.hasHash(hash) ? token : found;
        }
        return Optional.ofNullable(found).map(token -> new AdminCaller(token.name(), token.role()));
    }

    /** Whether a token that was found before is still there, with the same name and role; the admin token always is. */
    public boolean has(AdminCaller caller, String hash) {
        return caller.equals(AdminCaller.ADMIN)
                || tokens.stream()
                        .anyMatch(token -> token.hash().equals(hash)
                                && token.name().equals(caller.name())
                                && token.role() == caller.role());
    }
}
