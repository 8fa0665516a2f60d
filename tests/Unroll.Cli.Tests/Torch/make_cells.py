"""Files of nn.RNN, nn.LSTM, nn.GRU and the cell modules: python3 make_cells.py OUT_DIR (PyTorch 2.6; Cells beside this file is its output).

Each network is run by PyTorch, in double on the numbers as they were saved, on the sequences of make.py. expected.json has its outputs
at the last step, its cost (cross-entropy there, mean over the sequences), the norm of the gradient over all parameters of the file
and, of a file in float, its outputs as PyTorch computes them in float.
"""
import json, os, struct, sys
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

I, H, O, T, B = 6, 5, 4, 12, 3
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.manual_seed(1)
symbols = torch.randint(0, I, (T, B))
classes = torch.randint(0, O, (B,))
expected = {"symbols": symbols.tolist(), "classes": classes.tolist(), "files": {}}
MODULES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
CELLS = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}


class Net(nn.Module):
    """One module of a kind and depth, with a linear head."""
    def __init__(self, kind, layers=1, head_bias=True, **how):
        super().__init__()
        self.rnn = MODULES[kind](I, H, layers, **how)
        self.fc = nn.Linear(H, O, bias=head_bias)

    def forward(self, u):
        if self.rnn.batch_first: return self.fc(self.rnn(u.transpose(0, 1))[0][:, -1])
        return self.fc(self.rnn(u)[0][-1])


class Stepped(nn.Module):
    """Cells that are stepped by hand, each above the last, of several widths."""
    def __init__(self, kinds, widths, **how):
        super().__init__()
        self.cells = nn.ModuleList(CELLS[kind](below, width, **how) for kind, below, width in zip(kinds, [I, *widths], widths))
        self.head = nn.Linear(widths[-1], O)

    def forward(self, u):
        states = [None] * len(self.cells)
        for x in u:
            for k, cell in enumerate(self.cells):
                states[k] = cell(x, states[k])
                x = states[k][0] if isinstance(cell, nn.LSTMCell) else states[k]
        return self.head(x)


class Chain(nn.Module):
    """Modules of several kinds and widths, one above the other."""
    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(I, 7)
        self.above = nn.LSTM(7, 3, 2)
        self.out = nn.Linear(3, O)

    def forward(self, u): return self.out(self.above(self.encoder(u)[0])[0][-1])


def measure(name, net, state):
    """What the network of a file does. The gradient's norm is that of the file's own parameters, where no weight is computed of others."""
    floats = all(value.dtype == torch.float32 for value in state.values())
    u = nn.functional.one_hot(symbols, I)
    entry = {}
    if floats: entry["float_outputs"] = net.float().eval()(u.float()).tolist()
    net = net.double().eval()
    net.zero_grad()
    outputs = net(u.double())
    cost = nn.functional.cross_entropy(outputs, classes)
    cost.backward()
    entry |= {"outputs": outputs.tolist(), "cost": cost.item()}
    if not any("original" in key or "_orig" in key or key.endswith("_g") for key in state):
        entry["norm"] = torch.sqrt(sum((p.grad ** 2).sum() for p in net.parameters())).item()
    expected["files"][name] = entry


def save(name, net, state=None, what=None):
    """As torch.save writes it, or as safetensors, whose package is not needed: the format is small."""
    state = {key: value.clone() for key, value in (net.state_dict() if state is None else state).items()}
    if name.endswith(".safetensors"):
        types = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
        header, data = {"__metadata__": {"format": "pt"}}, b""
        for key in sorted(state): # as the package does
            raw = state[key].contiguous().view(torch.uint8).numpy().tobytes()
            header[key] = {"dtype": types[state[key].dtype], "shape": list(state[key].shape), "data_offsets": [len(data), len(data) + len(raw)]}
            data += raw
        text = json.dumps(header).encode()
        with open(os.path.join(out, name), "wb") as file: file.write(struct.pack("<Q", len(text)) + text + data)
    else: torch.save(state if what is None else what, os.path.join(out, name))
    if net is not None: measure(name, net, state)


for kind in MODULES:
    save(f"{kind}-1.pt", Net(kind).double())
    save(f"{kind}-2-float.pt", Net(kind, 2))
    save(f"{kind}-3.safetensors", Net(kind, 3).double())
    save(f"{kind}-2-no-bias.pt", Net(kind, 2, bias=False).double())
    save(f"{kind}-1-no-bias-at-all.pt", Net(kind, bias=False, head_bias=False).double())
    save(f"{kind}-cell.pt", Stepped([kind], [H]).double())
    save(f"{kind}-2-half.safetensors", Net(kind, 2).half())
    save(f"{kind}-2-bfloat16.pt", Net(kind, 2).bfloat16())
save("relu-2.pth", Net("rnn", 2, nonlinearity="relu").double())
save("lstm-2-batch-first-dropout.pt", Net("lstm", 2, batch_first=True, dropout=0.4).double())
save("cells-widths.safetensors", Stepped(["lstm", "gru", "rnn"], [7, 5, 8]).double())
save("cells-no-bias.pt", Stepped(["gru", "lstm"], [4, 4], bias=False).double())
save("cells-of-8.safetensors", Stepped(["rnn"] * 8, [3, 4, 5, 6, 7, 8, 9, 3]).double())
save("chain.safetensors", Chain().double())

net = Net("gru", 2).double()
save("module.pt", net, what={"epoch": 3, "state_dict": {"module." + key: value for key, value in net.state_dict().items()}})
net = Net("lstm", 2)
save("modules.pt", net, what={"rnn": net.rnn.state_dict(), "fc": net.fc.state_dict()})

net = Net("rnn", 2).double()
parametrizations.orthogonal(net.rnn, "weight_hh_l1")
save("rnn-2-orthogonal.pt", net)
net = Net("lstm", 2).double()
parametrizations.weight_norm(net.rnn, "weight_hh_l0")
parametrizations.weight_norm(net.rnn, "weight_ih_l1")
save("lstm-2-weight-norm.pt", net)
net = Net("gru").double()
prune.l1_unstructured(net.rnn, "weight_hh_l0", amount=0.5)
save("gru-pruned.pt", net)

# What is refused.
def refused(name, module): torch.save({**{"rnn." + k: v for k, v in module.state_dict().items()}, **{"fc." + k: v for k, v in nn.Linear(H, O).state_dict().items()}}, os.path.join(out, name))


refused("bidirectional.pt", nn.LSTM(I, H, 2, bidirectional=True))
refused("projection.pt", nn.LSTM(I, 7, proj_size=H))
refused("headless.pt", nn.GRU(I, H + 1))

with open(os.path.join(out, "expected.json"), "w") as file: json.dump(expected, file, indent=0)
