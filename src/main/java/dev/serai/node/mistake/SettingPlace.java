package dev.serai.node.mistake;

import dev.serai.node.route.ConfigurationException;
import dev.serai.text.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Where a properties file has what is wrong with a setting. */
public final class SettingPlace {
    private static final String OURS = "serai.";

    private final Path file;

    public SettingPlace(Path file) {
        this.file = file;
    }

    /** The first line with the text; null if there is none. */
    public @Nullable String ofText(String text) {
        return TextPlace.in(List.of(file), text);
    }

    /** Where the first of these names is set that is Camel's and ends so; null if none is. */
    public @Nullable String ofOption(Set<String> names, String last) {
        return names.stream()
                .filter(name -> name.startsWith("camel.") && name.endsWith("." + last))
                .sorted()
                .map(this::ofText)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** The place of a name, if it is in the file, as the beginning of a message. */
    public String before(String name) {
        String place = ofText(name);
        return place == null ? "" : place + ": ";
    }

    /** Throws {@link ConfigurationException} with one line for each name that begins as Serai's own do and is not known. */
    public void refuseUnknown(Set<String> names, Set<String> known) {
        Set<String> ours = new TreeSet<>(known);
        ours.removeIf(name -> !name.startsWith(OURS));
        List<String> unknown = new ArrayList<>();
        for (String name : new TreeSet<>(names)) {
            if (name.startsWith(OURS) && !ours.contains(name)) {
                unknown.add(before(name) + "there is no setting " + name + NearestName.hint(name, ours) + ": there are "
                        + String.join(", ", ours));
            }
        }
        if (!unknown.isEmpty()) {
            throw new ConfigurationException(String.join("\n", unknown));
        }
    }
}
