package dev.serai.connector.sql;

import dev.serai.text.LogText;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the names of tables and columns that options and changes give. */
final class SqlName {
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_ $-]{0,62}");

    private SqlName() {}

    /** Whether the text is allowed as the name of a table or a column. */
    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** The table's name, which may begin with a schema and a dot. Throws {@link IllegalArgumentException}. */
    static String table(String table) {
        for (String part : table.split("\\.", -1)) {
            option("table", part);
        }
        return table;
    }

    /** The name that is the value of an option. Throws {@link IllegalArgumentException}. */
    static String option(String option, @Nullable String name) {
        String given = Objects.requireNonNullElse(name, "");
        if (!isName(given)) {
            throw new IllegalArgumentException(option + " is not the name of a table or column: " + LogText.of(given));
        }
        return given;
    }

    /** The names in the value of an option, separated by commas. Throws {@link IllegalArgumentException}. */
    static List<String> options(String option, String names) {
        return Arrays.stream(names.split(",", -1))
                .map(name -> option(option, name.strip()))
                .toList();
    }

    /** The name, or null if there is none. Throws {@link IllegalArgumentException}. */
    static @Nullable String optional(String option, @Nullable String name) {
        return name == null || name.isBlank() ? null : option(option, name);
    }
}
