"""Reads what drivers found, verifies it, and writes the tables of peers.py."""

import json
import os
import pathlib
import platform
import subprocess
import time

SHOWN = 40  # lines of a list


def load(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def append(path, line):
    with open(path, "a", encoding="utf-8") as f:
        f.write(json.dumps(line) + "\n")


class Others:
    """What other programs do while something is measured."""

    def __init__(self):
        self.at, self.busy, self.own = time.monotonic(), self.ticks(), self.children()

    @staticmethod
    def ticks():
        """CPU seconds of the machine so far, None where there is no /proc."""
        try:
            user, nice, system, _, _, irq, soft, steal = map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
        except OSError:
            return None
        return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def children():
        t = os.times()
        return t.children_user + t.children_system + t.user + t.system

    def cores(self):
        """How many cores others have kept busy, on average; to be asked when what is measured has ended."""
        if self.busy is None:
            return None
        used = self.ticks() - self.busy - (self.children() - self.own)
        return round(max(0.0, used / (time.monotonic() - self.at)), 2)


class Run:
    """What one driver found."""

    def __init__(self, name, path):
        self.name = name
        self.opening, *rest, ending, others = load(path)
        self.results = {r["id"]: r for r in rest}
        self.order = [r["id"] for r in rest]
        self.ending = ending | others

    @property
    def title(self):
        return "ours (IgnoreUnknown)" if self.name == "ours-unknown" else self.name

    def compiled(self):
        return {i for i, r in self.results.items() if not r.get("refused")}


# Verification


def verify(rows, runs, own):
    """What is wrong with the runs; decisions of this module count where the instances are our own."""
    failed = []
    for r in runs:
        ids = [row["id"] for row in rows if row["id"] in r.results]
        if r.order != ids:
            failed.append(f"{r.name}: its schemas are not those of the data")
        for row in rows:
            if result := r.results.get(row["id"]):
                failed += walked(r.name, row, result)
    if own:
        for r in (r for r in runs if r.name.startswith("ours")):
            failed += [f"{r.name}: wrong about {i} {n}" for i, n, valid, got in decisions(rows, r) if valid != got]
    return failed


def walked(name, row, result):
    """Complaints about walks that cannot be right: an instance that is accepted has a mask and an acceptance for each token."""
    if result.get("refused"):
        return []
    for walks in (result["tests"], result["again"]):
        if len(walks) != len(row["tests"]):
            return [f"{name}: {row['id']}: expected {len(row['tests'])} walks, found {len(walks)}"]
    bad = []
    for n, (t, w) in enumerate(zip(row["tests"] * 2, result["tests"] + result["again"])):
        masks, accepts, ids = len(w["mask"]), len(w["accept"]), len(t["ids"])
        whole = masks == accepts == ids
        stopped = accepts < ids and masks == accepts + 1
        if not (whole or stopped and not w["accepted"]):
            bad.append(f"{name}: {row['id']} {n}: {masks} masks and {accepts} acceptances for {ids} tokens")
    if [w["accepted"] for w in result["tests"]] != [w["accepted"] for w in result["again"]]:
        bad.append(f"{name}: {row['id']}: the second walk decides otherwise than the first")
    return bad


def decisions(rows, run):
    """Schema, number of the instance, whether it is valid and whether it was accepted."""
    for row in rows:
        result = run.results.get(row["id"])
        if result and not result.get("refused"):
            for n, (t, w) in enumerate(zip(row["tests"], result["tests"])):
                yield row["id"], n, t["valid"], w["accepted"]


# Statistics


def spread(ns):
    """Mean and quantiles in microseconds."""
    ns = sorted(ns)
    found = {"n": len(ns), "mean": sum(ns) / len(ns) / 1e3}
    for name, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)):
        found[name] = ns[min(len(ns) - 1, int(q * len(ns)))] / 1e3
    return found


