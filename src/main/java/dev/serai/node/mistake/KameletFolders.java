package dev.serai.node.mistake;

import dev.serai.node.route.RouteModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;

/** The Kamelets that routes can name. */
final class KameletFolders {
    private static final String ENDING = ".kamelet.yaml";
    /** In a Kamelet's own route, what stands before and behind it. */
    private static final Set<String> PARTS = Set.of("source", "sink");

    private final CamelContext context;
    private final String[] folders;
    private final Set<String> templates = new TreeSet<>();
    private final Map<String, Optional<KameletDefinition>> read = new HashMap<>();

    KameletFolders(CamelContext context) {
        this.context = context;
        KameletComponent component = context.getRegistry().lookupByNameAndType("kamelet", KameletComponent.class);
        String location = component == null ? null : component.getLocation();
        this.folders = location == null ? new String[0] : location.split(",");
        for (RouteTemplateDefinition template : RouteModel.model(context).getRouteTemplateDefinitions()) {
            templates.add(template.getId());
        }
    }

    boolean has(String name) {
        return PARTS.contains(name)
                || templates.contains(name)
                || definition(name).isPresent();
    }

    /** Empty for a template in a file of routes, and for what does not exist. */
    Optional<KameletDefinition> definition(String name) {
        return read.computeIfAbsent(name, this::find);
    }

    private Optional<KameletDefinition> find(String name) {
        for (String folder : folders) {
            Resource file = ResourceHelper.resolveResource(context, folder + "/" + name + ENDING);
            if (file != null && file.exists()) {
                return Optional.ofNullable(KameletDefinition.read(file));
            }
        }
        return Optional.empty();
    }

    /** Those in folders and in files of routes, sorted; not those in jars. */
    Set<String> names() {
        Set<String> names = new TreeSet<>(templates);
        for (String folder : folders) {
            if (folder.startsWith("file:")) {
                try (Stream<Path> files = Files.list(Path.of(folder.substring("file:".length())))) {
                    files.map(file -> String.valueOf(file.getFileName()))
                            .filter(file -> file.endsWith(ENDING))
                            .forEach(file -> names.add(file.substring(0, file.length() - ENDING.length())));
                } catch (IOException e) {
                    // a folder that does not exist has no Kamelets
                }
            }
        }
        return names;
    }
}
