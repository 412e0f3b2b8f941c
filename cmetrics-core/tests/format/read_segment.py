#!/usr/bin/env python3
"""Prints the points of a segment as JSON lines. Written from docs/format.md alone."""

import json
import struct
import sys
import zlib

MASK = (1 << 64) - 1
MAGIC = b"cmseg\r\n\x01"
VERSIONS = (MAGIC, b"cmseg\r\n\x02", b"cmseg\r\n\x03")
POINTS, EVENTS, TAIL, ABOUT, DIRECTORY, PAGE, INDEX = range(0xD1, 0xD8)
STATES = {0: [], 1: [], 2: [0], 3: [1, 2, 3, 4, 5], 4: [6, 7, 8, 9], 5: [10, 11, 12]}
STATES[6] = STATES[3]
SAMPLES, MISSING, PART = (-1, 0), (-1, 1), (-1, 2)


def checksum(data):
    crc = zlib.crc32(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def bits_of(real):
    return struct.unpack("<Q", struct.pack("<d", real))[0]


def unzigzag(number):
    return number >> 1 ^ -(number & 1)


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        if self.at + length > len(self.data):
            raise ValueError("cut off")
        self.at += length
        return self.data[self.at - length : self.at]

    def varint(self):
        number, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def bytes(self):
        return self.take(self.varint())

    def text(self):
        return self.bytes().decode()

    def more(self):
        return self.at < len(self.data)


def frame(data, offset, length, kind):
    whole = data[offset : offset + length]
    if len(whole) != length or struct.unpack("<I", whole[-4:])[0] != checksum(whole[:-4]):
        raise ValueError(f"damage at {offset}")
    body = Bytes(whole[:-4])
    if body.take(1)[0] != kind:
        raise ValueError(f"another frame at {offset}")
    return body.bytes()


class Places:
    def __init__(self):
        self.end = 0

    def take(self, source):
        offset = self.end + source.varint()
        length = source.varint()
        self.end = offset + length
        return offset, length


class Directory:
    def __init__(self):
        self.width, self.metrics, self.shapes = 0, {}, {}

    def add(self, content):
        source = Bytes(zlib.decompress(content, -15))
        self.width = source.varint()
        first = source.varint()
        for number in range(first, first + source.varint()):
            name, unit = source.text(), source.text()
            self.metrics[number] = (name, unit, source.varint(), source.varint())
        first = source.varint()
        for number in range(first, first + source.varint()):
            flags, metrics, following = source.varint(), [], 0
            for _ in range(source.varint()):
                entry = source.varint()
                metric = following + (entry >> 4)
                following = metric + 1
                metrics.append((metric, entry & 7, bool(entry & 8)))
            self.shapes[number] = (bool(flags & 1), flags >> 1, metrics)

    def columns(self, shape):
        has_samples, watched, metrics = self.shapes[shape]
        columns = [SAMPLES] if has_samples else []
        columns += {0: [MISSING], 1: [PART], 2: [], 3: [MISSING]}[watched]
        for metric, state, _ in metrics:
            columns += [(metric, part) for part in STATES[state]]
        return columns


class Bits:
    def __init__(self, data):
        self.number, self.left = int.from_bytes(data, "little"), 8 * len(data)

    def u(self, width):
        if width > self.left:
            raise ValueError("cut off")
        value = self.number & ((1 << width) - 1)
        self.number >>= width
        self.left -= width
        return value

    def num(self):
        length = self.u(6)
        if length == 0:
            return 0
        if length == 63:
            return self.u(64)
        return 1 << (length - 1) | self.u(length - 1)

    def factor(self):
        which = self.u(2)
        return self.num() if which == 3 else (1, 4096, 1000)[which]

    def packed(self, count, depth=0):
        if count == 0:
            return []
        factor = self.factor()
        width = self.u(6)
        width = 64 if width == 63 else width
        grain = self.u(2)
        grain = 0 if grain == 3 else max(min(width, 63) - (0, 2, 5)[grain], 0)
        base = self.num() << grain
        places, both = [], False
        if depth < 3 and self.u(1):
            both = bool(self.u(1))
            exceptions = self.u(count.bit_length())
            each = (count - 1).bit_length()
            if exceptions * each < count:
                places = [self.u(each) for _ in range(exceptions)]
            else:
                places = [place for place in range(count) if self.u(1)]
        numbers = [self.u(width) for _ in range(count)]
        if places:
            for place, high in zip(places, self.packed(len(places), depth + 1)):
                high += 1
                numbers[place] += (unzigzag(high) if both else high) << width
        return [factor * (base + number) & MASK for number in numbers]

    def column(self, count, other):
        if not self.u(1):
            return [0] * count
        mode = self.u(2)
        mode += self.u(1) if mode == 3 else 0
        if mode == 0:
            return self.packed(count)
        if mode == 1:
            numbers = [self.num()]
            for step in self.packed(count - 1):
                numbers.append(numbers[-1] + unzigzag(step) & MASK)
            return numbers
        others = other(self.u(6) + 1)
        if mode == 2:
            differences = self.packed(count)
            return [number + unzigzag(step) & MASK for number, step in zip(others, differences)]
        if mode == 3:
            told = iter(self.packed(sum(number != 0 for number in others)))
            return [next(told) if number else 0 for number in others]
        factor = self.factor()
        return [self.u((number // factor).bit_length()) * factor & MASK for number in others]


def no_other(_back):
    raise ValueError("no such column")


def block(content, names, directory):
    source = Bytes(content)
    container, start, count = source.varint(), source.varint(), source.varint()
    if count >= 256:
        source.bytes()
    bits = Bits(source.take(len(content) - source.at))
    starts = [start]
    for gap in bits.column(count - 1, no_other):
        starts.append(starts[-1] + gap + 1)
    shapes = bits.column(count, no_other)
    own = {shape: set(directory.columns(shape)) for shape in set(shapes)}
    columns = sorted(set().union(*own.values()))
    rows = [{} for _ in starts]
    for index, column in enumerate(columns):
        having = [row for row, shape in zip(rows, shapes) if column in own[shape]]

        def other(back, index=index, column=column, having=having):
            if back > index:
                raise ValueError("no such column")
            if column[1] == 4 and back == 1 and column[0] >= 0:
                spread, number = (column[0], 3), (column[0], 1)
                return [row.get(spread, 0) * max(row.get(number, 0) - 2, 0) & MASK for row in having]
            return [row.get(columns[index - back], 0) for row in having]

        for row, number in zip(having, bits.column(len(having), other)):
            row[column] = number
    for start, shape, row in zip(starts, shapes, rows):
        yield point(names[container], start, shape, row, directory)


def point(name, start, shape, row, directory):
    has_samples, watched, entries = directory.shapes[shape]
    metrics, too_large, asked = {}, [], []
    for metric, state, is_asked in entries:
        key, _, _, units = directory.metrics[metric]
        part = lambda part: row[metric, part]
        if is_asked:
            asked.append(key)
        if state == 1:
            too_large.append(key)
        elif state == 2:
            metrics[key] = part(0)
        elif state in (3, 6):
            number, least = part(1), part(2)
            greatest = least + part(3) & MASK
            rest = part(4) + (part(5) << 64)
            total = rest + greatest + ((number - 1) & MASK) * least & ((1 << 96) - 1)
            metrics[key] = {"read": [number, str(total), least, greatest]}
            if state == 6:
                mean = float(total) / (float(number) * units)
                figures = mean, float(least) / units, float(greatest) / units
                metrics[key] = {"told": [bits_of(figure) for figure in figures]}
        elif state == 4:
            second = part(6) + part(8) & MASK
            metrics[key] = {"between": [part(6), part(7), second, part(9)]}
        elif state == 5:
            metrics[key] = {"told": [part(10), part(11), part(12)]}
    covered = None
    if watched in (0, 3):
        nanos = directory.width * 10**9 - row[MISSING] & MASK
        covered = {"nanos": nanos}
        if watched == 3:
            covered = {"part": bits_of(float(nanos) / (float(directory.width) * 1e9))}
    elif watched == 1:
        covered = {"part": row[PART]}
    return {
        "name": name,
        "start": start * directory.width,
        "end": (start + 1) * directory.width,
        "samples": row[SAMPLES] if has_samples else None,
        "covered": covered,
        "asked": sorted(asked),
        "too_large": sorted(too_large),
        "metrics": metrics,
    }


def read(data):
    footer = data[-24:]
    index_length, file_length = struct.unpack("<IQ", footer[:12])
    if struct.unpack("<I", footer[20:])[0] != checksum(footer[:20]) or footer[12:20] not in VERSIONS:
        raise ValueError("the footer is damaged")
    if file_length != len(data) or data[:8] != MAGIC:
        raise ValueError("the file is damaged")
    index = Bytes(frame(data, len(data) - 24 - index_length, index_length, INDEX))
    directory, places = Directory(), Places()
    for _ in range(index.varint()):
        directory.add(frame(data, *places.take(index), DIRECTORY))
    for _ in range(index.varint()):
        index.varint()
    places = Places()
    for _ in range(index.varint()):
        places.take(index)
        index.varint()
    names, blocks, places = {}, [], Places()
    for _ in range(index.varint()):
        page = Bytes(frame(data, *places.take(index), PAGE))
        container, inner = page.varint(), Places()
        while page.more():
            length = page.varint()
            name = page.take(32).hex() if length == 0 else page.take(length - 1).decode()
            names[container] = name
            flags = page.varint()
            for _ in range(page.varint()):
                blocks.append(inner.take(page))
                page.varint(), page.varint(), page.varint()
            for flag in (2, 4):
                if flags & flag:
                    inner.take(page)
            container += 1
    for place in blocks:
        yield from block(frame(data, *place, POINTS), names, directory)


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    for found in read(data):
        print(json.dumps(found))


if __name__ == "__main__":
    main()
