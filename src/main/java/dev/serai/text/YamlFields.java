package dev.serai.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a YAML file, and notes with file and line what has not the shape that it should have.
 *
 * <p>Threads: one thread.
 */
public final class YamlFields {
    private final Path file;
    private final List<String> mistakes = new ArrayList<>();

    public YamlFields(Path file) {
        this.file = file;
    }

    /** One line for each, with file and line. */
    public List<String> mistakes() {
        return mistakes;
    }

    public void mistake(int line, String reason) {
        mistakes.add(file + (line > 0 ? ":" + line : "") + ": " + reason);
    }

    public @Nullable Map<String, YamlValue> map(YamlValue value, String what) {
        if (value.fields() == null) {
            mistake(value.line(), what + " has to be NAME: VALUE, line by line");
        }
        return value.fields();
    }

    public void refuseUnknown(YamlValue value, Set<String> known, String what) {
        if (value.fields() == null) {
            return;
        }
        value.fields().forEach((name, field) -> {
            if (!known.contains(name)) {
                mistake(
                        field.line(),
                        what + " has no field " + name + NearestName.hint(name, known) + ": there are "
                                + String.join(", ", new TreeSet<>(known)));
            }
        });
    }

    public static int line(Map<String, YamlValue> fields, String name) {
        YamlValue value = fields.get(name);
        return value == null ? 0 : value.line();
    }

    /** What is made of a field; null with a mistake if the maker throws IllegalArgumentException. */
    public <T> @Nullable T parsed(Map<String, YamlValue> fields, String name, Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            mistake(line(fields, name), message.startsWith(name) ? message : name + ": " + message);
            return null;
        }
    }

    /** Null if it is not there, or no text, number or boolean. */
    public @Nullable String text(Map<String, YamlValue> fields, String name) {
        YamlValue value = fields.get(name);
        if (value == null) {
            return null;
        }
        String text = value.text();
        if (text == null && !value.isNull()) {
            mistake(value.line(), name + " has to be a text");
        } else if (text == null) {
            mistake(value.line(), name + " is empty");
        }
        return text;
    }
}