def tokens(rows, run, ids=None, lengths=None, walks="tests"):
    """Mask+Accept of every token a run accepted; of the first so many of each instance, where lengths say so."""
    for row in rows:
        result = run.results.get(row["id"])
        if not result or result.get("refused") or ids is not None and row["id"] not in ids:
            continue
        for n, w in enumerate(result[walks]):
            upto = len(w["accept"]) if lengths is None else lengths[row["id"], n]
            yield from (m + a for m, a in zip(w["mask"][:upto], w["accept"][:upto]))


def common(rows, runs):
    """The schemas all runs compiled, and how many tokens of each instance all of them accepted."""
    ids = set.intersection(*(r.compiled() for r in runs))
    lengths = {}
    for row in rows:
        if row["id"] in ids:
            for n in range(len(row["tests"])):
                lengths[row["id"], n] = min(len(r.results[row["id"]]["tests"][n]["accept"]) for r in runs)
    return ids, lengths


# Tables


def number(us):
    return f"{us:,.0f}" if us >= 100 else f"{us:.1f}" if us >= 10 else f"{us:.2f}"


def table(head, lines):
    aligned = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(str(c) for c in line) + " |" for line in [head, aligned, *lines]) + "\n"


QUANTILES = ["mean", "p50", "p90", "p99", "p99.9", "max"]


def report(rows, runs, o):
    parts = [f"{machine()}. {about(rows, o)}\n", answers(rows, runs), "Mask+Accept of a token, µs, first walk, each on what it compiled and accepted:\n"]
    parts += [mask_table([(r, spread(tokens(rows, r))) for r in runs])]
    parts += [paired(rows, runs), compile_table(runs), setup_table(runs), disagreements(rows, runs, own=not o.data), totals(runs)]
    return "\n".join(parts)


def about(rows, o):
    data = o.data.name if o.data else "our own schemas"
    sampled = f"; xgrammar on {o.sample} of the schemas" if 0 < o.sample < len(rows) else ""
    instances = sum(len(r["tests"]) for r in rows)
    size = sum(len(t["ids"]) for r in rows for t in r["tests"])
    return f"Data: {data}, {len(rows):,} schemas, {instances:,} instances, {size:,} tokens{sampled}. CPU time of the thread."


def answers(rows, runs):
    lines = []
    for r in runs:
        found = list(decisions(rows, r))
        refused = [x for x in r.results.values() if x.get("refused")]
        late = sum(bool(x.get("timeout")) for x in refused)
        unsound = sum(got and not valid for _, _, valid, got in found)
        over = sum(valid and not got for _, _, valid, got in found)
        total = sum(len(row["tests"]) for row in rows if row["id"] in r.results)
        lines.append([r.title, len(r.results), len(refused) - late, late, len(found) - unsound - over, unsound, over, total - len(found)])
    head = ["", "schemas", "refused", "too slow", "instances right", "unsound: invalid accepted", "over: valid rejected", "of refused schemas"]
    return table(head, lines)


def mask_table(spreads, base=None):
    head = ["", "tokens", *QUANTILES] + (["mean ÷", "p99 ÷"] if base else [])
    lines = []
    for r, s in spreads:
        line = [r.title, f"{s['n']:,}", *(number(s[q]) for q in QUANTILES)]
        lines.append(line + [f"{s[q] / base[q]:.2f}" for q in ("mean", "p99")] if base else line)
    return table(head, lines)


