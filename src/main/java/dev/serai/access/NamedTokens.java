package dev.serai.access;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The named tokens that a running node accepts: those that the {@link NamedTokenStore} had at the last look. While that cannot be
 * read none is accepted.
 *
 * <p>Threads: safe; one at a time looks.
 */
public final class NamedTokens {
    private static final Logger LOG = LoggerFactory.getLogger(NamedTokens.class);

    private final @Nullable NamedTokenStore store;
    private byte[] content = new byte[0];
    /** Why they could not be read at the last look; empty if it could. */
    private String unreadable = "";

    private volatile @Nullable String trouble;
    private volatile List<NamedToken> tokens = List.of();
    private List<NamedToken> known = List.of();

    /** @param store null for a node without named tokens */
    public NamedTokens(@Nullable NamedTokenStore store) {
        this.store = store;
    }

    /** The tokens that came and went between two looks. */
    public record TokenChanges(List<NamedToken> added, List<NamedToken> removed) {
        static final TokenChanges NONE = new TokenChanges(List.of(), List.of());
    }

    /** Reads the tokens if they changed. */
    public synchronized TokenChanges look() {
        if (store == null) {
            return TokenChanges.NONE;
        }
        try {
            byte[] now = store.bytes();
            if (unreadable.isEmpty() && Arrays.equals(now, content)) {
                return TokenChanges.NONE;
            }
            return changed(store, now);
        } catch (IOException e) {
            tokens = List.of();
            if (!unreadable.equals(e.toString())) {
                unreadable = e.toString();
                String told = store.name() + " cannot be read, so no named token is accepted, only the one in"
                        + " serai.admin.tokenFile: " + store.explain(e);
                trouble = told;
                LOG.warn("{}", told);
            }
            return TokenChanges.NONE;
        }
    }

    private TokenChanges changed(NamedTokenStore read, byte[] now) {
        read.protect();
        NamedTokenStore.TokenList list = read.parse(now);
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

    /** Which tokens are not accepted and why, as of the last look; empty if all are. */
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
