#!/usr/bin/env python3
"""Makes the files of numpy/ here with NumPy and SciPy (made with 1.24 and 1.10): python3 make.py

Every file holds the same music: in fold f, piece p, step t two keys of 88 are down, (7 t + 11 p + 5 f) % 88 and (3 t + p) % 88.
Folds have two pieces of four steps, but for the cells of pieces.mat, whose second piece has three.
"""
import os
import pickle

import numpy as np
import scipy.io
import scipy.sparse

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "numpy")
FOLDS = ["train", "valid", "test"]


def piece(f, p, steps=4):
    roll = np.zeros((steps, 88))
    for t in range(steps):
        roll[t, (7 * t + 11 * p + 5 * f) % 88] = 1
        roll[t, (3 * t + p) % 88] = 1
    return roll


def notes(roll):
    return [[21 + int(k) for k in np.flatnonzero(step)] for step in roll]


def objects(pieces, shape=None):
    cell = np.empty((len(pieces),), object)
    for i, one in enumerate(pieces):
        cell[i] = one
    return cell if shape is None else cell.reshape(shape)


def mat(name, form, extra=None, **options):
    variables = dict(extra or {})
    variables.update({fold + "data": form([piece(f, 0), piece(f, 1)]) for f, fold in enumerate(FOLDS)})
    scipy.io.savemat(os.path.join(HERE, name), variables, **options)


# What a user's workspace may hold beside the music.
OTHERS = {
    "a3d": np.arange(24.0).reshape(2, 3, 4), "text": "some words", "lines": np.array(["one", "two"]), "whole": np.int64(7),
    "wide": np.arange(3, dtype=np.uint64), "complex": np.array([1 + 2j]), "struct": {"x": 1.0, "y": {"z": "deep"}}, "empty": np.zeros((0, 0)),
    "flags": np.array([True, False]), "nested": objects([objects([np.ones(2)]), "text"]), "sparse": scipy.sparse.eye(3, format="csc"),
    "a4d": np.zeros((2, 2, 2, 2), np.int8), "records": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
}


def main():
    os.makedirs(HERE, exist_ok=True)
    mat("pieces.mat", lambda two: objects([two[0], two[1][:3]]), OTHERS, do_compression=True)
    mat("pieces-plain.mat", lambda two: objects([a.astype(np.uint8) for a in two], (2, 1)), OTHERS)
    mat("array3d.mat", np.array, do_compression=True)
    mat("array3d-bool.mat", lambda two: np.array(two).astype(bool), do_compression=True)
    mat("stacked-last.mat", lambda two: np.stack(two, axis=-1), do_compression=True)
    mat("objects3d.mat", lambda two: np.array(two, dtype=object), do_compression=True)
    mat("objects4d.mat", lambda two: np.array([two], dtype=object), do_compression=True)
    mat("cells-in-cells.mat", lambda two: objects([objects([a]) for a in two]), do_compression=True)
    mat("sparse-double.mat", lambda two: objects([scipy.sparse.csc_matrix(a) for a in two]), do_compression=True)
    mat("sparse-bool.mat", lambda two: objects([scipy.sparse.csc_matrix(a.astype(bool)) for a in two]))
    mat("one-matrix.mat", lambda two: two[0], do_compression=True)
    mat("one-sparse.mat", lambda two: scipy.sparse.csc_matrix(two[0]), do_compression=True)
    for protocol in range(6):
        folds = {
            # Lists of NumPy's whole numbers, then an array of notes a step in a tuple of steps.
            "train": [[[np.int64(n) for n in step] for step in notes(piece(0, 0))], tuple(np.array(step, np.uint8) for step in notes(piece(0, 1)))],
            # One array pieces x steps x keys, as numbers of 32 bits with columns first.
            "valid": np.asfortranarray(np.array([piece(1, 0), piece(1, 1)], np.float32)),
            # An array of objects: sets of notes, and a matrix of booleans.
            "test": objects([[set(step) for step in notes(piece(2, 0))], piece(2, 1).astype(bool)]),
            "about": {"made by": "make.py", "rate": 0.5, "none": None, "yes": True, "bytes": b"\x00\xff", "big": 10**15, "numbers": (1, -2, 300, 70000)},
        }
        with open(os.path.join(HERE, f"protocol{protocol}.pickle"), "wb") as file:
            pickle.dump(folds, file, protocol)


if __name__ == "__main__":
    main()
