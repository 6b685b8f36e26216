package dev.serai.cli.component;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The modules of this version of Camel, as its list of them (BOM) has them. */
final class CamelModules {
    private static final String LIST = "camel-bom.pom";
    private static final String GROUP = "org.apache.camel";

    private CamelModules() {}

    /** The version of each module, by its name. */
    static Map<String, String> versions() throws IOException {
        try (InputStream list = CamelModules.class.getResourceAsStream(LIST)) {
            if (list == null) {
                throw new IOException("the list of Camel's modules is missing in the program: build it again");
            }
            return read(PomXml.read(list));
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException("the list of Camel's modules cannot be read", e);
        }
    }

    private static Map<String, String> read(Document pom) {
        String version = PomXml.text(pom.getDocumentElement(), "version");
        if (version.isEmpty()) { // that of its parent
            version = PomXml.text((Element) pom.getElementsByTagName("parent").item(0), "version");
        }
        Map<String, String> versions = new TreeMap<>();
        NodeList modules = pom.getElementsByTagName("dependency");
        for (int i = 0; i < modules.getLength(); i++) {
            Element module = (Element) modules.item(i);
            boolean isJar = PomXml.text(module, "type").isEmpty()
                    && PomXml.text(module, "classifier").isEmpty();
            if (isJar && PomXml.text(module, "groupId").equals(GROUP)) {
                String own = PomXml.text(module, "version");
                versions.put(PomXml.text(module, "artifactId"), own.isEmpty() || own.startsWith("$") ? version : own);
            }
        }
        return versions;
    }
}
