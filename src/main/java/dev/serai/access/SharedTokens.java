package dev.serai.access;

import dev.serai.ledger.cluster.SideTables;
import dev.serai.ledger.model.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The named tokens of all nodes that share a ledger, in its database. As long as none were made there, those of this node's file count;
 * with the first change they are kept in the database.
 *
 * <p>Threads: safe; two that change it take turns.
 */
public final class SharedTokens extends NamedTokenStore {
    private static final String TEXT = "tokens";

    private final SideTables tables;
    private final TokenFile own;

    /** @param own the file of this node */
    public SharedTokens(SideTables tables, TokenFile own) {
        this.tables = tables;
        this.own = own;
    }

    @Override
    public String name() {
        return "the list of named tokens in the ledger's database";
    }

    @Override
    byte[] bytes() throws IOException {
        try {
            return of(tables.text(TEXT));
        } catch (StoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private byte[] of(@Nullable String text) throws IOException {
        return text == null ? own.bytes() : text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    void rewrite(UnaryOperator<byte[]> change) throws IOException {
        byte[] before = own.bytes();
        try {
            tables.changeText(
                    TEXT,
                    text -> new String(
                            change.apply(text == null ? before : text.getBytes(StandardCharsets.UTF_8)),
                            StandardCharsets.UTF_8));
        } catch (StoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    void protect() {
        // Only its users can read the database.
    }

    @Override
    String explain(IOException e) {
        return String.valueOf(e.getMessage());
    }
}
