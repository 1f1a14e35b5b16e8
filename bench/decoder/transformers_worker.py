"""Runs transformers in float32 for peers.py: `transformers_worker.py DIRECTORY OPTIONS` loads a checkpoint and answers one kind of request,
as llama_worker.py does:

    {"do": "logits", "tokens": [...], "prefill": 16, "greedy": 24, "out": FILE} -> {"rows": 9, "greedy": [...], "margin": 0.1}

The experts' codes become bfloat16 or float32 by transformers' own code, which loses nothing; then everything becomes float32. For small
models.
"""

import json
import os
import sys

import torch
import transformers


class Transformers:
    def __init__(self, path, threads):
        torch.set_num_threads(threads)
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        with open(os.path.join(path, "config.json")) as f:
            config = json.load(f)
        options = {"attn_implementation": "eager", "dtype": getattr(torch, config.get("torch_dtype", "bfloat16"))}
        if "quantization_config" in config:
            options["quantization_config"] = transformers.Mxfp4Config(dequantize=True)
        self.model = transformers.GptOssForCausalLM.from_pretrained(path, **options)
        if self.model.dtype != torch.float32:
            self.model = self.model.float()
        self.model.eval()

    @torch.no_grad()
    def forward(self, tokens, cache, keep):
        out = self.model(torch.tensor([tokens]), past_key_values=cache, use_cache=True, logits_to_keep=keep)
        return out.logits[0], out.past_key_values

    def logits(self, tokens, prefill, greedy, out):
        keep = len(tokens) - prefill + 1
        scores, _ = self.forward(tokens, None, keep)
        scores.numpy().astype("<f4").tofile(out)
        following, margin, best, cache = [], float("inf"), tokens[:prefill], None
        for _ in range(greedy):
            scores, cache = self.forward(best, cache, 1)
            top = torch.topk(scores[0], 2)
            margin = min(margin, float(top.values[0] - top.values[1]))
            best = [int(top.indices[0])]
            following += best
        return {"rows": keep, "greedy": following, "margin": margin}


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    model = Transformers(sys.argv[1], json.loads(sys.argv[2])["threads"])
    name = f"transformers {transformers.__version__}, torch {torch.__version__}, float32"
    print(json.dumps({"name": name}), file=replies, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request.pop("do") == "exit":
            break
        print(json.dumps(model.logits(**request)), file=replies, flush=True)


if __name__ == "__main__":
    main()
