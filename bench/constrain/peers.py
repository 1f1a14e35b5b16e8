#!/usr/bin/env python3
"""Measures this module's token masks beside llguidance, glrmask and xgrammar, in one run, on the same schemas and tokens.

    python3 bench/constrain/peers.py                              # on the schemas of testdata
    python3 bench/constrain/peers.py --data maskbench.jsonl.gz    # on a file in MaskBench's form
    python3 bench/constrain/peers.py --check                      # first hold llguidance's masks against this module's
    python3 bench/constrain/peers.py --without xgrammar,glrmask

Needs Linux, Go, cargo and Python 3.10. What is missing is fetched from the package registries: crates as Cargo.lock pins
them, wheels as requirements.txt and requirements-xgrammar.txt do. What is built and installed goes to the user's cache
(--cache names another folder); --without leaves a peer out, and what it needs.

Prints Markdown. Ends with 1 if a driver did not walk the tokens it was given, if a mask differs for a reason nobody knows, or if
this module decides one of our own instances wrongly.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import figures
import masks

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ["llguidance", "glrmask", "xgrammar"]


def log(*words):
    print(*words, file=sys.stderr, flush=True)


def parse():
    p = argparse.ArgumentParser(description="measures token masks beside llguidance, glrmask and xgrammar")
    p.add_argument("--data", type=pathlib.Path, help="MaskBench file, gzipped if its name ends in .gz (our own schemas)")
    p.add_argument("--without", default="", help="peers to leave out, of " + ", ".join(PEERS))
    p.add_argument("--sample", type=int, default=0, help="schemas for xgrammar, spread evenly over the data (0: all)")
    p.add_argument("--limit", type=float, default=20, help="seconds by the clock that glrmask and xgrammar get for a schema")
    p.add_argument("--check", action="store_true", help="compare masks with llguidance's first")
    p.add_argument("--no-times", action="store_true", help="check only")
    p.add_argument("--cache", type=pathlib.Path, default=cache(), help="folder of what is built and installed")
    p.add_argument("--keep", type=pathlib.Path, help="folder for the drivers' figures; those that are there are used again")
    p.add_argument("--around", default="", help="command that runs each driver, such as one that makes the machine quiet")
    o = p.parse_args()
    o.without = set(filter(None, o.without.split(",")))
    if unknown := o.without - set(PEERS):
        p.error(f"--without {','.join(sorted(unknown))}: expected {', '.join(PEERS)}")
    if o.check and "llguidance" in o.without:
        p.error("--check needs llguidance")
    return o


def cache():
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(home) / "harmony-go" / "bench-constrain"


def run(*command, **how):
    return subprocess.run([str(c) for c in command], check=True, **how)


def output(*command, **how):
    return run(*command, capture_output=True, text=True, **how).stdout.strip()


# What is needed


def build_go(folder):
    run("go", "build", "-o", folder / "constrain", "./bench/constrain", cwd=ROOT)
    return folder / "constrain"


def build_rust(o):
    target = o.cache / "target"
    log("building the driver of llguidance (minutes the first time) …")
    run("cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", HERE / "llguidance/Cargo.toml", "--target-dir", target)
    return target / "release" / "masks"


def install(o):
    """Returns the Python of an environment that has the pinned wheels of the Python peers."""
    venv = o.cache / "venv"
    python = venv / "bin" / "python"
    if not python.exists():
        log(f"making {venv} …")
        run(sys.executable, "-m", "venv", venv)
    wanted = []
    if "glrmask" not in o.without:
        wanted += ["-r", HERE / "requirements.txt"]
    if "xgrammar" not in o.without:
        wanted += ["-r", HERE / "requirements-xgrammar.txt"]
    log("installing pinned wheels …")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", *wanted)
    return python


def vocabulary():
    loader = output("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pkoukk/tiktoken-go-loader", cwd=ROOT)
    return pathlib.Path(loader) / "assets" / "o200k_base.tiktoken"


class Bench:
    """One run of this script."""

    def __init__(self, o, folder):
        self.o, self.folder = o, folder
        self.ours = build_go(folder)
        self.vocabulary = vocabulary()
        self.data = folder / "data.jsonl"
        source = ["-data", o.data.resolve()] if o.data else []
        run(self.ours, *source, "-export", self.data)
        self.rows = figures.load(self.data)
        self.masks = None if "llguidance" in o.without else build_rust(o)
        self.python = None if o.without >= {"glrmask", "xgrammar"} else install(o)

    def sample(self):
        """The data for a peer that takes long."""
        n = self.o.sample
        if not 0 < n < len(self.rows):
            return self.data
        path = self.folder / "sample.jsonl"
        with path.open("w", encoding="utf-8") as f:
            for i in range(n):
                f.write(json.dumps(self.rows[i * len(self.rows) // n], ensure_ascii=False) + "\n")
        return path

    def drivers(self):
        """Name and command of every driver, without the file it writes to."""
        yield "ours", lambda out: [self.ours, "-data", self.data, "-out", out]
        yield "ours-unknown", lambda out: [self.ours, "-data", self.data, "-options", "unknown", "-out", out]
        if self.masks:
            yield "llguidance", lambda out: [self.masks, self.vocabulary, self.data, out]
        for name in ("glrmask", "xgrammar"):
            if name not in self.o.without:
                data = self.sample() if name == "xgrammar" else self.data
                yield name, lambda out, name=name, data=data: self.python_driver(name, data, out)

    def python_driver(self, name, data, out):
        return [self.python, HERE / "driver.py", name, self.vocabulary, data, out, "--limit", self.o.limit]

    def measure(self):
        """Runs the drivers one after another, and reads what they found."""
        keep = self.o.keep or self.folder
        keep.mkdir(parents=True, exist_ok=True)
        runs = []
        for name, command in self.drivers():
            out = keep / f"{name}.jsonl"
            if not out.exists():
                log(f"{name} …")
                partial = out.with_suffix(".partial")
                busy = figures.Others()
                env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
                run(*self.o.around.split(), *command(partial), stdout=subprocess.DEVNULL, env=env)
                figures.append(partial, {"others": busy.cores()})
                partial.rename(out)
            runs.append(figures.Run(name, out))
        return runs

    def check(self):
        log("comparing masks …")
        ours, theirs = self.folder / "ours.masks", self.folder / "theirs.masks"
        run(self.ours, "-data", self.data, "-options", "narrow", "-masks", ours)
        run(self.masks, self.vocabulary, self.data, self.folder / "unused", theirs)
        return masks.compare(self.rows, masks.words(self.vocabulary), ours, theirs)


def main():
    o = parse()
    o.cache.mkdir(parents=True, exist_ok=True)
    failed = []
    with tempfile.TemporaryDirectory(prefix="harmony-constrain-") as folder:
        bench = Bench(o, pathlib.Path(folder))
        if o.check:
            text, unknown = bench.check()
            print(text, flush=True)
            if unknown and not o.data:
                failed.append("masks differ for unknown reasons")
        if not o.no_times:
            runs = bench.measure()
            failed += figures.verify(bench.rows, runs, own=not o.data)
            print(figures.report(bench.rows, runs, o))
    for message in failed:
        log("failed:", message)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as e:
        log(e.stderr or "", f"{e.cmd[0]} ended with {e.returncode}")
        sys.exit(1)
    except FileNotFoundError as e:
        log(f"{e.filename} is not there")
        sys.exit(1)
