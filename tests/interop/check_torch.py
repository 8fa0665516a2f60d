"""Checks state dicts that unroll export wrote: python3 check_torch.py DIR NAME... (PyTorch 2.x).

For each NAME: DIR/NAME.pt.py and DIR/NAME.safetensors.py define the class as it was printed, DIR/NAME.pt and DIR/NAME.safetensors are
taken by load_state_dict(strict=True), and the outputs on DIR/in.jsonl are compared with DIR/NAME.out.jsonl, which unroll predict wrote:
all steps at once, and step by step with the state carried on.
"""
import json, os, struct, sys, types
import torch

folder, names = sys.argv[1], sys.argv[2:]
try:
    import safetensors.torch
except ImportError:
    # The format is small; where its package is missing it is read here.
    def load_file(path):
        with open(path, "rb") as file: data = file.read()
        length = struct.unpack("<Q", data[:8])[0]
        kinds = {"F32": torch.float32, "F64": torch.float64}
        tensors = {}
        for name, entry in json.loads(data[8:8 + length]).items():
            if name == "__metadata__": continue
            begin, end = entry["data_offsets"]
            raw = bytearray(data[8 + length + begin:8 + length + end])
            tensors[name] = torch.frombuffer(raw, dtype=kinds[entry["dtype"]]).reshape(entry["shape"])
        return tensors
    package, module = types.ModuleType("safetensors"), types.ModuleType("safetensors.torch")
    module.load_file = load_file
    sys.modules["safetensors"], sys.modules["safetensors.torch"] = package, module

sequences = [json.loads(line) for line in open(os.path.join(folder, "in.jsonl"))]
worst = 0.0
for name in names:
    for form in ("pt", "safetensors"):
        space = {}
        os.chdir(folder)
        exec(open(f"{name}.{form}.py").read(), space)  # what was printed, as a user would paste it
        model = space["model"]
        kind = next(model.parameters()).dtype
        with open(f"{name}.out.jsonl") as file: answers = [json.loads(line)["probabilities"] for line in file]
        for symbols, expected in zip(sequences, answers, strict=True):
            x = torch.nn.functional.one_hot(torch.tensor(symbols), 6).to(kind)[:, None]
            whole, _ = model(x)
            state, steps = None, []
            for u in x:
                y, state = model(u[None], state)
                steps.append(y[0])
            assert torch.allclose(whole, torch.stack(steps), atol=1e-6), f"{name}: steps differ from the whole"
            off = (torch.softmax(whole[-1, 0], -1) - torch.tensor(expected, dtype=kind)).abs().max().item()
            bound = 1e-10 if kind == torch.float64 else 1e-5
            assert off < bound, f"{name}.{form} is {off} off"
            worst = max(worst, off)
print(f"PyTorch {torch.__version__}: {len(names)} networks, each as .pt and .safetensors, strict; at most {worst:.1e} off")
