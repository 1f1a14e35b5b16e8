"""Trains the model: two processes, each with a thread. See README.md for the commands."""
import argparse
import json
import math
import os
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F

import export
import model as M
import rows
from words import END, START, VOCABULARY as V


def arguments():
    a = argparse.ArgumentParser()
    a.add_argument("--data", required=True)
    a.add_argument("--test", required=True)
    a.add_argument("--out", required=True)
    a.add_argument("--init", default="", help="a checkpoint to go on from, or a directory of weights that export.py wrote")
    a.add_argument("--minutes", type=float, default=45, help="length of the schedule, by the clock")
    a.add_argument("--begin", type=float, default=0, help="the part of the schedule that is done already")
    a.add_argument("--rows", type=int, default=2, help="rows in a step, of both processes together")
    a.add_argument("--length", type=int, default=896)
    a.add_argument("--core", type=int, default=1200)
    a.add_argument("--rate", type=float, default=2e-3, help="of Adam: vectors and rows")
    a.add_argument("--matrix-rate", type=float, default=4e-3, help="of Muon: heads and experts, in spectral norm")
    a.add_argument("--quantise", type=float, default=.75, help="experts are rounded to MXFP4 from this part of the schedule on")
    a.add_argument("--negatives", type=int, default=3000)
    a.add_argument("--mined", type=int, default=8, help="ids that score highest in place of each of some rare tokens, to be told from it")
    a.add_argument("--save", type=int, default=100)
    a.add_argument("--evaluate", type=int, default=300)
    a.add_argument("--steps", type=int, default=0, help="stop after so many")
    for k, v in vars(M.Config()).items():
        if k in ("layers", "hidden", "heads", "kv", "experts", "expert"):
            a.add_argument("--" + k, type=int, default=v)
    return a.parse_args()


class Data:
    def __init__(self, path):
        d = np.load(path)
        self.d = {k: d[k] for k in d.files}
        self.n = len(self.d["offset"]) - 1

    def row(self, i):
        s, e = self.d["offset"][i], self.d["offset"][i + 1]
        return [self.d[k][s:e] for k in ("token", "learnt", "position", "branch")]


class Batches:
    """Batches with a vocabulary of their own: the core, the batch's other ids and those like them, and random ones for the rest."""

    def __init__(self, core, length, negatives):
        self.core, self.length, self.negatives = core, length, negatives
        self.known = np.zeros(V, bool)
        self.known[core] = True
        p, _ = rows.build()
        self.pieces = p
        key = [tuple(x) for x in p.tolist()]
        self.like = {}
        for i, k in enumerate(key):
            self.like.setdefault(k, []).append(i)
        self.key = key

    def make(self, data, index, rng):
        n, t = len(index), self.length
        x, learnt, pos, branch = np.zeros((n, t), np.int64), np.zeros((n, t), bool), np.zeros((n, t), np.int64), np.full((n, t), -1, np.int64)
        for j, i in enumerate(index):
            r = data.row(i)
            m = min(len(r[0]), t)
            x[j, :m], learnt[j, :m], pos[j, :m], branch[j, :m] = r[0][:m], r[1][:m] > 0, r[2][:m], r[3][:m]
        valid = branch >= 0
        u = np.unique(x[valid])
        rare = u[~self.known[u]]
        more = set(rng.integers(0, V, self.negatives).tolist())
        for i in rare.tolist():
            more.update(self.like[self.key[i]])
            more.add(int(self.pieces[i, 0]))
        more = np.array(sorted(more), np.int64)
        more = more[~self.known[more] & ~np.isin(more, rare)]
        local = np.concatenate([self.core, rare, more])
        at = np.zeros(V, np.int64)
        at[local] = np.arange(len(local))
        T = torch.from_numpy
        return T(at[x]), T(learnt), T(pos), T(branch), T(valid), T(local), len(self.core) + len(rare)


def forward(model, batch, fp4):
    """Hidden states where the next token is learnt, and that token."""
    x, learnt, pos, branch, valid, local, seen = batch
    e = F.embedding(x, model.embedding(local[:seen]))
    full, near = M.parts(branch, model.c.window)
    h, balance = model(e, pos, full, near, fp4)
    at = torch.zeros_like(learnt)
    at[:, :-1] = learnt[:, 1:]
    return h[at], x[:, 1:][learnt[:, 1:]], at, balance


