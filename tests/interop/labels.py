"""Labels of labelled sequences by other programs (tests/interop/labels says how it is used).

labels.py sequences FILE.ts OUT        writes the sequences of a .ts file as numbers: count, columns, then steps and values
labels.py torch FILE.pt.py MODEL SEQUENCES
                                       prints the label of each sequence by PyTorch: what unroll export printed, scales and
                                       labels from the metadata of the model's own file
labels.py onnx MODEL.onnx SEQUENCES    the same by onnxruntime
labels.py compare NAME A B             compares two files of labels
"""
import json, os, struct, sys


def sequences(path):
    count, columns, *numbers = open(path).read().split()
    count, columns, at, all = int(count), int(columns), 0, []
    for _ in range(count):
        steps = int(numbers[at])
        values = [float(x) for x in numbers[at + 1:at + 1 + steps * columns]]
        all.append([values[t * columns:(t + 1) * columns] for t in range(steps)])
        at += 1 + steps * columns
    return all


def write_sequences(path, out):
    lines = [line.strip() for line in open(path) if line.strip() and line[0] not in "#@"]
    all = []
    for line in lines:
        *dimensions, _ = line.split(":")
        columns = [[float(x) for x in one.split(",")] for one in dimensions]
        all.append(list(zip(*columns)))
    with open(out, "w") as file:
        print(len(all), len(all[0][0]), file=file)
        for one in all:
            print(len(one), *(repr(x) for step in one for x in step), file=file)


def torch_labels(python, model, path):
    import torch
    with open(model, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        metadata = json.loads(file.read(length))["__metadata__"]
    encoder = json.loads(metadata["unroll.property.encoder"])
    labels = json.loads(metadata["unroll.property.series"])["labels"]
    space, here = {}, os.getcwd()
    os.chdir(os.path.dirname(os.path.abspath(python)))
    exec(open(os.path.basename(python)).read(), space)
    os.chdir(here)
    center = torch.tensor([one["center"] for one in encoder["columns"]], dtype=torch.float64)
    scale = torch.tensor([one["scale"] for one in encoder["columns"]], dtype=torch.float64)
    with torch.no_grad():
        for one in sequences(path):
            x = ((torch.tensor(one, dtype=torch.float64) - center) / scale).float()[:, None]
            y, _ = space["model"](x)
            print(labels[int(y[-1, 0].argmax())])


def onnx_labels(model, path):
    import numpy, onnxruntime
    session = onnxruntime.InferenceSession(model)
    for one in sequences(path):
        x = numpy.array(one, dtype=numpy.float32)[:, None]
        print(session.run(["label"], {"x": x, "sequence_lens": numpy.array([len(one)], dtype=numpy.int32)})[0][0])


def compare(name, one, two):
    a, b = open(one).read().splitlines(), open(two).read().splitlines()
    differ = [i for i, (x, y) in enumerate(zip(a, b)) if x != y]
    if len(a) != len(b) or differ or not a:
        sys.exit(f"FAILED: {name}: {len(a)} and {len(b)} labels, {len(differ)} of them different")
    print(f"{name}: the same label for each of {len(a)} sequences")


command, *words = sys.argv[1:]
{"sequences": write_sequences, "torch": torch_labels, "onnx": onnx_labels, "compare": compare}[command](*words)
