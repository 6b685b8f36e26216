package dev.serai.node.mistake;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Finds names that are there twice in one mapping of YAML, of which Camel takes the last without a word.
 *
 * <p>Threads: one thread.
 */
final class RepeatedKeys {
    private final Path file;
    private final List<String> lines = new ArrayList<>();
    /** What an alias leads back to. */
    private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private RepeatedKeys(Path file) {
        this.file = file;
    }

    /** One line for each; none if the text cannot be parsed, which Camel reports. */
    static List<String> find(Path file, List<String> text) {
        RepeatedKeys keys = new RepeatedKeys(file);
        try {
            LoadSettings settings =
                    LoadSettings.builder().setAllowDuplicateKeys(true).build();
            for (Node document : new Compose(settings).composeAllFromString(String.join("\n", text))) {
                keys.look(document);
            }
        } catch (YamlEngineException e) {
            return List.of();
        }
        return keys.lines;
    }

    private void look(Node node) {
        if (!seen.add(node)) {
            return;
        }
        if (node instanceof SequenceNode sequence) {
            sequence.getValue().forEach(this::look);
        } else if (node instanceof MappingNode mapping) {
            lookAtKeys(mapping);
            for (NodeTuple pair : mapping.getValue()) {
                look(pair.getValueNode());
            }
        }
    }

    private void lookAtKeys(MappingNode mapping) {
        Map<String, Integer> first = new HashMap<>();
        for (NodeTuple pair : mapping.getValue()) {
            if (pair.getKeyNode() instanceof ScalarNode key) {
                int line = line(key);
                Integer before = first.putIfAbsent(key.getValue(), line);
                if (before != null) {
                    lines.add(file + ":" + line + ": " + key.getValue() + " is there twice, first in line " + before
                            + ": remove one of them");
                }
            }
        }
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