class Miner:
    """Finds what rare tokens are mistaken for: the ids that score highest of the whole vocabulary, which random ones hardly ever are."""

    def __init__(self, model, count, places=64, fresh=20):
        self.model, self.count, self.places, self.fresh, self.age = model, count, places, fresh, 0

    @torch.no_grad()
    def extend(self, h, t, batch):
        """The batch with such ids in its vocabulary. t is the tokens wanted after h, in the batch's numbers."""
        local, seen = batch[5], batch[6]
        rare = torch.nonzero(t >= len(self.model.core))[:, 0]
        if not self.count or not len(rare):
            return batch
        if self.age % self.fresh == 0:  # rows change little from step to step
            self.all = torch.cat([self.model.unembedding(i) for i in torch.arange(V).split(1 << 14)]).bfloat16()
        self.age += 1
        rare = rare[torch.randperm(len(rare))[:self.places]]
        top = (h[rare].bfloat16() @ self.all.T).topk(self.count, 1)[1].flatten().unique()
        return (*batch[:5], torch.cat((local, top[~torch.isin(top, local)])), seen)


def logits(model, h, batch):
    """Scores over the batch's vocabulary. Those that stand for all the rest count as many as they stand for."""
    local, seen = batch[5], batch[6]
    l = (h.bfloat16() @ model.unembedding(local).bfloat16().T).float()
    weight = torch.zeros(len(local))
    weight[seen:] = math.log((V - seen) / max(1, len(local) - seen))
    return l, weight


@torch.no_grad()
def evaluate(model, batches, data, count, fp4):
    """Tokens and whole branches right, when every token before is right too."""
    rng = np.random.default_rng(5)
    good = total = whole = all_ = 0
    for s in range(count):
        b = batches.make(data, [s], rng)
        h, t, at, _ = forward(model, b, fp4)
        ok = logits(model, h, b)[0].argmax(-1) == t
        good, total = good + int(ok.sum()), total + len(ok)
        wrong = torch.zeros_like(b[1])
        wrong[at] = ~ok
        for j in range(1):
            for k in range(1, int(b[3][j].max()) + 1):
                all_ += 1
                whole += int(not wrong[j][b[3][j] == k].any())
    return "tokens %.4f branches %d/%d" % (good / total, whole, all_)


class Muon:
    """Momentum whose steps are made orthogonal (Keller Jordan, Muon): of a stack of matrices each."""

    def __init__(self, params, decay=.01):
        self.items, self.decay = params, decay  # [(parameter, view)] of one shape
        self.momentum = [torch.zeros_like(p) for p, _ in params]

    @torch.no_grad()
    def step(self, rate):
        parts = []
        for (p, view), m in zip(self.items, self.momentum):
            m.lerp_(p.grad, .05)
            parts.append(view(p.grad.lerp(m, .95)))
        x = torch.cat(parts).bfloat16()
        x = x / (x.float().norm(dim=(1, 2), keepdim=True) + 1e-12).bfloat16()
        for a, b, c in ((3.4445, -4.7750, 2.0315),) * 5:
            g = x @ x.transpose(1, 2)
            x = a * x + (b * g + c * g @ g) @ x
        x, at = x.float(), 0
        for (p, view), part in zip(self.items, parts):
            p.mul_(1 - rate * self.decay)
            view(p.data).sub_(x[at:at + len(part)], alpha=rate)
            at += len(part)


