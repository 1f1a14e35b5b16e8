"""gpt-oss, as small as it gets, for training on a CPU. The parts are those of OpenAI's implementation (openai/gpt-oss, gpt_oss/torch/model.py)."""
import dataclasses
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import rows


@dataclasses.dataclass
class Config:
    layers: int = 6
    hidden: int = 256
    head: int = 64
    heads: int = 4
    kv: int = 4
    experts: int = 4
    expert: int = 128
    window: int = 128
    theta: float = 150000.0
    scaling: float = 32.0
    context: int = 4096
    limit: float = 7.0


class Rows(nn.Module):
    """Rows of the embedding or the unembedding: signs of the token's pieces, scaled; a vector for its class; one of its own for frequent ids."""

    def __init__(self, hidden, core, pieces, kind, signs, shift, amplitude, places):
        super().__init__()
        self.hidden, self.shift = hidden, shift
        amp = torch.full((rows.PIECES, hidden), amplitude * .04)
        for piece, first, part in places:
            amp[piece, first:first + 64] = amplitude * part
        self.amp = nn.Parameter(amp)
        self.cls = nn.Parameter(torch.randn(rows.CLASSES, hidden) * amplitude * .1)
        self.delta = nn.Parameter(torch.zeros(len(core), hidden))
        self.slot = torch.full((rows.VOCABULARY,), -1, dtype=torch.int64)
        self.slot[torch.as_tensor(core)] = torch.arange(len(core))
        self.signs, self.pieces, self.kind = signs, pieces, kind

    def forward(self, ids):
        p, out = self.pieces[ids], self.cls[self.kind[ids]]
        for j in range(rows.PIECES):
            c = torch.roll(self.signs[p[:, j].clamp(min=0)].float(), (self.shift + j * (self.hidden * 3 // 4)) % self.hidden, 1)
            out = out + c * (p[:, j] >= 0)[:, None] * self.amp[j]
        s = self.slot[ids]
        return out + self.delta[s.clamp(min=0)] * (s >= 0)[:, None]


def rope(c, positions):
    """cos and sin, scaled as YaRN does, and the frequencies."""
    half = c.head // 2
    f = c.theta ** (torch.arange(0, c.head, 2, dtype=torch.float) / c.head)
    low = half * math.log(c.context / (32 * 2 * math.pi)) / math.log(c.theta)
    high = half * math.log(c.context / (2 * math.pi)) / math.log(c.theta)
    mix = 1 - ((torch.arange(half, dtype=torch.float) - low) / (high - low)).clamp(0, 1)
    inv = (1 - mix) / (c.scaling * f) + mix / f
    a, s = positions[..., None].float() * inv, .1 * math.log(c.scaling) + 1
    return a.cos() * s, a.sin() * s, inv


FLASH, FLASH_BACK = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu, torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward


class Part:
    """Queries of a row that see some keys of it: from and to of both, whether each sees those up to itself only, or a mask."""

    def __init__(self, row, queries, keys, causal=False, mask=None):
        self.row, self.queries, self.keys, self.causal, self.mask = row, queries, keys, causal, mask

    def cut(self, q, k, v):
        (a, b), (c, d), i = self.queries, self.keys, self.row
        return q[i:i + 1, :, a:b], k[i:i + 1, :, c:d], v[i:i + 1, :, c:d]


def parts(branch, window):
    """What sees what in rows of a prefix and branches: a branch sees the prefix and itself. For full layers, and for sliding ones."""
    full, near = [], []
    for row, ids in enumerate(branch.numpy()):
        end = int((ids >= 0).sum())
        prefix = int((ids == 0).sum())
        cuts = [prefix] + [i for i in range(prefix + 1, end) if ids[i] != ids[i - 1]] + [end]
        spans = list(zip(cuts, cuts[1:]))
        for all_, w in ((full, 1 << 30), (near, window)):
            all_.append(causal(row, 0, prefix, w))
            for a, b in spans:
                all_.append(causal(row, a, b, w))
            if w >= prefix + end:
                all_.append(Part(row, (prefix, end), (0, prefix)))
                continue
            first = max(0, prefix - w + 1)  # a branch goes on where the prefix ends
            distance = np.concatenate([np.arange(b - a) for a, b in spans])[:, None] + (prefix - np.arange(first, prefix))[None]
            all_.append(Part(row, (prefix, end), (first, prefix), mask=additive(distance < w)))
    return full, near


def causal(row, a, b, window):
    if b - a <= window:
        return Part(row, (a, b), (a, b), causal=True)
    d = np.arange(b - a)[:, None] - np.arange(b - a)[None]
    return Part(row, (a, b), (a, b), mask=additive((d >= 0) & (d < window)))


def additive(seen):
    return torch.where(torch.from_numpy(seen), 0.0, -1e9).bfloat16()[None, None]


class Attention(torch.autograd.Function):
    """The CPU's fused attention over the parts, put together by their sums, with sinks: a column of the softmax that has no value."""

    @staticmethod
    def forward(ctx, q, k, v, sink, plan, scale):
        out = torch.zeros(q.shape)
        total = torch.full(q.shape[:3], -math.inf)
        for p in plan:
            o, lse = FLASH(*p.cut(q, k, v), 0.0, p.causal, attn_mask=p.mask, scale=scale)
            i, (a, b) = p.row, p.queries
            before = total[i, :, a:b].clone()
            both = torch.logaddexp(before, lse[0].float())
            out[i, :, a:b] = out[i, :, a:b] * torch.exp(before - both)[..., None] + o[0].float() * torch.exp(lse[0].float() - both)[..., None]
            total[i, :, a:b] = both
        both = torch.logaddexp(total, sink[None, :, None])
        out = (out * torch.exp(total - both)[..., None]).bfloat16()
        ctx.save_for_backward(q, k, v, out, both, sink)
        ctx.plan, ctx.scale = plan, scale
        return out

    @staticmethod
    def backward(ctx, g):
        q, k, v, out, total, sink = ctx.saved_tensors
        dq, dk, dv = (torch.zeros(t.shape) for t in (q, k, v))
        for p in ctx.plan:
            i, (a, b), (c, d) = p.row, p.queries, p.keys
            x, y, z = FLASH_BACK(g[i:i + 1, :, a:b], *p.cut(q, k, v), out[i:i + 1, :, a:b], total[i:i + 1, :, a:b], 0.0, p.causal, attn_mask=p.mask, scale=ctx.scale)
            dq[i, :, a:b] += x[0]
            dk[i, :, c:d] += y[0]
            dv[i, :, c:d] += z[0]
        seen = torch.isfinite(total)
        ds = -(torch.where(seen, torch.exp(sink[None, :, None] - total), 0.0) * (g.float() * out.float()).sum(-1)).sum((0, 2))
        return dq.bfloat16(), dk.bfloat16(), dv.bfloat16(), ds, None, None


def norm(x, scale):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * scale


FP4 = torch.tensor([0, .5, 1, 1.5, 2, 3, 4, 6])


def mxfp4(w):
    """Codes (0 to 7 and a sign) and exponents of w in blocks of 32 of the last dimension; and the numbers that they stand for."""
    b = w.reshape(-1, 32)
    a = b.abs().amax(1, keepdim=True).clamp(min=2.0 ** -100)
    e = torch.floor(torch.log2(a)) - 2
    e = torch.where(a / torch.exp2(e) > 7, e + 1, e)
    m = (b / torch.exp2(e)).abs().clamp(max=6)
    m = torch.where(m < 2, torch.round(m * 2) / 2, torch.where(m < 4, torch.round(m), torch.round(m / 2) * 2))
    return m, b < 0, e, (torch.where(b < 0, -m, m) * torch.exp2(e)).reshape(w.shape)


def quantised(w):
    """w as MXFP4 stores it, with w's gradient."""
    return w + (mxfp4(w.detach())[3] - w.detach())


def before(x, scale, w, b, cos, sin, heads: int, kv: int, head: int):
    n, t, _ = x.shape
    q, k, v = F.linear(norm(x, scale).bfloat16(), w.bfloat16(), b.bfloat16()).split([heads * head, kv * head, kv * head], -1)

    def turn(y, h):
        a, c = y.view(n, t, h, head).transpose(1, 2).float().chunk(2, -1)
        return torch.cat((a * cos - c * sin, c * cos + a * sin), -1).bfloat16()

    def spread(y):
        return y[:, :, None].expand(n, kv, heads // kv, t, head).reshape(n, heads, t, head).contiguous()

    return turn(q, heads).contiguous(), spread(turn(k, kv)), spread(v.view(n, t, kv, head).transpose(1, 2))


def after(x, o, wo, bo, scale, wg, bg, w1, b1, w2, b2, experts: int, expert: int, limit: float):
    n, t, h = x.shape
    x = x + F.linear(o.transpose(1, 2).reshape(n, t, -1), wo.bfloat16(), bo.bfloat16()).float()
    y = norm(x, scale)
    g = F.linear(y, wg, bg)
    top = g.amax(-1, keepdim=True)
    second = torch.where(g >= top, torch.full_like(g, -1e30), g).amax(-1, keepdim=True).detach()
    gates = torch.where(g >= second, g, torch.full_like(g, -1e30)).softmax(-1)
    balance = (g.softmax(-1).mean((0, 1)) * (gates > 0).float().mean((0, 1)) / 2).sum() * experts
    a, l = F.linear(y.bfloat16(), w1.bfloat16().view(-1, h), b1.bfloat16().view(-1)).float().chunk(2, -1)
    a, l = a.clamp(max=limit), l.clamp(-limit, limit)
    z = a * torch.sigmoid(1.702 * a) * (l + 1)
    z = (z.view(n, t, experts, expert) * gates[..., None]).bfloat16().reshape(n, t, -1)
    return x + F.linear(z, w2.bfloat16()).float() + gates @ b2, balance


BEFORE, AFTER = before, after


def compile_parts():
    global BEFORE, AFTER
    BEFORE, AFTER = torch.compile(before, dynamic=False), torch.compile(after, dynamic=False)


class Block(nn.Module):
    def __init__(self, c, index):
        super().__init__()
        self.c, self.sliding = c, index % 2 == 0
        h, e = c.hidden, c.experts * c.expert
        self.n1, self.n2 = nn.Parameter(torch.ones(h)), nn.Parameter(torch.ones(h))
        self.sinks = nn.Parameter(torch.zeros(c.heads))
        self.qkv, self.qkv_bias = nn.Parameter(torch.randn((c.heads + 2 * c.kv) * c.head, h) * .02), nn.Parameter(torch.zeros((c.heads + 2 * c.kv) * c.head))
        self.out, self.out_bias = nn.Parameter(torch.randn(h, c.heads * c.head) * .005), nn.Parameter(torch.zeros(h))
        self.gate, self.gate_bias = nn.Parameter(torch.randn(c.experts, h) * .02), nn.Parameter(torch.zeros(c.experts))
        self.w1, self.b1 = nn.Parameter(torch.randn(2, e, h) / math.sqrt(h) * .7), nn.Parameter(torch.zeros(2, e))  # gate and up
        self.w2, self.b2 = nn.Parameter(torch.randn(h, e) * .1 / math.sqrt(c.expert)), nn.Parameter(torch.zeros(c.experts, h))

    def matrices(self):
        """Views that an optimiser of matrices works on: heads [*,64,H] and experts [*,I,H]."""
        c = self.c
        return ([lambda t: t.view(-1, c.head, c.hidden), lambda t: t.view(c.hidden, c.heads, c.head).permute(1, 2, 0)],
                [lambda t: t.view(-1, c.expert, c.hidden), lambda t: t.view(c.hidden, c.experts, c.expert).permute(1, 2, 0)])

    def forward(self, x, cos, sin, plan, fp4, balance):
        c = self.c
        q, k, v = BEFORE(x, self.n1, self.qkv, self.qkv_bias, cos, sin, c.heads, c.kv, c.head)
        o = Attention.apply(q, k, v, self.sinks, plan, 1 / math.sqrt(c.head))
        w1, w2 = self.w1, self.w2
        if fp4:
            w1, w2 = quantised(w1), quantised(w2.view(c.hidden, c.experts, c.expert)).view(c.hidden, -1)
        x, b = AFTER(x, o, self.out, self.out_bias, self.n2, self.gate, self.gate_bias, w1, self.b1, w2, self.b2, c.experts, c.expert, c.limit)
        balance.append(b)
        return x


class Model(nn.Module):
    def __init__(self, c, core):
        super().__init__()
        self.c, self.core = c, core
        p, k = rows.build()
        p, k, s = torch.from_numpy(p).long(), torch.from_numpy(k), torch.from_numpy(rows.codes(c.hidden))
        half, last = c.hidden // 2, c.hidden * 3 // 4
        self.embedding = Rows(c.hidden, core, p, k, s, 0, .5, [(0, 0, 1), (1, 0, .7), (2, 0, .5), (1, last, .7)])
        self.unembedding = Rows(c.hidden, core, p, k, s, half, .15, [(0, half, 1), (1, half, .7), (2, half, .5)])
        self.blocks = nn.ModuleList([Block(c, i) for i in range(c.layers)])
        self.scale = nn.Parameter(torch.ones(c.hidden))
        Start(self).apply()

    def forward(self, x, positions, full, sliding, fp4):
        cos, sin, _ = rope(self.c, positions)
        cos, sin, balance = cos[:, None].contiguous(), sin[:, None].contiguous(), []
        for b in self.blocks:
            x = b(x, cos, sin, sliding if b.sliding else full, fp4, balance)
        return norm(x, self.scale), sum(balance) / len(balance)


class Start:
    """Heads that begin as what they are hoped to become: copies of earlier tokens' codes, and matches of codes. All of it is trained.

    The hidden dimensions begin as four places for a code of 64 signs: the token's own; the token's before it; what shall be said next;
    and several at once, each shuffled in its own way: the token's second piece, the token before the one before, the last piece of the
    name of the tool that is being declared, that of the parameter declared before."""

    def __init__(self, m):
        self.m, self.c = m, m.c
        self.half = self.c.head // 2
        self.inv = rope(self.c, torch.zeros(1))[2]
        self.slow = list(range(self.half // 2, self.half)) + list(range(self.half + self.half // 2, self.c.head))
        n = self.c.hidden // 4
        assert n == self.c.head == 64
        eye = torch.eye(self.c.hidden)
        self.own, self.previous, self.next, self.piece = (eye[i * n:(i + 1) * n] for i in range(4))
        self.second, self.owner, self.last = (self.piece[torch.randperm(n)] for _ in range(3))

    def distance(self, b, head, d, amplitude=4.5, first=0, pairs=6):
        """The head looks d tokens back: a bias of query and key on some pairs of RoPE."""
        q, k = head * self.c.head, (self.c.heads + head) * self.c.head
        for i in range(first, first + pairs):
            a = float(-self.inv[i] * d)
            b.qkv_bias[k + i] = amplitude
            b.qkv_bias[q + i], b.qkv_bias[q + self.half + i] = amplitude * math.cos(a), amplitude * math.sin(a)

    def match(self, b, head, *terms):
        """The head looks where codes agree: of each term, the one that the query has in a place with the one that the key has in another."""
        q, k = head * self.c.head, (self.c.heads + head) * self.c.head
        b.qkv[q:q + self.c.head] = 0
        b.qkv[k:k + self.c.head] = 0
        for query, key, gain in terms:
            a = torch.linalg.qr(torch.randn(64, 64))[0][:len(self.slow) - 1] * gain
            b.qkv[[q + d for d in self.slow[:-1]]] += a @ query
            b.qkv[[k + d for d in self.slow[:-1]]] += a @ key

    def prefer(self, b, head, tokens, place, strength):
        """Whatever the query, the head prefers keys that have one of the tokens in a place."""
        q, k = head * self.c.head, (self.c.heads + head) * self.c.head
        code = sum(self.m.embedding.signs[t, :64].float() for t in tokens)
        b.qkv[k + self.slow[-1]] += code @ place * strength / 64
        b.qkv_bias[q + self.slow[-1]] += 8

    def copy(self, b, head, source, target, strength):
        """What the head sees in a place it writes to another."""
        v = (self.c.heads + self.c.kv + head) * self.c.head
        b.qkv[v:v + self.c.head] = source
        b.out[:, head * self.c.head:(head + 1) * self.c.head] += strength * target.T

    @torch.no_grad()
    def apply(self):
        from words import encode
        names, colons = encode("x =")[1:2], encode("x:")[1:2] + encode("x?:")[1:2]
        starts = encode("= (_: {\nx")[-2:-1] + encode("x: string,\nx")[-2:-1]
        for n, b in enumerate(self.m.blocks):
            if n % 2 == 0:
                for h, d in enumerate((1, 2, 3, 0)):
                    self.distance(b, h, d)
                if n == 0:
                    self.copy(b, 0, self.own, self.previous, .25)
                    self.copy(b, 1, self.own, self.second, .12)
            elif n == 1:
                self.match(b, 0, (self.own, self.previous, G1))  # what came after this token
                self.copy(b, 0, self.own, self.next, .3)
                for h, marks, to in ((1, names, self.owner), (2, colons, self.last)):
                    self.match(b, h)
                    self.prefer(b, h, marks, self.own, 5)
                    self.distance(b, h, 0, 2.5, 5, 5)  # the nearest
                    self.copy(b, h, self.previous, to, .5)
                self.match(b, 3, (self.own, self.own, G1))  # this token elsewhere: its second piece is next
                self.copy(b, 3, self.piece, self.next, .2)
            elif n == 3:
                self.match(b, 0, (self.own, self.previous, G1), (self.previous, self.second, .8))  # what came after these two tokens
                self.copy(b, 0, self.own, self.next, .4)
                self.match(b, 1, (self.previous, self.owner, G3), (self.previous, self.last, G3))  # the first parameter of a tool, and the next
                self.prefer(b, 1, starts, self.previous, 5)
                self.copy(b, 1, self.own, self.next, .4)
                self.match(b, 2, (self.second, self.own, G3))  # a word in a tool's name: the name's beginning is before it
                self.copy(b, 2, self.previous, self.next, .2)
            elif n == 5:
                self.match(b, 0, (self.own, self.previous, G1), (self.previous, self.second, .8))
                self.copy(b, 0, self.own, self.next, .3)


G1, G3 = 1.4, 2.0
