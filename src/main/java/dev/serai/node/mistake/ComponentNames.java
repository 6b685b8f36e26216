package dev.serai.node.mistake;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;

/** The Camel components that are installed. */
public final class ComponentNames {
    private static final String FOLDER = "META-INF/services/org/apache/camel/component/";

    private ComponentNames() {}

    static boolean has(CamelContext context, String scheme) {
        return context.hasComponent(scheme) != null
                || context.getRegistry().lookupByNameAndType(scheme, Component.class) != null
                || ComponentNames.class.getClassLoader().getResource(FOLDER + scheme) != null;
    }

    /** All of them, sorted. Reads the index of every jar that has one. */
    public static Set<String> all(CamelContext context) {
        Set<String> names = new TreeSet<>(
                context.getRegistry().findByTypeWithName(Component.class).keySet());
        try {
            for (URL folder :
                    Collections.list(ComponentNames.class.getClassLoader().getResources(FOLDER))) {
                if (folder.openConnection() instanceof JarURLConnection jar) {
                    jar.getJarFile().stream()
                            .map(entry -> entry.getName())
                            .filter(name -> name.startsWith(FOLDER) && name.length() > FOLDER.length())
                            .forEach(name -> names.add(name.substring(FOLDER.length())));
                }
            }
        } catch (IOException e) {
            // the names only help to find the one that was meant
        }
        return names;
    }
}