def main():
    a = arguments()
    torch.set_num_threads(1)
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if world > 1:
        dist.init_process_group("gloo")
    data, test = Data(a.data), Data(a.test)
    torch.manual_seed(1)
    c = M.Config(**{k: getattr(a, k) for k in ("layers", "hidden", "heads", "kv", "experts", "expert")})
    ck = None
    if os.path.isdir(a.init):
        m = export.restored(a.init)
        ck = dict(model=m.state_dict(), core=m.core, step=0)
    elif a.init:
        ck = torch.load(a.init, weights_only=False)
    core = ck["core"] if ck else np.sort(np.argsort(-np.bincount(data.d["token"], minlength=V), kind="stable")[:a.core])
    model = M.Model(c, core)
    if ck:
        model.load_state_dict(ck["model"])
    miner = Miner(model, a.mined)
    batches = Batches(core, a.length, a.negatives)
    heads, experts, matrices = [], [], set()
    for b in model.blocks:
        vh, ve = b.matrices()
        heads += [(b.qkv, vh[0]), (b.out, vh[1])]
        experts += [(b.w1, ve[0]), (b.w2, ve[1])]
        matrices |= {id(p) for p in (b.qkv, b.out, b.w1, b.w2)}
    muons = [Muon(heads), Muon(experts)]
    rest = [p for p in model.parameters() if id(p) not in matrices]
    adam = torch.optim.AdamW(rest, lr=a.rate, betas=(.9, .98), eps=1e-9, weight_decay=0, fused=True)
    if ck and "adam" in ck:
        adam.load_state_dict(ck["adam"])
        for m, s in zip(muons, ck["muon"]):
            m.momentum = s
    params = list(model.parameters())
    os.makedirs(a.out, exist_ok=True)
    log = open(a.out + "/log.txt", "a")

    def say(s):
        if rank == 0:
            print(s, flush=True)
            log.write(s + "\n")
            log.flush()

    say("parameters %d, core %d, rows %d, arguments %s" % (sum(p.numel() for p in params), len(core), data.n, json.dumps(vars(a))))
    M.compile_parts()
    order_rng, rng = np.random.default_rng(100 + int(a.begin * 1000)), np.random.default_rng(1000 + rank)
    order, at, step, part, losses, rights = order_rng.permutation(data.n), 0, ck["step"] if ck else 0, a.begin, [], []
    began, first = time.time(), step
    while part < 1 and not (a.steps and step - first >= a.steps):
        if at + a.rows > data.n:
            order, at = order_rng.permutation(data.n), 0
        mine = order[at + rank * a.rows // world:at + (rank + 1) * a.rows // world]
        at += a.rows
        factor = min(1, (step - first + 1) / 40) * (.02 + .98 * min(1, 1.25 * (1 - part)))  # level, then down in a line
        fp4 = part >= a.quantise
        b = batches.make(data, mine, rng)
        h, t, _, balance = forward(model, b, fp4)
        b = miner.extend(h.detach(), t, b)
        l, weight = logits(model, h, b)
        loss = F.cross_entropy(l + weight, t)
        for p in params:
            p.grad = None
        (loss + .01 * balance).backward()
        done = a.begin + (1 - a.begin) * (time.time() - began) / 60 / a.minutes
        if world > 1:
            flat = torch.cat([p.grad.reshape(-1) for p in params] + [torch.tensor([done])])
            dist.all_reduce(flat)
            flat /= world
            done, o = float(flat[-1]), 0
            for p in params:
                p.grad.copy_(flat[o:o + p.numel()].view_as(p))
                o += p.numel()
        norm = torch.nn.utils.clip_grad_norm_(rest, 1.0)
        for g in adam.param_groups:
            g["lr"] = a.rate * factor
        adam.step()
        for m in muons:
            m.step(a.matrix_rate * factor)
        part = done
        losses.append(loss.item())
        rights.append((l.argmax(-1) == t).float().mean().item())
        step += 1
        if step % 25 == 0 or step - first < 3:
            say("step %d part %.3f loss %.4f right %.4f norm %.2f wall %.0f cpu %.0f" % (
                step, part, np.mean(losses[-25:]), np.mean(rights[-25:]), norm, time.time() - began, time.process_time()))
        if rank == 0 and (step % a.save == 0 or part >= 1):
            torch.save(dict(model=model.state_dict(), adam=adam.state_dict(), muon=[m.momentum for m in muons], step=step, part=part,
                            core=core, config=vars(c)), a.out + "/new.pt")
            os.replace(a.out + "/new.pt", a.out + "/last.pt")
        if rank == 0 and (step % a.evaluate == 0 or part >= 1):
            say("evaluate %d %s" % (step, evaluate(model, batches, test, 16, fp4)))
    say("done")


if __name__ == "__main__":
    main()
