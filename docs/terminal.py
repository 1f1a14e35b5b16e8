"""Draws what a command shows on a terminal: terminal.py OUT.png [--columns N] [--light] -- COMMAND [ARGUMENT...]

Needs pyte 0.8.2 and pillow 13, and the font DejaVu Sans Mono. From the module's root,
`python3 docs/terminal.py docs/run.png -- go run ./cmd/harmony run "What is the weather in Lisbon?"` makes README's picture."""
import argparse
import fcntl
import os
import pty
import shlex
import struct
import sys
import termios

import pyte
from PIL import Image, ImageDraw, ImageFont

FONTS = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono%s.ttf"
DARK = dict(back="#1e1e2e", front="#dcdfe4", black="#45475a", red="#f38ba8", green="#a6e3a1", brown="#f9e2af", blue="#89b4fa", magenta="#cba6f7", cyan="#94e2d5", white="#dcdfe4")
LIGHT = dict(back="#ffffff", front="#24292f", black="#24292f", red="#cf222e", green="#116329", brown="#7d4e00", blue="#0550ae", magenta="#8250df", cyan="#1b7c83", white="#6e7781")
SIZE = 15


class Screen(pyte.Screen):
    """pyte knows no faint text: it is kept as another attribute, blinking, which nothing here uses."""

    def select_graphic_rendition(self, *attributes, **rest):
        super().select_graphic_rendition(*(5 if a == 2 else a for a in attributes), **rest)
        if 22 in attributes:
            super().select_graphic_rendition(25)


def play(command, columns, lines):
    """The screen when the command has ended."""
    screen = Screen(columns, lines)
    stream = pyte.ByteStream(screen)
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.environ.update(TERM="xterm-256color")
        os.execvp(command[0], command)
    while True:
        try:
            data = os.read(fd, 1 << 16)
        except OSError:  # how Linux says that the other end is closed
            break
        if not data:
            break
        stream.feed(data)
    if os.waitpid(pid, 0)[1]:
        sys.exit("\n".join(screen.display).rstrip() + "\nthe command failed")
    return screen


def mix(a, b, part):
    x, y = (tuple(int(c[i:i + 2], 16) for i in (1, 3, 5)) for c in (a, b))
    return tuple(round(p + (q - p) * part) for p, q in zip(x, y))


def draw(screen, command, colours, path):
    fonts = {k: ImageFont.truetype(FONTS % name, SIZE * 2) for k, name in
             {(0, 0): "", (1, 0): "-Bold", (0, 1): "-Oblique", (1, 1): "-BoldOblique"}.items()}
    width, height, pad = round(fonts[0, 0].getlength("M")), SIZE * 2 * 13 // 10, 2 * SIZE
    rows = [line.rstrip() for line in screen.display]
    while rows and not rows[-1]:
        rows.pop()
    image = Image.new("RGB", (width * screen.columns + 2 * pad, height * (len(rows) + 1) + 2 * pad), colours["back"])
    d = ImageDraw.Draw(image)
    d.text((pad, pad), "$ ", colours["green"], fonts[1, 0])
    d.text((pad + 2 * width, pad), " ".join(shlex.quote(c).replace("'", '"') for c in command), colours["front"], fonts[1, 0])
    for y in range(len(rows)):
        for x in range(screen.columns):
            c = screen.buffer[y][x]
            front = colours["front"] if c.fg == "default" else colours.get(c.fg, "#" + c.fg if len(c.fg) == 6 else colours["front"])
            at = (pad + x * width, pad + (y + 1) * height)
            if c.data.strip():
                d.text(at, c.data, mix(front, colours["back"], .45 if c.blink else 0), fonts[int(c.bold), int(c.italics)])
    image.quantize(64).save(path, optimize=True)


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("out")
    a.add_argument("--columns", type=int, default=100)
    a.add_argument("--lines", type=int, default=60)
    a.add_argument("--light", action="store_true")
    a.add_argument("command", nargs="+")
    a = a.parse_args()
    draw(play(a.command, a.columns, a.lines), a.command, LIGHT if a.light else DARK, a.out)


if __name__ == "__main__":
    main()
