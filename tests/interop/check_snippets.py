"""Runs the advice of unroll diagnose in PyTorch: python3 check_snippets.py FILE (PyTorch 2.x).

FILE has a JSON object a line: "about", "text" and "torch" of an advice, "value" or null, "cell" (RNN, LSTM or GRU) of the network that
it is about, as unroll diagnose --json gives them. Each snippet is executed as it is printed, behind the names that it speaks of (rnn,
model, x, ...), and then what it was to change is looked at. Without FILE it says whether PyTorch is there.
"""
import json, sys
import torch

if len(sys.argv) < 2: sys.exit(0)


def names(cell):
    """What a user has before the snippet is pasted: a module, gradients, data."""
    torch.manual_seed(1)
    rnn = getattr(torch.nn, cell)(6, 20)
    space = {
        "torch": torch, "rnn": rnn, "model": torch.nn.Sequential(rnn), "input_size": 6, "hidden_size": 20, "LEAK": 1,
        "x": 100 * torch.randn(40, 5, 6), "y": torch.arange(40), "series": torch.arange(500.0), "time": torch.arange(500).flip(0),
        "h": torch.zeros(2, 20), "u": torch.randn(2, 6), "cell": torch.nn.RNNCell(6, 20),
    }
    space["x_train"] = space["x"]
    space["x"][:, 0, 0] = space["y"].float()
    (1000 * rnn(torch.randn(5, 2, 6))[0].sum()).backward()
    return space


def norm(parameters): return torch.stack([p.grad.norm() for p in parameters]).norm().item()


def looked_at(one, space):
    """Whether the snippet did what the advice says."""
    about, text, value = one["about"], one["text"], one["value"]
    rnn = space["rnn"]
    if about == "clip": return norm(rnn.parameters()) <= value * 1.0001
    if about == "lr": return isinstance(space["_"], torch.optim.SGD) and abs(space["_"].defaults["lr"] - value) < 1e-12
    if about == "layers": return isinstance(space["_"], torch.nn.RNNBase)
    if about == "leak": return space["x"].shape == (40, 5, 5)
    if about == "inputs": return abs(space["x"].std((0, 1)) - 1).max() < 1e-4 and abs(space["x"].mean((0, 1))).max() < 1e-4
    if about == "labels": return torch.equal(space["x"][:, 0, 0].long(), space["y"]) and not torch.equal(space["y"], torch.arange(40))
    if about == "order": return torch.equal(space["series"], torch.arange(500.0).flip(0))
    if about == "window": return space["windows"].shape[1] == value
    if about == "omega": return one["torch"].startswith("#")
    w = rnn.weight_hh_l0.data
    if "--chrono" in text:
        bias = rnn.bias_ih_l0.data[20:40].exp()
        return bias.min() >= 1 and bias.max() <= value - 1 and (one["cell"] == "GRU" or torch.equal(rnn.bias_ih_l0.data[:20], -rnn.bias_ih_l0.data[20:40]))
    if "--leak" in text: return space["h"].shape == (2, 20) and space["h"].abs().max() <= value
    if "orthogonal" in text: return torch.allclose(w @ w.T, torch.eye(20), atol=1e-5)
    if "identity" in text: return torch.equal(w, torch.eye(20))
    if "smart-tanh" in text: return abs(torch.linalg.eigvals(w).abs().max().item() - 0.95) < 1e-4
    if "uniform" in text: return w.abs().max() <= 20 ** -0.5
    if "sigmoid" in text: return 0.005 < w.std() < 0.02
    return False


failed, seen = 0, {}
for line in open(sys.argv[1]):
    one = json.loads(line)
    if one["torch"] in seen: continue
    space = names(one["cell"])
    try:
        # An expression has a value, which is looked at; what is none is executed.
        try: space["_"] = eval(one["torch"], space)
        except SyntaxError: exec(one["torch"], space)
        right = bool(looked_at(one, space))
    except Exception as error:  # whatever it is, the snippet does not run
        right = False
        print(f"{type(error).__name__}: {error}")
    seen[one["torch"]] = right
    if not right:
        failed += 1
        print(f"FAILED: {one['about']} on {one['cell']}: {one['torch']}")
print(f"PyTorch {torch.__version__}: {len(seen) - failed} of {len(seen)} snippets run and change what their advice says")
sys.exit(1 if failed or not seen else 0)
