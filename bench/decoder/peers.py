#!/usr/bin/env python3
"""Runs this module's decoder beside llama.cpp and transformers, in one run, over the same files, with as many threads.

    python3 bench/decoder/peers.py                        # makes gpt-oss-20b's shape with random weights (12 GB) and measures it
    python3 bench/decoder/peers.py --model FILE.gguf      # measures that file
    python3 bench/decoder/peers.py --quick                # a few narrow layers: to see that it works, not to quote

What is missing is installed with pip into bench/decoder/.venv (--venv names another place): llama-cpp-python, which compiles
llama.cpp for this machine, and torch and transformers (--without transformers leaves them out). Needs Go, a C++ compiler, cmake.

Results come first. A small model goes through all three: transformers in float32 gives what is right; this module in float32, and
llama.cpp with everything in float32, must give the same logits and the same greedy tokens. Then the large file goes through
llama.cpp and each precision of this module, and what they deviate from this module's float32 is printed. llama.cpp rounds YaRN's
correction range to whole numbers, where gpt-oss does not. So the small model has a range of whole numbers, where both are the same; and
what the rounding changes is measured on a second one, which has gpt-oss' own.

Then speed: --rounds times, each engine in turn is started anew, loads the file, warms up, and is timed. The file leaves the
system's page cache before each start, so all find the same free memory. Printed are the best round and the median. Engines:
llama.cpp with its weights in anonymous memory (use_mmap=False; with mmap its repacked copy comes on top of the mapped file), with its
defaults, which repack for the processor, and with huge pages, which only the C library's GLIBC_TUNABLES gives it; and
this module through `harmony bench` in each precision. What was timed while other programs were busy is timed again, at most twice. Random tokens, as llama-bench takes them. The cache of a deep prompt is computed
once by llama.cpp and read from a file in later rounds.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# The shape of the small models: every dimension differs from the others.
SMALL = "-layers 4 -hidden 64 -heads 4 -kv-heads 2 -head-size 32 -experts 8 -active 2 -expert-size 96 -vocabulary 512 -window 8 -original 256"
# Rotations for which YaRN's range is the pairs 2 to 9 of 16: 256 / (2 pi 150000^(pair/16)), a millionth inside, so that
# rounding down and up gives 2 and 9.
WHOLE = {"beta_fast": 9.184348741090737, "beta_slow": 0.049946963107378506}
SMALL_PROMPT = 40
# Sums of float32 in another order move the logits of the small models, which reach 5, by about 1e-5. The rounding of YaRN's range,
# the smallest mistake known, moves them by 1e-2.
SMALL_LIMIT = 1e-4
# Unrelated logits differ by the root of two of their deviation. In 24 layers, 8-bit activations move those of the random model by a
# twentieth, because now and then an expert changes.
MODEL_LIMIT = 0.2
QUICK = "-layers 2 -experts 8 -vocabulary 8192"
DISTURBED = 0.1  # of a core that other programs may use while an engine is timed: above it the timing is done again
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


def log(*words):
    print(*words, file=sys.stderr, flush=True)


def parse():
    p = argparse.ArgumentParser(description="measures decoding beside llama.cpp, and checks logits against transformers first")
    p.add_argument("--model", help="GGUF file (made when missing)")
    p.add_argument("--venv", default=HERE / ".venv", type=pathlib.Path, help="Python environment (bench/decoder/.venv)")
    p.add_argument("--threads", type=int, default=physical_cores(), help="threads of every engine")
    p.add_argument("--rounds", type=int, default=3, help="how often every engine is started")
    p.add_argument("--repeat", type=int, default=2, help="how often it is timed then")
    p.add_argument("--patience", type=int, default=600, help="seconds to wait, before each start, until other programs rest")
    p.add_argument("--prefill", type=int, default=512, help="tokens of the prompt that is timed")
    p.add_argument("--decode", type=int, default=128, help="tokens that are decoded")
    p.add_argument("--depth", type=int, default=4096, help="position of a second decoding, in the first round; 0: none")
    p.add_argument("--precisions", default="int8,bfloat16,float32", help="of this module")
    p.add_argument("--without", default="", help="peers to leave out: llama.cpp, transformers")
    p.add_argument("--no-checks", action="store_true", help="time only")
    p.add_argument("--no-times", action="store_true", help="check only")
    p.add_argument("--json", type=pathlib.Path, help="also write everything to this file")
    p.add_argument("--quick", action="store_true", help="a narrow model and short runs")
    o = p.parse_args()
    o.without = set(filter(None, o.without.split(",")))
    if unknown := o.without - {"llama.cpp", "transformers"}:
        p.error(f"--without {','.join(unknown)}: expected llama.cpp or transformers")
    o.precisions = o.precisions.split(",")
    if o.quick:
        o.rounds, o.prefill, o.decode, o.depth, o.patience = min(o.rounds, 2), 64, 16, min(o.depth, 256), 0
    return o


def physical_cores():
    """What llama.cpp chooses too: one thread a core; both threads of a core share what limits them."""
    try:
        pairs = set()
        for cpu in os.sched_getaffinity(0):
            at = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology")
            pairs.add(((at / "physical_package_id").read_text(), (at / "core_id").read_text()))
        return len(pairs)
    except OSError:
        return os.cpu_count()


def run(*command, **how):
    return subprocess.run([str(c) for c in command], check=True, **how)


# What is needed


def install(o):
    """Returns the environment's Python, after pip has put in what is missing."""
    python = o.venv / "bin" / "python"
    if not python.exists():
        log(f"making {o.venv} …")
        run(sys.executable, "-m", "venv", o.venv)
    wanted = [("llama.cpp", "llama_cpp", "requirements.txt"), ("transformers", "transformers", "requirements-transformers.txt")]
    for peer, module, requirements in wanted:
        if peer in o.without:
            continue
        there = subprocess.run([python, "-c", f"import numpy, {module}"], capture_output=True).returncode == 0
        if not there:
            log(f"installing {peer} …")
            env = os.environ | {"CMAKE_ARGS": "-DGGML_NATIVE=ON"}
            run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / requirements, env=env)
        pinned(python, HERE / requirements)
    return python


