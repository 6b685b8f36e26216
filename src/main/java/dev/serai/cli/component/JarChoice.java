package dev.serai.cli.component;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Which jars of a component the program lacks.
 *
 * @param missing to be added
 * @param replaced what the program has in another version that will do
 * @param conflicts what the program has in a version that will not do
 */
record JarChoice(List<Path> missing, List<String> replaced, List<String> conflicts) {

    /** @param present the names of the program's jars */
    static JarChoice of(Collection<Path> wanted, Collection<String> present) {
        List<Path> missing = new ArrayList<>();
        List<String> replaced = new ArrayList<>();
        List<String> conflicts = new ArrayList<>();
        for (Path jar : wanted) {
            String file = String.valueOf(jar.getFileName());
            JarName asked = JarName.of(file);
            List<JarName> own = present.stream()
                    .map(JarName::of)
                    .filter(one -> one.artifact().equals(asked.artifact()))
                    .toList();
            if (present.contains(file)) {
                continue;
            }
            if (own.isEmpty()) {
                missing.add(jar);
            } else if (own.get(0).canReplace(asked)) {
                replaced.add(asked.artifact() + " " + own.get(0).version() + " in place of " + asked.version());
            } else {
                conflicts.add(asked.artifact() + " " + asked.version() + ", and Serai has "
                        + own.get(0).version());
            }
        }
        return new JarChoice(missing, replaced, conflicts);
    }
}
