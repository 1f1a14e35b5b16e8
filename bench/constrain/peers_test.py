"""Tests of the scripts beside it: python3 -m unittest discover -s bench/constrain -p '*_test.py'"""

import base64
import io
import json
import os
import pathlib
import tempfile
import time
import unittest

import driver
import figures
import masks

ROWS = [
    {"id": "a", "tests": [{"valid": True, "text": "12", "ids": [1, 2]}, {"valid": False, "text": "x", "ids": [3]}]},
    {"id": "b", "tests": [{"valid": True, "text": "123", "ids": [1, 2, 3]}]},
]
OPENING = {"engine": "e", "settings": "s", "setup": 10**9, "setup_memory": 5 << 20, "clock": 500, "call": 0}
ENDING = {"peak_memory": 9 << 20, "thread": 1, "process": 1}


def walk(accepted, mask, accept):
    return {"accepted": accepted, "mask": mask, "accept": accept}


def result(name, *tests):
    return {"id": name, "parse": 1, "compile": 2000, "compile_all": 4000, "first": 5000, "tests": list(tests), "again": [dict(t) for t in tests]}


def right():
    a = result("a", walk(True, [1000, 2000], [100, 200]), walk(False, [3000], []))
    return [a, result("b", walk(True, [1000, 1000, 7000], [0, 0, 0]))]


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_of(self, name, results):
        path = self.folder / f"{name}.jsonl"
        path.write_text("\n".join(json.dumps(x) for x in [OPENING, *results, ENDING]) + "\n")
        figures.append(path, {"others": 0.5})
        return figures.Run(name, path)


class Verification(Files):
    def test_right(self):
        self.assertEqual(figures.verify(ROWS, [self.run_of("ours", right())], own=True), [])

    def test_walks(self):
        for spoil, want in [
            (lambda r: r[0]["tests"].pop(), "expected 2 walks, found 1"),
            (lambda r: r[0]["again"].pop(), "expected 2 walks, found 1"),
            (lambda r: r[0]["again"][0].update(accepted=False), "the second walk decides otherwise"),
            (lambda r: r[0]["tests"][0]["mask"].pop(), "a 0: 1 masks and 2 acceptances for 2 tokens"),
            (lambda r: r[1]["tests"][0]["accept"].pop(), "b 0: 3 masks and 2 acceptances for 3 tokens"),
            (lambda r: r.reverse(), "schemas are not those of the data"),
            (lambda r: r.append(result("c")), "schemas are not those of the data"),
        ]:
            results = right()
            spoil(results)
            found = figures.verify(ROWS, [self.run_of("peer", results)], own=False)
            self.assertTrue(any(want in f for f in found), f"{want}: {found}")

    def test_decisions_of_ours_count(self):
        results = right()
        results[0]["tests"][0] = results[0]["again"][0] = walk(False, [1, 2], [1])
        run = self.run_of("ours", results)
        self.assertEqual(figures.verify(ROWS, [run], own=True), ["ours: wrong about a 0"])
        self.assertEqual(figures.verify(ROWS, [run], own=False), [])

    def test_peers_may_be_wrong_and_refuse(self):
        results = right()
        results[0] = {"id": "a", "refused": "no", "tests": [], "again": []}
        results[1]["tests"][0] = results[1]["again"][0] = walk(False, [1], [])
        self.assertEqual(figures.verify(ROWS, [self.run_of("peer", results)], own=True), [])


class Statistics(Files):
    def test_spread(self):
        s = figures.spread([4000, 1000, 3000, 2000])
        self.assertEqual([s["n"], s["mean"], s["p50"], s["p99"], s["max"]], [4, 2.5, 3.0, 4.0, 4.0])

    def test_tokens(self):
        run = self.run_of("ours", right())
        self.assertEqual(list(figures.tokens(ROWS, run)), [1100, 2200, 1000, 1000, 7000])

    def test_common(self):
        shorter = right()
        shorter[0]["tests"][0] = shorter[0]["again"][0] = walk(False, [1, 1], [1])
        shorter[1] = {"id": "b", "refused": "no", "tests": [], "again": []}
        runs = [self.run_of("ours", right()), self.run_of("peer", shorter)]
        ids, lengths = figures.common(ROWS, runs)
        self.assertEqual((ids, lengths), ({"a"}, {("a", 0): 1, ("a", 1): 0}))
        self.assertEqual(list(figures.tokens(ROWS, runs[0], ids, lengths)), [1100])

    def test_report(self):
        late = right()
        late[1] = {"id": "b", "refused": "slow", "timeout": True, "tests": [], "again": []}
        late[0]["tests"][1]["accepted"] = late[0]["again"][1]["accepted"] = True
        runs = [self.run_of("ours-unknown", right()), self.run_of("peer", late)]
        options = type("O", (), {"data": None, "sample": 0})
        text = figures.report(ROWS, runs, options)
        self.assertIn("| ours (IgnoreUnknown) | 2 | 0 | 0 | 3 | 0 | 0 | 0 |", text)
        self.assertIn("| peer | 2 | 0 | 1 | 1 | 1 | 0 | 1 |", text)
        self.assertIn("the same tokens of the 1 schemas", text)
        self.assertIn("| peer | 2 | 1.65 | 2.20 | 2.20 | 2.20 | 2.20 | 2.20 | 1.00 | 1.00 |", text)