def pinned(python, requirements):
    """Says so when an environment that was there has other versions: figures are about these."""
    lines = [line.strip() for line in requirements.read_text().splitlines()]
    for name, version in (line.split("==") for line in lines if "==" in line):
        code = f"import importlib.metadata as m; print(m.version({name!r}))"
        found = run(python, "-c", code, capture_output=True, text=True).stdout.strip()
        if found.split("+")[0] != version:
            log(f"warning: {name} {found} is installed, expected {version}")


def build(folder):
    for package in ("./bench/decoder/synthetic", "./bench/decoder/logits", "./cmd/harmony"):
        run("go", "build", "-o", folder, package, cwd=ROOT)


# Programs that are driven


class Worker:
    """A program that answers lines of JSON."""

    def __init__(self, command, env=None):
        self.usage = None
        self.process = subprocess.Popen(
            [str(c) for c in command], env=os.environ | (env or {}), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.about = self.reply()

    def reply(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[1]} ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, do, **request):
        self.process.stdin.write(json.dumps({"do": do, **request}) + "\n")
        self.process.stdin.flush()
        return self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        _, _, self.usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        self.process.stdout.close()


class Bench:
    """One run of this script."""

    def __init__(self, o, python, folder):
        self.o, self.python, self.folder = o, python, pathlib.Path(folder)
        self.failed = []
        self.report = {"machine": machine(o), "checks": [], "deviations": [], "rounds": []}

    def llama(self, model, env=None, **options):
        options = {"threads": self.o.threads} | options
        return Worker([self.python, HERE / "llama_worker.py", model, json.dumps(options)], env)

    def synthetic(self, out, *flags):
        run(self.folder / "synthetic", *flags, out)
        return out

    def scores(self, name):
        return self.folder / f"{name}.f32"

    def ours(self, model, precision, tokens, prefill, greedy, name):
        """Runs bench/decoder/logits."""
        command = [self.folder / "logits", "-model", model, "-precision", precision, "-threads", self.o.threads]
        command += ["-prefill", prefill, "-greedy", greedy, "-out", self.scores(name), *tokens]
        return json.loads(run(*command, capture_output=True, text=True).stdout)

    def compare(self, *names):
        """Holds files of scores against the first: for each other one the largest difference and so on."""
        code = """
import json, sys, numpy as np
rows = int(sys.argv[1])
want, *others = [np.fromfile(f, "<f4").reshape(rows, -1).astype(float) for f in sys.argv[2:]]
spread = want.std(axis=1)
print(json.dumps([{
    "max": float(abs(x - want).max()),
    "relative": float(np.median(np.sqrt(((x - want) ** 2).mean(axis=1)) / spread)),
    "same_best": int((x.argmax(axis=1) == want.argmax(axis=1)).sum()), "rows": rows,
    "finite": bool(np.isfinite(x).all()), "largest": float(abs(want).max())} for x in others]))
"""
        rows, *files = names
        return json.loads(run(self.python, "-c", code, rows, *map(self.scores, files), capture_output=True, text=True).stdout)

    def check(self, what, ok, detail):
        log(("ok    " if ok else "WRONG ") + what + ": " + detail)
        self.report["checks"].append({"what": what, "ok": ok, "detail": detail})
        if not ok:
            self.failed.append(what)

    # Results

    def check_small(self):
        """Three engines, one small model: float32 logits and greedy tokens."""
        betas = ["-beta-fast", WHOLE["beta_fast"], "-beta-slow", WHOLE["beta_slow"]]
        exact = ["-rest", "f32", "-experts-format", "f32"]
        for what, flags, llama_options in (("whole range", betas, WHOLE), ("gpt-oss' own range", [], {})):
            hf = self.synthetic(self.folder / "small-hf", *SMALL.split(), *flags, "-layout", "hf")
            gguf = self.synthetic(self.folder / "small.gguf", *SMALL.split(), *flags, *exact)
            # 40 tokens are the prompt, 8 come one by one, then 24 are chosen.
            prompt = [3 + (7919 * i * i + 104729 * i) % 509 for i in range(1, SMALL_PROMPT + 9)]
            request = {"tokens": prompt, "prefill": SMALL_PROMPT, "greedy": 24}
            ours = self.ours(gguf, "float32", prompt, SMALL_PROMPT, 24, "ours")
            again = self.ours(hf, "float32", prompt, SMALL_PROMPT, 24, "ours-hf")
            (layouts,) = self.compare(9, "ours", "ours-hf")
            self.check(
                f"small model, {what}, safetensors and GGUF",
                layouts["max"] < SMALL_LIMIT and again["greedy"] == ours["greedy"],
                f"logits differ by {layouts['max']:.1e}",
            )
            if "transformers" not in self.o.without:
                with Worker([self.python, HERE / "transformers_worker.py", hf, json.dumps({"threads": self.o.threads})]) as w:
                    reference = w.ask("logits", out=str(self.scores("transformers")), **request)
                    self.report["transformers"] = w.about["name"]
                self.check_same(f"small model, {what}, transformers", "transformers", ours, reference, True)
            if "llama.cpp" not in self.o.without:
                with self.llama(gguf, context=128, flash=0, exact_cache=True, **llama_options) as w:
                    reference = w.ask("logits", out=str(self.scores("llama")), **request)
                self.check_same(f"small model, {what}, llama.cpp", "llama", ours, reference, bool(flags))

    def check_same(self, what, name, ours, theirs, must):
        """must: else what differs is known, and only told."""
        (d,) = self.compare(9, name, "ours")
        same = first_difference(ours["greedy"], theirs["greedy"])
        detail = f"logits up to {d['largest']:.1f} differ by {d['max']:.1e}; greedy tokens " + (
            f"equal (24, margin {ours['margin']:.2g})" if same is None else f"equal up to number {same}"
        )
        if must:
            self.check(what, d["max"] < SMALL_LIMIT and same is None, detail)
        else:
            log("note  " + what + ": " + detail)
            self.report["deviations"].append({"what": what + " (it rounds the range)", "detail": detail})

    def check_model(self, model):
        """What the engines deviate from this module's float32 on the large file."""
        prompt, prefill = [(7919 * i) % self.vocabulary_of(model) for i in range(1, 25)], 16
        names = ["float32"] + [p for p in self.o.precisions if p != "float32"]
        for precision in names:
            drop_from_cache(model)
            self.ours(model, precision, prompt, prefill, 0, precision)
        if "llama.cpp" not in self.o.without:
            drop_from_cache(model)
            with self.llama(model, HUGE_PAGES, context=128) as w:
                w.ask("logits", tokens=prompt, prefill=prefill, greedy=0, out=str(self.scores("llama.cpp")))
            names.append("llama.cpp")
        for name, d in zip(names[1:], self.compare(9, *names)):
            what = name if name == "llama.cpp" else f"this module, {name}"
            detail = f"rms difference {d['relative']:.3f} of the logits' deviation, best token the same at {d['same_best']} of {d['rows']} positions"
            self.check(f"{os.path.basename(model)}, {what} against float32", d["finite"] and d["relative"] < MODEL_LIMIT, detail)

    def vocabulary_of(self, model):
        return json.loads(run(self.folder / "logits", "-model", model, "-hold", "mapped", "0", capture_output=True, text=True).stdout)["vocabulary"]

    # Speed

    def engines(self):
        if "llama.cpp" not in self.o.without:
            yield "llama.cpp, defaults", lambda *a: self.time_llama({}, *a)
            yield "llama.cpp, huge pages", lambda *a: self.time_llama(HUGE_PAGES, *a)
        for precision in self.o.precisions:
            yield f"this module, {precision}", lambda *a, precision=precision: self.time_ours(precision, *a)

    def time_llama(self, env, model, depths):
        """What `harmony bench --json` says of this module, for llama.cpp, as far as it is used here."""
        o = self.o
        runs = [{"kind": "prefill", "depth": 0, "tokens": o.prefill, "samples": []}]
        runs += [{"kind": "decode", "depth": depth, "tokens": o.decode, "samples": []} for depth in depths]
        with self.llama(model, env, context=max(o.prefill, depths[-1] + o.decode) + 32, states=str(self.folder)) as w:
            drop_from_cache(model)
            w.ask("prefill", tokens=32)
            w.ask("decode", tokens=8, depth=0)
            for _ in range(o.repeat):
                for r in runs:
                    if r["kind"] == "prefill":
                        r["samples"].append(w.ask("prefill", tokens=o.prefill)["seconds"])
                    else:
                        r["samples"].append(sum(w.ask("decode", tokens=o.decode, depth=r["depth"])["seconds"]))
            memory = w.ask("memory")
        self.report["llama.cpp"] = {k: w.about[k] for k in ("name", "system")}
        return {"load_seconds": w.about["load_seconds"], "huge_bytes": memory["huge"], "runs": runs}, w.usage

    def time_ours(self, precision, model, depths):
        o = self.o
        command = [self.folder / "harmony", "bench", "--model", model, "--json", "--precision", precision, "--threads", o.threads]
        command += ["--repeat", o.repeat, "--prefill", o.prefill, "--decode", o.decode, "--depth", ",".join(map(str, depths))]
        process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True)
        out = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            raise SystemExit(f"harmony bench ended with {process.returncode}")
        return json.loads(out), usage

    def measure(self, model):
        for number in range(self.o.rounds):
            depths = [0, self.o.depth] if self.o.depth and number == 0 else [0]
            for name, time_engine in self.engines():
                for attempt in range(1 if self.o.quick else 3):
                    if self.time(number, name, time_engine, model, depths)["others"] < DISTURBED:
                        break

    def time(self, number, name, time_engine, model, depths):
        drop_from_cache(model)
        wait_until_quiet(self.o.patience)
        busy, start = busy_seconds(), time.monotonic()
        result, usage = time_engine(model, depths)
        wall = time.monotonic() - start
        others = max(0.0, busy_seconds() - busy - usage.ru_utime - usage.ru_stime) / wall
        result |= {"engine": name, "round": number, "peak_bytes": usage.ru_maxrss << 10, "others": others}
        self.report["rounds"].append(result)
        what = ", ".join(f"{title(r)} {max(rates(r)):.2f}" for r in result["runs"])
        log(f"round {number + 1}, {name}: {what} tok/s; others took {others:.0%} of a core")
        return result


