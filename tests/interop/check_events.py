"""Reads event files of --tensorboard by the format's definition: check_events.py FILE METRICS.jsonl (Python alone)."""
import json, struct, sys

table = []
for index in range(256):
    for _ in range(8): index = (index >> 1) ^ (0x82F63B78 if index & 1 else 0)
    table.append(index)


def masked(data):
    crc = 0xFFFFFFFF
    for one in data: crc = table[(crc ^ one) & 255] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def fields(data):
    at = 0
    def number():
        nonlocal at
        value = shift = 0
        while True:
            one = data[at]
            at += 1
            value |= (one & 127) << shift
            shift += 7
            if one < 128: return value
    while at < len(data):
        tag = number()
        if tag & 7 == 0: yield tag >> 3, number()
        else:
            size = {1: 8, 5: 4}.get(tag & 7)
            if size is None: size = number()
            yield tag >> 3, data[at:at + size]
            at += size


data, at, scalars, histograms = open(sys.argv[1], "rb").read(), 0, {}, 0
while at < len(data):
    length, crc = struct.unpack_from("<QI", data, at)
    record = data[at + 12:at + 12 + length]
    assert crc == masked(data[at:at + 8]) and struct.unpack_from("<I", data, at + 12 + length)[0] == masked(record), at
    at += 16 + length
    event = dict(fields(record))
    for _, value in fields(event.get(5, b"")):
        value = dict(fields(value))
        if 2 in value: scalars.setdefault(event.get(2, 0), {})[value[1].decode()] = struct.unpack("<f", value[2])[0]
        histograms += 5 in value
lines = [json.loads(line) for line in open(sys.argv[2])]
assert [line["update"] for line in lines] == list(scalars), "other updates"
for line in lines:
    for name, value in line.items():
        if isinstance(value, (int, float)) and name != "update":
            assert abs(scalars[line["update"]][name] - value) <= 1e-6 * max(1, abs(value)), name
print(f"Python {sys.version.split()[0]}: {len(lines)} checks of an event file as in metrics.jsonl, {histograms} histograms")
