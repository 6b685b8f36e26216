package dev.serai.node.live;

/**
 * What came of trying one part of a route.
 *
 * @param part the Kamelet or the component
 * @param at file and line, with a blank before them; empty if Camel does not know them
 * @param text what was seen, or what is wrong and what to do
 */
public record Finding(boolean isGood, String part, String at, String text) {
    /** For a terminal. */
    public String line() {
        return (isGood ? "ok     " : "WRONG  ") + part + at + ": " + text;
    }
}
