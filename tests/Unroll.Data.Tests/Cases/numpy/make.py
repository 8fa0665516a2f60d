"""Arrays as NumPy writes them; run with NumPy 1.24 or newer in this folder."""
import numpy as np

a = np.arange(24).reshape(2, 4, 3) / 4 - 1
np.save("f8.npy", a)
np.save("f4-fortran.npy", np.asfortranarray(a.astype("<f4")))
np.save("f2-big.npy", a.astype(">f2"))
np.save("i2-big.npy", (a * 4).astype(">i2"))
np.save("u1-steps.npy", np.arange(12, dtype="u1").reshape(6, 2))
np.save("bool-flat.npy", np.array([True, False, True]))
np.save("objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.savez("labels.npz", X=a, y=np.array(["up", "süß"]), lengths=np.array([4, 2]))
np.savez_compressed("numbers.npz", X=a.transpose(0, 2, 1), y=np.array([0.5, -2.0]))
