package dev.serai.cli.trial;

import dev.serai.text.LogText;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** The verdicts in the XML that build servers read. */
final class JUnitReport {
    private JUnitReport() {}

    static void write(Path file, List<TestRun.TestResult> verdicts) throws IOException {
        try (Writer text = Files.newBufferedWriter(file)) {
            XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
            xml.writeStartDocument();
            xml.writeStartElement("testsuite");
            xml.writeAttribute("name", "serai test");
            xml.writeAttribute("tests", String.valueOf(verdicts.size()));
            xml.writeAttribute(
                    "failures",
                    String.valueOf(verdicts.stream()
                            .filter(verdict -> !verdict.passes())
                            .count()));
            for (TestRun.TestResult verdict : verdicts) {
                testCase(xml, verdict);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IOException(e);
        }
    }

    private static void testCase(XMLStreamWriter xml, TestRun.TestResult verdict) throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", LogText.escaped(verdict.test().place().replaceFirst(":\\d+$", "")));
        xml.writeAttribute("name", LogText.escaped(verdict.test().title()));
        if (!verdict.passes()) {
            xml.writeStartElement("failure");
            xml.writeAttribute("message", LogText.escaped(verdict.differences().get(0)));
            xml.writeCharacters(String.join(
                    "\n", verdict.differences().stream().map(LogText::escaped).toList()));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }
}
