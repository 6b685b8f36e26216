package dev.serai.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The store's statements by name, read from the {@code .sql} files: those that all databases share, and in a folder those of one
 * kind, which replace the former.
 *
 * <p>A statement begins with a line {@code -- name: insertChange} and ends before the next one.
 */
public final class Sql {
    private static final String FOLDER = "/dev/serai/store/";
    private static final List<String> SHARED = List.of("write.sql", "read.sql", "ids.sql", "retention.sql");
    private static final String NAME = "-- name: ";

    private final Map<String, String> statements = new HashMap<>();

    /**
     * @param folder of one kind of database
     * @param files in it
     * @param translation of the statements that all share
     */
    public Sql(String folder, List<String> files, UnaryOperator<String> translation) {
        SHARED.forEach(file -> statements.putAll(load(file)));
        statements.replaceAll((name, statement) -> translation.apply(statement));
        files.forEach(file -> statements.putAll(load(folder + "/" + file)));
    }

    public String get(String name) {
        String text = statements.get(name);
        if (text == null) {
            throw new IllegalArgumentException("no statement is named " + name);
        }
        return text;
    }

    private static Map<String, String> load(String file) {
        Map<String, String> statements = new HashMap<>();
        String name = "";
        StringBuilder text = new StringBuilder();
        for (String line : text(file).lines().toList()) {
            if (line.startsWith(NAME)) {
                add(statements, name, text, file);
                name = line.substring(NAME.length()).trim();
                text.setLength(0);
            } else if (!line.startsWith("--")) {
                text.append(line).append('\n');
            }
        }
        add(statements, name, text, file);
        return statements;
    }

    private static void add(Map<String, String> statements, String name, StringBuilder text, String file) {
        String statement = text.toString().trim();
        if (!statement.isEmpty() && (name.isEmpty() || statements.put(name, statement) != null)) {
            throw new IllegalStateException("a statement in " + file + " has no unique name: " + statement);
        }
    }

    private static String text(String file) {
        try (InputStream in = Sql.class.getResourceAsStream(FOLDER + file)) {
            if (in == null) {
                throw new IllegalStateException("the file " + file + " is missing from the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
