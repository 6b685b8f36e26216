package dev.serai.cli.trial;

import dev.serai.node.trial.TrialRoute;
import dev.serai.node.trial.TriedChange;
import java.util.LinkedHashMap;
import java.util.Map;

/** The change that headers describe; what they leave out is made up. */
final class GivenChange {
    private static final String PREFIX = "CamelLedger";

    private GivenChange() {}

    static TriedChange of(TrialRoute route, Map<String, String> headers, byte[] body) {
        Map<String, String> passed = new LinkedHashMap<>(headers);
        passed.keySet().removeIf(name -> name.startsWith(PREFIX) || name.equalsIgnoreCase("Content-Type"));
        String operation = headers.getOrDefault(PREFIX + "Operation", "upsert");
        if (!operation.equals("upsert") && !operation.equals("delete")) {
            throw new IllegalArgumentException("CamelLedgerOperation is upsert or delete, not " + operation);
        }
        return new TriedChange(
                String.valueOf(route.flow()),
                headers.getOrDefault(PREFIX + "Id", "trial-1"),
                headers.getOrDefault(PREFIX + "Key", "trial"),
                headers.get(PREFIX + "Version"),
                operation,
                headers.entrySet().stream()
                        .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(null),
                passed,
                body);
    }
}
