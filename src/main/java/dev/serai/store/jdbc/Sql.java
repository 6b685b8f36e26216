package dev.serai.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The store's statements by name, read from the {@code .sql} files.
 *
 * <p>A statement begins with a line {@code -- name: insertChange} and ends before the next one.
 */
public final class Sql {
    private static final List<String> FILES = List.of("write.sql", "read.sql", "ids.sql", "retention.sql", "check.sql");
    private static final String NAME = "-- name: ";

    private final Map<String, String> statements = new HashMap<>();

    public Sql() {
        FILES.forEach(this::load);
    }

    public String get(String name) {
        String text = statements.get(name);
        if (text == null) {
            throw new IllegalArgumentException("no statement is named " + name);
        }
        return text;
    }

    private void load(String file) {
        String name = "";
        StringBuilder text = new StringBuilder();
        for (String line : text(file).lines().toList()) {
            if (line.startsWith(NAME)) {
                add(name, text, file);
                name = line.substring(NAME.length()).trim();
                text.setLength(0);
            } else if (!line.startsWith("--")) {
                text.append(line).append('\n');
            }
        }
        add(name, text, file);
    }

    private void add(String name, StringBuilder text, String file) {
        String statement = text.toString().trim();
        if (!statement.isEmpty() && (name.isEmpty() || statements.put(name, statement) != null)) {
            throw new IllegalStateException("a statement in " + file + " has no unique name: " + statement);
        }
    }

    private static String text(String file) {
        try (InputStream in = Sql.class.getResourceAsStream("/dev/serai/store/" + file)) {
            if (in == null) {
                throw new IllegalStateException("the file " + file + " is missing from the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