def first_difference(a, b):
    """The index of the first token that differs, or None."""
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), None)


def rates(r):
    """Tokens a second of each repetition."""
    return [r["tokens"] / seconds for seconds in r["samples"]]


def title(r):
    return r["kind"] if not r["depth"] else f"{r['kind']} at {r['depth']}"


# The machine


def drop_from_cache(path):
    """Takes a file out of the page cache, so that it takes no memory beside the weights."""
    with open(path, "rb") as f:
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def busy_seconds():
    """Processor time that anything has used since the machine started, what a hypervisor took included."""
    try:
        user, nice, system, _, _, irq, softirq, steal = map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    except OSError:
        return 0.0
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def machine(o):
    def read(path, start, default="unknown"):
        try:
            lines = pathlib.Path(path).read_text().splitlines()
        except OSError:
            return default
        return next((line.split(":", 1)[-1].strip() for line in lines if line.startswith(start)), default)

    return {
        "cpu": read("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "threads": o.threads,
        "memory": read("/proc/meminfo", "MemTotal"),
        "huge_pages": read("/sys/kernel/mm/transparent_hugepage/enabled", ""),
        "kernel": os.uname().release,
        "go": run("go", "env", "GOVERSION", capture_output=True, text=True, cwd=ROOT).stdout.strip(),
        "date": time.strftime("%Y-%m-%d"),
    }


def wait_until_quiet(patience):
    """Waits until other programs use less than a twentieth of a core."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        before = busy_seconds()
        time.sleep(3)
        if busy_seconds() - before < 0.15:
            return
        log("waiting for other programs …")


# The report


def columns(o):
    yield "prefill", 0, f"prefill {o.prefill}"
    yield "decode", 0, f"decode {o.decode}"
    if o.depth:
        yield "decode", o.depth, f"decode at {o.depth}"


def calm(r):
    return r["others"] < DISTURBED


def speeds(report, engine, kind, depth):
    """Tokens a second in the rounds that nothing disturbed, or in all where there is no such round."""
    rounds = [r for r in report["rounds"] if r["engine"] == engine and any((x["kind"], x["depth"]) == (kind, depth) for x in r["runs"])]
    quiet = [r for r in rounds if calm(r)]
    runs = [r for result in quiet or rounds for r in result["runs"]]
    return [s for r in runs if (r["kind"], r["depth"]) == (kind, depth) for s in rates(r)]


def tables(o, report, model):
    m = report["machine"]
    yield f"{m['cpu']}, {m['threads']} of {m['cores']} threads, {m['memory']}, transparent huge pages {m['huge_pages']}, Linux {m['kernel']}, {m['go']}, {m['date']}."
    yield f"{os.path.basename(model)}, {os.path.getsize(model)} bytes." + (f" {report['llama.cpp']['name']}." if "llama.cpp" in report else "")
    yield ""
    if report["rounds"]:
        yield from speed_table(o, report)
        yield ""
    for c in report["checks"]:
        yield f"- {'' if c['ok'] else '**WRONG** '}{c['what']}: {c['detail']}"
    for d in report["deviations"]:
        yield f"- Known deviation: {d['what']}: {d['detail']}"
    yield from caveats(o, report)


def speed_table(o, report):
    heads = list(columns(o))
    names = list(dict.fromkeys(r["engine"] for r in report["rounds"]))
    yield "| tokens a second, best (median) | " + " | ".join(h for _, _, h in heads) + " | of the read limit | memory |"
    yield "|---|" + "---|" * (len(heads) + 2)
    best_of_llama = {}
    for kind, depth, _ in heads:
        theirs = [s for n in names if n.startswith("llama.cpp") for s in speeds(report, n, kind, depth)]
        if not all(any(calm(r) for r in report["rounds"] if r["engine"] == n) for n in names):
            theirs = []  # no ratio of figures that other programs made
        best_of_llama[kind, depth] = max(theirs, default=None)
    for name in names:
        cells = []
        for kind, depth, _ in heads:
            s = speeds(report, name, kind, depth)
            against = best_of_llama[kind, depth]
            ratio = f" = {max(s) / against:.2f}x" if s and against and not name.startswith("llama.cpp") else ""
            cells.append(f"{max(s):.1f} ({statistics.median(s):.1f}){ratio}" if s else "-")
        mine = [r for r in report["rounds"] if r["engine"] == name]
        cells.append(share(report, name))
        cells.append(f"{max(r['peak_bytes'] for r in mine) / 1e9:.1f} GB")
        yield f"| {name} | " + " | ".join(cells) + " |"


def share(report, name):
    """The part of the measured read speed that decoding reaches. All engines read the same weights of the same file."""
    ours = [(r["read_gb_s"], run["bytes_per_token"]) for r in report["rounds"] for run in r["runs"] if run.get("bytes_per_token") and not run["depth"]]
    s = speeds(report, name, "decode", 0)
    if not ours or not s:
        return "-"
    limit = max(read for read, _ in ours) * 1e9 / min(size for _, size in ours)
    return f"{max(s) / limit:.0%}"


def limit(report):
    """One sentence on what memory allows, as this module measured it."""
    for r in report["rounds"]:
        for run in r["runs"]:
            if run.get("bytes_per_token") and not run["depth"]:
                best = max(x["read_gb_s"] for x in report["rounds"] if "read_gb_s" in x)
                return f"- The read limit: {best:.1f} GB/s, measured by the same threads over the same pages, over {run['bytes_per_token'] / 1e9:.3f} GB a token = {best * 1e9 / run['bytes_per_token']:.1f} tokens a second. Kernels: {r['kernels']}."
    return None


def disturbances(report):
    """What other programs did to the figures, which counts most for engines whose threads wait for each other by spinning."""
    quiet = [r for r in report["rounds"] if calm(r)]
    left_out = len(report["rounds"]) - len(quiet)
    worst = max((r["others"] for r in quiet), default=0)
    yield f"- Other programs took at most {worst:.0%} of a core in the rounds that count; {left_out} of {len(report['rounds'])} rounds were disturbed and left out."
    for name in dict.fromkeys(r["engine"] for r in report["rounds"]):
        if not any(r["engine"] == name for r in quiet):
            yield f"- **{name} was disturbed in every round: its figures are too low.**"


def caveats(o, report):
    yield "- Random weights: speed does not depend on their values, except that a trained router may choose experts less evenly."
    if report["rounds"]:
        yield limit(report) or "- This module was not measured."
        yield from disturbances(report)
    if o.quick:
        yield "- A narrow model and short runs (--quick): these figures say nothing about speed."


def main():
    o = parse()
    python = install(o)
    with tempfile.TemporaryDirectory(prefix="harmony-decoder-") as folder:
        build(folder)
        b = Bench(o, python, folder)
        model = o.model
        if not model:
            model = os.path.join(folder, "model.gguf") if o.quick else str(HERE / ".venv" / "gpt-oss-20b-random.gguf")
        if not os.path.exists(model):
            log(f"making {model} …")
            b.synthetic(model, *(QUICK.split() if o.quick else []))
        if not o.no_checks:
            b.check_small()
            b.check_model(model)
        if not b.failed and not o.no_times:
            b.measure(model)
        print("\n".join(tables(o, b.report, model)))
        if o.json:
            o.json.write_text(json.dumps(b.report, indent=1) + "\n")
    if b.failed:
        raise SystemExit("wrong: " + "; ".join(b.failed))


if __name__ == "__main__":
    main()
