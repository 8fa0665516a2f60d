"""An epoch of a GRU and a linear head on random windows: own_data_epoch_torch.py ROWS VALIDATION BATCH STEPS INPUTS UNITS OUTPUTS EPOCHS.

Prints the processor seconds of an epoch, without the first, and the greatest memory in MB. Two outputs are classes.
"""
import resource
import sys
import time

import torch

rows, validation, batch, steps, inputs, units, outputs, epochs = map(int, sys.argv[1:])
torch.set_num_threads(1)
torch.manual_seed(1)
classes = outputs == 2


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.GRU(inputs, units, batch_first=True)
        self.dropout = torch.nn.Dropout(0 if classes else 0.3)
        self.head = torch.nn.Linear(units, outputs)

    def forward(self, x):
        return self.head(self.dropout(self.rnn(x)[0][:, -1]))


def windows(count):
    x = torch.randn(count, steps, inputs)
    return x, torch.randint(0, outputs, (count,)) if classes else torch.randn(count, outputs)


network, cost = Network(), torch.nn.CrossEntropyLoss() if classes else torch.nn.MSELoss()
optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
(x, y), (vx, vy) = windows(rows), windows(validation)
clock = []
for _ in range(epochs):
    network.train()
    order = torch.randperm(rows)
    for at in range(0, rows, batch):
        some = order[at:at + batch]
        optimizer.zero_grad()
        cost(network(x[some]), y[some]).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimizer.step()
    network.eval()
    with torch.no_grad():
        for at in range(0, validation, 256):
            cost(network(vx[at:at + 256]), vy[at:at + 256]).item()
    clock.append(time.process_time())
print((clock[-1] - clock[0]) / (epochs - 1), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
