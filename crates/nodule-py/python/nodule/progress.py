"""A bar on the standard error, of the time that is left."""

import sys
import time

WIDTH = 30


class Progress:
    """Counts ``total`` images; draws where ``shown`` says so, by default where the standard error is a terminal."""

    def __init__(self, total, shown=None):
        self.total = max(total, 1)
        self.done = 0
        self.shown = sys.stderr.isatty() if shown is None else shown
        self.start = time.monotonic()
        self.last = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.shown and self.done:
            sys.stderr.write("\n")
            sys.stderr.flush()

    def step(self, n):
        """``n`` more are done."""
        self.done += n
        now = time.monotonic()
        if self.shown and (now - self.last > 0.1 or self.done >= self.total):
            self.last = now
            full = WIDTH * self.done // self.total
            took = now - self.start
            left = took / self.done * (self.total - self.done)
            bar = "#" * full + "." * (WIDTH - full)
            sys.stderr.write(f"\r{bar} {self.done}/{self.total} images, {left:.0f} s left ")
            sys.stderr.flush()