def paired(rows, runs):
    """The same tokens for everybody; once without the peers that saw a part of the schemas, if they leave more. This module is there
    with IgnoreUnknown alone: what it refuses by default would leave less to compare."""
    parts = []
    runs = [r for r in runs if r.name != "ours"]
    if len(runs) < 2:
        return ""
    whole = [r for r in runs if len(r.results) == len(rows)]
    groups = [runs] if len(whole) in (len(runs), 0, 1) else [whole, runs]
    for group in groups:
        ids, lengths = common(rows, group)
        if not sum(lengths.values()):
            continue
        about = f"the same tokens of the {len(ids)} schemas that {names(group)} compiled (÷: by ours with IgnoreUnknown)"
        for walks, when in (("tests", "Paired, first walk"), ("again", "Paired, second walk on the same grammars")):
            spreads = [(r, spread(tokens(rows, r, ids, lengths, walks))) for r in group]
            base = next(s for r, s in spreads if r.name == "ours-unknown")
            parts += [f"{when}: {about}:\n", mask_table(spreads, base)]
    return "\n".join(parts)


def names(group):
    found = [r.title for r in group]
    return ", ".join(found[:-1]) + " and " + found[-1] if len(found) > 1 else found[0]


def compile_table(runs):
    lines = []
    for r in runs:
        done = [x for x in r.results.values() if not x.get("refused")]
        if not done:
            continue
        c, f = spread([x["compile_all"] for x in done]), spread([x["first"] for x in done])
        lines.append([r.title, len(done), *(number(c[q]) for q in ("p50", "p90", "p99", "max")), *(number(f[q]) for q in ("p50", "p99"))])
    head = ["", "compiled", "p50", "p90", "p99", "max", "first mask p50", "p99"]
    return "From the text of a schema to a grammar, and to the first mask, µs of CPU, all threads:\n\n" + table(head, lines)


def setup_table(runs):
    lines = []
    for r in runs:
        p, e = r.opening, r.ending
        busy = "?" if e["others"] is None else e["others"]
        lines.append([r.title, p["engine"], p["settings"], f"{p['setup'] / 1e9:.2f} s", f"{p['setup_memory'] >> 20} MB", f"{e['peak_memory'] >> 20} MB",
                      f"{(p['clock']) / 1e3:.2f} µs", f"{p['call'] / 1e3:.2f} µs", busy])  # fmt: skip
    head = ["", "engine", "settings", "vocabulary: CPU", "memory", "peak at the end", "clock in each figure", "empty call", "cores busy with other programs"]
    return table(head, lines)


def disagreements(rows, runs, own):
    """Decisions that differ from the labels, of this module alone where the instances are not our own."""
    lines = []
    for r in runs:
        if own or r.name == "ours-unknown":
            wrong = [(i, n, valid) for i, n, valid, got in decisions(rows, r) if valid != got]
            lines += [f"- {r.title}: {i} {n}, {'valid, rejected' if valid else 'invalid, accepted'}" for i, n, valid in wrong]
    about = "an engine" if own else "this module"
    if not lines:
        return f"No instance is decided by {about} otherwise than its label says.\n"
    rest = [f"- and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join([f"Instances that {about} decides otherwise than their labels say:\n", *lines[:SHOWN], *rest]) + "\n"


def totals(runs):
    found = []
    for r in runs:
        mask = sum(m for x in r.results.values() for w in x["tests"] + x["again"] for m in w["mask"] + w["accept"])
        compiling = sum(x.get("compile", 0) for x in r.results.values())
        all_threads = sum(x.get("compile_all", 0) for x in r.results.values())
        other = "" if all_threads < 1.1 * compiling else f"; compiling runs in other threads: {all_threads / 1e9:.1f} s"
        found.append(f"- {r.title}: masks {mask / 1e9:.1f} s, compiling {compiling / 1e9:.1f} s{other}")
    return "CPU time in all:\n\n" + "\n".join(found) + "\n"


def machine():
    model, cores = platform.processor() or platform.machine(), os.cpu_count()
    try:
        line = next(x for x in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name"))
        model = line.split(":", 1)[1].strip()
    except (OSError, StopIteration):
        pass
    return f"{model}, {cores} threads, {platform.system()}, {version('go', 'version', at=2)}, rustc {version('rustc', '--version', at=1)}, Python {platform.python_version()}"


def version(*command, at):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[at]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "?"
