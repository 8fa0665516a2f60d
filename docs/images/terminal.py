#!/usr/bin/env python3
"""Runs a command in a pseudo-terminal and draws its last screen as SVG.

    python3 docs/images/terminal.py OUT.svg TITLE COLUMNS COMMAND [ARGUMENT...]

Needs Python 3 and nothing else. TITLE is what the window shows as the command that was typed.
"""
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from html import escape

ROWS = 200  # the screen is as high as any output, so nothing scrolls
ADVANCE, LINE, SIZE, EDGE, BAR = 8.0, 18, 13.3, 16, 34
PAPER, INK, FRAME = "#14171b", "#d8dce2", "#262b32"
BASE = ["#1d2126", "#f0705c", "#3fc99c", "#e0b040", "#5aa9e6", "#c792ea", "#3fbfc9", "#d8dce2",
        "#7a828e", "#ff8f7d", "#63e0b6", "#f4cc6a", "#8accf5", "#dcb4f5", "#6fdce4", "#ffffff"]


def colour(number):
    """One of the 256 colours of a terminal."""
    if number < 16:
        return BASE[number]
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#" + "".join(f"{steps[part]:02x}" for part in (number // 36, number // 6 % 6, number % 6))


class Screen:
    """The part of a terminal that this command uses: text, colours, cursor movements and erasing."""

    def __init__(self, columns):
        self.columns, self.row, self.column = columns, 0, 0
        self.cells = {}
        self.style = (INK, False, False)

    def write(self, text):
        for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[^\[]|[^\x1b]", text):
            if token.startswith("\x1b["):
                self.control(token[-1], token[2:-1])
            elif token == "\r":
                self.column = 0
            elif token == "\n":
                self.row += 1
            elif token == "\b":
                self.column = max(0, self.column - 1)
            elif token >= " " and not token.startswith("\x1b"):
                if self.column == self.columns:
                    self.row, self.column = self.row + 1, 0
                self.cells[self.row, self.column] = (token, self.style)
                self.column += 1

    def control(self, letter, parameters):
        numbers = [int(part) for part in parameters.split(";") if part.isdigit()]
        count = max(1, numbers[0]) if numbers else 1
        if letter == "A":
            self.row = max(0, self.row - count)
        elif letter == "B":
            self.row += count
        elif letter == "C":
            self.column = min(self.columns, self.column + count)
        elif letter == "D":
            self.column = max(0, self.column - count)
        elif letter == "G":
            self.column = count - 1
        elif letter == "K":
            whole = numbers and numbers[0] == 2
            self.erase(lambda at: at[0] == self.row and (whole or at[1] >= self.column))
        elif letter == "J":
            whole = numbers and numbers[0] == 2
            self.erase(lambda at: whole or at >= (self.row, self.column))
        elif letter == "m":
            self.paint(numbers or [0])

    def erase(self, gone):
        self.cells = {at: cell for at, cell in self.cells.items() if not gone(at)}

    def paint(self, numbers):
        ink, bold, dim = self.style
        while numbers:
            number = numbers.pop(0)
            if number == 0:
                ink, bold, dim = INK, False, False
            elif number == 1:
                bold = True
            elif number == 2:
                dim = True
            elif number == 22:
                bold = dim = False
            elif number == 39:
                ink = INK
            elif 30 <= number <= 37:
                ink = colour(number - 30)
            elif 90 <= number <= 97:
                ink = colour(number - 82)
            elif number in (38, 48) and numbers[:1] == [5]:
                ink = colour(numbers[1]) if number == 38 else ink
                numbers = numbers[2:]
            elif number in (38, 48) and numbers[:1] == [2]:
                ink = "#" + "".join(f"{part:02x}" for part in numbers[1:4]) if number == 38 else ink
                numbers = numbers[4:]
        self.style = (ink, bold, dim)

    def runs(self, row):
        """The pieces of a row that have one style: column, text, style. Spaces are left out."""
        runs = []
        for column in range(self.columns):
            letter, style = self.cells.get((row, column), (" ", None))
            if letter == " ":
                continue
            if runs and runs[-1][2] == style and runs[-1][0] + len(runs[-1][1]) == column:
                runs[-1][1] += letter
            else:
                runs.append([column, letter, style])
        return runs

    @property
    def height(self):
        return max((row for row, _ in self.cells), default=0) + 1


def run(columns, command):
    """What a command writes to a terminal of this width."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(columns), LINES=str(ROWS))
        os.environ.pop("NO_COLOR", None)
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.waitpid(process, 0)
    return b"".join(parts).decode("utf-8", "replace")


def svg(screen, title):
    width, height = 2 * EDGE + screen.columns * ADVANCE, BAR + 2 * EDGE + (screen.height + 2) * LINE
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width:.0f}" height="{height}" rx="8" fill="{PAPER}"/>',
        f'<path d="M0 {BAR}V8a8 8 0 0 1 8-8H{width - 8:.0f}a8 8 0 0 1 8 8V{BAR}Z" fill="{FRAME}"/>',
        *(f'<circle cx="{EDGE + 18 * i + 6}" cy="{BAR / 2:.0f}" r="5.5" fill="{ink}"/>' for i, ink in enumerate((BASE[1], BASE[3], BASE[2]))),
        f'<g font-family="Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="{SIZE}" xml:space="preserve">',
        text(0, "$", (BASE[2], True, False), -1), text(2, title, (INK, True, False), -1),
    ]
    for row in range(screen.height):
        out += [text(column, letters, style, row) for column, letters, style in screen.runs(row)]
    return "\n".join([*out, "</g>", "</svg>", ""])


def text(column, letters, style, row):
    ink, bold, dim = style
    x, y = EDGE + column * ADVANCE, BAR + EDGE + (row + 2) * LINE - 4
    extra = (' font-weight="bold"' if bold else "") + (' opacity="0.65"' if dim else "")
    return (f'<text x="{x:g}" y="{y:g}" textLength="{len(letters) * ADVANCE:g}" lengthAdjust="spacingAndGlyphs" '
            f'fill="{ink}"{extra}>{escape(letters)}</text>')


def main():
    path, title, columns, *command = sys.argv[1:]
    screen = Screen(int(columns))
    screen.write(run(screen.columns, command))
    with open(path, "w", encoding="utf-8") as file:
        file.write(svg(screen, title))


if __name__ == "__main__":
    main()
