package dev.serai.store.postgres;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The database and the schema that keep a ledger.
 *
 * @param url {@code jdbc:postgresql://…}
 * @param username if the URL has none
 * @param password if the URL has none
 * @param schema of what the nodes share; each shard has one whose name begins with it
 */
public record PostgresAddress(
        String url, @Nullable String username, @Nullable String password, String schema) {
    private static final Pattern SCHEMA = Pattern.compile("[a-z][a-z0-9_]{0,39}");

    /** @throws IllegalArgumentException if the schema has an impossible name */
    public PostgresAddress {
        if (!SCHEMA.matcher(schema).matches() || schema.startsWith("pg_")) {
            throw new IllegalArgumentException(
                    "camel.component.ledger.schema must begin with a small letter and have up to 40"
                            + " small letters, digits and underscores, not: " + schema);
        }
    }

    /** The schema of a shard's log. */
    String schemaOf(int shard) {
        return schema + "_%02d".formatted(shard);
    }

    /** The schema of a set of tables beside the log. */
    String schemaOfSide(int id) {
        return schema + "_side_" + id;
    }

    /** Names the ledger for people: without its password and options. */
    public String shown() {
        String address = url.replaceFirst("\\?.*", "").replaceFirst("//[^/]*@", "//");
        return address.replaceFirst("^jdbc:", "") + ", schema " + schema;
    }
}
