"""Prints results as Markdown: medians, ranges, and ratios within one run."""

import json
import statistics

FAULTS = {
    "refused": "refused",
    "undelivered": "undelivered",
    "duplicates": "duplicates",
    "out of order": "order_violations",
}


def newest(results, scenario):
    """The results of the scenario's last run; runs are never mixed, since only within one do ratios mean anything."""
    mine = [result for result in results if result["scenario"] == scenario]
    return [result for result in mine if result["run"] == mine[-1]["run"]]


def by_peer(results):
    peers = {}
    for result in results:
        peers.setdefault(result["peer"], []).append(result)
    return peers


def spread(results, field):
    values = [result[field] for result in results]
    middle = f"{statistics.median(values):,.5g}" if max(values) < 1000 else f"{statistics.median(values):,.0f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,}–{max(values):,})"


def ratio(results, baseline, field):
    """The median of the ratios of each round, whose two sides were measured one after the other."""
    pairs = {result["round"]: result[field] for result in baseline}
    ratios = [result[field] / pairs[result["round"]] for result in results if result["round"] in pairs]
    return f"{statistics.median(ratios):.2f}" if ratios else ""


def print_rows(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def print_peers(results, columns, compared, to="direct"):
    """A row for each peer; the columns compared are also given as ratios to one of them, by default plain Camel without a store."""
    peers = by_peer(results)
    baseline = peers.get(to, [])
    rows = []
    for name, measured in peers.items():
        ratios = [ratio(measured, baseline, columns[column]) for column in compared]
        faults = [sum(result[field] for result in measured) for field in FAULTS.values()]
        rows.append([name, *ratios, *(spread(measured, field) for field in columns.values()), *faults])
    ratio_names = [f"{column} × {to}" for column in compared]
    print_rows(["peer", *ratio_names, *columns, *FAULTS], rows)


def print_throughput(results):
    columns = {
        "delivered/s": "delivered_per_second",
        "accepted/s": "accepted_per_second",
        "accept p50 ms": "accept_p50_ms",
        "accept p99 ms": "accept_p99_ms",
        "CPU ms/change": "cpu_ms_per_change",
        "peak RSS MiB": "peak_rss_mib",
    }
    print_peers(results, columns, ["delivered/s"])


def print_latency(results):
    columns = {
        "accept p50 ms": "accept_p50_ms",
        "accept p99 ms": "accept_p99_ms",
        "end to end p50 ms": "end_to_end_p50_ms",
        "end to end p99 ms": "end_to_end_p99_ms",
    }
    print_peers(results, columns, ["accept p50 ms", "accept p99 ms"])


def print_sync(results):
    print_latency(results)
    peers = by_peer(results)
    if {"serai", "serai-sync"} <= peers.keys():
        apart = {
            result["round"]: result["accept_p50_ms"] + result["end_to_end_p50_ms"] for result in peers["serai"]
        }
        ratios = [result["accept_p50_ms"] / apart[result["round"]] for result in peers["serai-sync"]]
        print(f"The answer of serai-sync comes at {statistics.median(ratios):.2f} of serai's accept and end to end p50 together.\n")


def print_tcp(results):
    print_throughput(results)
    peers = by_peer(results)
    if {"serai", "serai-tcp"} <= peers.keys():
        times = ratio(peers["serai-tcp"], peers["serai"], "accepted_per_second")
        print(f"TCP accepts {times} times what HTTP accepts.\n")


def print_signature(results):
    peers = by_peer(results)
    for load, name in (("at_rate", f"{results[0]['rate']:g} changes/s"), ("at_full_speed", "full speed")):
        columns = {
            "CPU µs/change": "cpu_us_per_change",
            "accepted/s": "accepted_per_second",
            "accept p50 ms": "accept_p50_ms",
            "accept p99 ms": "accept_p99_ms",
        }
        measured = {peer: [{**one[load], "round": one["round"]} for one in ones] for peer, ones in peers.items()}
        baseline = measured.get("serai-plain", [])
        rows = [
            [peer, ratio(ones, baseline, "cpu_us_per_change"), *(spread(ones, field) for field in columns.values())]
            for peer, ones in measured.items()
        ]
        print_rows([f"at {name}", "CPU × plain", *columns], rows)


def print_slow_target(results):
    columns = {"delivered/s": "delivered_per_second", "at once": "max_in_flight", "accepted/s": "accepted_per_second"}
    print_peers(results, columns, ["delivered/s"])


def print_failing(results):
    columns = {"delivered while loading": "delivered_in_time", "end to end p50 ms": "end_to_end_p50_ms", "end to end p99 ms": "end_to_end_p99_ms"}
    print_peers(results, columns, [])


HANGING = {"undisturbed": "undisturbed", "first": "64 keys begin to hang, first 40 s", "beside": "64 keys hang, later"}


def print_hanging(results):
    rows = []
    for name, measured in by_peer(results).items():
        for which, label in HANGING.items():
            ones = [one[which] for one in measured]
            ratios = [one[which]["end_to_end_p99_ms"] / one["undisturbed"]["end_to_end_p99_ms"] for one in measured]
            ratio_text = f"{statistics.median(ratios):.2f}"
            faults = [sum(one[field] for one in ones) for field in FAULTS.values()]
            fields = ("end_to_end_p50_ms", "end_to_end_p99_ms")
            rows.append([name, label, ratio_text, *(spread(ones, field) for field in fields), *faults])
    print_rows(["peer", "", "p99 × undisturbed", "end to end p50 ms", "end to end p99 ms", *FAULTS], rows)


def print_start(results):
    columns = {
        "ready s, empty": "ready_seconds_empty",
        "CPU s, empty": "cpu_seconds_empty",
        "ready s, again": "ready_seconds_again",
        "CPU s, again": "cpu_seconds_again",
    }
    peers = by_peer(results)
    rows = [
        [name, ratio(ones, peers.get("direct", []), "ready_seconds_again"), *(spread(ones, field) for field in columns.values())]
        for name, ones in peers.items()
    ]
    print_rows(["peer", "ready s, again × direct", *columns], rows)


def print_age(results):
    ledgers = by_peer(results)
    rows = []
    for name, measured in ledgers.items():
        compared = ratio(measured, ledgers.get("new", []), "delivered_per_second")
        kept = f"{measured[0].get('kept', 0):,}"
        ready = spread(measured, "ready_seconds") if "ready_seconds" in measured[0] else ""
        faults = [sum(result[field] for result in measured) for field in FAULTS.values()]
        fields = ("delivered_per_second", "cpu_ms_per_change", "peak_rss_mib", "disk_mib")
        rows.append([name, kept, compared, *(spread(measured, field) for field in fields), ready, *faults])
    print_rows(
        ["ledger", "kept before", "delivered/s × new", "delivered/s", "CPU ms/change", "peak RSS MiB", "disk MiB", "ready s", *FAULTS], rows
    )


def print_retention(results):
    for result in results:
        fields = ("accepted_per_second", "delivered_per_second", "accept_p99_ms", "disk_mib", *FAULTS.values())
        names = ["tenth", "accepted/s", "delivered/s", "accept p99 ms", "disk MiB", *FAULTS]
        rows = [[number, *(sample[field] for field in fields)] for number, sample in enumerate(result["samples"], 1)]
        print_rows(names, rows)
        print(f"At the end {result['kept']:,} changes are kept: {result['kept'] / result['rate']:.0f} s of the load.\n")


def print_flat(results):
    rows = []
    for name, measured in by_peer(results).items():
        base = measured[0]["delivered_per_second"]
        for result in measured:
            rate = result["delivered_per_second"]
            changes = f"{result['changes_before']:,}"
            rows.append([name, changes, f"{rate:,}", f"{rate / base:.2f}", result["peak_rss_mib"], result["disk_mib"]])
    print_rows(["peer", "changes before", "delivered/s", "ratio", "peak RSS MiB", "disk MiB"], rows)


def print_watching(results):
    sides = by_peer(results)
    columns = {"delivered/s": "delivered_per_second", "CPU ms/change": "cpu_ms_per_change", "accept p99 ms": "accept_p99_ms"}
    rows = [
        [name, ratio(measured, sides["alone"], "delivered_per_second"), *(spread(measured, field) for field in columns.values())]
        for name, measured in sides.items()
    ]
    print_rows(["", "delivered/s × alone", *columns], rows)


def print_digests(results):
    peers = by_peer(results)
    for load, name in (("at_rate", f"{results[0]['rate']:g} changes/s"), ("at_full_speed", "full speed")):
        columns = {"delivered/s": "delivered_per_second", "CPU ms/change": "cpu_ms_per_change", "end to end p50 ms": "end_to_end_p50_ms", "end to end p99 ms": "end_to_end_p99_ms"}
        measured = {peer: [{**one[load], "round": one["round"]} for one in ones] for peer, ones in peers.items()}
        without = measured.get("serai", [])
        rows = [
            [peer, *(ratio(ones, without, columns[column]) for column in ("delivered/s", "CPU ms/change")),
             *(spread(ones, field) for field in columns.values()), *(sum(one[field] for one in ones) for field in FAULTS.values())]
            for peer, ones in measured.items()
        ]
        print_rows([f"at {name}", "delivered/s × serai", "CPU × serai", *columns, *FAULTS], rows)


def print_questions(results):
    print_rows(["asked", "median ms", "max ms", "bytes"], [[one["peer"], one["median_ms"], one["max_ms"], f"{one['bytes']:,}"] for one in results])


def print_pages(results):
    print_rows(["page", "median ms", "max ms"], [[one["peer"], one["median_ms"], one["max_ms"]] for one in results])


def print_nodes(results):
    columns = {"delivered/s": "delivered_per_second", "CPU ms/change": "cpu_ms_per_change", "accept p50 ms": "accept_p50_ms"}
    print_peers(results, columns, [])
    print_postgres(results)


def print_queues(results):
    columns = {"delivered/s": "delivered_per_second", "CPU ms/change": "cpu_ms_per_change", "accept p50 ms": "accept_p50_ms", "accept p99 ms": "accept_p99_ms"}
    print_peers(results, columns, ["delivered/s"], to="serai")
    print_postgres(results)


def print_postgres(results):
    """What the database did for each change, of those peers that have one."""
    own = {
        "CPU ms/change": "postgres_cpu_ms_per_change",
        "log bytes/change": "postgres_wal_bytes_per_change",
        "commits/change": "postgres_commits_per_change",
    }
    rows = [
        [name, *(spread(measured, field) for field in own.values())]
        for name, measured in by_peer(results).items()
        if set(own.values()) <= measured[0].keys()
    ]
    print_rows(["PostgreSQL", *own], rows)


def print_backlog(results):
    for result in results:
        fields = ("waiting", "accepted_per_second", "accept_p99_ms", "live_heap_mib", "rss_mib")
        names = ["waiting", "accepted/s", "accept p99 ms", "live heap MiB", "RSS MiB"]
        print_rows(names, [[sample.get(field, "") for field in fields] for sample in result["samples"]])
        print(
            f"{result['peer']}: {result['changes']:,} changes waiting, -Xmx{result['heap']}: ready after "
            f"{result['ready_seconds_full']} s (empty: {result['ready_seconds_empty']} s); target back: first delivery "
            f"after {result['first_delivery_after_seconds']} s, all after {result['drain_seconds']} s "
            f"({result['drained_per_second']:,}/s); peak RSS {result['peak_rss_mib_filling']} MiB filling, "
            f"{result['peak_rss_mib_draining']} MiB draining; undelivered {result['undelivered']}, duplicates "
            f"{result['duplicates']}, out of order {result['order_violations']}.\n"
        )


def print_soak(results):
    for result in results:
        columns = {
            "live heap MiB": "live_heap_mib",
            "RSS MiB": "rss_mib",
            "threads": "threads",
            "files": "files",
            "disk MiB": "disk_mib",
            "accepted/s": "accepted_per_second",
            "end to end p50 ms": "end_to_end_p50_ms",
            **FAULTS,
        }
        third = max(len(result["samples"]) // 3, 1)
        parts = {"first third": result["samples"][:third], "last third": result["samples"][-third:]}
        rows = [
            [part, *(sum(one[field] for one in ones) if name in FAULTS else spread(ones, field) for name, field in columns.items())]
            for part, ones in parts.items()
        ]
        print_rows(["minutes", *columns], rows)
        print(f"{result['peer']}: {len(result['samples'])} minutes at {result['rate']:g} changes/s, -Xmx{result['heap']}.\n")


PRINTERS = {
    "throughput": print_throughput,
    "latency": print_latency,
    "sync": print_sync,
    "tcp": print_tcp,
    "signature": print_signature,
    "slow-target": print_slow_target,
    "failing": print_failing,
    "hanging": print_hanging,
    "start": print_start,
    "flat": print_flat,
    "age": print_age,
    "retention": print_retention,
    "backlog": print_backlog,
    "soak": print_soak,
    "watching": print_watching,
    "digests": print_digests,
    "questions": print_questions,
    "pages": print_pages,
    "nodes": print_nodes,
    "queues": print_queues,
}


def print_table(file, descriptions):
    """Prints the newest run of each scenario in a file of JSON lines."""
    results = [json.loads(line) for line in file.read_text().splitlines()]
    for scenario, print_scenario in PRINTERS.items():
        measured = newest(results, scenario)
        if measured:
            print(f"### {scenario}: {descriptions[scenario]}\n")
            print(f"{measured[0]['run']}, commit {measured[0]['commit']}, {measured[0]['machine']}\n")
            print_scenario(measured)
