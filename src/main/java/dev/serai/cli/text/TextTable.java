package dev.serai.cli.text;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Rows in aligned columns; columns of numbers are aligned to the right. */
public final class TextTable {
    private static final String GAP = "  ";
    private static final Pattern NUMBER = Pattern.compile("-|[0-9][0-9,.]*( (s|min|h|days))?");

    private final List<List<String>> rows = new ArrayList<>();

    public TextTable(String... titles) {
        rows.add(List.of(titles));
    }

    /** The cells must be {@link TerminalText#clean}. */
    public void row(String... cells) {
        rows.add(List.of(cells));
    }

    public void print(PrintWriter out) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < rows.get(0).size(); i++) {
            columns.add(column(i));
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns.size(); i++) {
                line.append(columns.get(i).align(row.get(i))).append(GAP);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private Column column(int i) {
        int width = rows.stream()
                .mapToInt(row -> TerminalText.width(row.get(i)))
                .max()
                .orElse(0);
        boolean numbers = rows.size() > 1
                && rows.stream().skip(1).allMatch(row -> NUMBER.matcher(row.get(i))
                        .matches());
        return new Column(width, numbers);
    }

    private record Column(int width, boolean numbers) {
        String align(String cell) {
            String padding = " ".repeat(width - TerminalText.width(cell));
            return numbers ? padding + cell : cell + padding;
        }
    }
}
