package dev.serai.cli.component;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** Reads and writes Maven's files. */
final class PomXml {
    private static final String NAMESPACE = "http://maven.apache.org/POM/4.0.0";

    private PomXml() {}

    static Document read(InputStream pom) throws IOException, SAXException, ParserConfigurationException {
        return factory().newDocumentBuilder().parse(pom);
    }

    private static DocumentBuilderFactory factory() throws ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory;
    }

    /**
     * Writes a project that depends on one module, with the versions that another project's file says.
     *
     * @param versions has them in its properties and its dependencyManagement
     */
    static void write(Path file, Path versions, String group, String artifact) throws IOException {
        try (InputStream in = Files.newInputStream(versions)) {
            Document from = read(in);
            Document pom = factory().newDocumentBuilder().newDocument();
            Element project = pom.createElement("project");
            project.setAttribute("xmlns", NAMESPACE);
            pom.appendChild(project);
            add(project, "modelVersion", "4.0.0");
            add(project, "groupId", "local");
            add(project, "artifactId", "components");
            add(project, "version", "1");
            for (String part : new String[] {"properties", "dependencyManagement"}) {
                Element copied = child(from.getDocumentElement(), part);
                if (copied != null) {
                    project.appendChild(pom.importNode(copied, true));
                }
            }
            Element dependency = (Element) add(add(project, "dependencies", null), "dependency", null);
            add(dependency, "groupId", group);
            add(dependency, "artifactId", artifact);
            TransformerFactory.newInstance()
                    .newTransformer()
                    .transform(new DOMSource(pom), new StreamResult(file.toFile()));
        } catch (SAXException | ParserConfigurationException | TransformerException e) {
            throw new IOException(versions + " cannot be read as a project of Maven: " + e.getMessage(), e);
        }
    }

    private static Node add(Node parent, String name, @Nullable String text) {
        Element added =
                ((Document) (parent instanceof Document ? parent : parent.getOwnerDocument())).createElement(name);
        if (text != null) {
            added.setTextContent(text);
        }
        return parent.appendChild(added);
    }

    /** The text of a child; empty if there is none. */
    static String text(Element element, String name) {
        Element child = child(element, name);
        return child == null ? "" : child.getTextContent().strip();
    }

    private static @Nullable Element child(Element element, String name) {
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element child && child.getTagName().equals(name)) {
                return child;
            }
        }
        return null;
    }
}
