package dev.serai.support;

/** Route files that accept orders over HTTP, and deliver them over HTTP. */
public final class OrderRoutes {
    /** Accepts what is posted to {@code /hooks/orders}. */
    public static final String IN = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
            """;

    /** Also delivers to {@code /orders} at the property {@code target.url}, and tries again without end. */
    public static final String TO_SHOP = IN + """
            - route:
                id: orders-out
                from:
                  uri: ledger:orders
                  parameters: { target: shop, maximumRedeliveries: -1, redeliveryDelay: 50ms, maximumRedeliveryDelay: 400ms }
                  steps:
                    - to: { uri: "kamelet:http-sink", parameters: { url: "{{target.url}}/orders" } }
            """;

    private OrderRoutes() {}
}
