package dev.serai.cli.component;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a jar as Maven makes it.
 *
 * @param version with the classifier, if there is one
 */
record JarName(String artifact, String version) {
    private static final Pattern NAME = Pattern.compile("(.+?)-(\\d.*)\\.jar");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    static JarName of(String file) {
        Matcher name = NAME.matcher(file);
        return name.matches() ? new JarName(name.group(1), name.group(2)) : new JarName(file, "");
    }

    /** Whether this one can be used where the other is asked for: it is of the same major version, and not older. */
    boolean canReplace(JarName other) {
        int[] own = numbers(version);
        int[] wanted = numbers(other.version);
        if (own.length == 0 || wanted.length == 0 || own[0] != wanted[0]) {
            return version.equals(other.version);
        }
        for (int i = 1; i < Math.max(own.length, wanted.length); i++) {
            int has = i < own.length ? own[i] : 0;
            int needs = i < wanted.length ? wanted[i] : 0;
            if (has != needs) {
                return has > needs;
            }
        }
        return true;
    }

    private static int[] numbers(String version) {
        return NUMBER.matcher(version.replaceFirst("[-_].*", ""))
                .results()
                .map(number -> number.group())
                .filter(number -> number.length() < 10)
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
