"""Real files of PyTorch with what they must mean: python3 make.py OUT_DIR (PyTorch 2.6; the files beside this one are its output).

Each network is run by PyTorch on the same few sequences of symbols; expected.json has its cost (cross-entropy at the last step,
mean over the sequences), the norm of the gradient over all parameters of the file, and its effective weights.
"""
import argparse, json, os, pickle, struct, sys
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune

I, H, O, T, B = 6, 5, 4, 12, 3
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.manual_seed(1)
symbols = torch.randint(0, I, (T, B))
classes = torch.randint(0, O, (B,))
expected = {"inputs": I, "hidden": H, "outputs": O, "symbols": symbols.tolist(), "classes": classes.tolist(), "files": {}}


class Net(nn.Module):
    def __init__(self, bias=True, head_bias=True, nonlinearity="tanh", cell=False):
        super().__init__()
        if cell: self.cell = nn.RNNCell(I, H, bias=bias, nonlinearity=nonlinearity)
        else: self.rnn = nn.RNN(I, H, bias=bias, nonlinearity=nonlinearity)
        self.fc = nn.Linear(H, O, bias=head_bias)

    def forward(self, u):
        if hasattr(self, "rnn"):
            return self.fc(self.rnn(u)[0][-1])
        h = torch.zeros(u.shape[1], H, dtype=u.dtype)
        for step in u: h = self.cell(step, h)
        return self.fc(h)


class Mlp(Net):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(H, H), nn.ReLU(), nn.Linear(H, O))


def measure(name, net, plain=True):
    """What the network of a file does, in double as it was saved. Norms are those of the file's own parameters when it is plain."""
    net = net.double().eval()
    net.zero_grad()
    u = nn.functional.one_hot(symbols, I).double()
    cost = nn.functional.cross_entropy(net(u), classes)
    cost.backward()
    layer, end = (net.cell, "") if hasattr(net, "cell") else (net.rnn, "_l0")
    entry = {"cost": cost.item()}
    if plain: entry["norm"] = torch.sqrt(sum((p.grad ** 2).sum() for p in net.parameters())).item()
    else: entry |= {"weight_hh": getattr(layer, "weight_hh" + end).flatten().tolist(), "head": net.fc.weight.flatten().tolist()}
    expected["files"][name] = entry


def save(name, what, net=None, plain=True, **how):
    torch.save(what, os.path.join(out, name), **how)
    if net is not None: measure(name, net, plain)


