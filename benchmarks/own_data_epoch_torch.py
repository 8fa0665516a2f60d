"""Epochs of a GRU and a linear head on random windows, for own-data-epoch.sh: own_data_epoch_torch.py JSON.

The object has rows, validation (windows of each fold), batch, steps, inputs, units, outputs, epochs, cost (classes, squared or
absolute), dropout, noise, and lengths (of sequences, where they are unequal). Prints the processor seconds of an epoch, without
the first, and the greatest memory in MB.
"""
import json
import random
import resource
import sys
import time

import torch

o = json.loads(sys.argv[1])
rows, validation, batch, inputs, units = o["rows"], o["validation"], o["batch"], o["inputs"], o["units"]
lengths, noise = o.get("lengths"), o.get("noise", 0)
torch.set_num_threads(1)
torch.manual_seed(1)
random.seed(1)
COSTS = {"classes": torch.nn.CrossEntropyLoss, "squared": torch.nn.MSELoss, "absolute": torch.nn.L1Loss}


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.GRU(inputs, units, batch_first=True)
        self.dropout = torch.nn.Dropout(o.get("dropout", 0))
        self.head = torch.nn.Linear(units, o["outputs"])

    def forward(self, x, last):
        states = self.rnn(x)[0]
        read = states[:, -1] if last is None else states[torch.arange(len(x)), last]
        return self.head(self.dropout(read))


def windows(count):
    """Inputs, targets and, of unequal lengths, the last step of each; short sequences are padded to the longest of a batch."""
    x = torch.randn(count, o["steps"], inputs)
    y = torch.randint(0, o["outputs"], (count,)) if o["cost"] == "classes" else torch.randn(count, o["outputs"])
    return x, y, torch.tensor(random.sample(lengths, count)) - 1 if lengths else None


def take(fold, some):
    x, y, last = fold
    if last is None:
        return x[some], y[some], None
    last = last[some]
    return x[some, :int(last.max()) + 1], y[some], last


network, cost = Network(), COSTS[o["cost"]]()
optimizer = torch.optim.Adam(network.parameters(), lr=0.001, fused=o.get("fused", True))
training, checked = windows(rows), windows(validation)
clock = []
for _ in range(o["epochs"]):
    network.train()
    order = torch.randperm(rows)
    for at in range(0, rows, batch):
        x, y, last = take(training, order[at:at + batch])
        if noise:
            x = x + noise * torch.randn_like(x)
        optimizer.zero_grad()
        cost(network(x, last), y).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimizer.step()
    network.eval()
    with torch.no_grad():
        for at in range(0, validation, 256):
            x, y, last = take(checked, slice(at, at + 256))
            cost(network(x, last), y).item()
    clock.append(time.process_time())
print((clock[-1] - clock[0]) / (o["epochs"] - 1), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
