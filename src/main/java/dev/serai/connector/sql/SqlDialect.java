package dev.serai.connector.sql;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The databases whose tables are read and written. */
enum SqlDialect {
    SQLITE('"'),
    POSTGRESQL('"'),
    /** MariaDB too. */
    MYSQL('`');

    private final char quote;

    SqlDialect(char quote) {
        this.quote = quote;
    }

    /**
     * Throws {@link IllegalArgumentException} if it is another database.
     *
     * @param product the name of the database, or a text that begins with it
     */
    static SqlDialect of(String product) {
        String first = product.split(" ", 2)[0];
        return switch (first) {
            case "SQLite" -> SQLITE;
            case "PostgreSQL" -> POSTGRESQL;
            case "MySQL", "MariaDB" -> MYSQL;
            default ->
                throw new IllegalArgumentException("the data source is a database of the kind " + first
                        + ", which is not supported: use SQLite, PostgreSQL, or MySQL or MariaDB");
        };
    }

    String quoted(String name) {
        return quote + name + quote;
    }

    /** @param table its name, with or without a schema and a dot */
    String quotedTable(String table) {
        return Arrays.stream(table.split("\\.", -1)).map(this::quoted).collect(Collectors.joining("."));
    }
}
