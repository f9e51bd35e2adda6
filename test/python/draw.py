"""Runs a program that draws with the `generator.onnx` of this folder. Prints the inputs that it made up."""
import json, sys

names = {}
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), names)
print(json.dumps({name: [list(value.shape), value.ravel().tolist()] for name, value in names["inputs"].items()}))
