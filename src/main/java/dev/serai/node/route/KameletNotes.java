package dev.serai.node.route;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.spi.Resource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What a Kamelet's file says of its own guarantees, in {@code metadata.annotations}. */
final class KameletNotes {
    /** Of a source: what it cannot see. */
    static final String UNSEEN = "serai/unseen";
    /** Of a sink: how the target tells the second arrival of a change from a new one. */
    static final String REPEATS = "serai/repeats";

    private static final Logger LOG = LoggerFactory.getLogger(KameletNotes.class);
    private static final String KAMELET = "kamelet:";

    private final Model model;
    /** What was read, by the Kamelet's name. */
    private final Map<String, Map<?, ?>> read = new HashMap<>();

    KameletNotes(CamelContext context) {
        this.model = RouteModel.model(context);
    }

    /** Null if the URI is no Kamelet's, or if its file says nothing. */
    @Nullable String of(String uri, String note) {
        if (!uri.startsWith(KAMELET)) {
            return null;
        }
        String name = uri.substring(KAMELET.length()).replaceFirst("[/?].*", "");
        Object text = read.computeIfAbsent(name, this::annotations).get(note);
        return text == null ? null : text.toString();
    }

    private Map<?, ?> annotations(String name) {
        RouteTemplateDefinition template = model.getRouteTemplateDefinition(name);
        Resource file = template == null ? null : template.getResource();
        if (file == null || !file.getLocation().endsWith(".kamelet.yaml")) {
            return Map.of();
        }
        try (InputStream in = file.getInputStream()) {
            Object text = new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            for (String part : List.of("metadata", "annotations")) {
                text = text instanceof Map<?, ?> map ? map.get(part) : null;
            }
            return text instanceof Map<?, ?> map ? map : Map.of();
        } catch (IOException e) { // Camel has read it before
            LOG.debug("{} cannot be read again", file.getLocation(), e);
            return Map.of();
        }
    }
}