class Masks(Files):
    def setUp(self):
        super().setUp()
        self.words = [b'"', b"a", b'"\n', b"\x7f", b" "] + [b""] * (masks.TEXT - 5)
        self.rows = [{"id": "m", "tests": [{"valid": False, "ids": [3]}, {"valid": True, "ids": [0, 0]}]}]

    def file(self, name, *states):
        path = self.folder / name
        with path.open("wb") as f:
            for step, allowed in enumerate(states):
                f.write((0).to_bytes(4, "little") + step.to_bytes(4, "little"))
                f.write(sum(1 << i for i in allowed).to_bytes(masks.BYTES, "little"))
        return path

    def test_equal_but_for_special_tokens(self):
        a, b = self.file("a", [0, 199_998], [0, 1]), self.file("b", [0], [0, 1])
        text, unknown = masks.compare(self.rows, self.words, a, b)
        self.assertIn("2 states that both have: 2 equal", text)
        self.assertEqual(unknown, 0)

    def test_known(self):
        a, b = self.file("a", [0, 4], [0, 1, 2, 3]), self.file("b", [0], [0, 1])
        text, unknown = masks.compare(self.rows, self.words, a, b)
        self.assertEqual(unknown, 0, text)
        for why in ("before the text: 1", "behind the text: 1", "DEL in a string: 1", "0 equal"):
            self.assertIn(why, text)

    def test_known_of_theirs(self):
        self.words[1:5] = [b"7", b"e", b"E5", b"\\u00"]
        a, b = self.file("a", [0], [0, 1]), self.file("b", [0, 4], [0, 1])
        text, unknown = masks.compare(self.rows, self.words, a, b)
        self.assertEqual(unknown, 0, text)
        self.assertIn("PlainStrings leaves out: 1", text)
        self.rows[0]["tests"][1]["ids"] = [1, 1]
        a, b = self.file("a", [1], [1]), self.file("b", [1], [1, 2, 3])
        text, unknown = masks.compare(self.rows, self.words, a, b)
        self.assertEqual(unknown, 0, text)
        self.assertIn("CanonicalNumbers leaves out: 1", text)
        self.assertEqual(masks.compare(self.rows, self.words, self.file("a", [1]), self.file("b", [1, 2]))[1], 1)

    def test_unknown(self):
        for ours, theirs in (([0, 1], [0]), ([0], [0, 1])):
            text, unknown = masks.compare(self.rows, self.words, self.file("a", ours), self.file("b", theirs))
            self.assertEqual(unknown, 1, text)

    def test_nothing_in_common(self):
        self.assertEqual(masks.compare(self.rows, self.words, self.file("a"), self.file("b"))[1], 1)

    def test_cut_off(self):
        path = self.file("a", [0])
        path.write_bytes(path.read_bytes()[:-1])
        with self.assertRaises(ValueError):
            masks.read(path)

    def test_words(self):
        path = self.folder / "v"
        path.write_bytes(base64.b64encode(b"the") + b" 7\n" + base64.b64encode(b"\xff") + b" 0\n")
        found = masks.words(path)
        self.assertEqual((found[0], found[7], len(found)), (b"\xff", b"the", masks.TEXT))


class Fake:
    """A peer that accepts the tokens 1 and 2 in this order."""

    engine, settings = "fake", "none"

    def __init__(self):
        self.words = [0]

    def set_up(self, words):
        self.vocabulary = words

    def compile(self, schema):
        doc = json.loads(schema)
        if doc.get("sleep"):
            time.sleep(doc["sleep"])
        if doc.get("die"):
            os._exit(3)
        if doc.get("refuse"):
            raise ValueError("cannot\nat all")
        return doc

    def begin(self, compiled):
        taken = []

        def mask():
            self.words[0] = 1 << len(taken) + 1

        def accept(token):
            taken.append(token)
            return True

        return mask, accept, lambda: len(taken) == 2

    def idle(self, compiled):
        return lambda: None


class Driver(unittest.TestCase):
    def lines(self, *rows, limit=20):
        out = io.StringIO()
        driver.supervise(Fake(), [b"a"], list(rows), out, limit)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def row(self, name, schema, *tests):
        return {"id": name, "schema": schema, "tests": [{"ids": ids} for ids in tests]}

    def test_walks(self):
        opening, a, ending = self.lines(self.row("a", {}, [1, 2], [1], [2], [1, 2, 4]))
        self.assertEqual(opening["engine"], "fake")
        self.assertIn("peak_memory", ending)
        self.assertEqual([t["accepted"] for t in a["tests"]], [True, False, False, False])
        self.assertEqual([(len(t["mask"]), len(t["accept"])) for t in a["tests"]], [(2, 2), (1, 1), (1, 0), (3, 2)])

    def test_refusal(self):
        _, a, _ = self.lines(self.row("a", {"refuse": True}, [1]))
        self.assertEqual((a["refused"], a["tests"]), ("ValueError: cannot", []))

    def test_slow_or_dead(self):
        rows = [self.row("a", {}, [1]), self.row("b", {"sleep": 60}), self.row("c", {}), self.row("d", {"die": True}), self.row("e", {}), self.row("f", {"sleep": 60})]
        start = time.monotonic()
        opening, *results, last = self.lines(*rows, limit=0.5)
        self.assertLess(time.monotonic() - start, 20)
        self.assertIn("engine", opening)
        self.assertEqual([r["id"] for r in results], list("abcdef"), "each has a line, and there is one opening")
        self.assertEqual([bool(r.get("timeout")) for r in results], [False, True, False, True, False, True])
        self.assertIn("peak_memory", last)


if __name__ == "__main__":
    unittest.main()
