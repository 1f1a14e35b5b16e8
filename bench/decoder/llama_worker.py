"""Runs llama.cpp for peers.py, through llama-cpp-python's low-level interface: `llama_worker.py MODEL OPTIONS` loads a model, then
answers requests on standard input, one JSON object a line, with one line each:

    {"do": "prefill", "tokens": 512}                 -> {"seconds": 26.1}
    {"do": "decode", "tokens": 128, "depth": 4096}   -> {"seconds": [0.081, ...]}            one for each token
    {"do": "logits", "tokens": [...], "prefill": 16, "greedy": 24, "out": FILE}
                                                     -> {"rows": 9, "greedy": [...]}         as bench/decoder/logits does it
    {"do": "memory"}                                 -> {"peak": BYTES, "huge": BYTES}
    {"do": "exit"}

The first line it writes tells what was loaded. OPTIONS is a JSON object: threads, context, and what deviates from
llama.cpp's defaults: "beta_fast" and "beta_slow" (which llama.cpp does not read from the file), "flash" (-1, 0, 1), "swa_full",
"exact_cache",
"repack", "mmap", "ubatch", "states": a folder where the caches of deep prompts are kept, so that each is computed once in a run.
"""

import ctypes
import json
import os
import sys
import time

import llama_cpp as L
import numpy as np


@L.llama_log_callback
def keep_quiet(level, text, user_data):
    if level == 4:  # GGML_LOG_LEVEL_ERROR
        sys.stderr.write(text.decode(errors="replace"))


def random_tokens(n, vocabulary):
    """Some tokens, the same each time, none of them special."""
    return np.random.default_rng(n).integers(0, min(vocabulary, 199998), n).tolist()


class Llama:
    def __init__(self, path, options):
        L.llama_log_set(keep_quiet, ctypes.c_void_p(0))
        L.llama_backend_init()
        self.path = path
        self.states = options.get("states")
        start = time.perf_counter()
        m = L.llama_model_default_params()
        m.load_mode = L.LLAMA_LOAD_MODE_MMAP if options.get("mmap") else L.LLAMA_LOAD_MODE_NONE
        m.n_gpu_layers = 0
        m.use_extra_bufts = options.get("repack", True)
        self.model = L.llama_model_load_from_file(path.encode(), m)
        if not self.model:
            raise SystemExit(f"llama.cpp cannot load {path}")
        self.load_seconds = time.perf_counter() - start
        self.vocabulary = L.llama_vocab_n_tokens(L.llama_model_get_vocab(self.model))
        c = L.llama_context_default_params()
        c.n_ctx = options["context"]
        c.n_batch = options["context"]
        c.n_ubatch = options.get("ubatch", c.n_ubatch)
        c.n_threads = c.n_threads_batch = options["threads"]
        c.flash_attn_type = options.get("flash", L.LLAMA_FLASH_ATTN_TYPE_AUTO)
        c.swa_full = options.get("swa_full", False)  # llama-server's default; the other computes and keeps all positions
        if options.get("exact_cache"):  # float32 instead of float16
            c.type_k = c.type_v = L.GGML_TYPE_F32
        for name in ("beta_fast", "beta_slow"):
            if name in options:
                setattr(c, "yarn_" + name, options[name])
        self.context = L.llama_init_from_model(self.model, c)
        if not self.context:
            raise SystemExit("llama.cpp cannot make a context")
        self.memory = L.llama_get_memory(self.context)
        self.batch = L.llama_batch_init(options["context"], 0, 1)
        self.position = 0

    def clear(self):
        L.llama_memory_clear(self.memory, True)
        self.position = 0

    def forward(self, tokens):
        """Appends tokens and returns a view of the scores after the last."""
        b = self.batch
        b.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            b.token[i], b.pos[i], b.n_seq_id[i], b.seq_id[i][0] = token, self.position + i, 1, 0
            b.logits[i] = i == len(tokens) - 1
        if status := L.llama_decode(self.context, b):
            raise SystemExit(f"llama_decode: {status}")
        self.position += len(tokens)
        # This waits for the computation.
        return np.ctypeslib.as_array(L.llama_get_logits_ith(self.context, -1), (self.vocabulary,))

    def prefill(self, tokens):
        self.clear()
        toks = random_tokens(tokens, self.vocabulary)
        start = time.perf_counter()
        self.forward(toks)
        return {"seconds": time.perf_counter() - start}

    def decode(self, tokens, depth):
        self.clear()
        if depth:
            self.go_to(depth)
        seconds = []
        for token in random_tokens(tokens + 1, self.vocabulary)[:tokens]:
            start = time.perf_counter()
            self.forward([token])
            seconds.append(time.perf_counter() - start)
        return {"seconds": seconds}

    def go_to(self, depth):
        """Fills the cache with a prompt of so many tokens, computed once in a run and then read from a file."""
        file = self.states and os.path.join(self.states, f"{os.path.basename(self.path)}-{depth}.state")
        toks = random_tokens(depth, self.vocabulary)
        if file and os.path.exists(file):
            out, count = (L.llama_token * depth)(), ctypes.c_size_t(0)
            if not L.llama_state_seq_load_file(self.context, file.encode(), 0, out, depth, ctypes.byref(count)):
                raise SystemExit(f"llama.cpp cannot read {file}")
            self.position = depth
            return
        for at in range(0, depth, 512):
            self.forward(toks[at : at + 512])
        if file and not L.llama_state_seq_save_file(self.context, file.encode(), 0, (L.llama_token * depth)(*toks), depth):
            raise SystemExit(f"llama.cpp cannot write {file}")

    def logits(self, tokens, prefill, greedy, out):
        self.clear()
        rows = [self.forward(tokens[:prefill]).copy()]
        rows += [self.forward([token]).copy() for token in tokens[prefill:]]
        np.stack(rows).astype("<f4").tofile(out)
        self.clear()
        best, toks = tokens[:prefill], []
        for _ in range(greedy):
            best = [int(self.forward(best).argmax())]
            toks += best
        return {"rows": len(rows), "greedy": toks}


def memory():
    """The largest resident size of this process, and what lies in huge pages now; 0 where there is no /proc."""
    try:
        with open("/proc/self/status") as f:
            peak = next(int(line.split()[1]) << 10 for line in f if line.startswith("VmHWM:"))
        with open("/proc/self/smaps_rollup") as f:
            huge = next(int(line.split()[1]) << 10 for line in f if line.startswith("AnonHugePages:"))
        return {"peak": peak, "huge": huge}
    except (OSError, StopIteration):
        return {"peak": 0, "huge": 0}


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints shall not stand between the replies
    llama = Llama(sys.argv[1], json.loads(sys.argv[2]))
    first = {
        "name": f"llama.cpp (llama-cpp-python {L.__version__})",
        "system": L.llama_print_system_info().decode().strip(" |"),
        "load_seconds": llama.load_seconds,
        "vocabulary": llama.vocabulary,
    }
    print(json.dumps(first), file=replies, flush=True)
    tasks = {"prefill": llama.prefill, "decode": llama.decode, "logits": llama.logits, "memory": memory}
    for line in sys.stdin:
        request = json.loads(line)
        do = request.pop("do")
        if do == "exit":
            break
        print(json.dumps(tasks[do](**request)), file=replies, flush=True)


if __name__ == "__main__":
    main()
