"""Ten updates of plain SGD on files beside this one: python3 make_updates.py CELLS_DIR (PyTorch 2.6; writes CELLS_DIR/updates.json).

Each network is read from its file, as somebody who goes on with it would, and trained on the sequences of expected.json: cross-entropy
at the last step, mean over the sequences, in the file's precision. updates.json has the cost before each update and the parameters
after the last.
"""
import json, os, sys
import torch
from torch import nn

I, H, O, RATE, UPDATES = 6, 5, 4, 0.5, 10
cells = sys.argv[1]
expected = json.load(open(os.path.join(cells, "expected.json")))
classes, out = torch.tensor(expected["classes"]), {"rate": RATE, "files": {}}
for name, module in (("lstm-2-float.pt", nn.LSTM), ("lstm-2-no-bias.pt", nn.LSTM), ("gru-2-float.pt", nn.GRU)):
    state = torch.load(os.path.join(cells, name), weights_only=True)
    net = nn.ModuleDict({"rnn": module(I, H, 2, bias="rnn.bias_ih_l0" in state), "fc": nn.Linear(H, O, bias="fc.bias" in state)})
    net.to(state["fc.weight"].dtype).load_state_dict(state, strict=True)
    inputs = nn.functional.one_hot(torch.tensor(expected["symbols"]), I).to(state["fc.weight"].dtype)
    optimizer, costs = torch.optim.SGD(net.parameters(), lr=RATE), []
    for _ in range(UPDATES):
        optimizer.zero_grad()
        cost = nn.functional.cross_entropy(net["fc"](net["rnn"](inputs)[0][-1]), classes)
        cost.backward()
        costs.append(cost.item())
        optimizer.step()
    out["files"][name] = {"costs": costs, "parameters": {key: value.flatten().tolist() for key, value in net.state_dict().items()}}
with open(os.path.join(cells, "updates.json"), "w") as file: json.dump(out, file)
