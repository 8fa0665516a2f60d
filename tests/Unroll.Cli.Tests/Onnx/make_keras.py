"""Makes the ONNX files of tests/Unroll.Cli.Tests/Onnx/Keras and their outputs: python3 make_keras.py (onnx, onnxruntime, numpy).

No file of Keras's own exporters is among them. The graphs have the form that the sources of keras2onnx (recurrent layers between
Transpose and Reshape, eight inputs, all activations named) and of tf2onnx (states of zeros made from the input's sizes, Squeeze,
StridedSlice as Slice, Tensordot as Reshape and MatMul) say; the outputs are those of ONNX Runtime.
"""
import json, os
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Keras")
os.makedirs(folder, exist_ok=True)
random = np.random.default_rng(3)
FAR = 2**63 - 1
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


class Graph:
    """Nodes and constants; numbers are stored as lists, as onnx.helper does."""
    def __init__(self, opset):
        self.opset, self.nodes, self.constants, self.made = opset, [], [], 0

    def constant(self, values, kind=TensorProto.FLOAT):
        values = np.asarray(values)
        self.made += 1
        name = f"c{self.made}"
        self.constants.append(helper.make_tensor(name, kind, values.shape, values.flatten().tolist()))
        return name

    def whole(self, *values):
        return self.constant(np.array(values), TensorProto.INT64)

    def node(self, kind, inputs, outputs=1, **attributes):
        self.made += 1
        names = [f"{kind}_{self.made}:{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def weights(self, kind, inputs, hidden, bias=True):
        rows = GATES[kind] * hidden
        sizes = [(1, rows, inputs), (1, rows, hidden), (1, 2 * rows)]
        return [self.constant(random.normal(0, .5, size).astype(np.float32)) for size in (sizes if bias else sizes[:2])]

    def save(self, name, output, sizes):
        graph = helper.make_graph(self.nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "T", 6])],
                                  [helper.make_tensor_value_info(output, TensorProto.FLOAT, sizes)], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = 7
        onnx.checker.check_model(model, full_check=True)
        path = os.path.join(folder, f"{name}.onnx")
        with open(path, "wb") as file: file.write(model.SerializeToString())
        y = onnxruntime.InferenceSession(path).run(None, {"x": one_hot[None]})[0][0]
        outputs[name] = [round(float(v), 8) for v in (y[-1] if y.ndim == 2 else y)]


def keras2onnx(g, x, kind, inputs, hidden, every, activations, bias=True, **attributes):
    """A layer of keras2onnx: (N, T, I) to (N, T, H), or (N, H)."""
    w = g.weights(kind, inputs, hidden, bias) + ([] if bias else [""])
    x_t = g.node("Transpose", [x], perm=[1, 0, 2])
    names = [x_t, *w, "", ""] + (["", ""] if kind == "LSTM" else [])
    y, h, *_ = g.node(kind, names, 3 if kind == "LSTM" else 2, hidden_size=hidden, direction=attributes.pop("direction", "forward"),
                      activations=activations, **attributes)
    if not every:
        if kind == "GRU": h = g.node("Transpose", [h], perm=[1, 0, 2])
        return g.node("Reshape", [h, g.whole(-1, hidden)])
    turned = g.node("Transpose", [y], perm=[2, 0, 1, 3])
    if kind == "GRU": return g.node("Reshape", [turned, g.whole(-1, 0, hidden)])
    steps = g.node("Slice", [g.node("Shape", [x]), g.whole(1), g.whole(2), g.whole(0)])
    sizes = g.node("Concat", [g.whole(-1), steps, g.whole(hidden)], axis=0)
    return g.node("Identity", [g.node("Reshape", [turned, sizes])])


def zeros(g, x, hidden):
    """tf.zeros([batch, hidden]) of tf2onnx, as the state of one direction."""
    shape = g.node("Cast", [g.node("Shape", [x])], to=TensorProto.INT64)
    rows = g.node("Squeeze", [g.node("Slice", [shape, g.whole(0), g.whole(1), g.whole(0)]), g.whole(0)])
    sizes = g.node("Concat", [g.node("Unsqueeze", [rows, g.whole(0)]), g.whole(hidden)], axis=0)
    filled = g.node("Expand", [g.constant(np.float32(0)), sizes])
    return g.node("Unsqueeze", [filled, g.whole(0)])


def tf2onnx(g, x, kind, inputs, hidden, every, step=(-1, FAR)):
    """A layer of tf2onnx: (N, T, I) to (N, T, H), or (N, H)."""
    states = [zeros(g, x, hidden) for _ in range(2 if kind == "LSTM" else 1)]
    attributes = {"hidden_size": hidden, "direction": "forward"}
    if kind == "GRU": attributes.update(linear_before_reset=1, activations=["Sigmoid", "Tanh"])
    x_t = g.node("Transpose", [x], perm=[1, 0, 2])
    y, *_ = g.node(kind, [x_t, *g.weights(kind, inputs, hidden), "", *states], 3 if kind == "LSTM" else 2, **attributes)
    y = g.node("Squeeze", [y, g.whole(1)])
    if every: return g.node("Transpose", [y], perm=[1, 0, 2])
    one = g.node("Slice", [y, g.whole(step[0]), g.whole(step[1]), g.whole(0), g.whole(1)])
    return g.node("Squeeze", [one, g.whole(0)])


