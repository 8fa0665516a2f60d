"""Makes the ONNX files of tests/Unroll.Cli.Tests/Onnx/Files and their outputs: python3 make.py (PyTorch 2.x).

PyTorch's exporter by TorchScript needs no other package but for a look into its own output, which a stand-in module passes by.
"""
import json, os, sys, types
try:
    import onnx
except ImportError:
    sys.modules["onnx"] = types.ModuleType("onnx")
import torch
from torch import nn
import torch.onnx.utils
try:
    from torch.onnx._internal import onnx_proto_utils
    onnx_proto_utils._add_onnxscript_fn = lambda model_bytes, custom_opsets: model_bytes
except ImportError:
    pass

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Files")
os.makedirs(folder, exist_ok=True)


class Net(nn.Module):
    def __init__(self, rnn, outputs=4, bias=True, every=False, softmax=False, batch_first=False):
        super().__init__()
        self.rnn, self.every, self.softmax = rnn, every, softmax
        width = rnn.hidden_size * (2 if rnn.bidirectional else 1)
        self.head = nn.Linear(width, outputs, bias=bias)

    def forward(self, x):
        h, _ = self.rnn(x)
        if not self.every: h = h[:, -1] if self.rnn.batch_first else h[-1]
        y = self.head(h)
        return torch.softmax(y, -1) if self.softmax else y


class TwoHeads(Net):
    def forward(self, x):
        h, _ = self.rnn(x)
        return self.head(torch.tanh(h[-1]))


torch.manual_seed(7)
cases = {
    "lstm": Net(nn.LSTM(6, 5)),
    "lstm-2-batch-first": Net(nn.LSTM(6, 5, num_layers=2, batch_first=True, dropout=0.3)),
    "gru": Net(nn.GRU(6, 7)),
    "gru-3-no-bias": Net(nn.GRU(6, 4, num_layers=3, bias=False), bias=False),
    "rnn": Net(nn.RNN(6, 5)),
    "rnn-relu-2": Net(nn.RNN(6, 5, num_layers=2, nonlinearity="relu")),
    "lstm-every": Net(nn.LSTM(6, 5), every=True),
    "gru-softmax": Net(nn.GRU(6, 5), softmax=True),
    "bidirectional": Net(nn.LSTM(6, 5, bidirectional=True)),
    "tanh-before-head": TwoHeads(nn.LSTM(6, 5)),
}
expected = {"torch": torch.__version__, "symbols": [1, 2, 3, 0, 4, 5, 1, 2], "outputs": {}}
one_hot = nn.functional.one_hot(torch.tensor(expected["symbols"]), 6).float()
for name, net in cases.items():
    net.eval()
    x = one_hot[None] if net.rnn.batch_first else one_hot[:, None]
    axes = {"x": {1: "T"} if net.rnn.batch_first else {0: "T"}}
    torch.onnx.export(net, (x,), os.path.join(folder, f"{name}.onnx"), input_names=["x"], output_names=["y"], dynamic_axes=axes,
                      opset_version=17, dynamo=False)
    with torch.no_grad(): y = net(x)
    y = y[0, -1] if net.every and net.rnn.batch_first else y[-1, 0] if net.every else y[0]
    expected["outputs"][name] = [round(v, 8) for v in y.double().tolist()]
with open(os.path.join(folder, "expected.json"), "w") as file:
    json.dump(expected, file, indent=1)
