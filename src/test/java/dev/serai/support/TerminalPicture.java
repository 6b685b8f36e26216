package dev.serai.support;

import java.util.ArrayList;
import java.util.List;

/** A terminal session as SVG: each command behind its prompt, and below it what it printed. */
public final class TerminalPicture {
    private static final int LINE = 18;
    private static final double COLUMN = 7.83; // of the font below, in pixels
    private static final int MARGIN = 16;

    private final List<String> rows = new ArrayList<>();
    private int columns;

    public TerminalPicture add(String command, String output) {
        if (!rows.isEmpty()) {
            row("", "out");
        }
        row("$ " + command, "in");
        output.lines().forEach(line -> row(line, "out"));
        return this;
    }

    private void row(String text, String kind) {
        columns = Math.max(columns, text.length());
        rows.add("<text class=\"" + kind + "\" x=\"" + MARGIN + "\" y=\"" + (MARGIN + LINE * (rows.size() + 1) - 5)
                + "\">" + escaped(text) + "</text>");
    }

    /** As the picture has it. */
    public static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    @Override
    public String toString() {
        int width = (int) Math.ceil(columns * COLUMN) + 2 * MARGIN;
        int height = rows.size() * LINE + 2 * MARGIN;
        return """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img">
                <style>text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: #d6dbe4 } .in { fill: #8ec5ff; font-weight: 600 }</style>
                <rect width="100%%" height="100%%" rx="8" fill="#161b22"/>
                %3$s
                </svg>
                """.formatted(width, height, String.join("\n", rows));
    }
}
