"""Writes a checkpoint of train.py as what package demo embeds: weights.safetensors.gz and config.json."""
import gzip
import json
import os
import sys

import numpy as np
import torch

import model as M


def bf16(t):
    return "BF16", list(t.shape), t.detach().bfloat16().contiguous().view(torch.int16).numpy().tobytes()


def f32(t):
    return "F32", list(t.shape), t.detach().float().contiguous().numpy().tobytes()


def packed(w):
    """A tensor [..., n] as MXFP4: codes in pairs, exponents. Source: openai/gpt-oss, gpt_oss/torch/weights.py."""
    magnitude, negative, exponent, _ = M.mxfp4(w.detach().float().contiguous())
    code = (torch.searchsorted(M.FP4, magnitude.contiguous()) + 8 * negative).to(torch.uint8)
    blocks = code[:, 0::2] | (code[:, 1::2] << 4)
    shape = list(w.shape[:-1]) + [w.shape[-1] // 32]
    return (("U8", shape + [16], blocks.contiguous().numpy().tobytes()), ("U8", shape, (exponent[:, 0] + 127).to(torch.uint8).numpy().tobytes()))


def tensors(m):
    """Tensors in the layout of OpenAI's checkpoints, and those that the rows of the vocabulary are computed from."""
    c, out = m.c, {}
    for i, b in enumerate(m.blocks):
        p = "block.%d." % i
        out[p + "attn.norm.scale"], out[p + "mlp.norm.scale"] = bf16(b.n1), bf16(b.n2)
        out[p + "attn.sinks"] = bf16(b.sinks)
        out[p + "attn.qkv.weight"], out[p + "attn.qkv.bias"] = bf16(b.qkv), bf16(b.qkv_bias)
        out[p + "attn.out.weight"], out[p + "attn.out.bias"] = bf16(b.out), bf16(b.out_bias)
        out[p + "mlp.gate.weight"], out[p + "mlp.gate.bias"] = bf16(b.gate), bf16(b.gate_bias)
        w1 = b.w1.view(2, c.experts, c.expert, c.hidden).permute(1, 2, 0, 3).reshape(c.experts, 2 * c.expert, c.hidden)
        b1 = b.b1.view(2, c.experts, c.expert).permute(1, 2, 0).reshape(c.experts, 2 * c.expert)
        w2 = b.w2.view(c.hidden, c.experts, c.expert).permute(1, 0, 2)
        out[p + "mlp.mlp1_weight.blocks"], out[p + "mlp.mlp1_weight.scales"] = packed(w1)
        out[p + "mlp.mlp2_weight.blocks"], out[p + "mlp.mlp2_weight.scales"] = packed(w2)
        out[p + "mlp.mlp1_bias"], out[p + "mlp.mlp2_bias"] = bf16(b1), bf16(b.b2)
    out["norm.scale"] = bf16(m.scale)
    ids = torch.as_tensor(m.core)
    out["rows.core"] = "I32", [len(ids)], ids.numpy().astype("<i4").tobytes()
    for name, r in (("embedding", m.embedding), ("unembedding", m.unembedding)):
        out["rows.%s.piece" % name], out["rows.%s.class" % name] = f32(r.amp), f32(r.cls)
        out["rows.%s.core" % name] = bf16(r(ids))
    return out


def rows_to_check(m):
    """Rows of some ids, for a test of package demo, which computes them itself."""
    ids = np.concatenate([np.setdiff1d(np.arange(0, 201088, 1511), m.core), [200000, 200018, 201087]])
    t = torch.from_numpy(ids)
    return {"ids": ("I32", [len(ids)], ids.astype("<i4").tobytes()), "embedding.weight": bf16(m.embedding(t)), "unembedding.weight": bf16(m.unembedding(t))}


def write(t, path):
    """A safetensors file, compressed."""
    header, at = {}, 0
    for name in sorted(t):
        dtype, shape, data = t[name]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    h = json.dumps(header, separators=(",", ":")).encode()
    h += b" " * (-len(h) % 8)
    raw = len(h).to_bytes(8, "little") + h + b"".join(t[n][2] for n in sorted(t))
    z = gzip.compress(raw, 9, mtime=0)
    with open(path, "wb") as f:
        f.write(z)
    return len(raw), len(z)


def config(c):
    return {"num_hidden_layers": c.layers, "num_experts": c.experts, "experts_per_token": 2, "vocab_size": 201088, "hidden_size": c.hidden,
            "intermediate_size": c.expert, "swiglu_limit": c.limit, "head_dim": c.head, "num_attention_heads": c.heads, "num_key_value_heads": c.kv,
            "sliding_window": c.window, "initial_context_length": c.context, "rope_theta": int(c.theta), "rope_scaling_factor": c.scaling,
            "rope_ntk_alpha": 1.0, "rope_ntk_beta": 32.0}


def load(path):
    d = torch.load(path, weights_only=False)
    m = M.Model(M.Config(**d["config"]), d["core"])
    m.load_state_dict(d["model"])
    return m


def restored(directory):
    """The model that directory has weights of, as far as they tell: in bfloat16, experts in MXFP4."""
    with gzip.open(os.path.join(directory, "weights.safetensors.gz")) as f:
        raw = f.read()
    n = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:n])

    def get(name):
        h = header[name]
        begin, end = h["data_offsets"]
        data = np.frombuffer(raw[n + begin:n + end], {"BF16": np.int16, "F32": np.float32, "I32": np.int32, "U8": np.uint8}[h["dtype"]])
        t = torch.from_numpy(data.copy())
        return (t.view(torch.bfloat16).float() if h["dtype"] == "BF16" else t).view(h["shape"])

    def unpacked(name):
        blocks, scales = get(name + ".blocks").long(), get(name + ".scales")
        code = torch.stack((blocks & 15, blocks >> 4), -1).flatten(-2)
        w = torch.where(code >= 8, -M.FP4[code % 8], M.FP4[code % 8]) * torch.exp2(scales.float() - 127)[..., None]
        return w.flatten(-2)

    with open(os.path.join(directory, "config.json")) as f:
        j = json.load(f)
    c = M.Config(layers=j["num_hidden_layers"], hidden=j["hidden_size"], head=j["head_dim"], heads=j["num_attention_heads"], kv=j["num_key_value_heads"],
                 experts=j["num_experts"], expert=j["intermediate_size"])
    m = M.Model(c, get("rows.core").numpy().astype(np.int64))
    with torch.no_grad():
        for i, b in enumerate(m.blocks):
            p = "block.%d." % i
            for to, name in ((b.n1, "attn.norm.scale"), (b.n2, "mlp.norm.scale"), (b.sinks, "attn.sinks"), (b.qkv, "attn.qkv.weight"), (b.qkv_bias, "attn.qkv.bias"),
                             (b.out, "attn.out.weight"), (b.out_bias, "attn.out.bias"), (b.gate, "mlp.gate.weight"), (b.gate_bias, "mlp.gate.bias"), (b.b2, "mlp.mlp2_bias")):
                to.copy_(get(p + name))
            b.w1.copy_(unpacked(p + "mlp.mlp1_weight").view(c.experts, c.expert, 2, c.hidden).permute(2, 0, 1, 3).reshape(b.w1.shape))
            b.b1.copy_(get(p + "mlp.mlp1_bias").view(c.experts, c.expert, 2).permute(2, 0, 1).reshape(b.b1.shape))
            b.w2.copy_(unpacked(p + "mlp.mlp2_weight").permute(1, 0, 2).reshape(b.w2.shape))
        m.scale.copy_(get("norm.scale"))
        for name, r in (("embedding", m.embedding), ("unembedding", m.unembedding)):
            r.amp.copy_(get("rows.%s.piece" % name))
            r.cls.copy_(get("rows.%s.class" % name))
            r.delta.zero_()
            r.delta.copy_(get("rows.%s.core" % name) - r(torch.as_tensor(m.core)))
    return m


def main(path, directory):
    m = load(path)
    with torch.no_grad():
        t = tensors(m)
        check = rows_to_check(m)
    raw, z = write(t, os.path.join(directory, "weights.safetensors.gz"))
    write(check, os.path.join(directory, "testdata", "rows.safetensors.gz"))
    with open(os.path.join(directory, "config.json"), "w") as f:
        json.dump(config(m.c), f, indent=2)
        f.write("\n")
    print("trained parameters", sum(p.numel() for p in m.parameters()), "raw", raw, "compressed", z)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
