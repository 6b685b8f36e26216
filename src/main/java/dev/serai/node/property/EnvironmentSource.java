package dev.serai.node.property;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.spi.PropertiesSource;
import org.jspecify.annotations.Nullable;

/**
 * The environment, for names with a dot: {@code ORDERS_SECRET} is the property {@code orders.secret}. A name without one can be an
 * optional parameter of a Kamelet that is not set, which must not be taken from a variable that has the same name by chance, for
 * example {@code PREFIX} or {@code TOKEN}. Camel itself looks there for every name.
 */
public final class EnvironmentSource implements PropertiesSource {
    private final Map<String, String> environment;

    private EnvironmentSource(Map<String, String> environment) {
        this.environment = environment;
    }

    /** In place of Camel's own look at the environment. */
    public static void in(CamelContext context) {
        PropertiesComponent properties = (PropertiesComponent) context.getPropertiesComponent();
        properties.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
        properties.addPropertiesSource(new EnvironmentSource(System.getenv()));
    }

    @Override
    public String getName() {
        return "serai-environment";
    }

    @Override
    public @Nullable String getProperty(String name) {
        return name.indexOf('.') < 0 ? null : environment.get(PropertyReferences.variable(name));
    }
}
