"""Checks ONNX files by ONNX's own checker: python3 check_onnx.py FILE... (the package onnx)."""
import sys
import onnx

for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
print(f"onnx {onnx.__version__}: {len(sys.argv) - 1} models pass its checker, shapes inferred")
