package dev.serai.signature.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.StringReader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * WeChat's XML as JSON: an element without elements is a text, another an object, and those of one name are a list. XML
 * with a DTD, which could read files and fill the memory, is refused.
 */
final class WeChatXml {
    private static final int DEPTH_MAX = 16;
    private static final Pattern XML_DECLARATION =
            Pattern.compile("<\\?xml(?:\\s+[a-z]+\\s*=\\s*(?:\"[\\w.-]*\"|'[\\w.-]*')){0,3}\\s*\\?>");

    private WeChatXml() {}

    /** The root element's content; null if this is no XML of WeChat's. */
    static @Nullable ObjectNode object(String xml) {
        if (hasMoreThanARoot(xml)) {
            return null;
        }
        try {
            XMLStreamReader reader = factory().createXMLStreamReader(new StringReader(xml));
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    ObjectNode root = element(reader, 1) instanceof ObjectNode object ? object : null;
                    return isAtEnd(reader) ? root : null;
                }
            }
            return null;
        } catch (XMLStreamException e) {
            return null; // its message would quote the content
        }
    }

    /**
     * Whether anything but the XML declaration and comments precedes the root element, for example a DTD. Such a text
     * is not parsed at all: Java's parser fails on some of them with undeclared exceptions.
     */
    private static boolean hasMoreThanARoot(String xml) {
        Matcher declaration = XML_DECLARATION.matcher(xml);
        int at = declaration.lookingAt() ? declaration.end() : 0;
        while (at < xml.length()) {
            if (Character.isWhitespace(xml.charAt(at))) {
                at++;
            } else if (xml.startsWith("<!--", at)) {
                int end = xml.indexOf("-->", at + "<!--".length());
                at = end < 0 ? xml.length() : end + "-->".length();
            } else {
                return xml.startsWith("<!", at) || xml.startsWith("<?", at);
            }
        }
        return true;
    }

    /** The JDK's implementation, independent of the class path. Not safe for several threads. */
    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }

    private static boolean isAtEnd(XMLStreamReader reader) throws XMLStreamException {
        while (reader.hasNext()) {
            int event = reader.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode element(XMLStreamReader reader, int depth) throws XMLStreamException {
        if (depth > DEPTH_MAX) {
            throw new XMLStreamException("too deep");
        }
        StringBuilder text = new StringBuilder();
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int event = reader.next(); event != XMLStreamConstants.END_ELEMENT; event = reader.next()) {
            switch (event) {
                case XMLStreamConstants.START_ELEMENT -> {
                    String name = reader.getLocalName();
                    add(object, name, element(reader, depth + 1));
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
                    text.append(reader.getText());
                case XMLStreamConstants.ENTITY_REFERENCE, XMLStreamConstants.END_DOCUMENT ->
                    throw new XMLStreamException("not defined, or cut off");
                default -> {} // comments
            }
        }
        return object.isEmpty() ? TextNode.valueOf(text.toString()) : object;
    }

    private static void add(ObjectNode object, String name, JsonNode value) {
        JsonNode before = object.get(name);
        if (before == null) {
            object.set(name, value);
        } else if (before instanceof ArrayNode several) {
            several.add(value);
        } else {
            object.putArray(name).add(before).add(value);
        }
    }
}
