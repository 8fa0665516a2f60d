#!/usr/bin/env python3
"""Golden values for layers with layer normalization inside the cell, from PyTorch autograd in float64.

    python3 make.py OUT_DIR [SEED]

Writes one JSON file a case, with the fields of ../Cells. See README.md for the equations.
"""
import json, math, sys
import torch

torch.set_default_dtype(torch.float64)
GATES = {"lstm": 4, "gru": 3, "plain": 1, "leaky": 1}
ACT = {"tanh": (torch.tanh, lambda h: 1 - h * h), "sigmoid": (torch.sigmoid, lambda h: h * (1 - h)),
       "relu": (torch.relu, lambda h: (h > 0).to(h.dtype))}


def layer(cell, act, leak, p, l, xs, h, c):
    """Runs one layer over its inputs; returns states, carried cells and what Omega needs of every step."""
    W, U, H = p[f"weight_ih_l{l}"], p[f"weight_hh_l{l}"], h.shape[1]
    bi = p.get(f"bias_ih_l{l}", torch.zeros(W.shape[0])).chunk(GATES[cell])
    bh = p.get(f"bias_hh_l{l}", torch.zeros(W.shape[0])).chunk(GATES[cell])
    gain = p[f"gain_l{l}"].chunk(p[f"gain_l{l}"].shape[0] // H)
    norm = lambda block, sums, bias: torch.nn.functional.layer_norm(sums, (H,), gain[block], bias, 1e-5)
    hs, cs, kept = [], [], []
    for x in xs:
        a, b = (x @ W.T).chunk(GATES[cell], 1), (h @ U.T).chunk(GATES[cell], 1)
        if cell != "gru":
            x = [norm(k, a[k] + b[k], bi[k] + bh[k]) for k in range(GATES[cell])]
        if cell == "lstm":
            i, f, g, o = x
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            new = f * c + i * g
            h = o * new.tanh()
            kept.append(dict(i=i, f=f, g=g, o=o, c=new, before=c, sums=torch.stack([u + v for u, v in zip(a, b)])))
            c = new * 1  # the cell as it is carried on, apart from its use in h
            cs.append(c)
        elif cell == "gru":
            r, z = (norm(k, a[k] + b[k], bi[k] + bh[k]).sigmoid() for k in range(2))
            q = norm(3, b[2], bh[2])
            n = (norm(2, a[2], bi[2]) + r * q).tanh()
            kept.append(dict(r=r, z=z, n=n, q=q, before=h, sums=torch.stack([a[0] + b[0], a[1] + b[1], b[2]])))
            h = (1 - z) * n + z * h
        else:
            s = ACT[act][0](x[0])
            kept.append(dict(s=s, sums=torch.stack([a[0] + b[0]])))
            h = s if cell == "plain" else (1 - leak) * h + leak * s
        hs.append(h)
    return hs, cs, kept


def flow(cell, act, leak, U, gain, kept, ah, ac, H):
    """a_t times ds_t/ds_{t-1}, with states, gates and normalized sums held: (dE/dh, dE/dc) one step back, of U alone."""
    k = {n: v.detach() for n, v in kept.items()}
    gain = gain.detach().chunk(gain.shape[0] // H)

    def below(signals, blocks):
        """dE/da of the sums below the normalization, side by side, by autograd of layer_norm itself."""
        parts = []
        for signal, block, sums in zip(signals, blocks, k["sums"]):
            sums = sums.clone().requires_grad_(True)
            (part,) = torch.autograd.grad(torch.nn.functional.layer_norm(sums, (H,), gain[block], None, 1e-5), sums, signal)
            parts.append(part)
        return torch.cat(parts, 1)

    if cell == "lstm":
        th = k["c"].tanh()
        dc = ac + ah * k["o"] * (1 - th * th)
        gates = below([dc * k["g"] * k["i"] * (1 - k["i"]), dc * k["before"] * k["f"] * (1 - k["f"]),
                       dc * k["i"] * (1 - k["g"] ** 2), ah * th * k["o"] * (1 - k["o"])], [0, 1, 2, 3])
        return torch.cat([gates @ U, dc * k["f"]], 1)
    if cell == "gru":
        dn = ah * (1 - k["z"]) * (1 - k["n"] ** 2)
        dz = ah * (k["before"] - k["n"]) * k["z"] * (1 - k["z"])
        dr = dn * k["q"] * k["r"] * (1 - k["r"])
        return below([dr, dz, dn * k["r"]], [0, 1, 3]) @ U + ah * k["z"]
    d = below([ah * ACT[act][1](k["s"])], [0])
    return d @ U if cell == "plain" else (1 - leak) * ah + leak * (d @ U)


def case(name, cell, head, T, B, I, H, O, seed, layers=1, act="tanh", leak=1.0, bias=True, lengths=None, scale=0.5, alpha=2.0, clip=0.05):
    g = torch.Generator().manual_seed(seed)
    rnd = lambda *s: torch.randn(*s, generator=g)
    G = GATES[cell]
    p = {}
    for l in range(layers):
        p[f"weight_ih_l{l}"] = rnd(G * H, I if l == 0 else H) * 0.5
        p[f"weight_hh_l{l}"] = rnd(G * H, H) * scale
        p[f"gain_l{l}"] = 1 + rnd((4 if cell == "gru" else G) * H) * 0.2
        if bias:
            p[f"bias_ih_l{l}"] = rnd(G * H) * 0.1
            p[f"bias_hh_l{l}"] = rnd(G * H) * 0.1
    p["weight"] = rnd(O, H) * 0.5
    if bias:
        p["bias"] = rnd(O) * 0.1
    n = torch.tensor(lengths or [T] * B)
    valid = torch.arange(T).unsqueeze(1) < n.unsqueeze(0)
    u = (torch.rand(T, B, I, generator=g) < 0.3).to(torch.float64) if head == "every_bernoulli" else torch.rand(T, B, I, generator=g)
    h0 = rnd(layers, B, H) * 0.3
    c0 = rnd(layers, B, H) * 0.3
    for v in list(p.values()) + [h0, c0]:
        v.requires_grad_(True)
    xs, every = list(u), []
    for l in range(layers):
        hs, cs, kept = layer(cell, act, leak, p, l, xs, h0[l], c0[l])
        for v in hs + cs:
            v.retain_grad()
        every.append((hs, cs, kept))
        xs = hs
    ys = torch.stack(xs) @ p["weight"].T + p.get("bias", torch.zeros(O))
    last, m = ys[n - 1, torch.arange(B)], valid.to(torch.float64)
    if head == "last_softmax":
        target = torch.randint(O, (B,), generator=g)
        cost = torch.nn.functional.cross_entropy(last, target)
    elif head == "every_softmax":
        target = torch.randint(O, (T, B), generator=g)
        cost = (torch.nn.functional.cross_entropy(ys.reshape(T * B, O), target.reshape(-1), reduction="none").reshape(T, B) * m).sum() / B
    elif head == "last_linear":
        target = torch.rand(B, O, generator=g)
        cost = ((last - target) ** 2).sum(1).mean()
    elif head == "every_linear":
        target = torch.rand(T, B, O, generator=g)
        cost = (((ys - target) ** 2).sum(2) * m).sum() / B
    else:
        target = (torch.rand(T, B, O, generator=g) < 0.3).to(torch.float64)
        cost = (torch.nn.functional.binary_cross_entropy_with_logits(ys, target, reduction="none").sum(2) * m).sum() / B
    cost.backward()
    zero = torch.zeros(B, H)
    grads = {k: v.grad.clone() for k, v in p.items()}
    omegas, total, states, cells, ah, ac = [], {k: v.clone() for k, v in grads.items()}, [], [], [], []
    for l, (hs, cs, kept) in enumerate(every):
        a = torch.stack([zero if v.grad is None else v.grad for v in hs])
        b = torch.stack([zero if v.grad is None else v.grad for v in cs]) if cs else torch.zeros(T, B, 0)
        U = p[f"weight_hh_l{l}"].detach().clone().requires_grad_(True)
        v = torch.stack([flow(cell, act, leak, U, p[f"gain_l{l}"], kept[t], a[t], b[t], H) for t in range(T)])
        nv, d = (v ** 2).sum(2), (a ** 2).sum(2) + (b ** 2).sum(2)
        keep = (d >= 1e-20) & valid
        om = torch.where(keep, (nv / torch.where(keep, d, torch.ones_like(d)) - 1) ** 2, torch.zeros_like(d)).sum() / keep.sum()
        (go,) = torch.autograd.grad(om, U)
        total[f"weight_hh_l{l}"] = total[f"weight_hh_l{l}"] + alpha * go
        omegas.append(dict(value=float(om), kept=float(keep.sum() / valid.sum()), gradient=go.tolist()))
        states.append(torch.stack(hs).tolist()); cells.append(torch.stack(cs).tolist() if cs else [])
        ah.append(a.tolist()); ac.append(b.tolist())
        # the flow must be what autograd carries: state gradients one step back, where the step has no cost of its own below
        if head.startswith("last") and l == layers - 1 and lengths is None and T > 1:
            assert torch.allclose(v[T - 1][:, :H], a[T - 2], atol=1e-12)
    norm = math.sqrt(sum(float((x ** 2).sum()) for x in total.values()))
    f = clip / norm if norm >= clip else 1.0
    return dict(name=name, cell=cell, activation=act, leak=leak, normalized=True, layers=layers, head=head, T=T, B=B, I=I, H=H, O=O, bias=bias,
                lengths=lengths or [T] * B, inputs=u.tolist(), targets=target.tolist(), params={k: v.tolist() for k, v in p.items()},
                h0=h0.tolist(), c0=c0.tolist() if cell == "lstm" else [], states=states, cells=cells, outputs=ys.tolist(), cost=float(cost),
                gradients={k: v.tolist() for k, v in grads.items()}, h0_gradient=h0.grad.tolist(),
                c0_gradient=c0.grad.tolist() if cell == "lstm" else [], state_gradients=ah, cell_gradients=ac, omega=omegas,
                update=dict(alpha=alpha, clip=clip, norm=norm, scale=f, gradients={k: (x * f).tolist() for k, x in total.items()}))


def main(out, seed):
    for c in [
        case("plain-tanh", "plain", "last_softmax", 12, 3, 6, 7, 4, seed + 1, scale=0.8),
        case("plain-relu-no-bias", "plain", "every_linear", 7, 2, 4, 9, 3, seed + 2, act="relu", bias=False),
        case("leaky-sigmoid", "leaky", "every_softmax", 9, 2, 5, 17, 5, seed + 3, act="sigmoid", leak=0.6, scale=1.5),
        case("lstm-unequal-lengths", "lstm", "every_softmax", 9, 4, 5, 9, 5, seed + 4, lengths=[9, 3, 7, 1]),
        case("lstm-two-layers", "lstm", "every_bernoulli", 6, 2, 5, 6, 5, seed + 5, layers=2),
        case("gru-last-softmax", "gru", "last_softmax", 12, 3, 6, 7, 4, seed + 6),
        case("gru-no-bias-unequal", "gru", "last_linear", 10, 3, 3, 8, 2, seed + 7, bias=False, lengths=[10, 2, 7]),
    ]:
        with open(f"{out}/{c['name']}.json", "w") as f:
            json.dump(c, f)
        print(c["name"], "cost", round(c["cost"], 6), "omega", [round(o["value"], 6) for o in c["omega"]])


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