def dense(g, h, hidden, outputs=4):
    product = g.node("MatMul", [h, g.constant(random.normal(0, .5, (hidden, outputs)).astype(np.float32))])
    return g.node("Add", [product, g.constant(random.normal(0, .5, outputs).astype(np.float32))])


def tensordot(g, h, hidden, outputs=4):
    """A dense layer at every step by tf2onnx."""
    shape = g.node("Cast", [g.node("Shape", [h])], to=TensorProto.INT64)
    outer = g.node("Gather", [shape, g.whole(0, 1)], axis=0)
    rows = g.node("Unsqueeze", [g.node("ReduceProd", [outer], axes=[0], keepdims=0), g.whole(0)])
    flat = g.node("Reshape", [h, g.node("Concat", [rows, g.whole(hidden)], axis=0)])
    product = g.node("MatMul", [flat, g.constant(random.normal(0, .5, (hidden, outputs)).astype(np.float32))])
    y = g.node("Reshape", [product, g.node("Concat", [outer, g.whole(outputs)], axis=0)])
    return g.node("Add", [y, g.constant(random.normal(0, .5, outputs).astype(np.float32))])


symbols, outputs = [1, 2, 3, 0, 4, 5, 1, 2], {}
one_hot = np.eye(6, dtype=np.float32)[symbols]
SIGMOIDS = ["Sigmoid", "Tanh", "Tanh"]
last, every = ["N", 4], ["N", "T", 4]

g = Graph(11)
h = keras2onnx(g, "x", "LSTM", 6, 5, False, SIGMOIDS)
g.save("keras2onnx-lstm", g.node("Identity", [dense(g, h, 5)]), last)
g = Graph(11)
h = keras2onnx(g, keras2onnx(g, "x", "LSTM", 6, 5, True, SIGMOIDS), "LSTM", 5, 3, False, SIGMOIDS)
g.save("keras2onnx-lstm-lstm", dense(g, h, 3), last)
g = Graph(11)
h = keras2onnx(g, keras2onnx(g, "x", "GRU", 6, 5, True, SIGMOIDS[:2], linear_before_reset=1), "RNN", 5, 4, False, ["Tanh"])
g.save("keras2onnx-gru-rnn", dense(g, h, 4), last)
g = Graph(11)
h = keras2onnx(g, "x", "RNN", 6, 5, True, ["Relu"], bias=False)
g.save("keras2onnx-rnn-every", dense(g, h, 5), every)
g = Graph(11)
h = keras2onnx(g, "x", "GRU", 6, 5, False, SIGMOIDS[:2], linear_before_reset=1)
g.save("keras2onnx-gru-softmax", g.node("Softmax", [dense(g, h, 5)], axis=1), last)
g = Graph(13)
g.save("tf2onnx-lstm", dense(g, tf2onnx(g, "x", "LSTM", 6, 5, False), 5), last)
g = Graph(13)
g.save("tf2onnx-gru-gru", dense(g, tf2onnx(g, tf2onnx(g, "x", "GRU", 6, 5, True), "GRU", 5, 3, False), 3), last)
g = Graph(13)
g.save("tf2onnx-lstm-every", tensordot(g, tf2onnx(g, "x", "LSTM", 6, 5, True), 5), every)

# Other networks, to be refused.
g = Graph(11)
g.save("hard-sigmoid", dense(g, keras2onnx(g, "x", "LSTM", 6, 5, False, ["HardSigmoid", "Tanh", "Tanh"]), 5), last)
g = Graph(11)
g.save("backwards", dense(g, keras2onnx(g, "x", "LSTM", 6, 5, False, SIGMOIDS, direction="reverse"), 5), last)
g = Graph(11)
g.save("reset-before", dense(g, keras2onnx(g, "x", "GRU", 6, 5, False, SIGMOIDS[:2], linear_before_reset=0), 5), last)
g = Graph(13)
g.save("first-step", dense(g, tf2onnx(g, "x", "LSTM", 6, 5, False, (0, 1)), 5), last)
g = Graph(13)
h = g.node("Slice", ["x", g.whole(1), g.whole(FAR), g.whole(1)])
g.save("without-first-step", dense(g, tf2onnx(g, h, "LSTM", 6, 5, False), 5), last)
g = Graph(13)
h = g.node("Concat", [g.node("Slice", ["x", g.whole(3), g.whole(FAR), g.whole(2)]), "x"], axis=2)
g.save("joined-inputs", dense(g, tf2onnx(g, h, "LSTM", 9, 5, False), 5), last)
g = Graph(13)
h = tf2onnx(g, "x", "LSTM", 6, 5, True)
g.save("two-branches", dense(g, tf2onnx(g, g.node("Concat", [h, h], axis=2), "GRU", 10, 5, False), 5), last)

with open(os.path.join(folder, "expected.json"), "w") as file:
    json.dump({"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "symbols": symbols, "outputs": outputs}, file,
              indent=1)