def safetensors(name, state, net, plain=True):
    """The safetensors format is small, and its package is not needed for it."""
    types = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for key, tensor in state.items():
        raw = tensor.contiguous().view(torch.uint8).numpy().tobytes()
        header[key] = {"dtype": types[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(os.path.join(out, name), "wb") as file: file.write(struct.pack("<Q", len(text)) + text + data)
    measure(name, net, plain)


def trained(net, steps=3):
    """Some updates, so that no parametrization is at its start."""
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(nn.functional.one_hot(symbols, I).to(next(net.parameters()).dtype)), classes).backward()
        optimizer.step()
    net.optimizer_state = optimizer.state_dict()
    return net


net = Net()
save("plain.pt", net.state_dict(), net)
net = Net().double()
save("double.pth", net.state_dict(), net)
for kind, name in ((torch.float16, "half"), (torch.bfloat16, "bfloat16")):
    net = Net().to(kind)
    state = {key: value.clone() for key, value in net.state_dict().items()}
    save(f"{name}.pt", state, net)
    safetensors(f"{name}.safetensors", state, net)
net = Net(bias=False)
save("no-hidden-bias.pt", net.state_dict(), net)
net = Net(head_bias=False, nonlinearity="relu")
save("relu-no-head-bias.pt", net.state_dict(), net)
net = Net(bias=False, head_bias=False)
save("no-bias.pt", net.state_dict(), net)
net = Net(cell=True)
save("cell.pt", net.state_dict(), net)
for protocol in (3, 4, 5):
    net = Net()
    save(f"protocol{protocol}.pt", net.state_dict(), net, pickle_protocol=protocol)

# Views: a transpose, a row of a larger storage, and one storage behind two names.
net = Net()
state = net.state_dict()
state["rnn.weight_hh_l0"] = state["rnn.weight_hh_l0"].t().contiguous().t()
whole = torch.cat([torch.zeros(7), state["fc.weight"].flatten(), torch.ones(9)])
state["fc.weight"] = whole[7:7 + O * H].view(O, H)
columns = torch.stack([state["rnn.bias_ih_l0"], state["rnn.bias_hh_l0"]], 1)
state["rnn.bias_ih_l0"], state["rnn.bias_hh_l0"] = columns[:, 0], columns[:, 1]
save("views.pt", state, net)
torch.serialization.set_crc32_options(False)
net = Net()
save("no-checksum.pt", net.state_dict(), net)
torch.serialization.set_crc32_options(True)
net = Net()
save("parameters.pt", dict(net.named_parameters()), net)

# Checkpoints.
net = trained(Net())
save("checkpoint.pt", {"epoch": 3, "model_state_dict": net.state_dict(), "optimizer_state_dict": net.optimizer_state, "loss": torch.tensor(0.5), "note": None, "rate": 0.1, "big": 2 ** 80, "bytes": b"\x00\xff"}, net)
net = Net()
save("modules.pt", {"rnn": net.rnn.state_dict(), "fc": net.fc.state_dict(), "optimizer": trained(Net()).optimizer_state}, net)
net, other = Net(), Net()
save("two.pt", {"model": net.state_dict(), "ema": other.state_dict()}, net)
net = Net()
save("data-parallel.pt", {"module." + key: value for key, value in net.state_dict().items()}, net)

# Parametrizations.
def orthogonal(**how):
    net = Net()
    parametrizations.orthogonal(net.rnn, "weight_hh_l0", **how)
    return trained(net)


for name in ("matrix_exp", "cayley", "householder"):
    net = orthogonal(orthogonal_map=name)
    save(f"orthogonal-{name}.pt", net.state_dict(), net, plain=False)
    net = orthogonal(orthogonal_map=name, use_trivialization=False)
    save(f"orthogonal-{name}-alone.pt", net.state_dict(), net, plain=False)
net = Net()
parametrizations.orthogonal(net.rnn, "weight_hh_l0")
parametrizations.orthogonal(net.fc, "weight")
trained(net)
safetensors("orthogonal-head.safetensors", net.state_dict(), net, plain=False)
for dim in (0, 1, None):
    net = Net()
    parametrizations.weight_norm(net.rnn, "weight_hh_l0", dim=dim)
    parametrizations.weight_norm(net.fc, "weight", dim=dim)
    trained(net)
    save(f"weight-norm-{dim}.pt", net.state_dict(), net, plain=False)
    net = Net()
    nn.utils.weight_norm(net.fc, "weight", dim=dim)
    trained(net)
    save(f"weight-norm-old-{dim}.pt", net.state_dict(), net, plain=False)
net = Net()
parametrizations.spectral_norm(net.rnn, "weight_hh_l0")
trained(net)
save("spectral-norm.pt", net.eval().state_dict(), net, plain=False)
net = Net()
nn.utils.spectral_norm(net.fc, "weight")
trained(net)
save("spectral-norm-old.pt", net.eval().state_dict(), net, plain=False)
net = Net()
prune.l1_unstructured(net.rnn, "weight_hh_l0", amount=0.5)
save("pruned.pt", net.state_dict(), net, plain=False)


class Halved(nn.Module):
    def forward(self, x): return x / 2


# What is refused.
net = Net()
parametrize.register_parametrization(net.rnn, "weight_hh_l0", Halved())
save("unknown-parametrization.pt", net.state_dict())
save("mlp.pt", Mlp().state_dict())
save("module.pt", Net())
save("namespace.pt", {"args": argparse.Namespace(lr=1), "state_dict": Net().state_dict()})
save("legacy.pt", Net().state_dict(), _use_new_zipfile_serialization=False)
torch.jit.trace(Net(), torch.zeros(T, B, I)).save(os.path.join(out, "scripted.pt"))
save("tensor.pt", torch.zeros(3))
save("list.pt", [torch.zeros(3)])
save("sparse.pt", {"rnn.weight_ih_l0": torch.zeros(H, I).to_sparse()})
save("expanded.pt", {"rnn.weight_ih_l0": torch.zeros(1).expand(5000, 5000)})
save("lstm.pt", nn.LSTM(I, H).state_dict())
with open(os.path.join(out, "plain.pickle"), "wb") as file: pickle.dump({"a": 1}, file, 2)
torch.export.save(torch.export.export(nn.Linear(2, 2), (torch.zeros(1, 2),)), os.path.join(out, "exported.pt2"))
json.dump({"metadata": {}, "weight_map": {"rnn.weight_ih_l0": "model-00001-of-00002.safetensors"}}, open(os.path.join(out, "model.safetensors.index.json"), "w"))

with open(os.path.join(out, "expected.json"), "w") as file: json.dump(expected, file, indent=0)
