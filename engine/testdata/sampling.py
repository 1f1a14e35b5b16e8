"""Writes sampling.json: what transformers keeps of logits, and with which probability, step by step as it samples.

    python sampling.py > sampling.json    # torch 2.15.0, transformers 5.23.0

The logits of case i, n of them, are (h >> 8) / 2**22 - 2 times spread, in float32, h being ((i+1)*1000003 + j+1) * 2654435761
mod 2**32 for token j. All are different, so that no tie is broken.
"""

import json

import torch
from transformers.generation import logits_process as lp

CASES = [
    # n, spread, temperature, top_k, top_p, min_p, penalty, prompt
    (200, 1, 1.0, 0, 1.0, 0.0, 1.0, []),
    (200, 4, 0.7, 0, 1.0, 0.0, 1.0, []),
    (200, 4, 1.0, 20, 1.0, 0.0, 1.0, []),
    (200, 2, 1.0, 0, 0.9, 0.0, 1.0, []),
    (200, 2, 1.5, 0, 0.5, 0.0, 1.0, []),
    (200, 4, 1.0, 0, 1.0, 0.1, 1.0, []),
    (200, 4, 2.0, 0, 1.0, 0.1, 1.0, []),
    (200, 4, 1.0, 50, 0.8, 0.0, 1.0, []),
    (200, 4, 1.0, 50, 0.95, 0.05, 1.0, []),
    (200, 4, 1.3, 30, 0.7, 0.2, 1.0, []),
    (200, 4, 1.0, 0, 1.0, 0.0, 1.3, [3, 7, 7, 11, 150, 199]),
    (200, 4, 0.8, 40, 0.9, 0.02, 1.2, list(range(0, 200, 3))),
    (200, 4, 1.0, 0, 0.6, 0.0, 0.8, list(range(0, 200, 5))),
    (1000, 6, 1.0, 0, 0.99, 0.001, 1.1, list(range(100))),
    (1000, 0.5, 0.3, 100, 0.3, 0.0, 1.0, []),
]


def main():
    out = []
    for i, (n, spread, temperature, top_k, top_p, min_p, penalty, prompt) in enumerate(CASES):
        logits = [(((i + 1) * 1000003 + j + 1) * 2654435761 % 2**32 >> 8) / 2**22 - 2 for j in range(n)]
        scores = torch.tensor([logits], dtype=torch.float32) * spread
        ids = torch.tensor([prompt], dtype=torch.long)
        steps = []
        if penalty != 1:
            steps.append(lp.RepetitionPenaltyLogitsProcessor(penalty=penalty))
        if temperature != 1:
            steps.append(lp.TemperatureLogitsWarper(temperature))
        if top_k:
            steps.append(lp.TopKLogitsWarper(top_k))
        if top_p < 1:
            steps.append(lp.TopPLogitsWarper(top_p))
        if min_p:
            steps.append(lp.MinPLogitsWarper(min_p))
        for step in steps:
            scores = step(ids, scores)
        p = torch.softmax(scores[0].double(), dim=-1)
        kept = [j for j in range(n) if scores[0, j] > float("-inf")]
        out.append({"n": n, "spread": spread, "temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p,
                    "penalty": penalty, "prompt": prompt, "kept": kept, "probabilities": [float(f"{p[j]:.9g}") for j in kept]})
    print("[")
    print(",\n".join(json.dumps(o) for o in out))
    print("]")


main()
