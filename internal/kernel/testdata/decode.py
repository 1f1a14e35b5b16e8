"""Writes decode.json: random blocks of each ggml format and what gguf-py 0.19.0 (gguf.quants.dequantize) makes of them."""
import json, sys, base64, numpy as np, gguf
from gguf import GGMLQuantizationType as Q
rng = np.random.default_rng(20260101)
out = {}
for name in ('F16', 'BF16', 'Q4_0', 'Q5_0', 'Q8_0', 'Q4_K', 'Q5_K', 'Q6_K', 'MXFP4'):
    q = Q[name]; elements, size = gguf.GGML_QUANT_SIZES[q]
    n = max(4, 512 // elements)
    raw = rng.integers(0, 256, (n, size), dtype=np.uint8)
    # f16 scales: finite, of both signs, one subnormal, one zero
    for at in {'Q4_0': [0], 'Q5_0': [0], 'Q8_0': [0], 'Q4_K': [0, 2], 'Q5_K': [0, 2], 'Q6_K': [208]}.get(name, []):
        d = (rng.standard_normal(n) * 0.02).astype(np.float16); d[0] = 3e-7; d[1] = 0
        raw[:, at:at + 2] = d.view(np.uint8).reshape(n, 2)
    if name == 'MXFP4': raw[:, 0] = np.array([0, 1, 2, 3, 100, 126, 127, 128, 200, 253, 118, 119, 120, 121, 122, 123][:n])
    if name == 'F16':
        h = np.array([0, 0x8000, 1, 0x8001, 0x3ff, 0x400, 0x7bff, 0xfbff, 0x3c00, 0xc000, 0x3555, 0x7c00, 0xfc00] + list(rng.integers(0, 0x7c00, 64)), dtype=np.uint16)
        y = h.view(np.float16).astype(np.float32); raw = h.view(np.uint8)
    else:
        with np.errstate(all='ignore'):
            y = gguf.quants.dequantize(raw.reshape(-1) if name == 'BF16' else raw, q)
    y = np.ascontiguousarray(y, dtype=np.float32)
    if name == 'BF16':
        keep = ~np.isnan(y.reshape(-1)); y = y.reshape(-1)[keep]; raw = np.ascontiguousarray(raw.reshape(-1, 2)[keep])
    out[name] = {'blocks': base64.b64encode(raw.tobytes()).decode(), 'values': base64.b64encode(y.astype('<f4').tobytes()).decode()}
json.dump(out, open(sys.argv[1], 'w'), indent=1)
