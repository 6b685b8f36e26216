package dev.serai;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Entry point of the program. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        RunOptions o = new RunOptions(List.of(args[1]), List.of(), null, Path.of(args[2]), Map.of("serai.http.port", "18080", "serai.admin.port", "18081"));
        Runner r = new Runner(System.out, System.err);
        System.exit(args[0].equals("run") ? r.run(o) : r.check(o));
    }
}
